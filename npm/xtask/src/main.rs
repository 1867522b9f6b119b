//! `bindgen MODULE FOLDER`: the module and its glue, for browsers and Node alike.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (Some(module), Some(folder)) = (args.next(), args.next()) else {
        eprintln!("usage: bindgen MODULE FOLDER");
        return ExitCode::FAILURE;
    };
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    let made = bindgen.input_path(module).web(true).and_then(|b| {
        // The library leaves the module's own address out unless told otherwise; the command does not.
        // The names of functions stay: wasm-opt puts them in order by these, and drops them.
        b.typescript(false).out_name("ferula").omit_default_module_path(false).generate(folder)
    });
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}
