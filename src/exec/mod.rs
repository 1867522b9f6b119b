//! Physical operators and kernels.
