//! The plan as readable text.

use super::{Kind, Node, Plan, Select, Shares};
use crate::model::deep;
use crate::syntax::ast::{Cardinality, Matching};
use std::fmt::Write;

impl Plan {
    /// The whole plan, a line a node, inputs indented below; then what the passes did.
    pub(crate) fn explain(&self) -> String {
        let mut out = String::new();
        self.root.explain_into(0, &self.shares, &mut out);
        for (pass, count) in &self.done {
            let _ = writeln!(out, "pass: {pass}, {count} {}", if *count == 1 { "place" } else { "places" });
        }
        out
    }
}

impl Node {
    /// One line: the operator and its own settings, without its inputs.
    pub(crate) fn describe(&self) -> String {
        match &self.kind {
            Kind::Number(v) | Kind::Folded { value: v, .. } => format!("number {}", crate::model::number::format_f(*v)),
            Kind::Text(t) => format!("string {}", crate::model::quote::quote(t.as_bytes())),
            Kind::Select(s) => format!("select {}", selector(s)),
            Kind::Range(s, range) => format!("select {} range {}", selector(s), duration(*range)),
            Kind::Subquery(s) => {
                let mut text = format!("subquery range {} step {}", duration(s.range), duration(s.step));
                times(&mut text, s.offset, s.pin, s.slide);
                text
            }
            Kind::Call { function, .. } => format!("call {}", function.name),
            Kind::Aggregate { op, grouping, .. } => {
                let labels = grouping.labels.join(", ");
                match (grouping.without, labels.is_empty()) {
                    (true, _) => format!("aggregate {} without ({labels})", op.as_str()),
                    (false, true) => format!("aggregate {}", op.as_str()),
                    (false, false) => format!("aggregate {} by ({labels})", op.as_str()),
                }
            }
            Kind::Binary { op, return_bool, matching, .. } => {
                let mut text = format!("binary {}{}", op.as_str(), if *return_bool { " bool" } else { "" });
                if let Some(m) = matching {
                    matching_text(m, &mut text);
                }
                text
            }
            Kind::Negate(_) => "negate".into(),
            Kind::Invariant(_) => "once, the same at every step".into(),
        }
    }

    /// Every selector below, in the order of the text.
    pub(crate) fn selections(&self) -> Vec<crate::engine::QuerySelection> {
        let mut found = Vec::new();
        let mut stack = vec![self];
        while let Some(node) = stack.pop() {
            if let Kind::Select(s) | Kind::Range(s, _) = &node.kind {
                found.push(crate::engine::QuerySelection { matchers: s.own_matchers().to_vec(), range: s.window, hints: s.hints.clone() });
            }
            stack.extend(node.children().into_iter().rev());
        }
        found
    }

    fn explain_into(&self, level: usize, shares: &Shares, out: &mut String) {
        deep(|| {
            let _ = write!(out, "{:indent$}{}", "", self.describe(), indent = 2 * level.min(100));
            if let Some(group) = shares.group(self) {
                let _ = write!(out, ", evaluated once #{group}");
            }
            out.push('\n');
            for child in self.children() {
                child.explain_into(level + 1, shares, out);
            }
        });
    }
}

/// The matching as it is written; nothing where it is the default.
fn matching_text(m: &Matching, text: &mut String) {
    let group = match m.cardinality {
        Cardinality::ManyToOne => Some("group_left"),
        Cardinality::OneToMany => Some("group_right"),
        Cardinality::OneToOne | Cardinality::ManyToMany => None,
    };
    if m.on || !m.labels.is_empty() || group.is_some() {
        let _ = write!(text, " {} ({})", if m.on { "on" } else { "ignoring" }, m.labels.join(", "));
    }
    if let Some(group) = group {
        let _ = write!(text, " {group} ({})", m.include.join(", "));
    }
    for (side, fill) in [("fill_left", m.fill_left), ("fill_right", m.fill_right)] {
        if let Some(value) = fill {
            let _ = write!(text, " {side} ({})", crate::model::number::format_g(value));
        }
    }
}

fn duration(ms: i64) -> String {
    crate::model::duration::format_ms(ms)
}

fn selector(s: &Select) -> String {
    let matchers: Vec<String> =
        s.matchers.iter().map(|m| format!("{}{}{}", m.name, m.op, crate::model::quote::quote(m.value.as_bytes()))).collect();
    let mut text = format!("{{{}}}", matchers.join(","));
    times(&mut text, s.offset, s.pin, s.slide);
    if let Some(extension) = s.extension {
        let _ = write!(text, " {}", if extension == crate::syntax::ast::Extension::Anchored { "anchored" } else { "smoothed" });
    }
    if s.histogram_stats {
        text.push_str(" of histograms only count and sum");
    }
    if !s.values {
        text.push_str(" times alone");
    }
    let _ = write!(text, " reads [{}, {}] ms", s.window.start, s.window.end);
    text
}

fn times(text: &mut String, offset: i64, pin: Option<i64>, slide: Option<i64>) {
    if let Some(t) = pin.or(slide) {
        let _ = write!(text, " @ {t} ms");
    }
    if offset != 0 {
        let _ = write!(text, " offset {}", if offset < 0 { format!("-{}", duration(offset.saturating_neg())) } else { duration(offset) });
    }
}
