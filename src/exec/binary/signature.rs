//! The labels by which the rows of two vectors find each other.
//!
//! Rows are numbered by signature once a query. No signature is built as a label set: the labels
//! that count are hashed where they are, and a row whose label names are those of the row before,
//! as in a metric they mostly are, does not look at names again.

use crate::exec::Series;
use crate::model::labels::is_metadata;
use crate::model::{HashMap, LabelSet};
use crate::syntax::ast::Matching;
use foldhash::fast::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

const NONE: u32 = u32::MAX;

/// Whether matching looks at a label.
fn counts(name: &str, matching: &Matching) -> bool {
    let listed = matching.labels.iter().any(|l| l == name);
    if matching.on { listed } else { !listed && !is_metadata(name) }
}

/// The labels that matching looks at.
pub(super) fn match_labels(labels: &LabelSet, matching: &Matching) -> LabelSet {
    labels.filter(|name| counts(name, matching))
}

/// The label names of some rows, and what matching looks at among them.
struct Shape {
    names: Vec<Arc<str>>,
    /// Places of the labels that count.
    places: Vec<u32>,
    /// Hash of their names.
    hash: u64,
}

impl Shape {
    fn new(labels: &LabelSet, matching: &Matching, state: &RandomState) -> Shape {
        let names: Vec<Arc<str>> = labels.iter().map(|l| l.name.clone()).collect();
        let places: Vec<u32> = (0..names.len() as u32).filter(|at| counts(&names[*at as usize], matching)).collect();
        let mut hasher = state.build_hasher();
        for at in &places {
            hasher.write(names[*at as usize].as_bytes());
            hasher.write_u8(0xff);
        }
        Shape { names, places, hash: hasher.finish() }
    }

    fn fits(&self, labels: &LabelSet) -> bool {
        self.names.len() == labels.len() && self.names.iter().zip(labels).all(|(name, l)| Arc::ptr_eq(name, &l.name) || *name == l.name)
    }

    fn hash(&self, labels: &LabelSet, state: &RandomState) -> u64 {
        let labels = labels.labels();
        let mut hasher = state.build_hasher();
        hasher.write_u64(self.hash);
        for at in &self.places {
            hasher.write(labels[*at as usize].value.as_bytes());
            hasher.write_u8(0xff);
        }
        hasher.finish()
    }

    /// Whether labels of this shape have the same signature as others of another one.
    fn same(&self, labels: &LabelSet, shape: &Shape, others: &LabelSet) -> bool {
        let (labels, others) = (labels.labels(), others.labels());
        self.places.len() == shape.places.len()
            && self.places.iter().zip(&shape.places).all(|(a, b)| labels[*a as usize] == others[*b as usize])
    }
}

/// A signature: labels that have it, their shape, and the signature before it of the same hash.
struct Known<'m> {
    labels: &'m LabelSet,
    shape: u32,
    before: u32,
}

/// Signatures of one side's rows, and the numbers of the other side's rows among them.
pub(super) struct Signatures<'m> {
    matching: &'m Matching,
    state: RandomState,
    shapes: Vec<Shape>,
    /// The newest signature of each hash.
    newest: HashMap<u64, u32>,
    known: Vec<Known<'m>>,
    /// Signature of each row.
    of_row: Vec<u32>,
}

