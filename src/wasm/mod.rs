//! The engine for JavaScript: what the npm package's worker calls, through `wasm-bindgen`.
//!
//! [`Ferula`] holds the loaded data and answers one question at a time. Its shape, as scripts see
//! it, is described in `npm/ferula.d.ts`. Answers are plain objects, their numbers typed arrays that the
//! caller owns; errors are thrown as plain objects with `kind`, `message` and `diagnostics`.
//! Anything else that is thrown is a defect (a panic is a trap, or throws its text where the
//! standard library was not built for size): the instance must not be used again.
//!
//! `places` turns bytes into UTF-16 units; `failure` has the errors, `data` loads pages, `answer`
//! makes columns of results, `plan` the tree of a plan, `complete` finds completions, `script` runs test
//! scripts.

mod answer;
mod complete;
mod data;
mod failure;
mod options;
mod places;
mod plan;
mod script;

use crate::engine::{Engine, PreparedQuery, Range};
use crate::functions;
use crate::syntax::ast::{Expr, ValueType};
use crate::syntax::{self, LexemeClass};
use data::Data;
use failure::Failure;
use options::{EvalOptions, Given, LanguageOptions};
use places::{Diagnostic, Places};
use serde::Serialize;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The host's clock, ms.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub(crate) fn clock() -> f64;
    /// The nearest float of a decimal.
    #[wasm_bindgen(js_name = Number)]
    pub(crate) fn number(decimal: &str) -> f64;
}

/// Called once, when the module is ready.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|info| wasm_bindgen::throw_str(&info.to_string())));
}

/// The engine with its data.
#[wasm_bindgen]
#[derive(Default)]
pub struct Ferula {
    data: Data,
}

