//! Ctrl-C: ends the program while it loads, and lets a query stop in its own way; the second one
//! ends the program in any case.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What Ctrl-C does.
#[derive(Clone, Default)]
pub(crate) struct Interrupt {
    flag: Arc<AtomicBool>,
    /// Somebody looks at the flag.
    heeded: Arc<AtomicBool>,
}

impl Interrupt {
    /// Takes over Ctrl-C. To be called once in the life of the program.
    pub(crate) fn install() -> Self {
        let interrupt = Interrupt::default();
        let shared = interrupt.clone();
        // without a handler Ctrl-C ends the program at once, which is good enough
        let _ = ctrlc::set_handler(move || {
            let again = shared.flag.swap(true, Ordering::Relaxed);
            if again || !shared.heeded.load(Ordering::Relaxed) {
                std::process::exit(130);
            }
        });
        interrupt
    }
    /// The flag for a query, which from now on stops by it.
    pub(crate) fn for_query(&self) -> Arc<AtomicBool> {
        self.heeded.store(true, Ordering::Relaxed);
        self.flag.clone()
    }
}
