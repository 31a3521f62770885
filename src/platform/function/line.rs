//! The line of a pool's idle instances, in the order in which they became idle.
//!
//! Taken from either end it is a stack or a queue; one who leaves from the middle leaves a gap, so that nobody else has
//! to move. There is never a gap at an end.

use super::instance::NIL;

/// Places of idle instances; [`NIL`] is a gap. A position is a number given at the end and kept until the line closes up;
/// positions wrap around.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// Those who left from the front stand before `start` until there are as many of them as of others: a plain list is
    /// quicker at its end than a ring.
    places: Vec<u32>,
    start: usize,
    /// The position of the first.
    front: u32,
    gaps: usize,
    /// The first that has not been looked at.
    unseen: u32,
}

impl Line {
    /// How many stand in it.
    #[inline]
    pub const fn len(&self) -> usize {
        self.places.len() - self.start - self.gaps
    }

    /// Joins at the end; answers the position.
    #[inline]
    pub fn join(&mut self, place: u32) -> u32 {
        let position = self.end();
        self.places.push(place);
        position
    }

    /// The position that the next to join will have.
    #[inline]
    const fn end(&self) -> u32 {
        self.front.wrapping_add((self.places.len() - self.start) as u32)
    }

    /// How far behind the first a position is.
    #[inline]
    const fn behind(&self, position: u32) -> usize {
        position.wrapping_sub(self.front) as usize
    }

    /// The last leaves.
    #[inline]
    pub fn pop_last(&mut self) -> Option<u32> {
        if self.places.len() == self.start {
            return None;
        }
        let place = self.places.pop();
        if self.gaps > 0 {
            self.close_back();
        }
        if self.behind(self.unseen) > self.places.len() - self.start {
            self.unseen = self.end();
        }
        place
    }

    /// The first leaves.
    #[inline]
    pub fn pop_first(&mut self) -> Option<u32> {
        let place = *self.places.get(self.start)?;
        self.step();
        while self.gaps > 0 && self.places.get(self.start) == Some(&NIL) {
            self.gaps -= 1;
            self.step();
        }
        if self.start > 32 && self.start > self.places.len() / 2 {
            self.places.drain(..self.start);
            self.start = 0;
        }
        Some(place)
    }

    /// The front moves back by one.
    #[inline]
    const fn step(&mut self) {
        if self.unseen == self.front {
            self.unseen = self.unseen.wrapping_add(1);
        }
        self.start += 1;
        self.front = self.front.wrapping_add(1);
    }

    /// Whoever is at `position` leaves.
    pub fn leave(&mut self, position: u32) {
        let behind = self.behind(position);
        if behind == 0 {
            self.pop_first();
        } else if self.start + behind + 1 == self.places.len() {
            self.pop_last();
        } else {
            self.places[self.start + behind] = NIL;
            self.gaps += 1;
        }
    }

    /// No gap at the end.
    #[cold]
    fn close_back(&mut self) {
        while self.places.len() > self.start && self.places.last() == Some(&NIL) {
            self.places.pop();
            self.gaps -= 1;
        }
    }

    /// Whether gaps are the majority: time to close up.
    #[inline]
    pub fn is_mostly_gaps(&self) -> bool {
        self.gaps > 64 && self.gaps > self.places.len() / 2
    }

    /// Everybody moves up; `moved` learns of each new position.
    pub fn close_up(&mut self, mut moved: impl FnMut(u32, u32)) {
        let seen = self.behind(self.unseen);
        self.places.drain(..self.start);
        self.start = 0;
        let seen = self.places.iter().take(seen).filter(|&&place| place != NIL).count();
        self.places.retain(|&place| place != NIL);
        self.gaps = 0;
        self.unseen = self.front.wrapping_add(seen as u32);
        for (behind, &place) in self.places.iter().enumerate() {
            moved(place, self.front.wrapping_add(behind as u32));
        }
    }

    /// The first that has not been looked at.
    pub fn first_unseen(&mut self) -> Option<u32> {
        loop {
            match self.places.get(self.start + self.behind(self.unseen)) {
                Some(&NIL) => self.see(),
                other => return other.copied(),
            }
        }
    }

    /// The first unseen has been looked at.
    pub const fn see(&mut self) {
        self.unseen = self.unseen.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    /// Everybody in a plain list, with whether they have been looked at.
    #[derive(Default)]
    struct Plain(Vec<(u32, bool)>);

    #[test]
    fn it_does_what_a_plain_list_does() {
        let stream = Seed { seed: 11, replication: 0 }.stream("test", "line");
        let (mut line, mut plain) =
            (Line { front: u32::MAX - 700, unseen: u32::MAX - 700, ..Line::default() }, Plain::default());
        let mut positions = std::collections::BTreeMap::new();
        let mut next = 0;
        for step in 0..40_000 {
            match stream.below(12, step, 0) {
                0..=4 => {
                    positions.insert(next, line.join(next));
                    plain.0.push((next, false));
                    next += 1;
                }
                5 | 6 => assert_eq!(line.pop_last(), plain.0.pop().map(|(place, _)| place)),
                7 => {
                    let first = (!plain.0.is_empty()).then(|| plain.0.remove(0).0);
                    assert_eq!(line.pop_first(), first);
                }
                8 | 9 if !plain.0.is_empty() => {
                    let (place, _) = plain.0.remove(stream.below(plain.0.len() as u32, step, 1) as usize);
                    line.leave(positions[&place]);
                }
                _ => {
                    let unseen = plain.0.iter_mut().find(|(_, seen)| !seen);
                    assert_eq!(line.first_unseen(), unseen.as_ref().map(|(place, _)| *place));
                    if let Some((_, seen)) = unseen {
                        *seen = true;
                        line.see();
                    }
                }
            }
            if line.is_mostly_gaps() {
                line.close_up(|place, position| {
                    positions.insert(place, position);
                });
            }
            assert_eq!(line.len(), plain.0.len());
        }
        assert!(line.front < u32::MAX / 2, "positions wrapped around");
    }
}
