//! Common subexpressions: what stands in the query more than once is evaluated once.
//!
//! Two places are the same where their trees are, down to how far each part lies from their
//! beginning in the text: annotations of one place can then be told at the other as well. What a
//! place counts for in the sample budget, it counts for each time (`exec::shared`).

use crate::model::{HashMap, Matcher, Span, deep};
use crate::plan::{Kind, Node, Select, Subquery};
use crate::source::Hints;
use foldhash::fast::FixedState;
use std::hash::{BuildHasher, Hash, Hasher};

/// Groups of nodes that are the same, by rank.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shares {
    of_rank: HashMap<u32, u32>,
}

impl Shares {
    /// The group of a node, if it is shared.
    #[inline]
    pub(crate) fn group(&self, node: &Node) -> Option<u32> {
        if self.of_rank.is_empty() { None } else { self.of_rank.get(&node.rank).copied() }
    }
    /// How many nodes are shared.
    pub(crate) fn len(&self) -> usize {
        self.of_rank.len()
    }
}

/// Finds what is evaluated once.
pub(super) fn share(root: &mut Node) -> Shares {
    // Most queries read nothing twice.
    if !reads_twice(root) {
        return Shares::default();
    }
    let (shares, neutral) = find(root);
    if !neutral.is_empty() {
        forget_hints(root, &neutral);
    }
    shares
}

fn find(root: &Node) -> (Shares, Vec<u32>) {
    let mut search = Search::default();
    search.outline(root);
    search.visit(root, true);
    (Shares { of_rank: search.of_rank }, search.neutral)
}

/// Selectors that are read for several purposes are read for none in particular.
fn forget_hints(node: &mut Node, ranks: &[u32]) {
    let rank = node.rank;
    if let Kind::Select(select) | Kind::Range(select, _) = &mut node.kind
        && ranks.contains(&rank)
    {
        let Hints { step, range, limit, .. } = select.hints;
        select.hints = Hints { step, range, limit, ..Hints::default() };
    }
    deep(|| node.children_mut().into_iter().for_each(|child| forget_hints(child, ranks)));
}

/// Whether two selectors have the same matchers: without that, no two trees that read something are
/// the same. Where there are many it is not looked for.
fn reads_twice(root: &Node) -> bool {
    let (mut selectors, mut stack): (Vec<&Select>, _) = (Vec::new(), vec![root]);
    while let Some(node) = stack.pop() {
        if let Kind::Select(select) | Kind::Range(select, _) = &node.kind {
            if selectors.len() > 16 || selectors.iter().any(|other| other.matchers == select.matchers) {
                return true;
            }
            selectors.push(select);
        }
        stack.extend(node.children());
    }
    false
}

/// What is known of a tree before it is compared.
#[derive(Clone, Copy)]
struct Outline {
    hash: u64,
    selectors: usize,
}

#[derive(Default)]
struct Search<'p> {
    /// Of every node, by rank.
    outlines: HashMap<u32, Outline>,
    /// First places by hash of their trees.
    seen: HashMap<u64, Vec<&'p Node>>,
    of_rank: HashMap<u32, u32>,
    groups: u32,
    /// Selectors whose hints differ from place to place.
    neutral: Vec<u32>,
}

impl<'p> Search<'p> {
    /// Hashes every tree from its parts, so that the whole takes one walk.
    fn outline(&mut self, node: &Node) -> Outline {
        let mut hasher = FixedState::default().build_hasher();
        hash(node, &mut hasher);
        let mut selectors = usize::from(matches!(node.kind, Kind::Select(_) | Kind::Range(..)));
        deep(|| {
            for child in node.children() {
                let inside = self.outline(child);
                hasher.write_u64(inside.hash);
                selectors += inside.selectors;
            }
        });
        let outline = Outline { hash: hasher.finish(), selectors };
        self.outlines.insert(node.rank, outline);
        outline
    }

    /// Looks for what was seen before, larger parts first. `opened` tells whether the node is
    /// opened as it is, and not read by its parent in a way of its own.
    fn visit(&mut self, node: &'p Node, opened: bool) {
        let outline = self.outlines.get(&node.rank).copied();
        if opened && let Some(Outline { hash, .. }) = outline.filter(|outline| outline.selectors > 0 && worthwhile(node)) {
            let places = self.seen.entry(hash).or_default();
            match places.iter().find(|first| same(first, node, (first, node), true)) {
                Some(first) => {
                    let groups = &mut self.groups;
                    let group = *self.of_rank.entry(first.rank).or_insert_with(|| {
                        *groups += 1;
                        *groups
                    });
                    self.of_rank.insert(node.rank, group);
                    if let (Kind::Select(a) | Kind::Range(a, _), Kind::Select(b) | Kind::Range(b, _)) = (&first.kind, &node.kind)
                        && a.hints != b.hints
                    {
                        self.neutral.extend([first.rank, node.rank]);
                    }
                    // What is inside is not evaluated again.
                    if !matches!(node.kind, Kind::Range(..)) {
                        return;
                    }
                }
                None => places.push(node),
            }
        }
        let special = matches!(&node.kind, Kind::Call { function, .. } if function.selector);
        deep(|| {
            for child in node.children() {
                let selector = matches!(child.without_invariant().kind, Kind::Select(_));
                let inside = if let Kind::Invariant(_) = node.kind { opened } else { !(special && selector) };
                self.visit(child, inside);
            }
        });
    }
}

