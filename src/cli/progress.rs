//! A progress bar for loading, for people who wait longer than a second.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

/// Counts bytes; shows itself after a second if standard error is a terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Shows the bar in time, however long one file takes; ends when the sender is gone.
    shower: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// A bar for so many bytes.
    pub(crate) fn new(total: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{spinner} loading {msg} {bar:30} {bytes}/{total_bytes}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let shower = io::stderr().is_terminal().then(|| {
            let (sender, receiver) = mpsc::channel::<()>();
            let shown = bar.clone();
            let thread = thread::spawn(move || {
                if receiver.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    shown.set_draw_target(ProgressDrawTarget::stderr());
                    shown.enable_steady_tick(TICK);
                }
            });
            (sender, thread)
        });
        Progress { bar, shower }
    }
    /// Says what is being read.
    pub(crate) fn reading(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }
    /// So many more bytes were read.
    pub(crate) fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }
    /// Prints a line above the bar.
    pub(crate) fn note(&self, text: &str) {
        self.bar.suspend(|| super::note(text));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.shower.take() {
            drop(sender);
            // a panic of that thread would only mean that there was no bar
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}
