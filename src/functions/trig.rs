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
    Kernel::Float(|rows| rows.each_point(float::sin)) },
    function! { cos (V) -> V;
    "The cosine of each sample, taken in radians.";
    "cos(angle_radians)";
    Kernel::Float(|rows| rows.each_point(float::cos)) },
    function! { tan (V) -> V;
    "The tangent of each sample, taken in radians.";
    "tan(angle_radians)";
    Kernel::Float(|rows| rows.each_point(float::tan)) },
    function! { asin (V) -> V;
    "The inverse sine of each sample, in radians.";
    "asin(ratio)";
    Kernel::Float(|rows| rows.each_point(float::asin)) },
    function! { acos (V) -> V;
    "The inverse cosine of each sample, in radians.";
    "acos(ratio)";
    Kernel::Float(|rows| rows.each_point(float::acos)) },
    function! { atan (V) -> V;
    "The inverse tangent of each sample, in radians.";
    "atan(ratio)";
    Kernel::Float(|rows| rows.each_point(float::atan)) },
    function! { sinh (V) -> V;
    "The hyperbolic sine of each sample.";
    "sinh(ratio)";
    Kernel::Float(|rows| rows.each_point(float::sinh)) },
    function! { cosh (V) -> V;
    "The hyperbolic cosine of each sample.";
    "cosh(ratio)";
    Kernel::Float(|rows| rows.each_point(float::cosh)) },
    function! { tanh (V) -> V;
    "The hyperbolic tangent of each sample.";
    "tanh(ratio)";
    Kernel::Float(|rows| rows.each_point(float::tanh)) },
    function! { asinh (V) -> V;
    "The inverse hyperbolic sine of each sample.";
    "asinh(ratio)";
    Kernel::Float(|rows| rows.each_point(float::asinh)) },
    function! { acosh (V) -> V;
    "The inverse hyperbolic cosine of each sample.";
    "acosh(ratio)";
    Kernel::Float(|rows| rows.each_point(float::acosh)) },
    function! { atanh (V) -> V;
    "The inverse hyperbolic tangent of each sample.";
    "atanh(ratio)";
    Kernel::Float(|rows| rows.each_point(float::atanh)) },
    function! { deg (V) -> V;
    "Each sample turned from radians into degrees.";
    "deg(heading_radians)";
    Kernel::Float(|rows| rows.each(|v| v * (180.0 / std::f64::consts::PI))) },
    function! { rad (V) -> V;
    "Each sample turned from degrees into radians.";
    "rad(heading_degrees)";
    Kernel::Float(|rows| rows.each(|v| v * (std::f64::consts::PI / 180.0))) },
];
