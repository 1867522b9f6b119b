//! Numbers for what rows have in common: groups of an aggregation, buckets of one histogram.

use super::Series;
use crate::model::{HashMap, LabelSet};

/// The label sets that are left of rows when only some labels count, numbered by first row.
pub(crate) struct Ids {
    of_row: Vec<u32>,
    labels: Vec<LabelSet>,
}

impl Ids {
    /// Numbers rows by the labels whose names `keep` accepts.
    pub(crate) fn new(rows: &[Series], keep: impl Fn(&str) -> bool) -> Ids {
        let mut numbering = Numbering {
            keep,
            layouts: Vec::new(),
            shapes: Vec::new(),
            by_place: HashMap::default(),
            by_labels: HashMap::default(),
            labels: Vec::new(),
        };
        let (mut layout, mut place, mut last) = (0, Vec::new(), None);
        let mut of_row = Vec::with_capacity(rows.len());
        for Series { labels, .. } in rows {
            layout = numbering.layout(labels, layout);
            let at = &numbering.layouts[layout];
            let id = match last {
                // Rows of one group often stand together.
                Some(id) if at.stands_at(labels, &place) => id,
                _ => {
                    at.place(labels, &mut place);
                    numbering.id(labels, &place)
                }
            };
            last = Some(id);
            of_row.push(id);
        }
        Ids { of_row, labels: numbering.labels }
    }

    /// All rows as one.
    pub(crate) fn one(rows: &[Series]) -> Ids {
        Ids { of_row: vec![0; rows.len()], labels: vec![LabelSet::default()] }
    }

    /// Number of each row.
    pub(crate) fn of_rows(&self) -> &[u32] {
        &self.of_row
    }

    /// Labels of each number.
    pub(crate) fn labels(&self) -> &[LabelSet] {
        &self.labels
    }

    /// How many rows each number has.
    pub(crate) fn sizes(&self) -> Vec<u32> {
        let mut sizes = vec![0; self.labels.len()];
        self.of_row.iter().for_each(|id| sizes[*id as usize] += 1);
        sizes
    }

    /// Rows by number: first those of number 0, and so on, each in their order.
    pub(crate) fn rows_by_id(&self) -> Vec<u32> {
        let mut next = Vec::with_capacity(self.labels.len());
        let mut start = 0;
        for size in self.sizes() {
            next.push(start);
            start += size;
        }
        let mut order = vec![0; self.of_row.len()];
        for (row, id) in self.of_row.iter().enumerate() {
            let at = &mut next[*id as usize];
            order[*at as usize] = row as u32;
            *at += 1;
        }
        order
    }
}

/// The names of a row's labels, by where they lie in memory, and which of them are kept. Rows of
/// one metric mostly share the texts of their names, so that these need not be read.
struct Layout {
    names: Vec<usize>,
    kept: Vec<u32>,
    /// Which names are kept, as a number.
    shape: usize,
}

impl Layout {
    fn fits(&self, labels: &LabelSet) -> bool {
        self.names.len() == labels.len() && self.names.iter().zip(labels).all(|(name, l)| *name == address(&l.name))
    }

    /// Where the kept values lie. Texts at one place are the same text; the same text may lie at
    /// several places.
    fn place(&self, labels: &LabelSet, place: &mut Vec<usize>) {
        let labels = labels.labels();
        place.clear();
        place.push(self.shape);
        place.extend(self.kept.iter().map(|at| address(&labels[*at as usize].value)));
    }

    fn stands_at(&self, labels: &LabelSet, place: &[usize]) -> bool {
        let labels = labels.labels();
        place.len() == self.kept.len() + 1
            && place[0] == self.shape
            && self.kept.iter().zip(&place[1..]).all(|(at, place)| address(&labels[*at as usize].value) == *place)
    }
}

fn address(text: &str) -> usize {
    text.as_ptr() as usize
}

struct Numbering<K> {
    keep: K,
    layouts: Vec<Layout>,
    shapes: Vec<Vec<String>>,
    by_place: HashMap<Box<[usize]>, u32>,
    by_labels: HashMap<LabelSet, u32>,
    labels: Vec<LabelSet>,
}

