//! What callers choose.

use crate::engine::EngineOptions;
use crate::syntax::ParseOptions;
use serde::Deserialize;
use std::time::Duration;

/// What the language allows beyond the stable one.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct LanguageOptions {
    pub(super) experimental_functions: bool,
    pub(super) binop_fill_modifiers: bool,
    pub(super) unquoted_utf8_names: bool,
}

impl LanguageOptions {
    pub(super) fn parser(self) -> ParseOptions {
        ParseOptions {
            experimental_functions: self.experimental_functions,
            binop_fill_modifiers: self.binop_fill_modifiers,
            unquoted_utf8_names: self.unquoted_utf8_names,
        }
    }
}

/// How a query is evaluated.
#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct EvalOptions {
    experimental_functions: bool,
    binop_fill_modifiers: bool,
    unquoted_utf8_names: bool,
    lookback_ms: Option<f64>,
    max_samples: Option<f64>,
    max_bytes: Option<f64>,
    max_series: Option<f64>,
    max_steps: Option<f64>,
    timeout_ms: Option<f64>,
    delayed_name_removal: bool,
    type_and_unit_labels: bool,
    use_start_timestamps: bool,
    strict_order: bool,
    pub(super) plan: bool,
}

/// All that 32 bits can address is 4 GiB; a query that would hold more than this is refused
/// before the module's memory ends.
const MAX_BYTES: u64 = 1 << 30;

impl EvalOptions {
    pub(super) fn engine(&self) -> EngineOptions {
        let default = EngineOptions::default();
        // Casts saturate: a limit of infinity is the largest there is.
        let limit = |given: Option<f64>, default: u64| given.map_or(default, |v| v as u64);
        EngineOptions {
            lookback_delta: self.lookback_ms.map_or(default.lookback_delta, |v| v as i64),
            max_samples: limit(self.max_samples, default.max_samples),
            max_bytes: limit(self.max_bytes, MAX_BYTES),
            max_series: limit(self.max_series, default.max_series),
            max_steps: limit(self.max_steps, default.max_steps),
            timeout: self.timeout_ms.and_then(|ms| Duration::try_from_secs_f64(ms / 1000.0).ok()),
            experimental_functions: self.experimental_functions,
            binop_fill_modifiers: self.binop_fill_modifiers,
            unquoted_utf8_names: self.unquoted_utf8_names,
            delayed_name_removal: self.delayed_name_removal,
            type_and_unit_labels: self.type_and_unit_labels,
            use_start_timestamps: self.use_start_timestamps,
            strict_order: self.strict_order,
            threads: 1,
            ..default
        }
    }
}

/// How pages are loaded.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct LoadOptions {
    /// Nothing that was loaded before stays.
    pub(super) replace: bool,
}

/// How a script is run.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct ScriptOptions {
    /// Expectations that do not hold are written anew.
    pub(super) update: bool,
}
