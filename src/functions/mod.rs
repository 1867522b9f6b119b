//! The table of all functions: the only place that knows one.
//!
//! Type check, planner, `ferula functions`, completion and documentation read the same entry.
//! An entry stands beside its kernel in a file of its family; [`all`] joins the families.

use crate::syntax::ast::ValueType;
use std::sync::LazyLock;
#[cfg(feature = "engine")]
pub(crate) mod bounds;
#[cfg(feature = "engine")]
pub(crate) mod column;
#[cfg(feature = "engine")]
pub(crate) mod cursor;
#[cfg(feature = "engine")]
pub(crate) mod floats;
#[cfg(feature = "engine")]
pub(crate) mod kernel;
#[cfg(feature = "engine")]
pub(crate) mod native;

/// What a function needs of the native histograms that selectors below it read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HistogramReading {
    /// Count, sum and counter-reset hint.
    Stats,
    /// All, whatever stands above.
    Whole,
}

/// One function of PromQL.
pub struct Function {
    /// Its name, case-sensitive.
    pub name: &'static str,
    /// Types of the arguments; extra ones of a variadic function have the last type.
    pub args: &'static [ValueType],
    /// 0: exactly `args`; n > 0: at least `args.len() − 1`, at most `args.len() − 1 + n`;
    /// −1: at least `args.len() − 1`, no limit.
    pub variadic: i32,
    /// Type of the result.
    pub returns: ValueType,
    /// Behind the feature flag `promql-experimental-functions`.
    pub experimental: bool,
    /// Its value changes with the step even where its arguments do not.
    pub timed: bool,
    /// How much it reads of native histograms somewhere below it, if that differs from all.
    pub reads: Option<HistogramReading>,
    /// What it looks at of floats.
    pub floats: FloatReading,
    /// The labels of its arguments that it needs, if others than its kind of function: all where
    /// it opens itself, else those that its result needs.
    pub labels: Option<LabelReading>,
    /// An argument that is a bare selector is read by itself, at the samples' own times or for
    /// their labels.
    pub selector: bool,
    /// Its range vector may be `anchored`.
    pub anchored: bool,
    /// Its range vector may be `smoothed`.
    pub smoothed: bool,
    /// One sentence on what it computes.
    pub doc: &'static str,
    /// An example expression.
    pub example: &'static str,
    /// How it is computed.
    #[cfg(feature = "engine")]
    #[allow(dead_code)] // read by the planner
    pub(crate) kernel: kernel::Kernel,
}

/// What a function looks at of the floats of its vectors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FloatReading {
    /// Times and values.
    Values,
    /// Times alone: it counts samples, looks whether there are any, or tells their times.
    Times,
    /// Nothing: the values are in its result as they were.
    Through,
}

/// What labels a function needs of its arguments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LabelReading {
    /// Those that its result needs, and `le`.
    WithLe,
    /// None.
    None,
}

impl Function {
    /// The smallest number of arguments.
    ///
    /// ```
    /// let round = ferula::functions::find("round").unwrap();
    /// assert_eq!((round.min_args(), round.max_args()), (1, Some(2)));
    /// ```
    pub fn min_args(&self) -> usize {
        if self.variadic == 0 { self.args.len() } else { self.args.len().saturating_sub(1) }
    }
    /// The largest number of arguments; `None`: no limit.
    pub fn max_args(&self) -> Option<usize> {
        match self.variadic {
            0 => Some(self.args.len()),
            n => usize::try_from(n).ok().map(|n| self.args.len().saturating_sub(1) + n),
        }
    }
    /// The type that argument `index` must have; those past the table's end have the last type.
    pub fn arg_type(&self, index: usize) -> Option<ValueType> {
        self.args.get(index).or(self.args.last()).copied()
    }
    /// The argument that must be a bare brace selector, counted from 0: it chooses labels, and so
    /// may be empty. `info` alone has one.
    pub fn selector_arg(&self) -> Option<usize> {
        (self.name == "info").then_some(1)
    }
    /// The signature for people: `round(instant vector, [scalar]) → instant vector`.
    pub fn signature(&self) -> String {
        let mut text = format!("{}(", self.name);
        for (i, arg) in self.args.iter().enumerate() {
            if i > 0 {
                text.push_str(", ");
            }
            let last = i + 1 == self.args.len();
            match (last && self.variadic != 0, self.variadic) {
                (false, _) => text.push_str(arg.name()),
                (true, 1) => text.push_str(&format!("[{}]", arg.name())),
                (true, _) => text.push_str(&format!("[{}…]", arg.name())),
            }
        }
        text.push_str(") → ");
        text.push_str(self.returns.name());
        text
    }
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
    find_bytes(name.as_bytes())
}

