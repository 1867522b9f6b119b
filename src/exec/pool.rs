//! Worker threads. An answer does not depend on how many there are.

use crate::engine::EngineOptions;
#[cfg(feature = "parallel")]
use std::sync::Arc;
use std::sync::OnceLock;

/// More threads than that are never asked for.
const MOST: usize = 256;

/// The number of cores; finding it out takes longer than a small query.
static CORES: OnceLock<usize> = OnceLock::new();

/// How many threads an evaluation uses, at least 1.
pub(crate) fn threads(options: &EngineOptions) -> usize {
    let threads = match options.threads {
        0 => *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from)),
        n => n,
    };
    if cfg!(feature = "parallel") { threads.min(MOST) } else { 1 }
}

/// The threads of one engine: those that the process shares where their number is right, else
/// its own, started with the first query that needs them.
#[derive(Clone, Default, Debug)]
pub(crate) struct Pool {
    #[cfg(feature = "parallel")]
    own: Arc<OnceLock<Option<rayon::ThreadPool>>>,
}

impl Pool {
    /// Runs an evaluation where its parallel parts find their threads.
    pub(crate) fn run<T: Send>(&self, options: &EngineOptions, evaluate: impl FnOnce() -> T + Send) -> T {
        #[cfg(feature = "parallel")]
        {
            let threads = threads(options);
            if threads > 1 && threads != rayon::current_num_threads() {
                let build = || rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok();
                if let Some(pool) = self.own.get_or_init(build) {
                    return pool.install(evaluate);
                }
            }
        }
        #[cfg(not(feature = "parallel"))]
        let _ = options;
        evaluate()
    }
}
