//! Sorting by labels.
//!
//! Sets of one vector are mostly alike up to some label, and have different texts there. Eight
//! bytes of those are compared as one number, and more is looked at only where they are equal.

use super::labels::{Label, LabelSet};

/// So few are compared as they are.
const FEW: usize = 16;

/// So many times labels are told apart by eight bytes more, which does for texts that people write.
const MOST_PASSES: usize = 32;

/// Sorts; what has equal labels stays in its order.
pub(crate) fn sort_by_labels<T>(items: &mut [T], labels: impl Fn(&T) -> &LabelSet) {
    if items.len() <= FEW || cfg!(target_arch = "wasm32") {
        return super::order::sort_by(items, |a, b| labels(a).cmp(labels(b)));
    }
    let mut from = order_by_labels(items, labels);
    super::order::arrange(items, &mut from);
}

/// Which of the items stands at each place of their order by labels.
pub(crate) fn order_by_labels<T>(items: &[T], labels: impl Fn(&T) -> &LabelSet) -> Vec<usize> {
    let places = items.iter().enumerate().map(|(from, item)| Place { bytes: 0, set: labels(item).labels(), from });
    let mut order: Vec<Place<'_>> = places.collect();
    sort(&mut order, 0, MOST_PASSES);
    order.iter().map(|place| place.from).collect()
}

/// What stands at a place of the sorted list.
struct Place<'a> {
    /// Some bytes of the first text that is not the same in all sets.
    bytes: u64,
    set: &'a [Label],
    from: usize,
}

/// Sorts sets whose first `alike` labels are the same.
fn sort(places: &mut [Place<'_>], mut alike: usize, passes: usize) {
    let first = places.first().map_or(&[][..], |place| place.set);
    let other = |alike: usize, label: &Label| places.iter().any(|place| place.set.get(alike) != Some(label));
    while first.get(alike).is_some_and(|label| !other(alike, label)) {
        alike += 1;
    }
    // How many bytes the texts of the next label share, if all have one.
    let shared = first.get(alike).filter(|_| places.len() > FEW && passes > 0).and_then(|first| {
        places.iter().try_fold(usize::MAX, |least, place| {
            let label = place.set.get(alike).filter(|label| label.name == first.name)?;
            Some(label.value.bytes().zip(first.value.bytes()).take(least).take_while(|(a, b)| a == b).count())
        })
    });
    let Some(shared) = shared else {
        return places.sort_by(|a, b| a.set.cmp(b.set));
    };
    for place in &mut *places {
        let text = place.set.get(alike).and_then(|label| label.value.as_bytes().get(shared..)).unwrap_or_default();
        let mut bytes = [0; 8];
        bytes.iter_mut().zip(text).for_each(|(to, byte)| *to = *byte);
        place.bytes = u64::from_be_bytes(bytes);
    }
    places.sort_by_key(|place| place.bytes);
    for same in places.chunk_by_mut(|a, b| a.bytes == b.bytes).filter(|same| same.len() > 1) {
        sort(same, alike, passes - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn label() -> impl Strategy<Value = (String, String)> {
        ("[ab]", prop_oneof!["[ab]", "pod-[ab]{0,11}", "same-for-very-long-[ab]{1,2}", "a?\0{0,20}"])
    }

    proptest! {
        #[test]
        fn sets_come_into_the_order_that_comparing_them_gives(
            shared in prop::collection::vec(label(), 0..2),
            sets in prop::collection::vec(prop::collection::vec(label(), 0..4), 0..80),
        ) {
            let of = |own: &Vec<(String, String)>| LabelSet::from_pairs(shared.iter().chain(own).cloned());
            let mut quick: Vec<(LabelSet, usize)> = sets.iter().map(of).zip(0..).collect();
            let mut plain = quick.clone();
            sort_by_labels(&mut quick, |item| &item.0);
            plain.sort_by(|a, b| a.0.cmp(&b.0));
            prop_assert_eq!(quick, plain);
        }
    }

    /// Texts in which eight bytes more never tell sets apart.
    #[test]
    fn texts_may_be_long_and_alike() {
        let mut sets: Vec<LabelSet> = (0..100).rev().map(|i| LabelSet::from_pairs([("a", "b".repeat(i * 9 + 1))])).collect();
        sets.extend((0..100).rev().map(|i| LabelSet::from_pairs([("a", format!("c{}", "\0".repeat(i)))])));
        let mut sorted = sets.clone();
        sort_by_labels(&mut sorted, |set| set);
        sets.sort();
        assert_eq!(sorted, sets);
    }
}
