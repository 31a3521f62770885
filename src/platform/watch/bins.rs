//! The bins of a timeline: equal spans whose edges include t = 0, so that no bin holds both warm-up and rollout.

use crate::platform::Window;
use crate::time::{Instant, Span};

/// The bins over [-warm-up, after). The first and the last may be cut short by the window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bins {
    window: Window,
    width: u64,
    /// How many bins lie before t = 0, and from there on.
    before: u64,
    from_zero: u64,
}

impl Bins {
    /// Bins of `width`, which must be above zero, over `window`.
    #[must_use]
    pub fn new(window: Window, width: Span) -> Self {
        let bins = |span: Span| span.ns().div_ceil(width.ns());
        Self { window, width: width.ns(), before: bins(window.warm_up), from_zero: bins(window.after) }
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        (self.before + self.from_zero) as usize
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first bin that is counted: the one that begins at t = 0.
    #[must_use]
    pub const fn first_counted(&self) -> usize {
        self.before as usize
    }

    /// The bin that holds an instant of the window.
    #[inline]
    #[must_use]
    pub const fn index(&self, at: Instant) -> usize {
        let from_first_edge = at.ns() + (self.before * self.width) as i64;
        (from_first_edge as u64 / self.width) as usize
    }

    /// Where bin `i` begins, and bin `i - 1` ends.
    #[must_use]
    pub fn edge(&self, i: usize) -> Instant {
        let multiple = (i as i128 - i128::from(self.before)) * i128::from(self.width);
        let at = i64::try_from(multiple).map_or(Instant::END, Instant::from_ns);
        at.clamp(self.window.start(), self.window.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_an_edge_and_the_window_cuts_the_ends() {
        let window = Window { warm_up: Span::from_s(7), after: Span::from_s(12) };
        let bins = Bins::new(window, Span::from_s(5));
        let edges: Vec<_> = (0..=bins.len()).map(|i| bins.edge(i).seconds()).collect();
        assert_eq!(edges, [-7.0, -5.0, 0.0, 5.0, 10.0, 12.0]);
        assert_eq!(bins.first_counted(), 2);
        for i in 0..bins.len() {
            assert_eq!(bins.index(bins.edge(i)), i);
            assert_eq!(bins.index(bins.edge(i + 1).before(Span::from_ns(1))), i);
        }
    }
}
