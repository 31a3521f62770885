//! A level over time: how many of something there are, integrated exactly.

use crate::time::Instant;

/// A count and its integral since the last [`Level::close`].
///
/// The integral of a count is the sum of (end - begin) over what it counts, so a begin subtracts its instant and an
/// end adds it: two additions for each thing counted, and no multiplication.
#[derive(Clone, Copy, Debug, Default)]
pub struct Level {
    count: u64,
    sum: i128,
}

impl Level {
    /// How many there are.
    #[inline]
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// One more from `now` on.
    #[inline]
    pub const fn begin(&mut self, now: Instant) {
        self.count += 1;
        self.sum -= now.ns() as i128;
    }

    /// One less from `now` on.
    #[inline]
    pub const fn end(&mut self, now: Instant) {
        debug_assert!(self.count > 0, "nothing left to end");
        self.count -= 1;
        self.sum += now.ns() as i128;
    }

    /// The integral from the last `close` up to `now`, in nanoseconds times the count; a new one begins.
    pub const fn close(&mut self, now: Instant) -> u128 {
        let carried = self.count as i128 * now.ns() as i128;
        let integral = self.sum + carried;
        debug_assert!(integral >= 0, "an integral of a count is not negative");
        self.sum = -carried;
        integral as u128
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrals_are_exact_and_begin_anew() {
        let at = Instant::from_ns;
        let mut level = Level::default();
        level.begin(at(-10));
        level.begin(at(0));
        assert_eq!(level.count(), 2);
        assert_eq!(level.close(at(5)), 15 + 5);
        level.end(at(7));
        assert_eq!(level.close(at(10)), 5 + 2);
        assert_eq!(level.count(), 1);
        assert_eq!(level.close(at(10)), 0);
    }
}
