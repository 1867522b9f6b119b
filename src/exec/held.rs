//! The sample budget: points held by each node of the plan.
//!
//! Prometheus evaluates nodes whole, one after another, and counts the points that are alive.
//! Here rows stream, but what it would have counted is a sum of totals only, so it can be worked
//! out from one counter a node. All counters grow monotonically: a check may come at any time, on
//! any thread, and the last one, over all nodes, decides alike.

use crate::plan::{Kind, Node};
use crate::syntax::ast::AggregateOp;
use std::sync::atomic::{AtomicU64, Ordering};

const NONE: u32 = u32::MAX;

/// What a node's result counts for.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Count {
    /// Its points, as they are made.
    Own,
    /// Its points, but only for the nodes above: aggregations work outside the budget.
    Later,
    /// What its first input counts for: it works in place.
    Through,
    /// What its input counts for, at each of the steps that it is copied to.
    Copied,
}

/// One counter a node, by rank.
#[derive(Default)]
pub(super) struct Held<'q> {
    nodes: Vec<Slot<'q>>,
}

struct Slot<'q> {
    node: Option<&'q Node>,
    parent: u32,
    /// The nearest node from here to the root that has finished results beside it.
    beside: u32,
    /// Inputs in the order of their evaluation.
    children: Vec<u32>,
    count: Count,
    points: AtomicU64,
    /// What is needed for a moment: samples of one step, or of one window.
    transient: AtomicU64,
    /// Steps that an invariant part is copied to.
    copies: AtomicU64,
}

impl<'q> Held<'q> {
    pub(super) fn new(plan: &'q Node) -> Held<'q> {
        let mut held = Held::default();
        let mut stack = vec![(plan, NONE, NONE)];
        while let Some((node, parent, beside)) = stack.pop() {
            let id = node.rank as usize;
            while held.nodes.len() <= id {
                held.nodes.push(Slot::empty());
            }
            let children = node.children();
            for (i, child) in children.iter().enumerate() {
                stack.push((child, node.rank, if i == 0 { beside } else { child.rank }));
            }
            let children = children.iter().map(|c| c.rank).collect();
            held.nodes[id] = Slot { node: Some(node), parent, beside, children, count: count(node), ..Slot::empty() };
        }
        held
    }

    fn slot(&self, node: u32) -> Option<&Slot<'q>> {
        self.nodes.get(node as usize)
    }

    /// What a node's result counts for by now.
    fn of(&self, node: u32) -> u64 {
        let (mut at, mut copies) = (node, 1u64);
        while let Some(slot) = self.slot(at) {
            match slot.count {
                Count::Own | Count::Later => return slot.points.load(Ordering::Relaxed).saturating_mul(copies),
                Count::Copied => copies = copies.saturating_mul(slot.copies.load(Ordering::Relaxed)),
                Count::Through => {}
            }
            at = slot.children.first().copied().unwrap_or(NONE);
        }
        0
    }

    /// Adds to a node's points, and gives all that is held while it runs.
    pub(super) fn add(&self, node: &Node, points: u64, transient: u64) -> u64 {
        let Some(slot) = self.slot(node.rank) else { return 0 };
        slot.points.fetch_add(points, Ordering::Relaxed);
        slot.transient.fetch_max(transient, Ordering::Relaxed);
        self.running(node.rank)
    }

    /// Tells to how many steps an invariant part is copied; gives all that is held then.
    pub(super) fn copy(&self, node: &Node, steps: usize) -> u64 {
        let Some(slot) = self.slot(node.rank) else { return 0 };
        slot.copies.fetch_max(steps as u64, Ordering::Relaxed);
        self.running(node.rank)
    }

    /// Counts for the nodes of a place what those of another, `ranks`, count for; `shift` lies
    /// between them. Gives the most that is held then.
    pub(super) fn repeat(&self, ranks: std::ops::RangeInclusive<u32>, shift: u32) -> u64 {
        for rank in ranks.clone() {
            let (Some(from), Some(to)) = (self.slot(rank), self.slot(rank.wrapping_add(shift))) else { continue };
            to.points.fetch_add(from.points.load(Ordering::Relaxed), Ordering::Relaxed);
            to.transient.fetch_max(from.transient.load(Ordering::Relaxed), Ordering::Relaxed);
            to.copies.fetch_max(from.copies.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        ranks.map(|rank| self.running(rank.wrapping_add(shift))).max().unwrap_or(0)
    }

    /// All that is held while a node runs: its own points, those of its arguments, what it needs
    /// for a moment, and finished results that wait beside the path to the root.
    fn running(&self, node: u32) -> u64 {
        let Some(slot) = self.slot(node) else { return 0 };
        let sum = |children: &[u32]| children.iter().fold(0u64, |sum, c| sum.saturating_add(self.of(*c)));
        let mut total = match slot.count {
            Count::Own => slot.points.load(Ordering::Relaxed).saturating_add(sum(&slot.children)),
            Count::Later | Count::Through => sum(&slot.children),
            Count::Copied => self.of(node),
        };
        total = total.saturating_add(slot.transient.load(Ordering::Relaxed));
        let mut beside = slot.beside;
        while let Some(slot) = self.slot(beside) {
            let Some(parent) = self.slot(slot.parent) else { break };
            let before = parent.children.iter().position(|c| *c == beside).unwrap_or(0);
            total = total.saturating_add(sum(&parent.children[..before]));
            beside = parent.beside;
        }
        total
    }

    /// The first node that held more than `max`, once all nodes have run.
    pub(super) fn over(&self, max: u64) -> Option<&'q Node> {
        self.nodes.iter().filter_map(|slot| slot.node).find(|node| self.running(node.rank) > max)
    }
}

impl Slot<'_> {
    fn empty() -> Self {
        Slot {
            node: None,
            parent: NONE,
            beside: NONE,
            children: Vec::new(),
            count: Count::Own,
            points: AtomicU64::new(0),
            transient: AtomicU64::new(0),
            copies: AtomicU64::new(1),
        }
    }
}

fn count(node: &Node) -> Count {
    match &node.kind {
        Kind::Aggregate { op: AggregateOp::CountValues, .. } => Count::Own,
        Kind::Aggregate { .. } => Count::Later,
        Kind::Invariant(_) => Count::Copied,
        Kind::Negate(_) | Kind::Subquery(_) => Count::Through,
        Kind::Call { function, .. } if matches!(function.name, "label_replace" | "label_join") => Count::Through,
        Kind::Call { function, args } if function.name == "timestamp" => match args.first().map(|a| &a.without_invariant().kind) {
            Some(Kind::Select(_)) => Count::Through,
            _ => Count::Own,
        },
        _ => Count::Own,
    }
}
