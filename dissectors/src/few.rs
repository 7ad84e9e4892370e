//! Lists that nearly always stay empty.

use std::ops::Deref;

/// A list that takes the room of a pointer while it is empty, where a vector takes that of three: the state of a connection
/// has many such lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Few<T>(
    #[expect(clippy::box_collection, reason = "an empty vector is three words, and most lists are empty")]
    Option<Box<Vec<T>>>,
);

impl<T> Few<T> {
    /// Adds an item. Nearly always it is the only one, so that there is room for no other.
    pub fn push(&mut self, item: T) {
        match &mut self.0 {
            Some(items) => items.push(item),
            None => *self = vec![item].into(),
        }
    }

    /// Leaves no item.
    pub fn clear(&mut self) {
        self.0 = None;
    }

    /// Leaves the items for which `keep` is true; it may change them.
    pub fn retain(&mut self, keep: impl FnMut(&mut T) -> bool) {
        if let Some(items) = &mut self.0 {
            items.retain_mut(keep);
            self.0.take_if(|items| items.is_empty());
        }
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }
}

impl<T> From<Vec<T>> for Few<T> {
    fn from(items: Vec<T>) -> Self {
        Self(Some(Box::new(items)).filter(|items| !items.is_empty()))
    }
}

impl<'a, T> IntoIterator for &'a Few<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_pointer_and_holds_what_a_vector_would() {
        assert_eq!(size_of::<Few<[u64; 9]>>(), size_of::<usize>());
        let (mut few, mut all) = (Few::default(), Vec::new());
        for item in 0..10 {
            few.push(item);
            all.push(item);
            assert_eq!(*few, *all);
        }
        few.retain(|item| {
            *item += 1;
            *item > 8
        });
        assert_eq!(*few, [9, 10]);
    }

    #[test]
    fn those_without_an_item_are_equal() {
        let mut few = Few::from(vec![1]);
        few.retain(|_| false);
        assert_eq!(few, Few::default());
        few.push(2);
        few.clear();
        assert_eq!(few, Few::from(Vec::new()));
    }
}
