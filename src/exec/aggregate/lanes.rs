//! Accumulators of floats: one for each group and step.
//!
//! They are made for 64 steps at a time, where a group first has a point, so that groups which
//! live shortly need little, and a group that is complete leaves them to the next. Steps are
//! independent: packs of eight go through the same operations side by side, each step in the order
//! of the rows.

use super::lane::Lane;
use crate::exec::block::MOST_EXPECTED;
use crate::exec::{Block, Cx, Series, Spool, Stop, VectorOp};
use crate::wide::wide;
use std::marker::PhantomData;
use std::sync::Arc;

const NONE: u32 = u32::MAX;

/// What a group has in 64 steps.
#[derive(Clone, Debug)]
struct Tile {
    /// The steps from 64 × this on.
    word: u32,
    /// The next tile of the group, of a later word.
    next: u32,
    /// Where its accumulators start, or its values once it is closed.
    at: u32,
    closed: bool,
    /// Steps with a float.
    bits: u64,
}

/// Accumulators of any lane, for those who fill them: what is asked once a row, see [`Lanes`].
pub(super) trait Accumulators: Send {
    fn grow(&mut self, slot: usize);
    fn add_row(&mut self, slot: usize, values: &[f64], bits: &[u64]);
    fn add(&mut self, slot: usize, step: usize, x: f64);
    fn has(&self, slot: usize, step: usize) -> bool;
    fn close(&mut self, slot: usize);
    fn take_bytes(&mut self) -> usize;
    fn finish(self: Box<Self>) -> Tiled;
}

impl<L: Lane<N>, const N: usize, const W: usize> Accumulators for Lanes<L, N, W> {
    fn grow(&mut self, slot: usize) {
        self.grow(slot);
    }
    fn add_row(&mut self, slot: usize, values: &[f64], bits: &[u64]) {
        self.add_row(slot, values, bits);
    }
    fn add(&mut self, slot: usize, step: usize, x: f64) {
        self.add(slot, step, x);
    }
    fn has(&self, slot: usize, step: usize) -> bool {
        self.has(slot, step)
    }
    fn close(&mut self, slot: usize) {
        self.close(slot);
    }
    fn take_bytes(&mut self) -> usize {
        self.take_bytes()
    }
    fn finish(self: Box<Self>) -> Tiled {
        (*self).finish()
    }
}

/// Accumulators of groups × steps, of which `W` lie side by side: 1 for a single step, else 8.
pub(super) struct Lanes<L, const N: usize, const W: usize> {
    n: usize,
    packs: Vec<[[f64; W]; N]>,
    /// Where accumulators start that are not in use.
    free: Vec<u32>,
    tiles: Vec<Tile>,
    /// First tile of each slot.
    first: Vec<u32>,
    /// Values of closed tiles.
    values: Vec<f64>,
    /// Bytes made and not yet told.
    bytes: usize,
    lane: PhantomData<L>,
}

impl<L: Lane<N>, const N: usize, const W: usize> Lanes<L, N, W> {
    /// None yet, of some steps; there will be about so many slots.
    pub(super) fn new(n: usize, slots: usize) -> Self {
        let values = Vec::with_capacity(n.saturating_mul(slots).min(MOST_EXPECTED));
        let (packs, free, tiles, first) = (Vec::new(), Vec::new(), Vec::new(), Vec::with_capacity(slots));
        Lanes { n, packs, free, tiles, first, values, bytes: 0, lane: PhantomData }
    }

    /// Bytes made since this was asked before.
    pub(super) fn take_bytes(&mut self) -> usize {
        std::mem::take(&mut self.bytes)
    }

    /// Makes room for slots up to this one.
    pub(super) fn grow(&mut self, slot: usize) {
        if self.first.len() <= slot {
            self.first.resize(slot + 1, NONE);
        }
    }

    /// Steps of a word.
    fn steps(&self, word: usize) -> usize {
        (self.n - word * 64).min(64)
    }