#[wasm_bindgen]
impl Ferula {
    /// An engine without data.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Ferula {
        Ferula::default()
    }
    /// The crate's version.
    #[wasm_bindgen(getter)]
    pub fn version(&self) -> String {
        env!("CARGO_PKG_VERSION").to_owned()
    }

    /// Adds pages, or replaces everything by them.
    ///
    /// # Errors
    /// The first page that cannot be read; nothing is changed then.
    pub fn load(&mut self, pages: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
        let pages = data::pages(&pages).map_err(throw)?;
        let replace = Given::new(options).and_then(|given| given.flag("replace")).map_err(throw)?;
        to_js(&self.data.load(pages, replace).map_err(throw)?)
    }
    /// Replaces everything by the demo.
    ///
    /// # Errors
    /// None of its own.
    #[wasm_bindgen(js_name = loadDemo)]
    pub fn load_demo(&mut self) -> Result<JsValue, JsValue> {
        self.data = Data::demo();
        to_js(&self.data.report(Vec::new()))
    }
    /// Forgets all data.
    ///
    /// # Errors
    /// None of its own.
    pub fn clear(&mut self) -> Result<JsValue, JsValue> {
        self.data = Data::default();
        to_js(&self.data.report(Vec::new()))
    }
    /// What is loaded.
    ///
    /// # Errors
    /// None of its own.
    pub fn data(&self) -> Result<JsValue, JsValue> {
        to_js(&self.data.report(Vec::new()))
    }
    /// All metrics with type, help, unit and cardinalities.
    ///
    /// # Errors
    /// None of its own.
    pub fn metrics(&self) -> Result<JsValue, JsValue> {
        to_js(&self.data.metrics())
    }
    /// Names of labels of all series, or of those that a selector finds.
    ///
    /// # Errors
    /// The selector is none.
    #[wasm_bindgen(js_name = labelNames)]
    pub fn label_names(&self, selector: Option<String>) -> Result<JsValue, JsValue> {
        to_js(&self.data.label_names(selector.as_deref()).map_err(throw)?)
    }
    /// Values of a label of all series, or of those that a selector finds.
    ///
    /// # Errors
    /// The selector is none.
    #[wasm_bindgen(js_name = labelValues)]
    pub fn label_values(&self, label: &str, selector: Option<String>) -> Result<JsValue, JsValue> {
        to_js(&self.data.label_values(label, selector.as_deref()).map_err(throw)?)
    }

    /// What is wrong with a query, and its type if nothing is.
    ///
    /// # Errors
    /// None of its own.
    pub fn check(&self, query: &str, options: JsValue) -> Result<JsValue, JsValue> {
        let options = language(options)?;
        to_js(&match syntax::parse(query, &options.parser()) {
            Ok(expr) => Checked { diagnostics: Vec::new(), value_type: Some(type_name(expr.value_type())) },
            Err(error) => Checked { diagnostics: vec![failure::of_parser(&error, query)], value_type: None },
        })
    }
    /// The query in its canonical form.
    ///
    /// # Errors
    /// It does not parse.
    pub fn format(&self, query: &str, options: JsValue) -> Result<String, JsValue> {
        let options = language(options)?;
        Ok(syntax::pretty(&parse(query, &options)?, &options.parser()))
    }
    /// The tree as JSON, in the shape of the reference's API.
    ///
    /// # Errors
    /// The query does not parse.
    pub fn parse(&self, query: &str, options: JsValue) -> Result<String, JsValue> {
        Ok(syntax::to_json(&parse(query, &language(options)?)?))
    }
    /// The tokens of a text.
    ///
    /// # Errors
    /// None of its own.
    pub fn tokens(&self, query: &str, options: JsValue) -> Result<JsValue, JsValue> {
        let options = language(options)?;
        let places = Places::of(query);
        let tokens: Vec<Token> = syntax::lexemes(query, &options.parser())
            .iter()
            .map(|l| Token { from: places.utf16(l.span.start), to: places.utf16(l.span.end), class: class_name(l.class) })
            .collect();
        to_js(&tokens)
    }
    /// What could stand at a place of a text.
    ///
    /// # Errors
    /// None of its own.
    pub fn complete(&self, query: &str, position: u32, options: JsValue) -> Result<JsValue, JsValue> {
        let options = language(options)?;
        to_js(&complete::complete(query, position, &options, &self.data))
    }
    /// The table of functions.
    ///
    /// # Errors
    /// None of its own.
    pub fn functions(&self) -> Result<JsValue, JsValue> {
        let all: Vec<Function> =
            functions::families().flat_map(|(family, list)| list.iter().map(move |f| Function::new(family, f))).collect();
        to_js(&all)
    }

    /// The plan of a query that is not run.
    ///
    /// # Errors
    /// The query does not parse, or cannot be planned.
    pub fn explain(&self, query: &str, start: f64, end: f64, step: f64, options: JsValue) -> Result<JsValue, JsValue> {
        let options = evaluation(options)?;
        let prepared = prepare(query, &options)?;
        let nodes = prepared.plan_nodes(range(start, end, step)?).map_err(|e| throw(Failure::of_query(&e, query)))?;
        to_js(&plan::tree(&nodes, query))
    }
    /// Evaluates at one time.
    ///
    /// # Errors
    /// See `ErrorKind` of the JavaScript API.
    pub fn query(&self, query: &str, time: f64, options: JsValue) -> Result<JsValue, JsValue> {
        let at = milliseconds(time)?;
        self.run(query, Range { start: at, end: at, step: 0 }, options)
    }
    /// Evaluates at each step of a range.
    ///
    /// # Errors
    /// See `ErrorKind` of the JavaScript API.
    #[wasm_bindgen(js_name = queryRange)]
    pub fn query_range(&self, query: &str, start: f64, end: f64, step: f64, options: JsValue) -> Result<JsValue, JsValue> {
        let range = range(start, end, step)?;
        if range.step <= 0 {
            return Err(throw(Failure::bad("the step of a range query must be at least 1 ms")));
        }
        self.run(query, range, options)
    }

    /// Runs a test script.
    ///
    /// # Errors
    /// None of its own: what is wrong with the script is told in its report.
    #[wasm_bindgen(js_name = runScript)]
    pub fn run_script(&self, text: &str, options: JsValue) -> Result<JsValue, JsValue> {
        let update = Given::new(options).and_then(|given| given.flag("update")).map_err(throw)?;
        to_js(&script::run(text, update))
    }

    /// Panics, so that tests can see what becomes of it.
    #[wasm_bindgen(js_name = panicForTests)]
    pub fn panic_for_tests(&self) {
        panic!("asked for by a test");
    }
}

