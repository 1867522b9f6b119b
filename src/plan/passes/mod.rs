//! Rewrites of the plan. Each does one thing, can be switched off ([`PlanPasses`]), is shown by
//! `explain`, and leaves every answer, error and annotation as it is.
//!
//! Called by [`super::plan`] alone, in the order of the list here.

mod fold;
mod project;
mod propagate;
pub(crate) mod share;
mod times;

use super::lower::Tally;
use super::{Node, Shares};
use crate::engine::EngineOptions;

/// Which rewrites of the plan are made: all, unless switched off. Answers do not depend on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct PlanPasses {
    /// What is made of literals alone becomes one number.
    pub fold_constants: bool,
    /// What one side of an operator is asked for, the other is asked for too, where the rest of it
    /// would find no partner.
    pub propagate_matchers: bool,
    /// Sources are told which labels are looked at.
    pub project_labels: bool,
    /// What stands in a query more than once is evaluated once.
    pub share_subtrees: bool,
    /// Of samples that are only counted, or only looked for, no values are read.
    pub skip_values: bool,
}

impl Default for PlanPasses {
    fn default() -> Self {
        PlanPasses { fold_constants: true, propagate_matchers: true, project_labels: true, share_subtrees: true, skip_values: true }
    }
}

impl PlanPasses {
    /// No rewrites at all.
    pub fn none() -> PlanPasses {
        PlanPasses { fold_constants: false, propagate_matchers: false, project_labels: false, share_subtrees: false, skip_values: false }
    }
}

/// What a pass did, for `explain`: its name, and how many places it changed.
pub(crate) type Done = (&'static str, usize);

/// Rewrites a plan; tells what each pass did, and which nodes are evaluated once.
pub(super) fn apply(root: &mut Node, tally: &Tally, options: &EngineOptions) -> (Vec<Done>, Shares) {
    let passes = options.passes;
    let mut done = Vec::new();
    let mut tell = |pass: &'static str, count: usize| {
        if count > 0 {
            done.push((pass, count));
        }
    };
    if passes.fold_constants && tally.invariants > 0 {
        tell("fold constants", fold::fold(root));
    }
    let several = tally.selectors > 1;
    if passes.propagate_matchers && several && !options.type_and_unit_labels {
        tell("propagate matchers", propagate::propagate(root));
    }
    let mut shares = Shares::default();
    if passes.share_subtrees && several {
        shares = share::share(root);
        tell("share subtrees", shares.len());
    }
    if passes.project_labels {
        tell("project labels", project::project(root, &shares));
    }
    if passes.skip_values {
        tell("skip values", times::skip_values(root, &shares));
    }
    (done, shares)
}
