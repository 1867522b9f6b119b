//! Functions that write labels.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::Kernel;

pub(super) const FUNCTIONS: &[Function] = &[
    function! { label_replace (V, T, T, T, T) -> V;
    "Sets a label to a replacement text if a regular expression matches another label.";
    r#"label_replace(up, "host", "$1", "instance", "(.*):.*")"#;
    Kernel::Unimplemented },
    function! { label_join (V, T, T, T) -1 -> V;
    "Sets a label to the values of other labels, joined by a separator.";
    r#"label_join(up, "target", "/", "job", "instance")"#;
    Kernel::Unimplemented },
];
