//! How functions are computed: one shape of kernel for each kind of function.

/// How a function is computed.
pub(crate) enum Kernel {
    /// Known to the parser, not computed yet.
    #[allow(dead_code)] // until every entry has its kernel
    Unimplemented,
}
