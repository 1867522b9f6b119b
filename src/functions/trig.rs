//! Trigonometry: elementwise, in radians.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::Kernel;

pub(super) const FUNCTIONS: &[Function] = &[
    function! { sin (V) -> V;
    "The sine of each sample, taken in radians.";
    "sin(angle_radians)";
    Kernel::Unimplemented },
    function! { cos (V) -> V;
    "The cosine of each sample, taken in radians.";
    "cos(angle_radians)";
    Kernel::Unimplemented },
    function! { tan (V) -> V;
    "The tangent of each sample, taken in radians.";
    "tan(angle_radians)";
    Kernel::Unimplemented },
    function! { asin (V) -> V;
    "The inverse sine of each sample, in radians.";
    "asin(ratio)";
    Kernel::Unimplemented },
    function! { acos (V) -> V;
    "The inverse cosine of each sample, in radians.";
    "acos(ratio)";
    Kernel::Unimplemented },
    function! { atan (V) -> V;
    "The inverse tangent of each sample, in radians.";
    "atan(ratio)";
    Kernel::Unimplemented },
    function! { sinh (V) -> V;
    "The hyperbolic sine of each sample.";
    "sinh(ratio)";
    Kernel::Unimplemented },
    function! { cosh (V) -> V;
    "The hyperbolic cosine of each sample.";
    "cosh(ratio)";
    Kernel::Unimplemented },
    function! { tanh (V) -> V;
    "The hyperbolic tangent of each sample.";
    "tanh(ratio)";
    Kernel::Unimplemented },
    function! { asinh (V) -> V;
    "The inverse hyperbolic sine of each sample.";
    "asinh(ratio)";
    Kernel::Unimplemented },
    function! { acosh (V) -> V;
    "The inverse hyperbolic cosine of each sample.";
    "acosh(ratio)";
    Kernel::Unimplemented },
    function! { atanh (V) -> V;
    "The inverse hyperbolic tangent of each sample.";
    "atanh(ratio)";
    Kernel::Unimplemented },
    function! { deg (V) -> V;
    "Each sample turned from radians into degrees.";
    "deg(heading_radians)";
    Kernel::Unimplemented },
    function! { rad (V) -> V;
    "Each sample turned from degrees into radians.";
    "rad(heading_degrees)";
    Kernel::Unimplemented },
];