    /// The tile of a word, made if need be. `near` is a tile of the slot at or before it, if one
    /// is known.
    fn tile(&mut self, slot: usize, word: usize, near: Option<usize>) -> usize {
        let (mut before, mut after) = (NONE, near.map_or(self.first[slot], |near| near as u32));
        while let Some(tile) = self.tiles.get(after as usize).filter(|tile| tile.word as usize <= word) {
            if tile.word as usize == word {
                return after as usize;
            }
            (before, after) = (after, tile.next);
        }
        let new = self.tiles.len();
        let at = self.accumulators();
        self.tiles.push(Tile { word: word as u32, next: after, at, closed: false, bits: 0 });
        self.bytes += size_of::<Tile>();
        match self.tiles.get_mut(before as usize) {
            Some(before) => before.next = new as u32,
            None => self.first[slot] = new as u32,
        }
        new
    }

    /// Where accumulators for a tile are.
    fn accumulators(&mut self) -> u32 {
        let (packs, start) = (self.n.min(64).div_ceil(W), L::START.map(|x| [x; W]));
        match self.free.pop() {
            Some(at) => {
                self.packs[at as usize..][..packs].fill(start);
                at
            }
            None => {
                let at = self.packs.len();
                self.packs.resize(at + packs, start);
                self.bytes += packs * size_of::<[[f64; W]; N]>();
                at as u32
            }
        }
    }

    /// Turns the accumulators of a slot to which nothing is added any more into values.
    pub(super) fn close(&mut self, slot: usize) {
        let mut tile = self.first[slot] as usize;
        while let Some(Tile { word, next, at, closed, .. }) = self.tiles.get_mut(tile) {
            let steps = (self.n - *word as usize * 64).min(64);
            self.free.push(*at);
            let packs = &self.packs[*at as usize..][..steps.div_ceil(W)];
            (*at, *closed) = (self.values.len() as u32, true);
            packs.iter().for_each(|pack| self.values.extend_from_slice(&values::<L, N, W>(pack)));
            self.values.truncate(*at as usize + steps);
            self.bytes += steps * 8;
            tile = *next as usize;
        }
    }

    /// Adds the floats of a row that the bitmap tells.
    pub(super) fn add_row(&mut self, slot: usize, values: &[f64], bits: &[u64]) {
        wide(
            #[inline(always)]
            || self.add_all(slot, values, bits),
        );
    }

    #[inline(always)]
    fn add_all(&mut self, slot: usize, values: &[f64], bits: &[u64]) {
        let full = u64::MAX >> (64 - W);
        let mut near = None;
        for (word, &bits) in bits.iter().enumerate().filter(|(_, bits)| **bits != 0) {
            let tile = self.tile(slot, word, near);
            near = Some(tile);
            self.tiles[tile].bits |= bits;
            let packs = &mut self.packs[self.tiles[tile].at as usize..];
            for (pack, (at, values)) in packs.iter_mut().zip(values[word * 64..].chunks(W).take(64 / W).enumerate()) {
                let mut rest = bits >> (at * W) & full;
                match values.first_chunk() {
                    Some(values) if rest == full => add_all::<L, N, W>(pack, values),
                    _ => {
                        while rest != 0 {
                            let lane = rest.trailing_zeros() as usize;
                            add_one::<L, N, W>(pack, lane, values[lane]);
                            rest &= rest - 1;
                        }
                    }
                }
            }
        }
    }

    /// Adds one float.
    pub(super) fn add(&mut self, slot: usize, step: usize, x: f64) {
        let tile = self.tile(slot, step / 64, None);
        let tile = &mut self.tiles[tile];
        tile.bits |= 1 << (step % 64);
        add_one::<L, N, W>(&mut self.packs[tile.at as usize + step % 64 / W], step % W, x);
    }

