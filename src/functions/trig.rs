//! Trigonometry: elementwise, in radians.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::Kernel;
#[cfg(feature = "engine")]
use crate::model::float;

pub(super) const FUNCTIONS: &[Function] = &[
    function! { sin (V) -> V;
    "The sine of each sample, taken in radians.";
    "sin(angle_radians)";
    Kernel::Float(|v, _| Some(float::sin(v))) },
    function! { cos (V) -> V;
    "The cosine of each sample, taken in radians.";
    "cos(angle_radians)";
    Kernel::Float(|v, _| Some(float::cos(v))) },
    function! { tan (V) -> V;
    "The tangent of each sample, taken in radians.";
    "tan(angle_radians)";
    Kernel::Float(|v, _| Some(float::tan(v))) },
    function! { asin (V) -> V;
    "The inverse sine of each sample, in radians.";
    "asin(ratio)";
    Kernel::Float(|v, _| Some(float::asin(v))) },
    function! { acos (V) -> V;
    "The inverse cosine of each sample, in radians.";
    "acos(ratio)";
    Kernel::Float(|v, _| Some(float::acos(v))) },
    function! { atan (V) -> V;
    "The inverse tangent of each sample, in radians.";
    "atan(ratio)";
    Kernel::Float(|v, _| Some(float::atan(v))) },
    function! { sinh (V) -> V;
    "The hyperbolic sine of each sample.";
    "sinh(ratio)";
    Kernel::Float(|v, _| Some(float::sinh(v))) },
    function! { cosh (V) -> V;
    "The hyperbolic cosine of each sample.";
    "cosh(ratio)";
    Kernel::Float(|v, _| Some(float::cosh(v))) },
    function! { tanh (V) -> V;
    "The hyperbolic tangent of each sample.";
    "tanh(ratio)";
    Kernel::Float(|v, _| Some(float::tanh(v))) },
    function! { asinh (V) -> V;
    "The inverse hyperbolic sine of each sample.";
    "asinh(ratio)";
    Kernel::Float(|v, _| Some(float::asinh(v))) },
    function! { acosh (V) -> V;
    "The inverse hyperbolic cosine of each sample.";
    "acosh(ratio)";
    Kernel::Float(|v, _| Some(float::acosh(v))) },
    function! { atanh (V) -> V;
    "The inverse hyperbolic tangent of each sample.";
    "atanh(ratio)";
    Kernel::Float(|v, _| Some(float::atanh(v))) },
    function! { deg (V) -> V;
    "Each sample turned from radians into degrees.";
    "deg(heading_radians)";
    Kernel::Float(|v, _| Some(v * (180.0 / std::f64::consts::PI))) },
    function! { rad (V) -> V;
    "Each sample turned from degrees into radians.";
    "rad(heading_degrees)";
    Kernel::Float(|v, _| Some(v * (std::f64::consts::PI / 180.0))) },
];
