//! The command line program `ferula`; everything it does lives in [`ferula::cli`].

fn main() -> std::process::ExitCode {
    ferula::cli::main()
}
