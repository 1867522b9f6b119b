//! Functions that tell whether anything is there.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::Kernel;

pub(super) const FUNCTIONS: &[Function] = &[
    function! { absent (V) -> V;
    "1 if the vector has no elements, otherwise nothing.";
    r#"absent(up{job="api"})"#;
    Kernel::Unimplemented },
    function! { absent_over_time (M) -> V;
    "1 if no series has a sample in the window, otherwise nothing.";
    r#"absent_over_time(up{job="api"}[1h])"#;
    Kernel::Unimplemented },
    function! { present_over_time (M) -> V;
    "1 for each series with a sample in the window.";
    "present_over_time(up[1h])";
    Kernel::Unimplemented },
];