    pub(super) fn has(&self, slot: usize, step: usize) -> bool {
        let mut at = self.first[slot];
        while let Some(tile) = self.tiles.get(at as usize) {
            if tile.word as usize == step / 64 {
                return tile.bits >> (step % 64) & 1 == 1;
            }
            at = tile.next;
        }
        false
    }

    /// All values: those of the slots that are not closed in the memory of the accumulators.
    pub(super) fn finish(mut self) -> Tiled {
        let mut open: Vec<usize> = (0..self.tiles.len()).filter(|tile| !self.tiles[*tile].closed).collect();
        open.sort_unstable_by_key(|tile| self.tiles[*tile].at);
        let mut rest = match open.is_empty() {
            true => Vec::new(),
            false => std::mem::take(&mut self.packs).into_flattened().into_flattened(),
        };
        let mut end = 0;
        for tile in open {
            let steps = self.steps(self.tiles[tile].word as usize);
            // No value is put behind where its state stands.
            let from = std::mem::replace(&mut self.tiles[tile].at, (self.values.len() + end) as u32) as usize * N * W;
            for first in (0..steps).step_by(W) {
                let state: &[f64] = &rest[from + first * N..][..N * W];
                let made = values::<L, N, W>(&std::array::from_fn(|column| std::array::from_fn(|lane| state[column * W + lane])));
                let count = W.min(steps - first);
                rest[end..end + count].copy_from_slice(&made[..count]);
                end += count;
            }
        }
        rest.truncate(end);
        rest.shrink_to_fit();
        Tiled { n: self.n, values: self.values, rest, tiles: self.tiles, first: self.first, rows: Vec::new() }
    }
}

/// The values of some states side by side.
#[inline(always)]
fn values<L: Lane<N>, const N: usize, const W: usize>(pack: &[[f64; W]; N]) -> [f64; W] {
    std::array::from_fn(|lane| L::value(std::array::from_fn(|column| pack[column][lane])))
}

#[inline(always)]
fn add_one<L: Lane<N>, const N: usize, const W: usize>(pack: &mut [[f64; W]; N], lane: usize, x: f64) {
    let state = L::add(std::array::from_fn(|column| pack[column][lane]), x);
    for (column, number) in pack.iter_mut().zip(state) {
        column[lane] = number;
    }
}

#[inline(always)]
fn add_all<L: Lane<N>, const N: usize, const W: usize>(pack: &mut [[f64; W]; N], values: &[f64; W]) {
    let mut next = *pack;
    let mut same = true;
    for lane in 0..W {
        let (state, quick) = L::quick(std::array::from_fn(|column| pack[column][lane]), values[lane]);
        same &= quick;
        for column in 0..N {
            next[column][lane] = state[column];
        }
    }
    if same {
        *pack = next;
    } else {
        values.iter().enumerate().for_each(|(lane, x)| add_one::<L, N, W>(pack, lane, *x));
    }
}

/// Values of groups × steps where there are any.
pub(super) struct Tiled {
    n: usize,
    /// Tiles count on from one to the other.
    values: Vec<f64>,
    rest: Vec<f64>,
    tiles: Vec<Tile>,
    first: Vec<u32>,
    rows: Vec<Series>,
}

impl Tiled {
    /// Whether every group has every tile, and they lie in the order of groups and steps.
    fn is_dense(&self) -> bool {
        let words = self.n.div_ceil(64);
        let in_place =
            |(i, tile): (usize, &Tile)| tile.word as usize == i % words && tile.at as usize == i / words * self.n + i % words * 64;
        (self.values.is_empty() || self.rest.is_empty())
            && self.tiles.len() == self.first.len() * words
            && self.first.iter().enumerate().all(|(slot, first)| *first as usize == slot * words)
            && self.tiles.iter().enumerate().all(in_place)
    }

    /// The number of values.
    pub(super) fn len(&self) -> u64 {
        self.tiles.iter().map(|tile| u64::from(tile.bits.count_ones())).sum()
    }

