//! Long series are read in parts, for some steps at a time: what is unpacked of them then stays in
//! the cache, however long the query.

use crate::exec::RangeOp;
use crate::functions::bounds::Ends;
use crate::source::TimeRange;
use std::ops::Range;

/// Samples of a part at most, unless windows are long.
const MOST: usize = 1 << 14;

/// A part is so many times as long as the windows: what lies before its first step is read for the
/// part before, too.
const WINDOWS: usize = 8;

/// The parts that some rows are to be filled in: the steps of each, and the times that their windows
/// cover. One of all steps and times, where more are not worth it.
pub(super) fn of(input: &dyn RangeOp, rows: &[u32], ends: &Ends) -> impl Iterator<Item = (Range<usize>, TimeRange)> {
    let (Ends { grid, windows, .. }, steps) = (*ends, steps(input, rows, ends));
    let count = if cfg!(target_arch = "wasm32") { 1 } else { grid.n.div_ceil(steps.max(1)).max(1) };
    (0..count).map(move |i| {
        let part = i * steps..grid.n.min((i + 1) * steps);
        let at = |step: usize| windows.times(grid.time(step));
        let times = if count == 1 { TimeRange::ALL } else { TimeRange { start: at(part.start).start, end: at(part.end - 1).end } };
        (part, times)
    })
}

/// How many steps each part has.
fn steps(input: &dyn RangeOp, rows: &[u32], ends: &Ends) -> usize {
    let (n, windows) = (ends.grid.n, ends.windows);
    // In WebAssembly code for it would take longer to load than one saves.
    if cfg!(target_arch = "wasm32") {
        return n;
    }
    let divisible = |row: &u32| input.divisible(*row);
    let apart = n > 1 && windows.pin.is_none() && windows.extension.is_none();
    match rows.first().filter(|_| apart).and_then(divisible) {
        Some(samples) if samples > MOST && rows.iter().all(|row| divisible(row).is_some()) => {
            let window = usize::try_from(windows.range.div_euclid(ends.grid.step).saturating_add(1)).unwrap_or(usize::MAX);
            let most = ((n.saturating_add(window) as f64 / samples as f64) * MOST as f64) as usize;
            let steps = most.saturating_sub(window).max(window.saturating_mul(WINDOWS));
            n.div_ceil(n.div_ceil(steps))
        }
        _ => n,
    }
}
