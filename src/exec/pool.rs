//! Worker threads. An answer does not depend on how many there are.

use crate::engine::EngineOptions;
#[cfg(feature = "parallel")]
use rayon::ThreadPool;
#[cfg(feature = "parallel")]
use std::sync::Arc;
use std::sync::OnceLock;

/// More threads than that are never asked for.
const MOST: usize = 256;

/// The number of cores; finding it out takes longer than a small query.
static CORES: OnceLock<usize> = OnceLock::new();

fn cores() -> usize {
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// How many threads an evaluation uses, at least 1.
pub(crate) fn threads(options: &EngineOptions) -> usize {
    let threads = match options.threads {
        0 => cores(),
        n => n,
    };
    if cfg!(feature = "parallel") { threads.min(MOST) } else { 1 }
}

/// What one engine has its helpers from: the threads that work beside the one that asks, started
/// when they are first needed. Engines with a thread for each core share theirs.
///
/// There is one less than threads at work. One too many would be woken now and then, and takes its
/// turn on a core whose thread has better to do.
#[derive(Clone, Default, Debug)]
pub(crate) struct Pool {
    #[cfg(feature = "parallel")]
    own: Arc<OnceLock<Option<ThreadPool>>>,
}

#[cfg(feature = "parallel")]
impl Pool {
    /// Those that make up so many threads with the one that asks; none where it is alone, or where
    /// the system gives no threads.
    pub(crate) fn helpers(&self, threads: usize) -> Option<&ThreadPool> {
        static SHARED: OnceLock<Option<ThreadPool>> = OnceLock::new();
        if threads < 2 {
            return None;
        }
        let start = || rayon::ThreadPoolBuilder::new().num_threads(threads - 1).thread_name(|i| format!("ferula-{i}")).build().ok();
        let pool = if threads == cores() { &SHARED } else { &*self.own };
        pool.get_or_init(start).as_ref()
    }
}
