//! What callers choose.

use super::failure::Failure;
use crate::engine::EngineOptions;
use crate::syntax::ParseOptions;
use js_sys::{Array, Object, Reflect};
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};

/// An object whose members say what a caller wants; all of them may be left out.
pub(super) struct Given(JsValue);

impl Given {
    pub(super) fn new(value: JsValue) -> Result<Given, Failure> {
        let absent = value.is_undefined() || value.is_null();
        if absent || value.is_object() { Ok(Given(value)) } else { Err(Failure::bad("bad options: no object")) }
    }

    /// A member, if it is there, as what `read` makes of it.
    fn member<T>(&self, name: &str, kind: &str, read: impl FnOnce(&JsValue) -> Option<T>) -> Result<Option<T>, Failure> {
        let value = Reflect::get(&self.0, &name.into()).unwrap_or_default();
        if value.is_undefined() || value.is_null() {
            return Ok(None);
        }
        read(&value).map(Some).ok_or_else(|| Failure::bad(&format!("bad options: {name} must be {kind}")))
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Failure> {
        Ok(self.member(name, "true or false", JsValue::as_bool)?.unwrap_or(false))
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<f64>, Failure> {
        self.member(name, "a number", JsValue::as_f64)
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        self.member(name, "a text", JsValue::as_string)
    }

    /// The members of a member, which are texts.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<(String, String)>, Failure> {
        let pair = |pair: JsValue| {
            let pair: Array = pair.dyn_into().ok()?;
            Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
        };
        let read = |value: &JsValue| Object::entries(value.dyn_ref()?).iter().map(pair).collect();
        Ok(self.member(name, "an object of texts", read)?.unwrap_or_default())
    }
}

/// What the language allows beyond the stable one.
#[derive(Clone, Copy, Default)]
pub(super) struct LanguageOptions {
    pub(super) experimental_functions: bool,
    pub(super) binop_fill_modifiers: bool,
    pub(super) unquoted_utf8_names: bool,
}

impl LanguageOptions {
    pub(super) fn of(given: &Given) -> Result<LanguageOptions, Failure> {
        Ok(LanguageOptions {
            experimental_functions: given.flag("experimentalFunctions")?,
            binop_fill_modifiers: given.flag("binopFillModifiers")?,
            unquoted_utf8_names: given.flag("unquotedUtf8Names")?,
        })
    }

    pub(super) fn parser(self) -> ParseOptions {
        ParseOptions {
            experimental_functions: self.experimental_functions,
            binop_fill_modifiers: self.binop_fill_modifiers,
            unquoted_utf8_names: self.unquoted_utf8_names,
        }
    }
}

/// How a query is evaluated.
#[derive(Clone, Default)]
pub(super) struct EvalOptions {
    language: LanguageOptions,
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
    pub(super) fn of(given: &Given) -> Result<EvalOptions, Failure> {
        Ok(EvalOptions {
            language: LanguageOptions::of(given)?,
            lookback_ms: given.number("lookbackMs")?,
            max_samples: given.number("maxSamples")?,
            max_bytes: given.number("maxBytes")?,
            max_series: given.number("maxSeries")?,
            max_steps: given.number("maxSteps")?,
            timeout_ms: given.number("timeoutMs")?,
            delayed_name_removal: given.flag("delayedNameRemoval")?,
            type_and_unit_labels: given.flag("typeAndUnitLabels")?,
            use_start_timestamps: given.flag("useStartTimestamps")?,
            strict_order: given.flag("strictOrder")?,
            plan: given.flag("plan")?,
        })
    }

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
            timeout: self.timeout_ms.filter(|ms| *ms >= 0.0).map(|ms| Duration::from_nanos((ms * 1e6) as u64)),
            experimental_functions: self.language.experimental_functions,
            binop_fill_modifiers: self.language.binop_fill_modifiers,
            unquoted_utf8_names: self.language.unquoted_utf8_names,
            delayed_name_removal: self.delayed_name_removal,
            type_and_unit_labels: self.type_and_unit_labels,
            use_start_timestamps: self.use_start_timestamps,
            strict_order: self.strict_order,
            threads: 1,
            ..default
        }
    }
}
