//! Which group a row belongs to, in which order groups stand, and which lose their name.

use crate::exec::ids::Ids;
use crate::exec::{Block, Series};
use crate::model::labels::is_metadata;
use crate::syntax::ast::Grouping;

const UNSEEN: u32 = u32::MAX;

/// Whether rows are grouped by a label.
pub(super) fn counts(name: &str, grouping: &Grouping) -> bool {
    let listed = grouping.labels.iter().any(|l| l == name);
    if grouping.without { !listed && !is_metadata(name) } else { listed }
}

/// Whether there is one group only, without labels.
pub(super) fn is_one(grouping: &Grouping) -> bool {
    !grouping.without && grouping.labels.is_empty()
}

/// The groups of a vector's rows. A group gets a slot when the first of its rows turns out to
/// have a point: groups without points do not exist, and the others stand in that order.
pub(super) struct Groups {
    ids: Ids,
    /// Slot of each group.
    slots: Vec<u32>,
    /// Group of each slot.
    seen: Vec<u32>,
    /// Last row of each group.
    last: Vec<u32>,
    flags: Flags,
}

/// The group of each row.
pub(super) fn ids(rows: &[Series], grouping: &Grouping) -> Ids {
    if is_one(grouping) { Ids::one(rows) } else { Ids::new(rows, |name| counts(name, grouping)) }
}

impl Groups {
    pub(super) fn new(rows: &[Series], grouping: &Grouping) -> Groups {
        let ids = ids(rows, grouping);
        let mut last = vec![0; ids.labels().len()];
        ids.of_rows().iter().zip(0..).for_each(|(group, row)| last[*group as usize] = row);
        Groups { slots: vec![UNSEEN; last.len()], ids, seen: Vec::new(), last, flags: Flags::new(rows) }
    }

    /// The group of each row.
    pub(super) fn ids(&self) -> &Ids {
        &self.ids
    }

    /// Group of a slot.
    pub(super) fn group_of(&self, slot: usize) -> usize {
        self.seen[slot] as usize
    }

    /// The slot of the group of a row, whose points are row `i` of a block; there is one at least.
    pub(super) fn slot(&mut self, row: u32, block: &Block, i: usize) -> usize {
        let row = row as usize;
        let group = self.ids.of_rows()[row] as usize;
        if self.slots[group] == UNSEEN {
            self.slots[group] = self.seen.len() as u32;
            self.seen.push(group as u32);
        }
        let slot = self.slots[group] as usize;
        self.flags.see(slot, row, block, i);
        slot
    }

    /// The slot of a group that has no row after this one, if it has one.
    pub(super) fn complete(&self, row: u32) -> Option<usize> {
        let group = self.ids.of_rows()[row as usize] as usize;
        (self.last[group] == row && self.slots[group] != UNSEEN).then(|| self.slots[group] as usize)
    }

    /// One row for each slot.
    pub(super) fn into_rows(self) -> Vec<Series> {
        let Groups { ids, seen, flags, .. } = self;
        let series = |(slot, group): (usize, &u32)| Series { labels: ids.labels()[*group as usize].clone(), drop_name: flags.last(slot) };
        seen.iter().enumerate().map(series).collect()
    }
}

/// Delayed name removal: a group is flagged if any of its inputs at its last step is.
struct Flags {
    of_row: Vec<bool>,
    /// What all rows have, if they agree: the usual case, nothing is kept then.
    all: Option<bool>,
    /// Steps with a point, of each slot.
    any: Vec<Vec<u64>>,
    /// Steps with a flagged point, of each slot.
    flagged: Vec<Vec<u64>>,
}

impl Flags {
    fn new(rows: &[Series]) -> Flags {
        let first = rows.first().is_some_and(|s| s.drop_name);
        let agree = rows.iter().all(|s| s.drop_name == first);
        let of_row = if agree { Vec::new() } else { rows.iter().map(|s| s.drop_name).collect() };
        Flags { of_row, all: agree.then_some(first), any: Vec::new(), flagged: Vec::new() }
    }

    fn see(&mut self, slot: usize, row: usize, block: &Block, i: usize) {
        if self.all.is_some() {
            return;
        }
        if self.any.len() <= slot {
            self.any.resize(slot + 1, vec![0; block.words()]);
            self.flagged.resize(slot + 1, vec![0; block.words()]);
        }
        block.or_presence(i, &mut self.any[slot]);
        if self.of_row[row] {
            block.or_presence(i, &mut self.flagged[slot]);
        }
    }

    fn last(&self, slot: usize) -> bool {
        self.all.unwrap_or_else(|| last_is_flagged(&self.any[slot], &self.flagged[slot]))
    }
}

/// Whether the last step with a point has one that is flagged.
pub(super) fn last_is_flagged(any: &[u64], flagged: &[u64]) -> bool {
    let Some(word) = any.iter().rposition(|w| *w != 0) else { return false };
    let bit = 63 - any[word].leading_zeros();
    flagged[word] >> bit & 1 == 1
}
