//! The matchers of a selector.

use crate::model::Matcher;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// Matchers, used as a slice. Most selectors have one alone, the metric's name, and that takes no
/// memory of its own.
#[derive(Clone)]
pub struct Matchers(Kept);

#[derive(Clone)]
enum Kept {
    One(Matcher),
    Many(Vec<Matcher>),
}

impl Matchers {
    /// None so far, with room for so many.
    pub(super) fn with_capacity(count: usize) -> Matchers {
        Matchers(Kept::Many(if count > 1 { Vec::with_capacity(count) } else { Vec::new() }))
    }
    /// Appends a matcher.
    pub fn push(&mut self, matcher: Matcher) {
        match &mut self.0 {
            Kept::Many(matchers) if matchers.capacity() > 0 => matchers.push(matcher),
            Kept::Many(_) => self.0 = Kept::One(matcher),
            Kept::One(_) => {
                let mut matchers = std::mem::take(self).into_vec();
                matchers.push(matcher);
                self.0 = Kept::Many(matchers);
            }
        }
    }
    /// All of them.
    pub fn into_vec(self) -> Vec<Matcher> {
        match self.0 {
            Kept::One(matcher) => vec![matcher],
            Kept::Many(matchers) => matchers,
        }
    }
}

impl Default for Matchers {
    fn default() -> Self {
        Matchers::with_capacity(0)
    }
}
impl Deref for Matchers {
    type Target = [Matcher];
    fn deref(&self) -> &[Matcher] {
        match &self.0 {
            Kept::One(matcher) => std::slice::from_ref(matcher),
            Kept::Many(matchers) => matchers,
        }
    }
}
impl DerefMut for Matchers {
    fn deref_mut(&mut self) -> &mut [Matcher] {
        match &mut self.0 {
            Kept::One(matcher) => std::slice::from_mut(matcher),
            Kept::Many(matchers) => matchers,
        }
    }
}
impl From<Matcher> for Matchers {
    fn from(matcher: Matcher) -> Self {
        Matchers(Kept::One(matcher))
    }
}
impl From<Vec<Matcher>> for Matchers {
    fn from(matchers: Vec<Matcher>) -> Self {
        Matchers(Kept::Many(matchers))
    }
}
impl PartialEq for Matchers {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}
impl fmt::Debug for Matchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_or_many_are_a_slice() {
        for count in 0..4 {
            let (mut grown, all): (Matchers, Vec<_>) =
                (Matchers::default(), (0..count).map(|i| Matcher::equal("l", &i.to_string())).collect());
            all.iter().for_each(|matcher| grown.push(matcher.clone()));
            assert_eq!(*grown, *all);
            assert_eq!(grown, Matchers::from(all.clone()));
            assert_eq!(grown.clone().into_vec(), all);
            grown.iter_mut().for_each(|matcher| matcher.name = "m".into());
            assert!(grown.iter().all(|matcher| matcher.name == "m"));
        }
    }
}
