//! The written grammar and the parser say the same.

#[path = "support/ebnf.rs"]
mod ebnf;

use ebnf::{Generator, Grammar};
use ferula::syntax::ast::Expr;
use ferula::syntax::{LexemeClass, ParseErrorKind, ParseOptions, lexemes, parse};
use std::path::Path;

fn grammar() -> Grammar {
    Grammar::read(include_str!("../grammar/promql.ebnf"))
}

fn options() -> ParseOptions {
    ParseOptions { unquoted_utf8_names: false, ..ParseOptions::all() }
}

/// The text as tokens of the grammar; `None` if it cannot be cut.
fn tokens(text: &str) -> Option<Vec<String>> {
    let all = lexemes(text, &options()).into_iter().map(|lexeme| {
        let word = text.get(lexeme.span.start as usize..lexeme.span.end as usize)?.to_ascii_lowercase();
        Some(match lexeme.class {
            LexemeClass::Name => "NAME".to_owned(),
            LexemeClass::Metric => "METRIC".to_owned(),
            LexemeClass::Aggregate => "AGGREGATE".to_owned(),
            LexemeClass::Number => "NUMBER".to_owned(),
            LexemeClass::Duration => "DURATION".to_owned(),
            LexemeClass::String => "STRING".to_owned(),
            LexemeClass::Invalid => return None,
            _ => word,
        })
    });
    all.collect()
}

/// Whether the parser finds nothing wrong with the order of the tokens. What a complete
/// construct means is no question of grammar.
fn well_formed(text: &str) -> Result<(), String> {
    match parse(text, &options()) {
        Ok(_) => Ok(()),
        Err(error) => match error.kind {
            ParseErrorKind::Unexpected { .. } | ParseErrorKind::Lexical(_) | ParseErrorKind::TrailingComma | ParseErrorKind::Empty => {
                Err(error.to_string())
            }
            _ => Ok(()),
        },
    }
}

#[test]
fn generated_sentences_are_well_formed() {
    let grammar = grammar();
    let mut generator = Generator::new(&grammar, 7);
    let mut made = 0;
    for i in 0..6_000 {
        let Some(sentence) = generator.sentence(grammar.find("query"), 12 + i % 14) else { continue };
        let words: Vec<&str> = sentence
            .iter()
            .map(|token| match token.as_str() {
                "NAME" => "foo",
                "METRIC" => "a:b",
                "AGGREGATE" => "sum",
                "NUMBER" => "1",
                "DURATION" => "5m",
                "STRING" => "\"s\"",
                token => token,
            })
            .collect();
        let text = words.join(" ");
        if let Err(error) = well_formed(&text) {
            panic!("{text}\n{error}");
        }
        made += 1;
    }
    assert!(made > 3_000, "{made}");
    for rule in grammar.reachable(grammar.find("query")) {
        for alternative in 0..grammar.rules[rule].len() {
            assert!(generator.used.contains_key(&(rule, alternative)), "{} {alternative} is never used", grammar.names[rule]);
        }
    }
}

#[test]
fn near_misses_are_rejected_by_both() {
    let grammar = grammar();
    let mut checked = 0;
    for line in include_str!("../grammar/reject.txt").lines().filter(|line| !line.starts_with('#')) {
        let (text, expected) = line.split_once('\t').unwrap_or_else(|| panic!("{line} has no error"));
        let error = parse(text, &options()).map(|expr| expr.to_string()).map_err(|error| error.to_string());
        assert_eq!(error, Err(expected.to_owned()), "{text}");
        let tokens = tokens(text).unwrap_or_else(|| panic!("{text} has no tokens"));
        assert!(!grammar.recognises(grammar.find("query"), &tokens), "the grammar accepts {text}");
        checked += 1;
    }
    assert!(checked > 30);
}

/// The expressions of a test script.
fn queries(script: &str) -> impl Iterator<Item = &str> {
    script.lines().filter_map(|line| {
        let line = line.trim();
        let rest = line.strip_prefix("eval")?;
        let rest = rest.trim_start_matches(|c: char| c == '_' || c.is_ascii_alphabetic()).trim_start();
        let words = if rest.starts_with("instant at") { 3 } else { 7 };
        let mut rest = rest;
        for _ in 0..words {
            rest = rest.split_once(char::is_whitespace)?.1.trim_start();
        }
        Some(rest)
    })
}

#[test]
fn queries_of_the_scripts_are_judged_alike() {
    let grammar = grammar();
    let mut texts: Vec<String> = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "test") {
                let script = std::fs::read_to_string(&path).unwrap_or_default();
                texts.extend(queries(&script).map(str::to_owned));
            }
        }
    }
    texts.extend(ferula::functions::all().map(|function| function.example.to_owned()));
    assert!(texts.len() >= 91);
    for text in texts {
        let recognised = tokens(&text).is_some_and(|tokens| grammar.recognises(grammar.find("query"), &tokens));
        assert_eq!(recognised, well_formed(&text).is_ok(), "{text}");
    }
}

#[test]
fn examples_of_functions_are_legal_and_call_them() {
    for function in ferula::functions::all() {
        let expr = parse(function.example, &ParseOptions::all()).unwrap_or_else(|error| panic!("{}: {error}", function.example));
        let mut called = false;
        expr.walk(&mut |node| called |= matches!(node, Expr::Call(call) if call.function.name == function.name));
        assert!(called, "{}", function.example);
    }
}

/// Without the parentheses, wherever they stand.
fn bare(text: &str) -> Expr {
    let mut expr = parse(text, &options()).unwrap_or_else(|error| panic!("{text}: {error}"));
    expr.rewrite(&mut |node| {
        if let Expr::Paren(paren) = node {
            *node = (*paren.expr).clone();
        }
    });
    expr
}

#[test]
fn operators_bind_as_the_layers_say() {
    let grammar = grammar();
    let layers = ["or_op", "and_op", "comparison_op", "sum_op", "product_op", "power_op"];
    let operators: Vec<(usize, &str)> = layers
        .iter()
        .enumerate()
        .flat_map(|(level, layer)| grammar.tokens(grammar.find(layer)).into_iter().map(move |op| (level, op)))
        .collect();
    for (left, first) in &operators {
        for (right, second) in &operators {
            let left_first = left > right || (left == right && *first != "^");
            let twin = if left_first { format!("(a {first} b) {second} c") } else { format!("a {first} (b {second} c)") };
            let text = format!("a {first} b {second} c");
            assert!(bare(&text).same(&bare(&twin)), "{text} is not {twin}");
        }
    }
    for (text, twin) in [("-a ^ b", "-(a ^ b)"), ("-a * b", "(-a) * b"), ("a ^ -b ^ c", "a ^ (-(b ^ c))"), ("a ^ -b * c", "(a ^ (-b)) * c")]
    {
        assert!(bare(text).same(&bare(twin)), "{text} is not {twin}");
    }
}
