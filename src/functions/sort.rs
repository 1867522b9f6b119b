//! Functions that order the result of an instant query.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::Kernel;

pub(super) const FUNCTIONS: &[Function] = &[
    function! { sort (V) -> V;
    "The float samples in ascending order of value.";
    "sort(node_load1)";
    Kernel::Special(kernels::sort) },
    function! { sort_desc (V) -> V;
    "The float samples in descending order of value.";
    "sort_desc(node_load1)";
    Kernel::Special(kernels::sort_desc) },
    function! { sort_by_label (V, T) -1 -> V experimental;
    "The samples in ascending natural order of the given labels.";
    r#"sort_by_label(up, "instance")"#;
    Kernel::Special(kernels::by_label) },
    function! { sort_by_label_desc (V, T) -1 -> V experimental;
    "The samples in descending natural order of the given labels.";
    r#"sort_by_label_desc(up, "instance")"#;
    Kernel::Special(kernels::by_label_desc) },
];

#[cfg(feature = "engine")]
mod kernels {
    use crate::exec::select::hold;
    use crate::exec::{Block, Cx, Opened, Remark, Series, Spool, Stop, VectorOp, open_text, open_vector};
    use crate::functions::kernel::CallSite;
    use crate::functions::natural::natural_before;
    use crate::plan::Node;
    use std::cmp::Ordering;
    use std::sync::Arc;
    use std::sync::atomic::{self, AtomicU64};

    pub(super) fn sort<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
        by_value(site, |a, b| a < b)
    }

    pub(super) fn sort_desc<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
        by_value(site, |a, b| a > b)
    }

    fn by_value<'q>(site: &CallSite<'q>, before: fn(f64, f64) -> bool) -> Result<Opened<'q>, Stop> {
        let CallSite { node, args, grid, cx } = *site;
        let input = open_vector(&args[0], &grid, cx)?;
        if !grid.single() {
            cx.note(node, 0, 0, node.span, Remark::SortInRangeQuery);
            return Ok(Opened::Vector(Arc::new(Floats { input, node, seen: AtomicU64::new(0) })));
        }
        let floats = Floats { input, node, seen: AtomicU64::new(0) };
        let sorted = ordered(site, &floats, |block, _, order| {
            let value = |i: usize| block.values_of(i)[0];
            if order.iter().any(|i| value(*i).is_nan()) {
                // NaN comes last, whatever the direction.
                insertion_then_merge(order, &|a, b| before(value(a), value(b)) || value(b).is_nan());
            } else {
                let precedes = |a: usize, b: usize| before(value(a), value(b));
                crate::model::order::sort_by(order, |a, b| precedes(*b, *a).cmp(&precedes(*a, *b)));
            }
        })?;
        Ok(Opened::Vector(Arc::new(sorted)))
    }

    /// The floats of a vector, in its order.
    struct Floats<'q> {
        input: Arc<dyn VectorOp + 'q>,
        node: &'q Node,
        /// Rows with a point, by now.
        seen: AtomicU64,
    }

    impl VectorOp for Floats<'_> {
        fn rows(&self) -> &[Series] {
            self.input.rows()
        }
        fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
            let before = out.len();
            crate::model::deep(|| self.input.fill(rows, cx, out))?;
            out.clear_histograms(before);
            let more = (before..out.len()).filter(|i| out.any(*i)).count() as u64;
            let seen = self.seen.fetch_add(more, atomic::Ordering::Relaxed) + more;
            hold(self.node, before, out, seen, cx)
        }
    }

    pub(super) fn by_label<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
        by_labels(site, false)
    }

    pub(super) fn by_label_desc<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
        by_labels(site, true)
    }

    fn by_labels<'q>(site: &CallSite<'q>, descending: bool) -> Result<Opened<'q>, Stop> {
        let CallSite { node, args, grid, cx } = *site;
        let names = args[1..].iter().map(|a| open_text(a, &grid, cx)).collect::<Result<Vec<_>, _>>()?;
        let input = open_vector(&args[0], &grid, cx)?;
        if !grid.single() {
            cx.note(node, 0, 0, node.span, Remark::SortInRangeQuery);
            return Ok(Opened::Vector(input));
        }
        let sorted = ordered(site, &*input, |_, rows, order| {
            insertion_then_merge(order, &|a, b| {
                let (a, b) = (&rows[a].labels, &rows[b].labels);
                for name in names.iter().filter_map(|n| n.as_str()) {
                    let (a, b) = (a.get(name).unwrap_or(""), b.get(name).unwrap_or(""));
                    if a != b {
                        return natural_before(a, b) != descending;
                    }
                }
                a.cmp(b) == if descending { Ordering::Greater } else { Ordering::Less }
            });
        })?;
        cx.hold_points(node, sorted.block().weight(), sorted.rows().len() as u64)?;
        Ok(Opened::Vector(Arc::new(sorted)))
    }

    /// A vector on a one-step grid, its rows put in order.
    fn ordered(site: &CallSite<'_>, input: &dyn VectorOp, sort: impl Fn(&Block, &[Series], &mut [usize])) -> Result<Spool, Stop> {
        let CallSite { node, grid, cx, .. } = *site;
        let (rows, block) = Spool::collect(input, grid.n, node, cx)?.into_parts();
        let mut order: Vec<usize> = (0..rows.len()).collect();
        sort(&block, &rows, &mut order);
        let mut sorted = Block::new(grid.n);
        for (i, from) in order.iter().enumerate() {
            sorted.push_copy(i as u32, &block, *from);
        }
        let mut rows: Vec<Option<Series>> = rows.into_iter().map(Some).collect();
        let rows = order.into_iter().filter_map(|i| rows[i].take()).collect();
        Ok(Spool::new(rows, sorted))
    }

    /// Sorts by a relation that need not be an order: natural comparison is none where texts
    /// differ only in leading zeros, and a library sort may panic then. Up to twelve elements by
    /// insertion, as the reference does, so that ties end in the same place.
    fn insertion_then_merge(order: &mut [usize], before: &dyn Fn(usize, usize) -> bool) {
        if order.len() <= 12 {
            for i in 1..order.len() {
                let mut j = i;
                while j > 0 && before(order[j], order[j - 1]) {
                    order.swap(j, j - 1);
                    j -= 1;
                }
            }
            return;
        }
        let middle = order.len() / 2;
        let (left, right) = order.split_at_mut(middle);
        insertion_then_merge(left, before);
        insertion_then_merge(right, before);
        let (left, right) = (left.to_vec(), right.to_vec());
        let (mut l, mut r) = (left.iter().peekable(), right.iter().peekable());
        for slot in order {
            let take_right = match (l.peek(), r.peek()) {
                (Some(a), Some(b)) => before(**b, **a),
                (None, _) => true,
                (_, None) => false,
            };
            if let Some(next) = if take_right { r.next() } else { l.next() } {
                *slot = *next;
            }
        }
    }
}