impl<K: Fn(&str) -> bool> Numbering<K> {
    /// The layout of labels, likely the given one.
    fn layout(&mut self, labels: &LabelSet, likely: usize) -> usize {
        /// Where names are not shared, every row would have a layout of its own.
        const MOST: usize = 16;
        if self.layouts.get(likely).is_some_and(|layout| layout.fits(labels)) {
            return likely;
        }
        if let Some(at) = self.layouts.iter().position(|layout| layout.fits(labels)) {
            return at;
        }
        let kept: Vec<u32> = (0..).zip(labels).filter(|(_, l)| (self.keep)(&l.name)).map(|(at, _)| at).collect();
        let names = || kept.iter().map(|at| &*labels.labels()[*at as usize].name);
        let shape = self.shapes.iter().position(|shape| names().eq(shape.iter().map(String::as_str))).unwrap_or_else(|| {
            self.shapes.push(names().map(str::to_owned).collect());
            self.shapes.len() - 1
        });
        let layout = Layout { names: labels.iter().map(|l| address(&l.name)).collect(), kept, shape };
        if self.layouts.len() < MOST {
            self.layouts.push(layout);
        } else {
            self.layouts[MOST - 1] = layout;
        }
        self.layouts.len() - 1
    }

    fn id(&mut self, labels: &LabelSet, place: &[usize]) -> u32 {
        if let Some(id) = self.by_place.get(place) {
            return *id;
        }
        let own = labels.filter(&self.keep);
        let id = *self.by_labels.entry(own).or_insert_with_key(|own| {
            self.labels.push(own.clone());
            self.labels.len() as u32 - 1
        });
        self.by_place.insert(place.into(), id);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(labels: &[&[(&str, &str)]]) -> Vec<Series> {
        labels.iter().map(|l| Series { labels: LabelSet::from_pairs(l.iter().copied()), drop_name: false }).collect()
    }

    /// Each pair makes texts of its own: nothing is shared between rows.
    #[test]
    fn texts_that_are_not_shared() {
        let rows = rows(&[
            &[("a", "1"), ("b", "1")],
            &[("a", "2"), ("b", "1")],
            &[("a", "1"), ("c", "1")],
            &[("b", "1")],
            &[("b", "2"), ("c", "1")],
            &[("a", "1"), ("b", "1"), ("c", "2")],
        ]);
        let ids = Ids::new(&rows, |name| name == "b");
        assert_eq!(ids.of_rows(), [0, 0, 1, 0, 2, 0]);
        let shown: Vec<String> = ids.labels().iter().map(LabelSet::to_string).collect();
        assert_eq!(shown, [r#"{b="1"}"#, "{}", r#"{b="2"}"#]);
        assert_eq!(ids.sizes(), [4, 1, 1]);
        assert_eq!(ids.rows_by_id(), [0, 1, 3, 5, 2, 4]);
    }

    #[test]
    fn shared_texts_under_different_names() {
        let text: std::sync::Arc<str> = "same".into();
        let label = |name: &str| crate::model::Label { name: name.into(), value: text.clone() };
        let series = |labels| Series { labels: LabelSet::new(labels), drop_name: false };
        let rows = [series(vec![label("a")]), series(vec![label("b")]), series(vec![label("a")]), series(vec![label("a"), label("b")])];
        assert_eq!(Ids::new(&rows, |_| true).of_rows(), [0, 1, 0, 2]);
        assert_eq!(Ids::new(&rows, |name| name == "b").of_rows(), [0, 1, 0, 1]);
    }

    #[test]
    fn many_layouts() {
        let names: Vec<String> = (0..40).map(|i| format!("n{i:02}")).collect();
        let all: Vec<Series> = (0..200)
            .map(|i| {
                let pairs = [("g", ["x", "y"][i % 2]), (names[i % 40].as_str(), "v")];
                Series { labels: LabelSet::from_pairs(pairs), drop_name: false }
            })
            .collect();
        let ids = Ids::new(&all, |name| name == "g");
        assert!(ids.of_rows().iter().enumerate().all(|(i, id)| *id as usize == i % 2));
        assert_eq!(Ids::new(&all, |name| name != "g").labels().len(), 40);
    }
}
