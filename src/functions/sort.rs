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
    use crate::exec::{Block, Opened, Remark, Spool, Stop, open_text, open_vector};
    use crate::functions::kernel::CallSite;
    use crate::functions::natural::natural_before;
    use std::cmp::Ordering;
    use std::sync::Arc;

    pub(super) fn sort<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
        by_value(site, |a, b| a < b)
    }

    pub(super) fn sort_desc<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
        by_value(site, |a, b| a > b)
    }

    fn by_value<'q>(site: &CallSite<'q>, before: fn(f64, f64) -> bool) -> Result<Opened<'q>, Stop> {
        ordered(site, false, |block, _, a, b| {
            let (a, b) = (block.values_of(a)[0], block.values_of(b)[0]);
            // NaN comes last, whatever the direction.
            before(a, b) || b.is_nan()
        })
    }

    pub(super) fn by_label<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
        by_labels(site, false)
    }

    pub(super) fn by_label_desc<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
        by_labels(site, true)
    }

    fn by_labels<'q>(site: &CallSite<'q>, descending: bool) -> Result<Opened<'q>, Stop> {
        let CallSite { args, grid, cx, .. } = *site;
        let names = args[1..].iter().map(|a| open_text(a, &grid, cx)).collect::<Result<Vec<_>, _>>()?;
        ordered(site, true, |_, rows, a, b| {
            let (a, b) = (&rows[a].labels, &rows[b].labels);
            for name in names.iter().filter_map(|n| n.as_str()) {
                let (a, b) = (a.get(name).unwrap_or(""), b.get(name).unwrap_or(""));
                if a != b {
                    return natural_before(a, b) != descending;
                }
            }
            a.cmp(b) == if descending { Ordering::Greater } else { Ordering::Less }
        })
    }

    /// Opens the vector; on a one-step grid its rows are put in order, else a warning says that
    /// there is no order to see.
    fn ordered<'q>(
        site: &CallSite<'q>,
        histograms: bool,
        before: impl Fn(&Block, &[crate::exec::Series], usize, usize) -> bool,
    ) -> Result<Opened<'q>, Stop> {
        let CallSite { node, args, grid, cx } = *site;
        let input = open_vector(&args[0], &grid, cx)?;
        if !grid.single() {
            cx.note(node, 0, 0, node.span, Remark::SortInRangeQuery);
        }
        if !grid.single() && histograms {
            return Ok(Opened::Vector(input));
        }
        let (rows, mut block) = Spool::collect(&*input, grid.n, node, cx)?.into_parts();
        if !histograms {
            block.hists.clear();
        }
        let mut order: Vec<usize> = (0..rows.len()).filter(|i| block.any(*i)).collect();
        if grid.single() {
            insertion_then_merge(&mut order, &|a, b| before(&block, &rows, a, b));
        }
        let mut sorted = Block::new(grid.n);
        for (i, from) in order.iter().enumerate() {
            sorted.push_copy(i as u32, &block, *from);
        }
        let rows: Vec<_> = order.into_iter().map(|i| rows[i].clone()).collect();
        cx.hold_points(node, sorted.weight(), rows.len() as u64)?;
        Ok(Opened::Vector(Arc::new(Spool::new(rows, sorted))))
    }

    /// Sorts by a relation that need not be an order: natural comparison is none where texts
    /// differ only in leading zeros, and a library sort may panic then. Up to twelve elements by
    /// insertion, as the reference does, so that ties end in the same place.
    fn insertion_then_merge(order: &mut [usize], before: &impl Fn(usize, usize) -> bool) {
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
