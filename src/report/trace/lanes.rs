//! Slices on one track must not overlap. What runs at the same time at one place lies in lanes, each a track, which the viewer
//! shows as one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The lanes of one place.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// When each lane is free, the soonest first.
    free: BinaryHeap<Reverse<(i64, usize)>>,
    len: usize,
}

impl Lanes {
    /// The lane of a slice from `begins` to `ends`, and whether it is a new one. Slices come in the order in which they begin.
    pub fn lane(&mut self, begins: i64, ends: i64) -> (usize, bool) {
        let lane = match self.free.peek() {
            Some(&Reverse((free, lane))) if free <= begins => {
                self.free.pop();
                lane
            }
            _ => self.len,
        };
        let is_new = lane == self.len;
        self.len += usize::from(is_new);
        self.free.push(Reverse((ends, lane)));
        (lane, is_new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_lanes_as_there_is_at_once() {
        let mut lanes = Lanes::default();
        let laid: Vec<_> = [(0, 10), (2, 3), (3, 9), (3, 3), (10, 11)].map(|(from, to)| lanes.lane(from, to)).into();
        assert_eq!(laid, [(0, true), (1, true), (1, false), (2, true), (2, false)]);
    }
}
