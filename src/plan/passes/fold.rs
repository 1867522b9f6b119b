//! Constant folding: what is made of literals alone becomes one number.
//!
//! The number counts in the sample budget for what evaluating the expression would have held, so
//! that no query passes or fails by it.

use crate::exec::binary::of_scalars;
use crate::functions::kernel::Kernel;
use crate::model::deep;
use crate::plan::{Kind, Node};

/// Folds constants; gives how many expressions were.
pub(super) fn fold(root: &mut Node) -> usize {
    walk(root, false)
}

/// `once` tells whether the node is evaluated at one step: so is all that is the same at every
/// step, but for what subqueries ask.
fn walk(node: &mut Node, once: bool) -> usize {
    let once = match node.kind {
        Kind::Number(_) | Kind::Text(_) | Kind::Select(_) | Kind::Range(..) => return 0,
        Kind::Subquery(_) => false,
        Kind::Invariant(_) => true,
        _ => once,
    };
    if once && let Some(Constant { value, held }) = constant(node) {
        node.kind = Kind::Folded { value, held };
        return 1;
    }
    deep(|| node.children_mut().into_iter().map(|child| walk(child, once)).sum())
}

/// A number, and the most points that are held while it is worked out at one step.
#[derive(Clone, Copy)]
struct Constant {
    value: f64,
    held: u64,
}

fn constant(node: &Node) -> Option<Constant> {
    let arguments = |nodes: &[&Node]| deep(|| nodes.iter().map(|node| constant(node)).collect::<Option<Vec<_>>>());
    match &node.kind {
        Kind::Number(value) => Some(Constant { value: *value, held: 1 }),
        Kind::Invariant(child) => constant(child),
        // Works in place.
        Kind::Negate(child) => arguments(&[child]).map(|args| Constant { value: -args[0].value, ..args[0] }),
        Kind::Binary { op, lhs, rhs, .. } => {
            let args = arguments(&[lhs, rhs])?;
            let value = *of_scalars(*op, &[args[0].value], &[args[1].value])?.first()?;
            Some(Constant { value, held: held(&args) })
        }
        Kind::Call { function, args } => {
            let Kernel::Scalar(f) = function.kernel else { return None };
            let args = arguments(&args.iter().collect::<Vec<_>>())?;
            let value = f(&args.iter().map(|arg| arg.value).collect::<Vec<_>>());
            Some(Constant { value, held: held(&args) })
        }
        _ => None,
    }
}

/// Arguments wait for those after them; then there is the result, beside them and what is gathered
/// of them for one step.
fn held(args: &[Constant]) -> u64 {
    let last = 1 + 2 * args.len() as u64;
    (0..).zip(args).map(|(waiting, arg)| waiting + arg.held).fold(last, u64::max)
}
