//! Sets of characters as lists of ranges, and the classes that have a name.

use super::unicode::{self, MAX_RUNE};

/// A set of characters. The order of its ranges is that of the additions until [`Class::clean`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Class(Vec<(u32, u32)>);

impl Class {
    pub(super) fn ranges(&self) -> &[(u32, u32)] {
        &self.0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the set, which must be clean, has the character.
    #[cfg(any(feature = "engine", test))]
    pub(super) fn contains(&self, c: u32) -> bool {
        let at = self.0.partition_point(|&(_, hi)| hi < c);
        self.0.get(at).is_some_and(|&(lo, _)| lo <= c)
    }

    /// Adds a range, by widening one of the last two ranges where it touches them.
    ///
    /// Two, because additions of both cases of an alphabet alternate between two places.
    pub(super) fn add(&mut self, lo: u32, hi: u32) {
        for (last_lo, last_hi) in self.0.iter_mut().rev().take(2) {
            if lo <= last_hi.saturating_add(1) && *last_lo <= hi.saturating_add(1) {
                *last_lo = lo.min(*last_lo);
                *last_hi = hi.max(*last_hi);
                return;
            }
        }
        self.0.push((lo, hi));
    }

    /// Adds a range with all other cases of its characters.
    pub(super) fn add_folded(&mut self, lo: u32, hi: u32) {
        self.add(lo, hi);
        unicode::add_other_cases(self, lo, hi);
    }

    pub(super) fn add_class(&mut self, other: &Class) {
        for &(lo, hi) in &other.0 {
            self.add(lo, hi);
        }
    }

    /// Adds `other`, negated if `negated`, with all other cases if `fold`.
    ///
    /// Cases are added before the negation, so that `(?i)\P{Lu}` has no letter of two cases.
    pub(super) fn add_group(&mut self, other: &Class, negated: bool, fold: bool) {
        let mut group = other.clone();
        if fold {
            for &(lo, hi) in &other.0 {
                unicode::add_other_cases(&mut group, lo, hi);
            }
        }
        group.clean();
        if negated {
            group.negate();
        }
        self.add_class(&group);
    }

    /// Sorts the ranges and joins those that touch.
    pub(super) fn clean(&mut self) {
        crate::model::order::sort_by(&mut self.0, |a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        self.0.dedup_by(|next, kept| {
            let touches = next.0 <= kept.1.saturating_add(1);
            if touches {
                kept.1 = kept.1.max(next.1);
            }
            touches
        });
    }

    /// Makes the set, which must be clean, its complement.
    pub(super) fn negate(&mut self) {
        let mut gaps = Vec::with_capacity(self.0.len() + 1);
        let mut next = 0;
        for &(lo, hi) in &self.0 {
            if next < lo {
                gaps.push((next, lo - 1));
            }
            next = hi + 1;
        }
        if next <= MAX_RUNE {
            gaps.push((next, MAX_RUNE));
        }
        self.0 = gaps;
    }

    fn of(ranges: &[(char, char)]) -> Class {
        Class(ranges.iter().map(|&(lo, hi)| (lo.into(), hi.into())).collect())
    }
}

/// The class of `\d`, `\s` or `\w`, all of them ASCII, and whether the letter negates it.
pub(super) fn perl_class(letter: u8) -> Option<(Class, bool)> {
    let ranges: &[(char, char)] = match letter.to_ascii_lowercase() {
        b'd' => &[('0', '9')],
        // The vertical tab is no space here, unlike in [:space:].
        b's' => &[('\t', '\n'), ('\x0c', '\r'), (' ', ' ')],
        b'w' => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        _ => return None,
    };
    Some((Class::of(ranges), letter.is_ascii_uppercase()))
}

/// The class of `[:name:]` by its name between the colons, without the `^` that negates it.
pub(super) fn posix_class(name: &[u8]) -> Option<Class> {
    let ranges: &[(char, char)] = match name {
        b"alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        b"alpha" => &[('A', 'Z'), ('a', 'z')],
        b"ascii" => &[('\0', '\x7f')],
        b"blank" => &[('\t', '\t'), (' ', ' ')],
        b"cntrl" => &[('\0', '\x1f'), ('\x7f', '\x7f')],
        b"digit" => &[('0', '9')],
        b"graph" => &[('!', '~')],
        b"lower" => &[('a', 'z')],
        b"print" => &[(' ', '~')],
        b"punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        b"space" => &[('\t', '\r'), (' ', ' ')],
        b"upper" => &[('A', 'Z')],
        b"word" => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        b"xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
        _ => return None,
    };
    Some(Class::of(ranges))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(ranges: &[(u32, u32)]) -> Class {
        let mut class = Class::default();
        for &(lo, hi) in ranges {
            class.add(lo, hi);
        }
        class.clean();
        class
    }

    #[test]
    fn ranges_join_and_sort() {
        assert_eq!(class(&[(30, 40), (1, 5), (6, 9), (35, 50), (20, 20)]).ranges(), [(1, 9), (20, 20), (30, 50)]);
    }

    #[test]
    fn negation_is_its_own_inverse() {
        for ranges in [&[][..], &[(0, MAX_RUNE)], &[(0, 3), (7, 7)], &[(5, MAX_RUNE)]] {
            let mut twice = class(ranges);
            twice.negate();
            assert!(ranges.iter().all(|&(lo, hi)| !twice.contains(lo) && !twice.contains(hi)));
            twice.negate();
            assert_eq!(twice.ranges(), ranges);
        }
    }

    #[test]
    fn folded_groups_negate_after_folding() {
        let mut lower = Class::default();
        lower.add_group(&posix_class(b"lower").unwrap(), true, true);
        lower.clean();
        assert!(!lower.contains('A'.into()) && !lower.contains('a'.into()) && lower.contains('0'.into()));
    }
}