impl Ferula {
    fn run(&self, query: &str, range: Range, options: JsValue) -> Result<JsValue, JsValue> {
        let options = evaluation(options)?;
        let prepared = prepare(query, &options)?;
        let began = clock();
        let source = self.data.source();
        let done = if options.plan {
            prepared.measured(source, range).map(|(result, nodes)| (result, Some(nodes)))
        } else if range.step == 0 {
            prepared.instant(source, range.start).map(|result| (result, None))
        } else {
            prepared.range(source, range).map(|result| (result, None))
        };
        let (result, nodes) = done.map_err(|e| throw(Failure::of_query(&e, query)))?;
        let elapsed = clock() - began;
        answer::answer(&result, nodes.as_deref(), query, range, elapsed)
    }
}

fn parse(query: &str, options: &LanguageOptions) -> Result<Expr, JsValue> {
    syntax::parse(query, &options.parser()).map_err(|e| throw(Failure::of_parse(&e, query)))
}

fn prepare(query: &str, options: &EvalOptions) -> Result<PreparedQuery, JsValue> {
    Engine::new(options.engine()).prepare(query).map_err(|e| throw(Failure::of_query(&e, query)))
}

/// A time in whole milliseconds.
fn milliseconds(time: f64) -> Result<i64, JsValue> {
    // Beyond this, numbers of JavaScript skip milliseconds.
    const MOST: f64 = 9_007_199_254_740_992.0;
    if time.is_finite() && time.abs() <= MOST {
        Ok(time.round() as i64)
    } else {
        Err(throw(Failure::bad("a time must be a number of milliseconds")))
    }
}

fn range(start: f64, end: f64, step: f64) -> Result<Range, JsValue> {
    Ok(Range { start: milliseconds(start)?, end: milliseconds(end)?, step: milliseconds(step)? })
}

#[derive(Serialize)]
struct Checked {
    diagnostics: Vec<Diagnostic>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    value_type: Option<&'static str>,
}

#[derive(Serialize)]
struct Token {
    from: u32,
    to: u32,
    class: &'static str,
}

#[derive(Serialize)]
struct Function {
    name: &'static str,
    family: &'static str,
    signature: String,
    doc: &'static str,
    example: &'static str,
    experimental: bool,
}

impl Function {
    fn new(family: &'static str, f: &functions::Function) -> Function {
        Function { name: f.name, family, signature: f.signature(), doc: f.doc, example: f.example, experimental: f.experimental }
    }
}

fn type_name(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::Scalar => "scalar",
        ValueType::String => "string",
        ValueType::InstantVector => "vector",
        ValueType::RangeVector => "matrix",
    }
}

fn class_name(class: LexemeClass) -> &'static str {
    match class {
        LexemeClass::Name => "name",
        LexemeClass::Metric => "metric",
        LexemeClass::Keyword => "keyword",
        LexemeClass::Aggregate => "aggregate",
        LexemeClass::Number => "number",
        LexemeClass::Duration => "duration",
        LexemeClass::String => "string",
        LexemeClass::Operator => "operator",
        LexemeClass::Punctuation => "punctuation",
        LexemeClass::Invalid => "invalid",
    }
}

/// A value as plain objects, arrays, numbers and texts.
fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).map_err(JsValue::from)
}

fn language(options: JsValue) -> Result<LanguageOptions, JsValue> {
    Given::new(options).and_then(|given| LanguageOptions::of(&given)).map_err(throw)
}

fn evaluation(options: JsValue) -> Result<EvalOptions, JsValue> {
    Given::new(options).and_then(|given| EvalOptions::of(&given)).map_err(throw)
}

/// What is thrown at the caller.
fn throw(failure: Failure) -> JsValue {
    to_js(&failure).unwrap_or_else(|e| e)
}
