//! Service times drawn ahead of their requests.
//!
//! A draw depends on its key alone, so the service times of the next few requests of a source can be drawn together. The
//! processor then works on several at once; drawn one by one, each would stand between an arrival and the place of its
//! completion in the calendar.

use crate::dist::Law;
use crate::random::Stream;
use crate::time::Span;

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
        let stream = self.stream;
        self.law.sample_each(&mut self.spans, (first..).map(|index| stream.at(index, 0)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::Lognormal;
    use crate::random::Seed;
    use rand_distr::Distribution;

    #[test]
    fn they_are_those_drawn_one_by_one() {
        let stream = Seed { seed: 5, replication: 0 }.stream("service", "web");
        let second = Span::from_s(1);
        let laws = [
            Law::Constant(second),
            Law::Uniform { low: Span::ZERO, high: second },
            Law::Exponential { mean: second },
            Law::Lognormal(Lognormal::new(second, Span::from_s(7)).unwrap()),
        ];
        for law in laws {
            let mut ahead = Ahead::new(law, stream);
            // In order, enough for the rare ways through the ziggurats, with gaps, and back.
            for index in (0..10_000).chain([20_000, 20_001, 50_017]).chain(40..60) {
                assert_eq!(ahead.service(index), law.sample(&mut stream.at(index, 0)));
            }
        }
    }
}
