//! How functions are computed: one shape of kernel for each kind of function.

/// How a function is computed.
pub(crate) enum Kernel {}
