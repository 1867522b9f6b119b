//! Worker threads. An answer does not depend on how many there are.

use crate::engine::EngineOptions;
use std::sync::OnceLock;
#[cfg(feature = "parallel")]
use {
    rayon::{Scope, ThreadPool, ThreadPoolBuilder},
    std::sync::Arc,
    std::sync::atomic::{AtomicUsize, Ordering},
};

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
    own: Arc<OnceLock<Option<Helpers>>>,
}

#[cfg(feature = "parallel")]
impl Pool {
    /// Those that make up so many threads with the one that asks; none where it is alone, or where
    /// the system gives no threads.
    pub(crate) fn helpers(&self, threads: usize) -> Option<&Helpers> {
        static SHARED: OnceLock<Option<Helpers>> = OnceLock::new();
        if threads < 2 {
            return None;
        }
        let pool = if threads == cores() { &SHARED } else { &*self.own };
        pool.get_or_init(|| Helpers::start(threads - 1)).as_ref()
    }
}

/// Threads that help queries, each one at a time.
#[cfg(feature = "parallel")]
#[derive(Debug)]
pub(crate) struct Helpers {
    threads: ThreadPool,
    idle: AtomicUsize,
}

#[cfg(feature = "parallel")]
impl Helpers {
    pub(super) fn start(count: usize) -> Option<Helpers> {
        let threads = ThreadPoolBuilder::new().num_threads(count).thread_name(|i| format!("ferula-{i}")).build().ok()?;
        Some(Helpers { threads, idle: AtomicUsize::new(count) })
    }

    /// How many there are, busy or not.
    pub(super) fn count(&self) -> usize {
        self.threads.current_num_threads()
    }

    /// Whether none is busy.
    #[cfg(test)]
    pub(super) fn all_idle(&self) -> bool {
        self.idle.load(Ordering::Acquire) == self.count()
    }

    /// Ends when what is done here and what helpers were called for has ended.
    pub(super) fn scope<'s, R>(&self, here: impl FnOnce(&Scope<'s>) -> R) -> R {
        self.threads.in_place_scope(here)
    }

    /// Has a helper do something, if one is idle: a small query does not wait for one that is busy
    /// with a large one.
    pub(super) fn call<'s>(&'s self, scope: &Scope<'s>, job: impl FnOnce(&Scope<'s>) + Send + 's) -> bool {
        struct Busy<'s>(&'s Helpers);
        impl Drop for Busy<'_> {
            fn drop(&mut self) {
                self.0.idle.fetch_add(1, Ordering::AcqRel);
            }
        }
        let taken = self.idle.fetch_update(Ordering::AcqRel, Ordering::Acquire, |idle| idle.checked_sub(1)).is_ok();
        if taken {
            let busy = Busy(self);
            scope.spawn(move |scope| {
                let _busy = busy;
                job(scope);
            });
        }
        taken
    }
}
