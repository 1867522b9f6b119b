//! Unicode 15.0: general categories, scripts and simple case folding.
//!
//! The tables are our own, so that classes mean the same whatever version the `regex` crate has,
//! and so that a build without it refuses the same class names. `unicode.txt` holds a table a
//! line, numbers in base 36:
//! `alias LONG NAME` for categories; `categories` with their names, and `runs` of characters of one
//! category, from the first character to the last: which category, by `A` for the first of the names
//! and so on, and how many more than one. `script NAME`, but for what has none, with ranges, each as
//! the distance from the end of the one before, and, after a dot, the distance from its first to its
//! last character; `fold` with runs
//! of pairs (first, count, step, distance of the partner); `orbit` with three or more characters
//! that differ only in case, in the order in which one leads to the next.

use super::class::Class;
use std::sync::OnceLock;

/// The largest code point.
pub(super) const MAX_RUNE: u32 = 0x10FFFF;

static TABLES: &str = include_str!("unicode.txt");

/// The class that `\p{name}` stands for where names are read loosely: in any case, with hyphens,
/// underscores and spaces left out, and with long names of categories.
///
/// Scripts whose own name has an underscore or a second capital cannot be named at all; that is
/// the reference's doing.
pub(super) fn loosely_named_class(name: &str) -> Option<Class> {
    let name = canonical(name);
    match name.as_str() {
        "Ascii" => {
            let mut ascii = Class::default();
            ascii.add(0, 0x7F);
            Some(ascii)
        }
        "Assigned" => {
            let mut assigned = named_class("Cn")?;
            assigned.negate();
            Some(assigned)
        }
        "Lc" => named_class("LC"),
        // The exact name of the last is no canonical one.
        "LC" => None,
        name => named_class(name).or_else(|| {
            let mut aliases = table("alias").filter_map(|alias| alias.split_once(' '));
            aliases.find(|(long, _)| canonical(long) == name).and_then(|(_, short)| named_class(short))
        }),
    }
}

/// A first capital, then small letters, without what separates words.
fn canonical(name: &str) -> String {
    let mut letters = name.chars().filter(|c| !matches!(c, '-' | '_' | ' '));
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters.map(|c| c.to_ascii_lowercase())).collect()
}

/// The class that `\p{name}` stands for, if there is one.
///
/// Only the exact names of categories and scripts count: `L`, `Lu`, `LC`, `Greek`, and `Any`.
pub(super) fn named_class(name: &str) -> Option<Class> {
    let mut class = Class::default();
    match name {
        "Any" => class.add(0, MAX_RUNE),
        "LC" => {
            add_categories(&mut class, |n| matches!(n, "Lu" | "Ll" | "Lt"));
        }
        // What has no script of its own.
        "Common" => {
            add_scripts(&mut class, |_| true);
            for part in ["Cn", "Co", "Cs"] {
                class.add_class(&named_class(part)?);
            }
            class.clean();
            class.negate();
        }
        _ => {
            let whole = name.len() == 1;
            add_categories(&mut class, |n| if whole { n.starts_with(name) } else { n == name });
            if class.is_empty() {
                add_scripts(&mut class, |n| n == name);
            }
        }
    }
    class.clean();
    (!class.is_empty()).then_some(class)
}

/// What follows a word at the beginning of a line.
fn table(kind: &str) -> impl Iterator<Item = &'static str> {
    TABLES.lines().filter_map(move |line| line.strip_prefix(kind)?.strip_prefix(' '))
}

fn add_categories(class: &mut Class, wanted: impl Fn(&str) -> bool) {
    let (Some(names), Some(mut runs)) = (table("categories").next(), table("runs").next()) else { return };
    let wanted: Vec<bool> = names.split(' ').map(wanted).collect();
    let mut at = 0;
    while let Some((which, rest)) = runs.split_at_checked(1) {
        let digits = rest.find(|c: char| !matches!(c, '0'..='9' | 'a'..='z')).unwrap_or(rest.len());
        let (more, next) = rest.split_at(digits);
        let last = at + base36(more);
        let category = which.bytes().next().and_then(|which| usize::from(which).checked_sub(usize::from(b'A')));
        if category.and_then(|i| wanted.get(i)) == Some(&true) {
            class.add(at, last);
        }
        (at, runs) = (last + 1, next);
    }
}

fn add_scripts(class: &mut Class, wanted: impl Fn(&str) -> bool) {
    for script in table("script") {
        let mut words = script.split(' ');
        if !words.next().is_some_and(&wanted) {
            continue;
        }
        let mut at = 0;
        for word in words {
            let (gap, length) = word.split_once('.').unwrap_or((word, "0"));
            let first = at + base36(gap);
            at = first + base36(length);
            class.add(first, at);
        }
    }
}

fn base36(digits: &str) -> u32 {
    u32::from_str_radix(digits, 36).unwrap_or(0)
}

