//! From flags to the engine's options.

use super::args::EngineArgs;
use super::failure::Failure;
use crate::engine::EngineOptions;
use std::time::Duration;

/// The features that are always on since some release; naming them does nothing.
const ALWAYS_ON: [&str; 3] = ["promql-at-modifier", "promql-negative-offset", "promql-duration-expr"];

/// The options that the flags ask for.
pub(crate) fn engine(args: &EngineArgs) -> Result<EngineOptions, Failure> {
    let mut options = EngineOptions {
        lookback_delta: args.lookback_delta,
        max_samples: args.max_samples,
        timeout: Some(Duration::from_millis(args.timeout.unsigned_abs())),
        strict_order: args.strict_order,
        threads: args.threads,
        ..EngineOptions::default()
    };
    for feature in &args.enable_feature {
        match feature.as_str() {
            "promql-experimental-functions" => options.experimental_functions = true,
            "promql-binop-fill-modifiers" => options.binop_fill_modifiers = true,
            "promql-unquoted-utf8-names" => options.unquoted_utf8_names = true,
            "promql-delayed-name-removal" => options.delayed_name_removal = true,
            "type-and-unit-labels" => options.type_and_unit_labels = true,
            "use-start-timestamps" => options.use_start_timestamps = true,
            "promql-extended-range-selectors" => {}
            name if ALWAYS_ON.contains(&name) => {}
            name => return Err(Failure::Usage(format!("--enable-feature: no feature is called {name:?}"))),
        }
    }
    Ok(options)
}
