//! Which attempts are kept where there are more than are wanted: those of requests that went wrong first, then of all others those
//! whose requests have drawn the lowest lots. Nothing but the request decides, so that the same ones are kept in whatever order they end.

use super::Noted;
use crate::results::trace::Sample;

/// Attempts, of which so many are kept.
#[derive(Debug)]
pub(super) struct Kept {
    most: usize,
    wrong: Class,
    others: Class,
}

/// Attempts that are kept alike.
#[derive(Debug)]
struct Class {
    /// How many there were.
    seen: u64,
    /// Those that may be kept, with their requests' lots.
    held: Vec<(u64, Noted)>,
    /// Requests with this lot and higher ones are not kept.
    below: u64,
}

impl Class {
    const fn new() -> Self {
        Self { seen: 0, held: Vec::new(), below: u64::MAX }
    }

    fn add(&mut self, lot: u64, noted: Noted, most: usize) {
        self.seen += 1;
        if lot >= self.below {
            return;
        }
        self.held.push((lot, noted));
        // Not at every attempt, for it takes a look at all of them.
        if self.held.len() > most + most / 4 + 1_000 {
            self.cut(most);
        }
    }

    /// Keeps as many whole requests, by their lots, as have at most so many attempts.
    fn cut(&mut self, most: usize) {
        if self.held.len() <= most {
            return;
        }
        self.held.sort_unstable_by_key(|&(lot, _)| lot);
        self.below = self.held[most].0;
        self.held.truncate(self.held.partition_point(|&(lot, _)| lot < self.below));
    }
}

impl Kept {
    pub(super) const fn new(most: usize) -> Self {
        Self { most, wrong: Class::new(), others: Class::new() }
    }

    /// An attempt has ended. `wrong`: whether its request went wrong; `lot`: its request's.
    pub(super) fn add(&mut self, wrong: bool, lot: u64, noted: Noted) {
        let class = if wrong { &mut self.wrong } else { &mut self.others };
        class.add(lot, noted, self.most);
    }

    /// Those that are kept. What went wrong comes first, but leaves the others half of the room, so that both are seen.
    pub(super) fn finish(mut self) -> (Vec<Noted>, Sample) {
        let (most, others) = (self.most, self.others.held.len());
        self.wrong.cut(most - others.min(most / 2));
        self.others.cut(most - self.wrong.held.len());
        let wrong_kept = self.wrong.held.len() as u64;
        let sample = Sample {
            attempts: self.wrong.seen + self.others.seen,
            kept: wrong_kept + self.others.held.len() as u64,
            wrong: self.wrong.seen,
            wrong_kept,
        };
        let noted = self.wrong.held.into_iter().chain(self.others.held).map(|(_, noted)| noted);
        (noted.collect(), sample)
    }
}