/// Every character that has another case, with the next of its orbit; sorted.
fn folds() -> &'static [(u32, u32)] {
    static FOLDS: OnceLock<Vec<(u32, u32)>> = OnceLock::new();
    FOLDS.get_or_init(|| {
        let mut folds = Vec::with_capacity(2900);
        for line in TABLES.lines() {
            if let Some(run) = line.strip_prefix("fold ") {
                let numbers: Vec<u32> = run.split(' ').map(base36).collect();
                if let [first, count, step, distance] = numbers[..] {
                    for c in (0..count).map(|i| first + i * step) {
                        folds.push((c, c + distance));
                        folds.push((c + distance, c));
                    }
                }
            } else if let Some(orbit) = line.strip_prefix("orbit ") {
                let orbit: Vec<u32> = orbit.split(' ').map(base36).collect();
                let next = orbit.iter().skip(1).chain(orbit.first());
                folds.extend(orbit.iter().copied().zip(next.copied()));
            }
        }
        crate::model::order::sort_by(&mut folds, Ord::cmp);
        folds
    })
}

/// The entries of [`folds`] for the characters `lo..=hi`.
fn folds_between(lo: u32, hi: u32) -> &'static [(u32, u32)] {
    let all = folds();
    let start = all.partition_point(|&(c, _)| c < lo);
    let end = all.partition_point(|&(c, _)| c <= hi);
    all.get(start..end).unwrap_or_default()
}

/// The next character that differs from `c` only in case, going round; `c` itself if there is none.
pub(super) fn simple_fold(c: u32) -> u32 {
    folds_between(c, c).first().map_or(c, |&(_, next)| next)
}

/// The characters other than `c` that differ from it only in case.
pub(super) fn other_cases(c: u32) -> impl Iterator<Item = u32> {
    let mut at = c;
    std::iter::from_fn(move || {
        at = simple_fold(at);
        (at != c).then_some(at)
    })
}

/// Adds to `class` every character that differs only in case from one of `lo..=hi`.
pub(super) fn add_other_cases(class: &mut Class, lo: u32, hi: u32) {
    for &(c, _) in folds_between(lo, hi) {
        for other in other_cases(c) {
            class.add(other, other);
        }
    }
}

/// The smallest of the characters that differ from `c` only in case, `c` included.
pub(super) fn min_fold(c: u32) -> u32 {
    other_cases(c).fold(c, u32::min)
}

/// Whether two characters are the same but for their case.
pub(super) fn eq_fold(a: u32, b: u32) -> bool {
    a == b || other_cases(a).any(|other| other == b)
}

/// Whether a character is a letter (`L`) or a decimal digit (`Nd`).
#[cfg(feature = "engine")]
pub(super) fn is_letter_or_digit(c: char) -> bool {
    static WORD: OnceLock<Class> = OnceLock::new();
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    WORD.get_or_init(|| {
        let mut class = named_class("L").unwrap_or_default();
        class.add_class(&named_class("Nd").unwrap_or_default());
        class.clean();
        class
    })
    .contains(c.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        assert!(named_class("Greek").is_some() && named_class("Lu").is_some() && named_class("LC").is_some());
        for wrong in ["greek", "LU", "", "Letter", "X", "Lu ", "categor", "1"] {
            assert!(named_class(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn loose_names_are_read_as_words() {
        for name in ["greek", "lu", "LU", "uppercase-letter", "Upper case_Letter", "lc", "ASCII", "assigned", "digit"] {
            assert!(loosely_named_class(name).is_some(), "{name}");
        }
        for wrong in ["Old_Italic", "SignWriting", "", "-", "Lx", "gréek"] {
            assert!(loosely_named_class(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn composite_categories_cover_their_parts() {
        let letters = named_class("L").unwrap();
        for part in ["Lu", "Ll", "Lt", "Lm", "Lo"] {
            assert!(named_class(part).unwrap().ranges().iter().all(|&(lo, hi)| (lo..=hi).all(|c| letters.contains(c))), "{part}");
        }
        assert!(!letters.contains('1'.into()));
    }

    #[test]
    fn what_the_others_leave_is_as_unicode_lists_it() {
        // numbers of ranges, an element, and one that is none
        for (name, ranges, within, without) in
            [("Cn", 707, 0x378, 0xE000), ("C", 712, 0xE000, 0x20), ("Common", 173, 0x20, 0x378), ("Common", 173, 0xE0001, 0xE000)]
        {
            let class = named_class(name).unwrap();
            assert_eq!(class.ranges().len(), ranges, "{name}");
            assert!(class.contains(within) && !class.contains(without), "{name}");
        }
    }

    #[test]
    fn folding_goes_round() {
        assert_eq!(other_cases('k'.into()).collect::<Vec<_>>(), [0x212A, 'K'.into()]);
        assert_eq!(other_cases('1'.into()).count(), 0);
        assert_eq!(min_fold('ſ'.into()), u32::from('S'));
        for &(c, next) in folds() {
            assert_ne!(c, next);
            assert!(other_cases(next).any(|other| other == c), "{c:x} is not in the orbit of {next:x}");
        }
    }
}