/// The function of a name that need not be UTF-8.
pub(crate) fn find_bytes(name: &[u8]) -> Option<&'static Function> {
    BY_NAME.get(slot(name)?)?.iter().find(|f| f.name.as_bytes() == name).copied()
}

/// Names of a slot of [`BY_NAME`] are few: their length and two letters tell them apart.
fn slot(name: &[u8]) -> Option<usize> {
    let (first, last) = (*name.first()?, *name.last()?);
    let middle = *name.get(name.len() / 2)?;
    Some((name.len() * 37 + usize::from(first) * 7 + usize::from(middle) * 3 + usize::from(last)) % SLOTS)
}

const SLOTS: usize = 256;

/// All functions by [`slot`], so that finding one compares one name or two.
static BY_NAME: LazyLock<Vec<Vec<&'static Function>>> = LazyLock::new(|| {
    let mut slots = vec![Vec::new(); SLOTS];
    for function in all() {
        if let Some(slot) = slot(function.name.as_bytes()).and_then(|slot| slots.get_mut(slot)) {
            slot.push(function);
        }
    }
    slots
});

/// The families of functions: a name for people, and the functions.
pub fn families() -> impl Iterator<Item = (&'static str, &'static [Function])> {
    FAMILIES.iter().copied()
}

/// All functions, family by family.
pub fn all() -> impl Iterator<Item = &'static Function> {
    FAMILIES.iter().flat_map(|(_, functions)| functions.iter())
}

/// One row of the table. `S`, `V`, `M` and `T` are the types scalar, instant vector, range
/// vector and text; a number after the arguments is [`Function::variadic`]; the words
/// `experimental`, `timed`, `stats`, `whole`, `times`, `through`, `le`, `unlabelled`, `selector`,
/// `anchored` and `smoothed` may follow the result. The kernel is left out where the crate is built as a parser alone.
macro_rules! function {
    ($name:ident ($($arg:ident),*) $($variadic:literal)? -> $returns:ident $($flag:ident)*;
     $doc:literal; $example:literal; $kernel:expr) => {
        $crate::functions::Function {
            name: stringify!($name),
            args: &[$(function!(@type $arg)),*],
            variadic: 0 $(+ $variadic)?,
            returns: function!(@type $returns),
            experimental: false $(|| function!(@experimental $flag))*,
            timed: false $(|| function!(@timed $flag))*,
            reads: function!(@reads $($flag)*),
            floats: function!(@floats $($flag)*),
            labels: function!(@labels $($flag)*),
            selector: false $(|| function!(@selector $flag))*,
            anchored: false $(|| function!(@anchored $flag))*,
            smoothed: false $(|| function!(@smoothed $flag))*,
            doc: $doc,
            example: $example,
            #[cfg(feature = "engine")]
            kernel: $kernel,
        }
    };
    (@experimental experimental) => { true };
    (@experimental $other:ident) => { false };
    (@timed timed) => { true };
    (@timed $other:ident) => { false };
    (@reads) => { None };
    (@reads stats $($rest:ident)*) => { Some($crate::functions::HistogramReading::Stats) };
    (@reads whole $($rest:ident)*) => { Some($crate::functions::HistogramReading::Whole) };
    (@reads $other:ident $($rest:ident)*) => { function!(@reads $($rest)*) };
    (@floats) => { $crate::functions::FloatReading::Values };
    (@floats times $($rest:ident)*) => { $crate::functions::FloatReading::Times };
    (@floats through $($rest:ident)*) => { $crate::functions::FloatReading::Through };
    (@floats $other:ident $($rest:ident)*) => { function!(@floats $($rest)*) };
    (@labels) => { None };
    (@labels le $($rest:ident)*) => { Some($crate::functions::LabelReading::WithLe) };
    (@labels unlabelled $($rest:ident)*) => { Some($crate::functions::LabelReading::None) };
    (@labels $other:ident $($rest:ident)*) => { function!(@labels $($rest)*) };
    (@selector selector) => { true };
    (@selector $other:ident) => { false };
    (@anchored anchored) => { true };
    (@anchored $other:ident) => { false };
    (@smoothed smoothed) => { true };
    (@smoothed $other:ident) => { false };
    (@type S) => { $crate::syntax::ast::ValueType::Scalar };
    (@type V) => { $crate::syntax::ast::ValueType::InstantVector };
    (@type M) => { $crate::syntax::ast::ValueType::RangeVector };
    (@type T) => { $crate::syntax::ast::ValueType::String };
}

