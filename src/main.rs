//! The command line program `ferula`; everything it does lives in [`ferula::cli`].

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    ferula::cli::main()
}
