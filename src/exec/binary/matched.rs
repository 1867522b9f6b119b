//! Which matches a join has made, and what there is to say about them.

use super::Site;
use crate::exec::Remark;
use crate::model::{HashMap, LabelSet};

/// Some steps of a grid.
#[derive(Clone, Copy)]
pub(super) enum Steps<'a> {
    One(usize),
    All(&'a [u64]),
}

/// The steps at which signatures, or results inside a signature, were matched.
pub(super) struct Matches {
    words: usize,
    /// By signature, and for `group_x` by the labels of the result.
    results: HashMap<(u32, Option<LabelSet>), Vec<u64>>,
    /// By signature alone, where the other side may have to be filled in.
    signatures: Option<Vec<Vec<u64>>>,
}

impl Matches {
    /// `filled` tells whether unmatched rows will be asked for; there are `count` signatures.
    pub(super) fn new(n: usize, filled: bool, count: usize) -> Matches {
        let signatures = filled.then(|| vec![Vec::new(); count]);
        Matches { words: n.div_ceil(64), results: HashMap::default(), signatures }
    }

    /// Marks a result at some steps; gives the first step at which it is there
    /// already. A signature with one row on the many side cannot match twice: `once`.
    pub(super) fn mark(&mut self, signature: u32, labels: Option<&LabelSet>, steps: Steps<'_>, once: bool) -> Option<usize> {
        if let Some(signatures) = &mut self.signatures {
            add(&mut signatures[signature as usize], steps, self.words);
        }
        if once {
            return None;
        }
        let seen = self.results.entry((signature, labels.cloned())).or_default();
        let twice = match steps {
            Steps::One(step) => seen.get(step / 64).is_some_and(|word| word >> (step % 64) & 1 == 1).then_some(step),
            Steps::All(bits) => first(seen.iter().zip(bits).map(|(a, b)| a & b)),
        };
        add(seen, steps, self.words);
        twice
    }

    /// The steps at which a signature was not matched, among those of a bitmap.
    pub(super) fn unmatched(&self, signature: u32, bits: &mut [u64]) {
        let Some(signatures) = &self.signatures else { return };
        for (word, seen) in bits.iter_mut().zip(&signatures[signature as usize]) {
            *word &= !seen;
        }
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        (self.results.len() + self.signatures.as_ref().map_or(0, Vec::len)) * self.words * 8
    }
}

fn add(to: &mut Vec<u64>, steps: Steps<'_>, words: usize) {
    to.resize(words, 0);
    match steps {
        Steps::One(step) => {
            if let Some(word) = to.get_mut(step / 64) {
                *word |= 1 << (step % 64);
            }
        }
        Steps::All(bits) => to.iter_mut().zip(bits).for_each(|(word, more)| *word |= more),
    }
}

/// The first set bit.
pub(super) fn first(words: impl Iterator<Item = u64>) -> Option<usize> {
    words.enumerate().find(|(_, word)| *word != 0).map(|(i, word)| i * 64 + word.trailing_zeros() as usize)
}

/// Of each step the remark on the last row; the ones before it are lost, in the reference and so
/// here.
#[derive(Default)]
pub(super) struct LastRemarks(Vec<Option<(u32, Remark)>>);

impl LastRemarks {
    /// Puts a remark on a row. Rows may come in any order, those of one number in their own.
    pub(super) fn put(&mut self, n: usize, step: usize, row: u32, remark: Remark) {
        self.0.resize(n, None);
        if let Some(last) = self.0.get_mut(step)
            && last.as_ref().is_none_or(|(before, _)| *before <= row)
        {
            *last = Some((row, remark));
        }
    }

    /// Tells all remarks and forgets them.
    pub(super) fn tell(&mut self, site: &Site<'_>) {
        let mut told: Vec<Remark> = Vec::new();
        for (_, remark) in self.0.drain(..).flatten() {
            if !told.contains(&remark) {
                site.cx.note(site.node, site.grid.n, 0, site.node.span, remark.clone());
                told.push(remark);
            }
        }
    }
}