/// Whether a node that reads samples is worth keeping for another place: it is neither a mere
/// wrapper nor a subquery, whose inside is kept instead.
fn worthwhile(node: &Node) -> bool {
    !matches!(node.kind, Kind::Invariant(_) | Kind::Subquery(_))
}

/// Hashes what a node does, its inputs aside.
fn hash(node: &Node, hasher: &mut impl Hasher) {
    std::mem::discriminant(&node.kind).hash(hasher);
    match &node.kind {
        Kind::Number(value) | Kind::Folded { value, .. } => value.to_bits().hash(hasher),
        Kind::Text(text) => text.hash(hasher),
        Kind::Select(select) => hash_select(select, hasher),
        Kind::Range(select, range) => {
            range.hash(hasher);
            hash_select(select, hasher);
        }
        Kind::Subquery(s) => (s.range, s.step, s.offset).hash(hasher),
        Kind::Call { function, .. } => function.name.hash(hasher),
        Kind::Aggregate { op, grouping, .. } => (op, grouping.without, &grouping.labels).hash(hasher),
        Kind::Binary { op, return_bool, .. } => (op, return_bool).hash(hasher),
        Kind::Negate(_) | Kind::Invariant(_) => {}
    }
}

fn hash_select(select: &Select, hasher: &mut impl Hasher) {
    for Matcher { name, op, value, .. } in &select.matchers {
        (name, op, value).hash(hasher);
    }
    (select.window, select.offset, select.histogram_stats).hash(hasher);
}

/// Whether two trees are the same; `places` are where both begin. The hints of a selector that is
/// itself the place (`top`) may differ.
fn same(a: &Node, b: &Node, places: (&Node, &Node), top: bool) -> bool {
    let relative = |node: &Node, place: &Node| {
        let Span { start, end } = node.span;
        (
            start.wrapping_sub(place.span.start),
            end.wrapping_sub(place.span.start),
            node.first.wrapping_sub(place.first),
            node.rank.wrapping_sub(place.first),
        )
    };
    if relative(a, places.0) != relative(b, places.1) {
        return false;
    }
    let selects = |a: &Select, b: &Select| {
        a.matchers == b.matchers
            && (a.window, a.offset, a.pin, a.slide, a.extension) == (b.window, b.offset, b.pin, b.slide, b.extension)
            && a.histogram_stats == b.histogram_stats
            && (a.hints.range, a.hints.step, a.hints.limit) == (b.hints.range, b.hints.step, b.hints.limit)
            && (top || a.hints == b.hints)
    };
    let alike = match (&a.kind, &b.kind) {
        (Kind::Number(a), Kind::Number(b)) => a.to_bits() == b.to_bits(),
        (Kind::Folded { value: a, held: x }, Kind::Folded { value: b, held: y }) => a.to_bits() == b.to_bits() && x == y,
        (Kind::Text(a), Kind::Text(b)) => a == b,
        (Kind::Select(a), Kind::Select(b)) => selects(a, b),
        (Kind::Range(a, x), Kind::Range(b, y)) => x == y && selects(a, b),
        (Kind::Subquery(a), Kind::Subquery(b)) => {
            let times = |s: &Subquery| (s.range, s.step, s.offset, s.pin, s.slide);
            times(a) == times(b)
        }
        (Kind::Call { function: a, .. }, Kind::Call { function: b, .. }) => a == b,
        (Kind::Aggregate { op: a, grouping: x, .. }, Kind::Aggregate { op: b, grouping: y, .. }) => a == b && x == y,
        (Kind::Binary { op: a, return_bool: x, matching: m, .. }, Kind::Binary { op: b, return_bool: y, matching: n, .. }) => {
            a == b && x == y && m == n
        }
        (Kind::Negate(_), Kind::Negate(_)) | (Kind::Invariant(_), Kind::Invariant(_)) => true,
        _ => false,
    };
    let (left, right) = (a.children(), b.children());
    alike && left.len() == right.len() && deep(|| left.into_iter().zip(right).all(|(a, b)| same(a, b, places, false)))
}
