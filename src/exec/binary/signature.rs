//! The labels by which the rows of two vectors find each other.

use crate::exec::Series;
use crate::model::LabelSet;
use crate::model::labels::is_metadata;
use crate::syntax::ast::Matching;
use std::collections::HashMap;

/// The labels that matching looks at.
pub(super) fn match_labels(labels: &LabelSet, matching: &Matching) -> LabelSet {
    let listed = |name: &str| matching.labels.iter().any(|l| l == name);
    if matching.on { labels.filter(listed) } else { labels.filter(|name| !listed(name) && !is_metadata(name)) }
}

/// Signatures of one side's rows, and the numbers of the other side's rows among them.
pub(super) struct Signatures {
    known: HashMap<LabelSet, u32>,
    /// Signature of each row.
    of_row: Vec<u32>,
}

impl Signatures {
    pub(super) fn new(rows: &[Series], matching: &Matching) -> Signatures {
        let mut known = HashMap::with_capacity(rows.len());
        let of_row = rows.iter().map(|series| {
            let next = known.len() as u32;
            *known.entry(match_labels(&series.labels, matching)).or_insert(next)
        });
        let of_row = of_row.collect();
        Signatures { known, of_row }
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
    pub(super) fn of_others(&self, rows: &[Series], matching: &Matching) -> Vec<Option<u32>> {
        rows.iter().map(|series| self.known.get(&match_labels(&series.labels, matching)).copied()).collect()
    }

    /// The signature of each row of the other side; those that this side has not get new numbers.
    pub(super) fn of_all(&mut self, rows: &[Series], matching: &Matching) -> Vec<u32> {
        let known = &mut self.known;
        let number = |series: &Series| {
            let next = known.len() as u32;
            *known.entry(match_labels(&series.labels, matching)).or_insert(next)
        };
        rows.iter().map(number).collect()
    }
}
