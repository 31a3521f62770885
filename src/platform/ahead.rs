//! Service times drawn ahead of their requests.
//!
//! A draw depends on its key alone, so the service times of the next few requests of a source can be drawn together. The
//! processor then works on several at once; drawn one by one, each would stand between an arrival and the place of its
//! completion in the calendar.

use crate::dist::Law;
use crate::random::Stream;
use crate::time::Span;
use rand_distr::Distribution;

/// How many are drawn together.
const BLOCK: usize = 16;

/// The service times of a block of requests' first attempts, by one law.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ahead {
    law: Law,
    stream: Stream,
    /// Which block is drawn, counted from the first request.
    block: u64,
    spans: [Span; BLOCK],
}

impl Ahead {
    /// None drawn yet.
    pub(super) const fn new(law: Law, stream: Stream) -> Self {
        Self { law, stream, block: u64::MAX, spans: [Span::ZERO; BLOCK] }
    }

    /// The service time of request `index`.
    #[inline(always)]
    pub(super) fn service(&mut self, index: u64) -> Span {
        if index / BLOCK as u64 != self.block {
            self.draw(index / BLOCK as u64);
        }
        self.spans[index as usize % BLOCK]
    }

    #[inline(never)]
    fn draw(&mut self, block: u64) {
        self.block = block;
        let first = block * BLOCK as u64;
        for (index, span) in (first..).zip(&mut self.spans) {
            *span = self.law.sample(&mut self.stream.at(index, 0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    #[test]
    fn they_are_those_drawn_one_by_one() {
        let stream = Seed { seed: 5, replication: 0 }.stream("service", "web");
        let law = Law::Exponential { mean: Span::from_s(1) };
        let mut ahead = Ahead::new(law, stream);
        // In order, with gaps, and back: other strategies' requests may have been served meanwhile.
        for index in (0..100).chain([1_000, 1_001, 5_017]).chain(40..60) {
            assert_eq!(ahead.service(index), law.sample(&mut stream.at(index, 0)));
        }
    }
}
