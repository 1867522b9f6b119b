//! The tree of a plan.

use super::places::Places;
use super::type_name;
use crate::engine::PlanNode;
use serde::Serialize;
use std::time::Duration;

/// A node as JavaScript gets it, its inputs inside.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Node {
    id: usize,
    from: u32,
    to: u32,
    op: &'static str,
    text: String,
    #[serde(rename = "type")]
    value_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    measured: Option<Measured>,
    children: Vec<Node>,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Measured {
    series: u64,
    points: u64,
    samples: u64,
    self_ms: f64,
    total_ms: f64,
}

/// Makes the tree of a list of nodes; `None` where there is no node.
pub(super) fn tree(nodes: &[PlanNode], text: &str) -> Option<Node> {
    let places = Places::of(text);
    let ms = |d: Duration| d.as_secs_f64() * 1000.0;
    let mut made: Vec<Option<Node>> = Vec::with_capacity(nodes.len());
    for (id, node) in nodes.iter().enumerate() {
        let query = text.get(node.span.start as usize..node.span.end as usize).map(str::to_owned);
        made.push(Some(Node {
            id,
            from: places.utf16(node.span.start),
            to: places.utf16(node.span.end),
            op: node.operator,
            text: node.text.clone(),
            value_type: type_name(node.value_type),
            query: query.filter(|q| !q.is_empty()),
            measured: node.measured.map(|m| Measured {
                series: m.series,
                points: m.points,
                samples: m.samples,
                self_ms: ms(m.own),
                total_ms: ms(m.total),
            }),
            children: Vec::new(),
        }));
    }
    // Inputs come after their node: going backwards, each is whole before it is put in its place.
    for id in (1..made.len()).rev() {
        let Some(mut node) = made.get_mut(id).and_then(Option::take) else { continue };
        node.children.reverse();
        let parent = nodes.get(id).and_then(|n| n.parent).and_then(|parent| made.get_mut(parent)).and_then(Option::as_mut);
        if let Some(parent) = parent {
            parent.children.push(node);
        }
    }
    let mut root = made.into_iter().next().flatten()?;
    root.children.reverse();
    Some(root)
}
