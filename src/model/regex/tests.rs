//! Whole expressions: what is refused and how, what matches, what is replaced.

use super::*;

fn error(source: &str) -> String {
    match Pattern::new(source.as_bytes()) {
        Ok(_) => "none".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn faults_in_gos_words() {
    for (source, fault) in [
        ("(", "missing closing ): `(`"),
        ("a|(b", "missing closing ): `a|(b`"),
        ("a)", "unexpected ): `a)`"),
        ("a)|(b", "unexpected ): `a)|(b`"),
        ("[a", "missing closing ]: `[a`"),
        ("x[]a", "missing closing ]: `[]a`"),
        ("[z-a]", "invalid character class range: `z-a`"),
        ("[[:foo:]]", "invalid character class range: `[:foo:]`"),
        (r"\pX", r"invalid character class range: `\pX`"),
        (r"\p{greek}", r"invalid character class range: `\p{greek}`"),
        (r"\p{Lu", r"invalid character class range: `\p{Lu`"),
        (r"a\", "trailing backslash at end of expression: ``"),
        (r"\1", r"invalid escape sequence: `\1`"),
        (r"\8", r"invalid escape sequence: `\8`"),
        (r"\C", r"invalid escape sequence: `\C`"),
        (r"\x4", r"invalid escape sequence: `\x4`"),
        (r"\x{110000}", r"invalid escape sequence: `\x{110000`"),
        (r"\x{}", r"invalid escape sequence: `\x{}`"),
        (r"[\b]", r"invalid escape sequence: `\b`"),
        (r"\é", r"invalid escape sequence: `\é`"),
        ("*", "missing argument to repetition operator: `*`"),
        ("(|+?)", "missing argument to repetition operator: `+?`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a{2}{3}?", "invalid nested repetition operator: `{2}{3}?`"),
        ("a{2,1}", "invalid repeat count: `{2,1}`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("a{99999999999999999999}", "invalid repeat count: `{99999999999999999999}`"),
        ("(a{500}){3}", "invalid repeat count: `{3}`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?i", "invalid or unsupported Perl syntax: `(?i`"),
        ("(?i-)", "invalid or unsupported Perl syntax: `(?i-)`"),
        ("(?-i-s)", "invalid or unsupported Perl syntax: `(?-i-`"),
        ("(?P<n", "invalid named capture: `(?P<n`"),
        ("(?P<>x)", "invalid named capture: `(?P<>`"),
        ("(?<a-b>x)", "invalid named capture: `(?<a-b>`"),
    ] {
        assert_eq!(error(source), format!("error parsing regexp: {fault}"));
    }
}

#[test]
fn faults_of_bytes() {
    let fault = |source: &[u8]| Pattern::new(source).map(|_| ()).unwrap_err();
    assert_eq!(fault(b"ab\xffc."), RegexError::new(RegexErrorKind::InvalidUtf8, b"\xffc."));
    assert_eq!(fault(b"(?P<a\xff>)").text.as_bytes(), b"\xff");
    assert!(Pattern::new(b"a\xff|b").is_ok(), "literals are never read as an expression");
}

#[test]
fn limits_of_depth_and_size() {
    let nested = |levels: usize| format!("{}{}", "(".repeat(levels), ")".repeat(levels));
    assert_eq!(error(&nested(998)), "none");
    assert_eq!(error(&nested(999)), format!("error parsing regexp: expression nests too deeply: `^(?s:{})$`", nested(999)));
    assert_eq!(error(&nested(1001)), format!("error parsing regexp: expression nests too deeply: `{}`", nested(1001)));
    let large = format!("({}){{1000}}", "(x+)".repeat(2000));
    assert_eq!(error(&large), format!("error parsing regexp: expression too large: `{large}`"));
    // No level is added by groups that do not capture.
    assert_eq!(error(&format!("{}a{}", "(?:".repeat(20_000), ")".repeat(20_000))), "none");
}

#[test]
fn accepted_oddities() {
    for source in ["a{,3}", "{", "a{1", "a{01}", "x{2}y{0}", "(?P<n>a)(?P<n>b)", "(?<n>x)", "[]a]", "[a-]", "[^]]", r"\Q(", r"\E.?"] {
        assert_eq!(error(source), if source == r"\E.?" { r"error parsing regexp: invalid escape sequence: `\E`" } else { "none" });
    }
}

#[test]
fn the_empty_value() {
    for (source, matches) in [
        ("", true),
        ("a|", true),
        (".*", true),
        (".+", false),
        (".?", true),
        ("()", true),
        ("^$", true),
        (r"\b", false),
        (r"\B", true),
        ("a{0}", true),
        ("(a*)+", true),
        ("(a*b)+", false),
        ("(?m)^$", true),
        ("[^a]?", true),
    ] {
        assert_eq!(Pattern::new(source.as_bytes()).unwrap().matches_empty(), matches, "{source}");
    }
}

#[test]
fn known_values_and_prefixes() {
    let set = |source: &str| Pattern::new(source.as_bytes()).unwrap().set_matches().map(|set| set.join(","));
    assert_eq!(set("a|b|a|c|b").as_deref(), Some("a,b,c"));
    assert_eq!(set("(a|b|xa?|a)").as_deref(), None);
    assert_eq!(set("^(ab|b|ab)$").as_deref(), Some("ab,b"));
    assert_eq!(set("a(b|c)d?").as_deref(), None);
    assert_eq!(set("^a(b|c)[12]$").as_deref(), Some("ab1,ab2,ac1,ac2"));
    assert_eq!(set(r"10\.0\.0\.1").as_deref(), Some("10.0.0.1"));
    assert_eq!(set("(?i)a|b"), None);
    let prefix = |source: &str| Pattern::new(source.as_bytes()).unwrap().prefix().to_owned();
    assert_eq!(prefix("foo.*"), "foo");
    assert_eq!(prefix("^foo(a+|b)"), "foo");
    assert_eq!(prefix("(?i)foo.*"), "");
    assert_eq!(prefix("foo|fox.*"), "fo");
}

#[cfg(feature = "engine")]
mod matching {
    use super::*;
    use proptest::prelude::*;

    fn matches(source: &str, value: &str) -> bool {
        let pattern = Pattern::new(source.as_bytes()).unwrap();
        pattern.prepare().unwrap();
        pattern.matches(value)
    }

    #[test]
    fn what_matches() {
        for (source, yes, no) in [
            ("foo.*", "foo\nbar", "fo"),
            (".*foo.*", "a\nfoo", "fo o"),
            ("a|b", "b", "ab"),
            (r"\d+", "12", "٣"),
            (r"\w", "_", "é"),
            (r"\s", "\u{c}", "\u{b}"),
            ("[[:space:]]", "\u{b}", "\u{a0}"),
            ("(?i)k", "\u{212A}", "x"),
            ("(?i)straße.*", "STRAßE 1", "STRASSE"),
            ("(?i:S)t", "ſt", "sT"),
            ("(?-s).+", "a", "\n"),
            ("(?m)a$\nb", "a\nb", "ab"),
            (r"\pL{2}", "éa", "é1"),
            (r"[^\pL]", "1", "日"),
            (r"\Qa.b\E+", "a.bb", "axb"),
            (r"\x{1F600}|\101", "A", "B"),
            (r"a\B.", "ab", "a-"),
            (r"\bé|x", "x", "é"),
            (".?", "日", "日本"),
            ("a{,2}", "a{,2}", "aa"),
            ("foo$", "foo", "foo\n"),
            ("(a|ab)(c|bcd)", "abcd", "abd"),
            (r"[\x{D800}-\x{E000}]+", "\u{E000}", "\u{D7FF}"),
        ] {
            assert!(matches(source, yes), "{source} on {yes:?}");
            assert!(!matches(source, no), "{source} on {no:?}");
        }
    }

    #[test]
    fn cases_that_leak_between_alternatives() {
        // The class that joins both takes the case of the first, and the set is compared in it.
        assert!(matches("(?i)b|(?-i)a", "A"));
        assert!(!matches("(?-i)a|(?i)b", "A"));
        // Common beginnings are found without regard to their case.
        assert!(matches("(?i:a)x*|Ay*z", "ayz"));
    }

    #[test]
    fn many_alternatives_in_any_case() {
        let words = (0..20).map(|i| format!("wörts{i}")).collect::<Vec<_>>().join("|");
        assert!(matches(&format!("(?i){words}"), "WÖRTS7") && matches(&format!("(?i)({words})"), "wörtſ19"));
        assert!(!matches(&format!("(?i){words}"), "wörts20"));
    }

    #[test]
    fn deep_and_large_automata() {
        let deep = format!("{}a{}", "(".repeat(300), "b?)+".repeat(300));
        assert!(matches(&deep, "ab"));
        let large = Pattern::new(br"(\pL{500}x|\pL{499}yz){2}").unwrap();
        assert!(large.prepare().is_err_and(|error| error.kind == RegexErrorKind::TooLarge) && !large.matches("x"));
    }

    fn expand(source: &str, value: &str, template: &str) -> Option<String> {
        let regex = Regex::new(source.as_bytes()).unwrap();
        let captures = regex.captures(value)?;
        Some(String::from_utf8(regex.expand(template.as_bytes(), value, &captures)).unwrap())
    }

    #[test]
    fn templates() {
        for (template, expanded) in [
            ("$1-$2", "a-b"),
            ("${1}x$1x", "ax"),
            ("$n$m", "b"),
            ("$$1 $", "$1 $"),
            ("$-${}${ 1}${1", "$-${}${ 1}${1"),
            ("$0", "a:b"),
            ("$01$9", ""),
            ("$é$n.", "b."),
            ("é$é", "é"),
        ] {
            assert_eq!(expand("(.):(?P<n>.)", "a:b", template).as_deref(), Some(expanded), "{template}");
        }
        assert_eq!(expand("(?P<n>a)|(?P<n>b)", "b", "$n").as_deref(), Some("b"));
        assert_eq!(expand("(a)?b", "b", "[$1]").as_deref(), Some("[]"));
        assert_eq!(expand("(?P<99999999999>a)(?P<01>b)", "ab", "$99999999999$01").as_deref(), Some("ab"));
    }

    #[test]
    fn replacements_are_read_in_the_newer_dialect() {
        assert_eq!(expand(r"(\p{greek}+).*", "λx", "$1").as_deref(), Some("λ"));
        assert!(Regex::new(br"\p{Old_Italic}").is_err() && Pattern::new(br"\p{Old_Italic}").is_ok());
        // The anchors surround the text as it is, so that a bar can escape from between them.
        assert_eq!(expand("a)|(?:b", "abc", "$0").as_deref(), Some("a"));
        assert_eq!(expand("(?i:a)x*|Ay*z", "ayz", "$0"), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(source in "[ab(){}|*+?.^$\\\\,0-9:iPpQE<>\\[\\]-]{0,24}", value in "[ab\n]{0,6}", template in "[$1a{}]{0,6}") {
            if let Ok(pattern) = Pattern::new(source.as_bytes()) {
                prop_assert_eq!(pattern.matches(""), pattern.matches_empty());
                if let Some(set) = pattern.set_matches() {
                    prop_assert_eq!(pattern.matches(&value), set.contains(&value));
                }
                prop_assert!(!pattern.matches(&value) || value.starts_with(pattern.prefix()));
            }
            if let Ok(regex) = Regex::new(source.as_bytes()) && let Some(captures) = regex.captures(&value) {
                regex.expand(template.as_bytes(), &value, &captures);
            }
        }

        #[test]
        fn bytes_are_read_without_panic(source in proptest::collection::vec(any::<u8>(), 0..32)) {
            let _ = Pattern::new(&source);
        }

        #[test]
        fn quoted_texts_match_themselves_only(text in "\\PC{0,8}", other in "\\PC{0,8}") {
            let source = format!(r"(?:\Q{text}\E)");
            prop_assume!(!text.contains(r"\E"));
            prop_assert!(matches(&source, &text));
            prop_assert_eq!(matches(&source, &other), text == other);
        }
    }
}
