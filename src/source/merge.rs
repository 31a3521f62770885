//! Several sources in one order of time.

use super::{Bursts, Feed, FeedError, Source};
use crate::random::Seed;
use crate::time::{Instant, Span};

/// The next arrival over all sources: a tree of losers (Knuth, "The Art of Computer Programming", volume 3, section
/// 5.4.1), in which only the source that won plays again, against those that lost on its way up. At equal instants the
/// source written first wins.
#[derive(Clone, Debug)]
pub struct Merge {
    feeds: Vec<Lane>,
    /// Who lost the match at node n, whose winner plays on at n / 2; node 0 is not played.
    losers: Vec<Player>,
    next: Player,
}

/// A source's next arrival, and its place in the scenario: whoever is less wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Player {
    at: Instant,
    lane: u32,
}

#[derive(Clone, Debug)]
struct Lane {
    feed: Feed,
    index: u64,
}

/// A request as its source sends it.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// When it arrives.
    pub at: Instant,
    /// How long the code will take, where the source knows it.
    pub known: Option<Span>,
    /// The source's place in the scenario.
    pub source: u32,
    /// The request's number within its source, from 0.
    pub index: u64,
}

impl Merge {
    /// All arrivals of `sources` in one replication, in [`start`, `end`). `bursts`: what is taken as given of each source's.
    #[must_use]
    pub fn new(
        sources: &[Source],
        seed: Seed,
        (start, end): (Instant, Instant),
        bursts: impl Fn(usize) -> Option<Bursts>,
    ) -> Self {
        let lane =
            |(place, source): (usize, &Source)| Lane { feed: source.feed(seed, start, end, bursts(place)), index: 0 };
        let mut feeds: Vec<_> = sources.iter().enumerate().map(lane).collect();
        let n = feeds.len();
        let nobody = Player { at: Instant::END, lane: 0 };
        // Every match from the leaves up; lane k enters at n + k.
        let mut winners = vec![nobody; 2 * n];
        let mut losers = vec![nobody; n];
        for ((lane, winner), Lane { feed, .. }) in (0..).zip(&mut winners[n..]).zip(&mut feeds) {
            *winner = Player { at: feed.advance(), lane };
        }
        for node in (1..n).rev() {
            let (a, b) = (winners[2 * node], winners[2 * node + 1]);
            (winners[node], losers[node]) = (a.min(b), a.max(b));
        }
        Self { next: winners.get(1).copied().unwrap_or(nobody), feeds, losers }
    }

    /// When the next request arrives; [`Instant::END`] when none will.
    #[inline]
    #[must_use]
    pub const fn next_at(&self) -> Instant {
        self.next.at
    }

    /// Takes the next request.
    #[inline(always)]
    pub fn take(&mut self) -> Sent {
        let Player { at, lane: source } = self.next;
        let lane = &mut self.feeds[source as usize];
        let sent = Sent { at, known: lane.feed.service(), source, index: lane.index };
        lane.index += 1;
        let mut player = Player { at: lane.feed.advance(), lane: source };
        let mut node = (self.feeds.len() + source as usize) / 2;
        // With one source the champion stands at 1 from the start, and nobody plays.
        while node >= 1 {
            let loser = &mut self.losers[node];
            let other = *loser;
            // Both are written whoever wins: that leaves the processor no branch to guess.
            let wins = other < player;
            *loser = if wins { player } else { other };
            player = if wins { other } else { player };
            node /= 2;
        }
        self.next = player;
        sent
    }

    /// Drops all requests before `at`.
    #[inline(never)]
    pub fn skip_to(&mut self, at: Instant) {
        while self.next_at() < at {
            self.take();
        }
    }

    /// Why the arrivals of some source are not to be relied on, if they are not.
    #[must_use]
    pub fn failure(&self) -> Option<FeedError> {
        self.feeds.iter().find_map(|lane| lane.feed.failure())
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
                    via: crate::source::Via::Gateway,
                    clients: None,
                    caller: crate::source::Caller::default(),
                })
                .collect();
            let mut merge =
                Merge::new(&sources, Seed { seed: 1, replication: 0 }, (Instant::ZERO, Instant::END), |_| None);
            let mut taken = Vec::new();
            for _ in 0..100 {
                let at = merge.next_at();
                let sent = merge.take();
                assert_eq!(at, sent.at);
                taken.push((at, sent.source, sent.index));
            }
            assert!(taken.windows(2).all(|pair| pair[0] < pair[1]), "{n}");
        }
    }

    #[test]
    fn no_source_never_sends() {
        assert_eq!(
            Merge::new(&[], Seed { seed: 1, replication: 0 }, (Instant::ZERO, Instant::END), |_| None).next_at(),
            Instant::END
        );
    }
}
