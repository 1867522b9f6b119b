//! The time axis of an evaluation.

/// Steps `start`, `start + step`, … that do not pass `end`; all ms. An instant query and the
/// inside of an invariant part have one step; a subquery has a grid of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) start: i64,
    /// As asked for, not the last step.
    pub(crate) end: i64,
    /// Above 0.
    pub(crate) step: i64,
    /// Number of steps.
    pub(crate) n: usize,
    /// What pinned times (`@`) are off by, ms. Prometheus works them out relative to the start
    /// of an evaluation, and forgets to do so again for a subquery whose first step happens to
    /// be the start of the evaluation around it.
    pub(crate) pin_shift: i64,
}

impl Grid {
    /// The grid of one time.
    pub(crate) fn at(time: i64) -> Grid {
        Grid { start: time, end: time, step: 1, n: 1, pin_shift: 0 }
    }
    /// The grid of a range; empty if `end` lies before `start`.
    pub(crate) fn new(start: i64, end: i64, step: i64) -> Grid {
        let step = step.max(1);
        let n = Grid::steps(start, end, step).min(u64::from(u32::MAX)) as usize;
        Grid { start, end, step, n, pin_shift: 0 }
    }
    /// How many steps a range has.
    pub(crate) fn steps(start: i64, end: i64, step: i64) -> u64 {
        if end < start { 0 } else { (end.abs_diff(start) / step.max(1) as u64).saturating_add(1) }
    }
    /// Bytes of one row of floats: values and bitmap.
    pub(crate) fn row_bytes(&self) -> u64 {
        self.n as u64 * 8 + self.n.div_ceil(64) as u64 * 8
    }
    /// The grid of the first step alone.
    pub(crate) fn first(&self) -> Grid {
        Grid { pin_shift: self.pin_shift, ..Grid::at(self.start) }
    }
    /// A pinned time in this evaluation, ms.
    pub(crate) fn pinned(&self, time: i64) -> i64 {
        time.saturating_add(self.pin_shift)
    }
    /// Whether this is a one-step evaluation, which keeps order and defers duplicates: not the
    /// same as having one step (0–59.999 s by 1 m has one, and is a range).
    pub(crate) fn single(&self) -> bool {
        self.start == self.end
    }
    /// Time of a step, ms.
    #[inline]
    pub(crate) fn time(&self, step: usize) -> i64 {
        self.start.saturating_add((step as i64).saturating_mul(self.step))
    }
    /// Time of the last step, ms; `start` if there is none.
    pub(crate) fn last(&self) -> i64 {
        self.time(self.n.saturating_sub(1))
    }
}
