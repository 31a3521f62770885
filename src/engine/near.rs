//! The next few events, sorted, in an array of fixed size.

use super::event::Entry;
use std::cell::Cell;

/// How many places there are: a power of two, so that a masked place is known to exist.
const PLACES: usize = 64;

/// How many events it holds at most.
pub(super) const MOST: usize = PLACES - 1;

/// A few events. An entry after every event stands before them all, so that neither looking at the first event nor
/// sorting one in asks whether there is any.
#[derive(Clone, Debug)]
pub(super) struct Near {
    /// The next event last.
    entries: [Entry; PLACES],
    len: usize,
}

impl Default for Near {
    fn default() -> Self {
        Self { entries: [Entry::NEVER; PLACES], len: 0 }
    }
}

impl Near {
    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The events, the next one last.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries[1..=self.len]
    }

    /// The next event; one that never happens if there is none.
    #[inline]
    pub(super) const fn first(&self) -> Entry {
        self.entries[self.len % PLACES]
    }

    /// The next event is taken; there must be one.
    #[inline]
    pub(super) const fn pop(&mut self) {
        self.len -= 1;
    }

    /// Sorts an event in; there must be room.
    #[inline]
    pub(super) fn insert(&mut self, entry: Entry) {
        debug_assert!(self.len < MOST, "no room");
        self.len = (self.len + 1) % PLACES;
        // As cells, neighbours can be told apart without asking at each step whether they exist.
        let places = Cell::from_mut(&mut self.entries[..=self.len]).as_slice_of_cells();
        for pair in places.windows(2).rev() {
            let above = pair[0].get();
            // Few share an instant, and one number is compared sooner than two.
            if above.at > entry.at || above.at == entry.at && above.key() > entry.key() {
                pair[1].set(entry);
                return;
            }
            pair[1].set(above);
        }
    }

    /// Drops the first so many of [`Near::entries`].
    pub(super) fn drop_last_to_happen(&mut self, events: usize) {
        self.entries.copy_within(1 + events..=self.len, 1);
        self.len -= events;
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::Rank;
    use super::*;
    use crate::time::Instant;

    #[test]
    fn it_holds_what_it_says_and_gives_it_back_in_order() {
        let event = |i: usize| Entry::new(Instant::from_ns(i as i64 / 2), Rank::Arrival, i as u64, 0);
        let mut near = Near::default();
        // 37 and 63 have no factor in common: each of the places once.
        (0..MOST).for_each(|i| near.insert(event(i * 37 % MOST)));
        for i in 0..MOST {
            assert_eq!((near.len(), near.first()), (MOST - i, event(i)));
            near.pop();
        }
        assert_eq!((near.len(), near.first()), (0, Entry::NEVER));
    }
}
