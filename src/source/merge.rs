//! Several sources in one order of time.

use super::{Arrival, Feed, Source};
use crate::random::Seed;
use crate::time::Instant;

/// The next arrival over all sources: a tournament in which only the source that won plays again, so that a hundred
/// sources cost about seven comparisons more than one. At equal instants the source written first wins.
#[derive(Clone, Debug)]
pub struct Merge {
    feeds: Vec<Lane>,
    /// Winners of the matches, the champion at 1; node n plays 2n against 2n + 1.
    winners: Vec<u32>,
    next_at: Instant,
}

#[derive(Clone, Debug)]
struct Lane {
    feed: Feed,
    next: Arrival,
    index: u64,
}

/// A request as its source sends it.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// When, and for how long if known.
    pub arrival: Arrival,
    /// The source's place in the scenario.
    pub source: u32,
    /// The request's number within its source, from 0.
    pub index: u64,
}

impl Merge {
    /// All arrivals of `sources` in one replication, from `start` on.
    #[must_use]
    pub fn new(sources: &[Source], seed: Seed, start: Instant) -> Self {
        let feeds: Vec<_> = sources
            .iter()
            .map(|source| {
                let mut feed = source.feed(seed, start);
                let next = feed.advance();
                Lane { feed, next, index: 0 }
            })
            .collect();
        let mut merge = Self { winners: vec![0; feeds.len().max(1) * 2], feeds, next_at: Instant::END };
        let n = merge.feeds.len();
        for lane in 0..n {
            merge.winners[n + lane] = lane as u32;
        }
        for node in (1..n).rev() {
            merge.play(node);
        }
        merge.next_at = merge.feeds.get(merge.winners[1] as usize).map_or(Instant::END, |lane| lane.next.at);
        merge
    }

    /// When the next request arrives; [`Instant::END`] when none will.
    #[inline]
    #[must_use]
    pub const fn next_at(&self) -> Instant {
        self.next_at
    }

    /// Takes the next request.
    #[inline]
    pub fn take(&mut self) -> Sent {
        let winner = self.winners[1];
        let lane = &mut self.feeds[winner as usize];
        let sent = Sent { arrival: lane.next, source: winner, index: lane.index };
        lane.next = lane.feed.advance();
        lane.index += 1;
        let mut node = (self.feeds.len() + winner as usize) / 2;
        // With one source the champion stands at 1 from the start, and nobody plays.
        while node >= 1 {
            self.play(node);
            node /= 2;
        }
        self.next_at = self.feeds[self.winners[1] as usize].next.at;
        sent
    }

    #[inline]
    fn play(&mut self, node: usize) {
        let (a, b) = (self.winners[2 * node], self.winners[2 * node + 1]);
        let key = |lane: u32| (self.feeds[lane as usize].next.at, lane);
        self.winners[node] = if key(b) < key(a) { b } else { a };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Arrivals, Constant};
    use crate::units::Rate;

    #[test]
    fn arrivals_come_in_order_and_ties_by_place() {
        for n in 1..9_u64 {
            let sources: Vec<_> = (0..n)
                .map(|i| Source {
                    name: format!("s{i}"),
                    arrivals: Arrivals::Constant(Constant { rate: Rate::per_second(i % 3 + 1), first: Instant::ZERO }),
                    clients: None,
                    caller: crate::source::Caller::default(),
                })
                .collect();
            let mut merge = Merge::new(&sources, Seed { seed: 1, replication: 0 }, Instant::ZERO);
            let mut taken = Vec::new();
            for _ in 0..100 {
                let at = merge.next_at();
                let sent = merge.take();
                assert_eq!(at, sent.arrival.at);
                taken.push((at, sent.source, sent.index));
            }
            assert!(taken.windows(2).all(|pair| pair[0] < pair[1]), "{n}");
        }
    }

    #[test]
    fn no_source_never_sends() {
        assert_eq!(Merge::new(&[], Seed { seed: 1, replication: 0 }, Instant::ZERO).next_at(), Instant::END);
    }
}