    /// One row for each slot.
    pub(super) fn into_block(self) -> Block {
        let (n, slots) = (self.n, self.first.len());
        if self.is_dense() {
            let floats = self.tiles.iter().map(|tile| tile.bits).collect();
            let values = if self.rest.is_empty() { self.values } else { self.rest };
            return Block { n, heads: vec![0; slots], values, floats, ..Block::default() };
        }
        let mut block = Block::new(n);
        (0..slots as u32).for_each(|slot| self.push(slot, &mut block));
        block
    }

    /// One row for each slot, with these labels.
    pub(super) fn into_vector<'q>(mut self, rows: Vec<Series>) -> Arc<dyn VectorOp + 'q> {
        if self.is_dense() {
            return Arc::new(Spool::new(rows, self.into_block()));
        }
        self.rows = rows;
        Arc::new(self)
    }

    fn push(&self, row: u32, out: &mut Block) {
        let i = out.push_row(row);
        let (values, floats) = out.row_mut(i);
        let mut at = self.first[row as usize];
        while let Some(tile) = self.tiles.get(at as usize) {
            let word = tile.word as usize;
            floats[word] = tile.bits;
            let values = values[word * 64..].iter_mut().take(64);
            let from = self.values.get(tile.at as usize..).filter(|from| !from.is_empty());
            let from = from.unwrap_or_else(|| &self.rest[tile.at as usize - self.values.len()..]);
            values.zip(from).for_each(|(to, from)| *to = *from);
            at = tile.next;
        }
    }
}

