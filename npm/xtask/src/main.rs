//! `bindgen MODULE FOLDER`: the module and its glue, for browsers and Node alike.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (Some(module), Some(folder)) = (args.next(), args.next()) else {
        eprintln!("usage: bindgen MODULE FOLDER");
        return ExitCode::FAILURE;
    };
    match make(&module, Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

fn make(module: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut bindgen = Bindgen::new();
    // The library leaves the module's own address out unless told otherwise; the command does not.
    // The names of functions stay: wasm-opt puts them in order by these, and drops them.
    bindgen.input_path(module).web(true)?.typescript(false).out_name("ferula").omit_default_module_path(false);
    let mut output = bindgen.generate_output()?;

    // What the module imports has names that end in sixteen digits of a hash, which do not pack, and
    // each names a file that there is not.
    let mut renamed = vec![("\"./ferula_bg.js\"".to_owned(), "i".to_owned())];
    for (i, import) in output.wasm_mut().imports.iter_mut().filter(|import| import.module == "./ferula_bg.js").enumerate() {
        let short = format!("i{i}");
        renamed.push((std::mem::replace(&mut import.name, short.clone()), short));
        import.module = "i".into();
    }
    output.emit(folder)?;

    let path = folder.join("ferula.js");
    let mut glue = std::fs::read_to_string(&path)?;
    for (name, short) in renamed {
        let (key, short) = (format!(" {name}: "), format!(" {short}: "));
        if glue.matches(&key).count() != 1 {
            return Err(format!("the glue does not have one place for {name}").into());
        }
        glue = glue.replace(&key, &short);
    }
    Ok(std::fs::write(path, glue)?)
}
