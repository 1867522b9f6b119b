//! Mode `parse`: how an expression reads.

use crate::eval::options;
use ferula::syntax::{self, ParseOptions};
use serde_json::{Map, Value, json};

/// Type, canonical and pretty form of the case's expression, or its first error.
pub fn answer(case: &Value) -> Result<Map<String, Value>, String> {
    let options = options(case)?;
    let options = ParseOptions {
        experimental_functions: options.experimental_functions,
        binop_fill_modifiers: options.binop_fill_modifiers,
        unquoted_utf8_names: options.unquoted_utf8_names,
    };
    let text = case.get("expr").and_then(Value::as_str).unwrap_or_default();
    let brief = case.get("brief").and_then(Value::as_bool).unwrap_or(false);
    Ok(match syntax::parse(text, &options) {
        Ok(expr) => {
            let mut out = Map::from_iter([
                ("ok".to_owned(), json!(true)),
                ("type".to_owned(), json!(expr.value_type().api_name())),
                ("string".to_owned(), json!(syntax::print(&expr, &options))),
            ]);
            if !brief {
                out.insert("pretty".into(), json!(syntax::pretty(&expr, &options)));
            }
            out
        }
        Err(error) => {
            let first = json!({"start": error.span.start, "end": error.span.end, "message": error.message()});
            Map::from_iter([
                ("ok".to_owned(), json!(false)),
                ("error".to_owned(), json!(error.to_string())),
                ("errors".to_owned(), json!([first])),
            ])
        }
    })
}
