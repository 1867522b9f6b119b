//! Series scraped together have the same times: what was found out about those of one holds for
//! the next.

use crate::source::TimeRange;

/// What is known of the row that was read last.
#[derive(Default)]
pub(super) struct Likeness {
    /// The row, and over which times it was read.
    last: Option<(u32, TimeRange)>,
    /// How many rows one after the other were unlike the one before, or not asked about.
    unlike: u32,
}

impl Likeness {
    /// Rows between two questions at most.
    const PATIENCE: u32 = 64;

    /// Moves on to a part of a row; gives the row before it, if the same part was read of that and it is
    /// worth asking whether they have the same times. The longer they have not, the more rarely it is.
    pub(super) fn next(&mut self, row: u32, part: TimeRange) -> Option<u32> {
        // In WebAssembly what this saves is not worth the code that has to be loaded.
        if cfg!(target_arch = "wasm32") {
            return None;
        }
        let worthwhile = self.unlike.is_power_of_two() || self.unlike.is_multiple_of(Self::PATIENCE);
        self.unlike = self.unlike.wrapping_add(1);
        self.last.replace((row, part)).filter(|(_, before)| worthwhile && *before == part).map(|(row, _)| row)
    }

    /// The row had the times of the one before it.
    pub(super) fn found(&mut self) {
        self.unlike = 0;
    }
}
