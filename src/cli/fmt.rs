//! `ferula fmt`: expressions in the standard layout, comments kept.
//!
//! Comments before and after an expression stay where they are. One in its midst has no place in
//! the tree, so such an expression is refused rather than printed without it.

use super::args::FmtArgs;
use super::failure::Failure;
use super::{diagnostic, note};
use crate::model::Span;
use crate::syntax::{self, ParseOptions};
use std::io::{self, Read, Write};

pub(crate) fn run(args: &FmtArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let texts = match args.expr.as_slice() {
        [] => vec![standard_input()?],
        given => given.to_vec(),
    };
    let mut failed = false;
    for text in &texts {
        match format(text) {
            Err(message) => {
                note(&format!("error: {message}"));
                failed = true;
            }
            // the newline at the end of a file is no part of the layout
            Ok(formatted) if args.check => {
                if formatted != text.strip_suffix('\n').unwrap_or(text) {
                    note(&format!("not in the standard layout: {}", text.trim()));
                    failed = true;
                }
            }
            Ok(formatted) => writeln!(out, "{formatted}")?,
        }
    }
    if failed { Err(Failure::Silent) } else { Ok(()) }
}

fn standard_input() -> Result<String, Failure> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|e| Failure::Failed(format!("standard input: {e}")))?;
    Ok(text)
}

/// The expression in the standard layout. What a feature flag would allow is formatted as well:
/// whether it may be used is not the layout's business.
fn format(text: &str) -> Result<String, String> {
    let options = ParseOptions { experimental_functions: true, binop_fill_modifiers: true, unquoted_utf8_names: true };
    let expr = syntax::parse(text, &options).map_err(|e| diagnostic::underlined(&e.to_string(), text, e.span))?;
    let span = expr.span();
    let mut lines: Vec<&str> = Vec::new();
    let mut after: Vec<&str> = Vec::new();
    for comment in comments(text) {
        let written = text.get(comment.start as usize..comment.end as usize).unwrap_or_default().trim_end();
        if comment.end <= span.start {
            lines.push(written);
        } else if comment.start >= span.end {
            after.push(written);
        } else {
            let message = "a comment inside an expression cannot be kept: move it before or behind the expression";
            return Err(diagnostic::underlined(message, text, comment));
        }
    }
    let pretty = syntax::pretty(&expr, &options);
    lines.push(&pretty);
    lines.append(&mut after);
    Ok(lines.join("\n"))
}

/// The comments of a text that parses: from a `#` outside of quotes to the end of the line.
fn comments(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut bytes = text.bytes().enumerate();
    let mut quote = None;
    while let Some((at, b)) = bytes.next() {
        match (quote, b) {
            (Some(q), _) if b == q => quote = None,
            // raw strings know no escapes
            (Some(b'"' | b'\''), b'\\') => {
                bytes.next();
            }
            (Some(_), _) => {}
            (None, b'"' | b'\'' | b'`') => quote = Some(b),
            (None, b'#') => {
                let end = bytes.find(|(_, b)| *b == b'\n').map_or(text.len(), |(end, _)| end);
                found.push(Span::new(u32::try_from(at).unwrap_or(u32::MAX), u32::try_from(end).unwrap_or(u32::MAX)));
            }
            (None, _) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_found_outside_of_strings() {
        let at = |text: &str| comments(text).iter().map(|s| &text[s.start as usize..s.end as usize]).collect::<Vec<_>>().join("|");
        assert_eq!(at("up # a\n+ 1 # b"), "# a|# b");
        assert_eq!(at(r##"x{a="#\"#", b='#', c=`\`} #é"##), "#é");
    }

    #[test]
    fn comments_stay() {
        assert_eq!(format("# how many\n# are up\nsum( up )# total").unwrap(), "# how many\n# are up\nsum(up)\n# total");
        assert_eq!(format("up{a=\"#\"}").unwrap(), "up{a=\"#\"}");
        assert!(format("up # here\n+ 1").unwrap_err().contains("cannot be kept"));
    }

    #[test]
    fn formatting_again_changes_nothing() {
        for text in ["# a\nup # b", "sum by(job)(rate(x[5m]))", "(\n# inside a paren\nup)"] {
            if let Ok(once) = format(text) {
                assert_eq!(format(&once).as_ref(), Ok(&once), "{text}");
            }
        }
    }
}
