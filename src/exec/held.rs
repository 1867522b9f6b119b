//! The sample budget: how many points are held while each node of a plan runs.

use crate::plan::Node;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What each node holds, by rank.
#[derive(Default)]
pub(super) struct Held {
    parent: Vec<u32>,
    /// Children of a node in the order of their evaluation.
    children: Vec<Vec<u32>>,
    nodes: Vec<Own>,
}

/// What one node holds.
#[derive(Default)]
struct Own {
    points: AtomicU64,
    /// What it needs beside them while it runs, at most.
    transient: AtomicU64,
    /// Its points stand in the place of its arguments.
    instead: AtomicBool,
}

impl Held {
    pub(super) fn new(plan: &Node) -> Held {
        let mut held = Held::default();
        let mut stack = vec![(plan, u32::MAX)];
        while let Some((node, parent)) = stack.pop() {
            let id = node.rank as usize;
            if held.parent.len() <= id {
                held.parent.resize(id + 1, u32::MAX);
                held.children.resize_with(id + 1, Vec::new);
            }
            held.parent[id] = parent;
            let children = node.children();
            held.children[id] = children.iter().map(|c| c.rank).collect();
            stack.extend(children.into_iter().map(|c| (c, node.rank)));
        }
        held.nodes.resize_with(held.parent.len(), Own::default);
        held
    }

    /// Adds to a node's points, and gives at least a part of what is held while it runs: its own,
    /// those of its arguments, and finished results that wait beside the path to the root.
    pub(super) fn add(&self, node: u32, points: u64, transient: u64) -> u64 {
        let Some(own) = self.nodes.get(node as usize) else { return 0 };
        own.points.fetch_add(points, Ordering::Relaxed);
        own.transient.fetch_max(transient, Ordering::Relaxed);
        self.at(node).saturating_add(self.waiting(node))
    }

    /// The same for points that take the place of the node's arguments.
    pub(super) fn replace(&self, node: u32, points: u64) -> u64 {
        if let Some(own) = self.nodes.get(node as usize) {
            own.instead.store(true, Ordering::Relaxed);
        }
        self.add(node, points, 0)
    }

    /// The node that holds the most, and how much.
    pub(super) fn most<'p>(&self, plan: &'p Node) -> (&'p Node, u64) {
        let mut most = (plan, 0);
        let mut stack = vec![(plan, 0u64)];
        while let Some((node, mut waiting)) = stack.pop() {
            let held = self.at(node.rank).saturating_add(waiting);
            if held > most.1 {
                most = (node, held);
            }
            for child in node.children() {
                stack.push((child, waiting));
                waiting = waiting.saturating_add(self.points(child.rank));
            }
        }
        most
    }

    fn points(&self, node: u32) -> u64 {
        self.nodes.get(node as usize).map_or(0, |own| own.points.load(Ordering::Relaxed))
    }

    /// What a node and its arguments hold.
    fn at(&self, node: u32) -> u64 {
        let Some(own) = self.nodes.get(node as usize) else { return 0 };
        let points = own.points.load(Ordering::Relaxed);
        if own.instead.load(Ordering::Relaxed) {
            return points;
        }
        let arguments = self.children[node as usize].iter().map(|child| self.points(*child));
        arguments.fold(points.saturating_add(own.transient.load(Ordering::Relaxed)), u64::saturating_add)
    }

    /// Finished results beside the path from a node to the root, the nearest only: this is for
    /// stopping early, and a chain may have ten thousand operands.
    fn waiting(&self, node: u32) -> u64 {
        const NEAREST: usize = 64;
        let (mut total, mut below) = (0u64, node);
        for _ in 0..NEAREST {
            let Some(&parent) = self.parent.get(below as usize).filter(|parent| **parent != u32::MAX) else { break };
            let before = self.children[parent as usize].iter().take_while(|child| **child != below);
            total = before.map(|child| self.points(*child)).fold(total, u64::saturating_add);
            below = parent;
        }
        total
    }
}