impl VectorOp for Tiled {
    fn rows(&self) -> &[Series] {
        &self.rows
    }
    fn fill(&self, rows: &[u32], _: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        rows.iter().for_each(|row| self.push(*row, out));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::lane::{Avg, Count, Max, Min, Sum, Variance};
    use super::*;
    use proptest::prelude::*;

    /// Floats of all magnitudes, the special ones among them.
    fn any_float() -> impl Strategy<Value = f64> {
        prop_oneof![
            4 => any::<u64>().prop_map(f64::from_bits),
            4 => -1e3..1e3,
            1 => prop::sample::select(vec![0.0, -0.0, f64::MAX, f64::MIN, 1.7e308, 5e-324, f64::INFINITY, f64::NAN]),
        ]
    }

    fn bits_of(x: f64) -> u64 {
        if x.is_nan() { 1 } else { x.to_bits() }
    }

    /// Rows over `n` steps with holes, added whole and one by one: all bits agree.
    fn rows_agree<L: Lane<N>, const N: usize, const W: usize>(n: usize, rows: &[(Vec<f64>, u64)]) {
        let mut whole = Lanes::<L, N, W>::new(n, 3);
        whole.grow(0);
        let mut plain = vec![None; n];
        for (values, hole) in rows {
            let bits: Vec<u64> = (0..n.div_ceil(64))
                .map(|word| (!(*hole & hole.rotate_left(7)) | u64::from(word == 0) << 3) & (u64::MAX >> (64 - (n - word * 64).min(64))))
                .collect();
            whole.add_row(0, values, &bits);
            crate::exec::block::each_bit(&bits, |step| {
                plain[step] = Some(L::add(plain[step].unwrap_or(L::START), values[step]));
            });
        }
        let block = whole.finish().into_block();
        for (step, state) in plain.into_iter().enumerate() {
            assert_eq!(block.float(0, step).map(bits_of), state.map(|state| bits_of(L::value(state))), "step {step}");
        }
    }

    /// Groups of `n` steps of which some are closed as soon as their last row is there.
    fn closing_changes_nothing<const W: usize>(n: usize, rows: &[(usize, Vec<f64>, u64)]) {
        let block = |close: bool| {
            let mut lanes = Lanes::<Sum, 2, W>::new(n, 3);
            for (at, (slot, values, hole)) in rows.iter().enumerate() {
                let bits: Vec<u64> =
                    (0..n.div_ceil(64)).map(|word| !hole.rotate_left(word as u32) & (u64::MAX >> (64 - (n - word * 64).min(64)))).collect();
                lanes.grow(*slot);
                lanes.add_row(*slot, values, &bits);
                if close && *slot % 3 > 0 && rows[at + 1..].iter().all(|(other, ..)| other != slot) {
                    lanes.close(*slot);
                }
            }
            lanes.finish().into_block()
        };
        let (closed, open) = (block(true), block(false));
        assert_eq!((closed.len(), &closed.floats), (open.len(), &open.floats));
        for (i, step) in (0..open.len()).flat_map(|i| (0..n).map(move |step| (i, step))) {
            assert_eq!(closed.float(i, step).map(bits_of), open.float(i, step).map(bits_of), "row {i}, step {step}");
        }
    }

    proptest! {
        #[test]
        fn side_by_side_is_one_by_one(rows in prop::collection::vec((prop::collection::vec(any_float(), 131), any::<u64>()), 1..9)) {
            let holes = rows.iter().map(|(values, hole)| (values.clone(), *hole)).collect::<Vec<_>>();
            let full = rows.iter().map(|(values, _)| (values.clone(), 0)).collect::<Vec<_>>();
            for rows in [&holes, &full] {
                rows_agree::<Sum, 2, 8>(131, rows);
                rows_agree::<Avg, 3, 8>(131, rows);
                rows_agree::<Min, 1, 8>(131, rows);
                rows_agree::<Max, 1, 8>(131, rows);
                rows_agree::<Variance<true>, 3, 8>(131, rows);
                rows_agree::<Count, 1, 8>(131, rows);
                rows_agree::<Sum, 2, 1>(1, rows);
            }
        }
    }

    proptest! {
        #[test]
        fn complete_groups_are_those_of_the_end(
            rows in prop::collection::vec((0..7usize, prop::collection::vec(any_float(), 131), prop_oneof![Just(0), Just(u64::MAX), any::<u64>()]), 1..12),
        ) {
            closing_changes_nothing::<8>(131, &rows);
            closing_changes_nothing::<1>(1, &rows);
        }
    }

    #[test]
    fn complete_groups_leave_their_memory_to_the_next() {
        let mut lanes = Lanes::<Avg, 3, 8>::new(100, 50);
        for slot in 0..50 {
            lanes.grow(slot);
            lanes.add_row(slot, &[1.0; 100], &[u64::MAX, u64::MAX >> 28]);
            lanes.close(slot);
        }
        assert_eq!((lanes.packs.len(), lanes.values.len()), (16, 5_000));
        let done = lanes.finish();
        assert!(done.is_dense() && done.into_block().values.iter().all(|x| *x == 1.0));
    }

    #[test]
    fn groups_that_live_shortly_need_little() {
        let n = 640;
        let mut lanes = Lanes::<Sum, 2, 8>::new(n, 4);
        lanes.grow(3);
        let values: Vec<f64> = (0..n).map(|step| step as f64).collect();
        let mut later = vec![0; 10];
        later[7] = 0b101;
        let mut early = vec![0; 10];
        early[1] = u64::MAX;
        lanes.add_row(2, &values, &later);
        lanes.add_row(2, &values, &early);
        lanes.add_row(3, &values, &early);
        lanes.add(2, 450, 1.0);
        assert!(lanes.has(2, 450) && lanes.has(2, 64) && !lanes.has(2, 449) && !lanes.has(0, 64));
        assert!(lanes.take_bytes() < 4 * 1200 && lanes.take_bytes() == 0);
        let done = lanes.finish();
        assert_eq!(done.len(), 64 + 2 + 64);
        let block = done.into_block();
        assert_eq!(block.floats_of(2)[7], 0b101);
        assert_eq!((block.float(2, 448), block.float(2, 450), block.float(2, 127)), (Some(448.0), Some(451.0), Some(127.0)));
        assert!(!block.any(0) && !block.any(1));
    }
}
