//! Columns that several owners have parts of.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// A stretch of a column that others may have stretches of, too. Reads as a slice; a clone is
/// another look at the same numbers.
///
/// The column lives as long as any stretch of it.
///
/// ```
/// use ferula::model::SharedSlice;
///
/// let column = SharedSlice::from(vec![1.0, 2.0, 3.0, 4.0]);
/// let middle = column.part(1..3);
/// assert_eq!((middle.len(), middle.iter().sum::<f64>()), (2, 5.0));
/// ```
pub struct SharedSlice<T> {
    column: Arc<Vec<T>>,
    within: Range<usize>,
}

impl<T> SharedSlice<T> {
    /// A stretch of this one; nothing where it does not lie within.
    pub fn part(&self, within: Range<usize>) -> SharedSlice<T> {
        let range = match self.get(within.clone()) {
            Some(_) => self.within.start + within.start..self.within.start + within.end,
            None => 0..0,
        };
        SharedSlice { column: self.column.clone(), within: range }
    }
}

impl<T> Deref for SharedSlice<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.column.get(self.within.clone()).unwrap_or_default()
    }
}

impl<'a, T> IntoIterator for &'a SharedSlice<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> From<Vec<T>> for SharedSlice<T> {
    fn from(column: Vec<T>) -> Self {
        SharedSlice { within: 0..column.len(), column: Arc::new(column) }
    }
}

impl<T> FromIterator<T> for SharedSlice<T> {
    fn from_iter<I: IntoIterator<Item = T>>(numbers: I) -> Self {
        numbers.into_iter().collect::<Vec<T>>().into()
    }
}

impl<T> Default for SharedSlice<T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<T> Clone for SharedSlice<T> {
    fn clone(&self) -> Self {
        SharedSlice { column: self.column.clone(), within: self.within.clone() }
    }
}

impl<T: PartialEq> PartialEq for SharedSlice<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: fmt::Debug> fmt::Debug for SharedSlice<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