#[cfg(feature = "engine")]
pub(crate) mod calendar;
mod date;
mod histogram;
mod info;
mod label;
mod math;
#[cfg(feature = "engine")]
mod natural;
mod over_time;
mod presence;
pub(crate) mod range;
#[cfg(feature = "engine")]
mod sample_time;
mod scalar;
mod sort;
mod trig;

/// Families by the name that people know them by.
const FAMILIES: &[(&str, &[Function])] = &[
    ("maths", math::FUNCTIONS),
    ("trigonometry", trig::FUNCTIONS),
    ("dates", date::FUNCTIONS),
    ("scalars", scalar::FUNCTIONS),
    ("labels", label::FUNCTIONS),
    ("order", sort::FUNCTIONS),
    ("presence", presence::FUNCTIONS),
    ("change over a window", range::FUNCTIONS),
    ("aggregation over a window", over_time::FUNCTIONS),
    ("histograms", histogram::FUNCTIONS),
    ("info metrics", info::FUNCTIONS),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_73_stable_and_18_experimental_functions() {
        assert_eq!(all().filter(|f| !f.experimental).count(), 73);
        assert_eq!(all().filter(|f| f.experimental).count(), 18);
    }

    #[test]
    fn each_is_found_by_its_name() {
        for function in all() {
            assert_eq!(find(function.name), Some(function));
        }
        assert_eq!((find(""), find("rates"), find("Rate")), (None, None, None));
        assert!(BY_NAME.iter().all(|slot| slot.len() <= 4), "too many names in one slot");
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = all().map(|f| f.name).collect();
        names.sort_unstable();
        let total = names.len();
        names.dedup();
        assert_eq!(names.len(), total);
    }

    #[test]
    fn signatures_show_what_may_be_left_out() {
        let signature = |name| find(name).map(Function::signature).unwrap_or_default();
        assert_eq!(signature("round"), "round(instant vector, [scalar]) → instant vector");
        assert_eq!(signature("sort_by_label"), "sort_by_label(instant vector, [string…]) → instant vector");
        assert_eq!(signature("pi"), "pi() → scalar");
    }

    #[test]
    fn arity_follows_the_variadic_number() {
        let arity = |name| find(name).map(|f| (f.min_args(), f.max_args()));
        assert_eq!(arity("label_join"), Some((3, None)));
        assert_eq!(arity("histogram_quantiles"), Some((3, Some(12))));
        assert_eq!(arity("hour"), Some((0, Some(1))));
        assert_eq!(arity("clamp"), Some((3, Some(3))));
    }
}
