//! Numbers as Go prints and reads them.

/// `%g`: the shortest digits, an exponent below 1e-4 and (in Go's `%v`) from 1e21 on.
pub fn format_g(value: f64) -> String {
    value.to_string()
}
