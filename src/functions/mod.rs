//! The table of all functions: the only place that knows one.
//!
//! Type check, planner, `ferula functions`, completion and documentation read the same entry.
//! An entry stands beside its kernel in a file of its family; [`all`] joins the families.

use crate::syntax::ast::ValueType;
#[cfg(feature = "engine")]
pub(crate) mod kernel;

/// One function of PromQL.
pub struct Function {
    /// Its name, case-sensitive.
    pub name: &'static str,
    /// Types of the arguments; extra ones of a variadic function have the last type.
    pub args: &'static [ValueType],
    /// 0: exactly `args`; n > 0: up to n−1 fewer… as the reference's table has it: at least
    /// `args.len() − 1`, at most `args.len() − 1 + n`; −1: at least `args.len() − 1`, no limit.
    pub variadic: i32,
    /// Type of the result.
    pub returns: ValueType,
    /// Behind the feature flag `promql-experimental-functions`.
    pub experimental: bool,
    /// One sentence on what it computes.
    pub doc: &'static str,
    /// An example expression.
    pub example: &'static str,
    /// How it is computed.
    #[cfg(feature = "engine")]
    pub(crate) kernel: kernel::Kernel,
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The function of a name.
pub fn find(name: &str) -> Option<&'static Function> {
    all().find(|f| f.name == name)
}

/// All functions, family by family.
pub fn all() -> impl Iterator<Item = &'static Function> {
    FAMILIES.iter().flat_map(|f| f.iter())
}

const FAMILIES: &[&[Function]] = &[];