impl<'m> Signatures<'m> {
    pub(super) fn new(rows: &'m [Series], matching: &'m Matching) -> Signatures<'m> {
        let mut signatures = Signatures {
            matching,
            state: RandomState::default(),
            shapes: Vec::new(),
            newest: HashMap::with_capacity_and_hasher(rows.len(), RandomState::default()),
            known: Vec::with_capacity(rows.len()),
            of_row: Vec::new(),
        };
        signatures.of_row = signatures.of_all(rows);
        signatures
    }

    /// Hash of a signature; the last shape is that of the labels then.
    fn hash(&mut self, labels: &LabelSet) -> u64 {
        match self.shapes.last() {
            Some(shape) if shape.fits(labels) => shape.hash(labels, &self.state),
            _ => {
                let shape = Shape::new(labels, self.matching, &self.state);
                let hash = shape.hash(labels, &self.state);
                self.shapes.push(shape);
                hash
            }
        }
    }

    /// The signature of labels of the last shape, from the newest one of their hash.
    fn find(&self, labels: &LabelSet, mut signature: u32) -> Option<u32> {
        let shape = self.shapes.last()?;
        while let Some(known) = self.known.get(signature as usize) {
            if shape.same(labels, &self.shapes[known.shape as usize], known.labels) {
                return Some(signature);
            }
            signature = known.before;
        }
        None
    }

    /// Number of different signatures.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// Signature of each row.
    pub(super) fn of_row(&self) -> &[u32] {
        &self.of_row
    }

    /// The rows of each signature.
    pub(super) fn rows(&self) -> Vec<Vec<u32>> {
        let mut rows = vec![Vec::new(); self.len()];
        for (row, signature) in self.of_row.iter().enumerate() {
            rows[*signature as usize].push(row as u32);
        }
        rows
    }

    /// The signature of each row of the other side, if this side has it.
    pub(super) fn of_others(&mut self, rows: &[Series]) -> Vec<Option<u32>> {
        let find = |(row, series): (usize, &Series)| {
            // Sides that are made of the same series mostly have them in the same order.
            let beside = self.of_row.get(row).copied();
            if beside.is_some_and(|signature| self.known[signature as usize].labels.is_clone_of(&series.labels)) {
                return beside;
            }
            let hash = self.hash(&series.labels);
            self.find(&series.labels, *self.newest.get(&hash)?)
        };
        rows.iter().enumerate().map(find).collect()
    }

    /// The signature of each row of the other side; those that this side has not get new numbers.
    pub(super) fn of_all(&mut self, rows: &'m [Series]) -> Vec<u32> {
        let number = |series: &'m Series| {
            let labels = &series.labels;
            let hash = self.hash(labels);
            let newest = self.newest.get(&hash).copied().unwrap_or(NONE);
            self.find(labels, newest).unwrap_or_else(|| {
                let next = self.known.len() as u32;
                self.newest.insert(hash, next);
                self.known.push(Known { labels, shape: self.shapes.len() as u32 - 1, before: newest });
                next
            })
        };
        rows.iter().map(number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::ast::Cardinality;

    fn matching(on: bool, labels: &[&str]) -> Matching {
        Matching {
            cardinality: Cardinality::OneToOne,
            on,
            labels: labels.iter().map(|l| (*l).into()).collect(),
            include: Vec::new(),
            fill_left: None,
            fill_right: None,
        }
    }

    fn rows(labels: &[&[(&str, &str)]]) -> Vec<Series> {
        let series = |pairs: &&[(&str, &str)]| Series { labels: LabelSet::from_pairs(pairs.iter().copied()), drop_name: false };
        labels.iter().map(series).collect()
    }

    /// Numbers are equal exactly where the labels that count are.
    #[test]
    fn a_number_is_a_set_of_labels() {
        let texts: [&[(&str, &str)]; 9] = [
            &[("__name__", "m"), ("a", "1"), ("b", "1")],
            &[("__name__", "n"), ("a", "1"), ("b", "1")],
            &[("a", "1"), ("b", "2")],
            &[("a", "11"), ("b", "")],
            &[("a", "1"), ("c", "1")],
            &[("b", "1")],
            &[("c", "1"), ("b", "1"), ("a", "1")],
            &[("__type__", "counter"), ("a", "1"), ("b", "1")],
            &[],
        ];
        // The same labels as clones, and in texts of their own.
        let (rows, apart) = (rows(&texts), rows(&texts));
        for matching in [
            matching(false, &[]),
            matching(false, &["b"]),
            matching(true, &["a"]),
            matching(true, &["b", "a"]),
            matching(true, &[]),
            matching(true, &["__name__"]),
        ] {
            let mut signatures = Signatures::new(&rows, &matching);
            let of_row = signatures.of_row().to_vec();
            for (i, one) in rows.iter().enumerate() {
                for (j, other) in rows.iter().enumerate() {
                    let same = match_labels(&one.labels, &matching) == match_labels(&other.labels, &matching);
                    assert_eq!(of_row[i] == of_row[j], same, "{} {}", one.labels, other.labels);
                }
            }
            assert_eq!(signatures.len(), *of_row.iter().max().unwrap_or(&0) as usize + 1);
            for others in [&rows, &apart] {
                let others = signatures.of_others(others);
                assert!(others.iter().zip(&of_row).all(|(found, number)| *found == Some(*number)));
            }
        }
    }

    #[test]
    fn rows_of_the_other_side_may_have_no_number() {
        let (one, other) = (rows(&[&[("a", "1")]]), rows(&[&[("a", "2")], &[("a", "1")]]));
        let matching = matching(false, &[]);
        let mut signatures = Signatures::new(&one, &matching);
        assert_eq!(signatures.of_others(&other), [None, Some(0)]);
        assert_eq!((signatures.of_all(&other), signatures.len()), (vec![1, 0], 2));
    }
}
