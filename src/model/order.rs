//! Sorting where it is not the work that counts.
//!
//! The library's sort is fast and large, and is compiled anew for each type that it sorts. In a
//! browser size counts: there, one copy finds the order of all of them.

use std::cmp::Ordering;

/// Sorts; what is equal stays in its order.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl FnMut(&T, &T) -> Ordering) {
    items.sort_by(compare);
}

/// Sorts; what is equal stays in its order.
#[cfg(target_arch = "wasm32")]
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl FnMut(&T, &T) -> Ordering) {
    through_indices(items, compare);
}

/// Finds the order of the indices first, and then brings the items into it.
#[cfg(any(test, target_arch = "wasm32"))]
fn through_indices<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let shared: &[T] = items;
    let mut from = indices(shared.len(), &mut |a, b| match (shared.get(a), shared.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    });
    arrange(items, &mut from);
}

/// Puts at each place the item that `from` tells, whose places are used up by it.
#[cfg(any(test, feature = "engine", target_arch = "wasm32"))]
pub(crate) fn arrange<T>(items: &mut [T], from: &mut [usize]) {
    // Along each cycle, an item goes to its place and makes room for the next.
    for start in 0..from.len() {
        let mut at = start;
        while let Some(source) = from.get(at).copied().filter(|source| *source != start) {
            items.swap(at, source);
            from[at] = at;
            at = source;
        }
        from[at] = at;
    }
}

#[cfg(any(test, target_arch = "wasm32"))]
#[inline(never)]
fn indices(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..count).collect();
    indices.sort_by(|a, b| compare(*a, *b));
    indices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_sort_alike() {
        let mut state = 7_u64;
        for length in 0..80_u32 {
            let items: Vec<(u64, u32)> = (0..length)
                .map(|i| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (state >> 60, i)
                })
                .collect();
            let (mut here, mut there) = (items.clone(), items);
            sort_by(&mut here, |a, b| a.0.cmp(&b.0));
            through_indices(&mut there, |a, b| a.0.cmp(&b.0));
            assert_eq!(here, there);
            assert!(here.is_sorted());
        }
    }
}
