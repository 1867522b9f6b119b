//! Functions that order the result of an instant query.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::Kernel;

pub(super) const FUNCTIONS: &[Function] = &[
    function! { sort (V) -> V;
    "The float samples in ascending order of value.";
    "sort(node_load1)";
    Kernel::Unimplemented },
    function! { sort_desc (V) -> V;
    "The float samples in descending order of value.";
    "sort_desc(node_load1)";
    Kernel::Unimplemented },
    function! { sort_by_label (V, T) -1 -> V experimental;
    "The samples in ascending natural order of the given labels.";
    r#"sort_by_label(up, "instance")"#;
    Kernel::Unimplemented },
    function! { sort_by_label_desc (V, T) -1 -> V experimental;
    "The samples in descending natural order of the given labels.";
    r#"sort_by_label_desc(up, "instance")"#;
    Kernel::Unimplemented },
];
