//! Heaps of values in an array, the worst at the root.
//!
//! Which of two equal values leaves a heap first, and the order in which a heap is read out, are
//! decided by the layout of the array: here that of Go's `container/heap`.

#[derive(Clone, Copy, Default)]
pub(super) struct Entry {
    pub(super) value: f64,
    pub(super) row: u32,
}

/// What is worse than what; NaN is worse than anything, itself included.
#[derive(Clone, Copy)]
pub(super) struct Worse {
    /// The smallest is worst, as for topk; else the largest.
    pub(super) of_top: bool,
}

impl Worse {
    /// Whether `a` is worse than `b`.
    #[inline]
    pub(super) fn of(self, a: f64, b: f64) -> bool {
        a.is_nan() || if self.of_top { a < b } else { a > b }
    }

    /// Whether the worst of a full heap makes room for a value: NaN does not for NaN.
    #[inline]
    pub(super) fn yields(self, worst: f64, value: f64) -> bool {
        if worst.is_nan() { !value.is_nan() } else { self.of(worst, value) }
    }
}

/// Moves the last entry up to its place.
pub(super) fn rise(heap: &mut [Entry], worse: Worse) {
    let mut at = heap.len().saturating_sub(1);
    while at > 0 {
        let parent = (at - 1) / 2;
        if !worse.of(heap[at].value, heap[parent].value) {
            break;
        }
        heap.swap(at, parent);
        at = parent;
    }
}

/// Puts an entry in the place of the root, and there down to its own.
#[inline]
pub(super) fn sink(heap: &mut [Entry], entry: Entry, worse: Worse) {
    let mut at = 0;
    loop {
        let mut child = 2 * at + 1;
        if child >= heap.len() {
            break;
        }
        if child + 1 < heap.len() && worse.of(heap[child + 1].value, heap[child].value) {
            child += 1;
        }
        if !worse.of(heap[child].value, entry.value) {
            break;
        }
        heap[at] = heap[child];
        at = child;
    }
    if let Some(place) = heap.get_mut(at) {
        *place = entry;
    }
}

/// Sorts a heap, equal values as the reference leaves them: by insertion, which is what Go's
/// sort does with so few.
pub(super) fn best_first(heap: &mut [Entry], worse: Worse) {
    const FEW: usize = 12;
    if heap.len() > FEW {
        crate::model::order::sort_by(heap, |a, b| {
            let ascending = a.value.partial_cmp(&b.value).unwrap_or_else(|| b.value.is_nan().cmp(&a.value.is_nan()));
            if worse.of_top || a.value.is_nan() || b.value.is_nan() { ascending.reverse() } else { ascending }
        });
        return;
    }
    for i in 1..heap.len() {
        let mut j = i;
        while j > 0 && worse.of(heap[j - 1].value, heap[j].value) {
            heap.swap(j - 1, j);
            j -= 1;
        }
    }
}
