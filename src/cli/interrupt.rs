//! Ctrl-C: the first asks the work to stop, the second stops the program.

use super::failure::Failure;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The flag that Ctrl-C sets. To be asked for once in the life of the program.
pub(crate) fn flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let shared = flag.clone();
    // without a handler Ctrl-C ends the program at once, which is good enough
    let _ = ctrlc::set_handler(move || {
        if shared.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    flag
}

/// Fails once the flag is set.
pub(crate) fn check(flag: &AtomicBool) -> Result<(), Failure> {
    if flag.load(Ordering::Relaxed) { Err(Failure::Interrupted) } else { Ok(()) }
}
