//! A change reaches n observers, each after its own lag: gateway nodes, front-ends, and whatever else learns late.
//!
//! All lags of a change are drawn when it is made, so that no adoption needs an event: a cursor follows the clock. While
//! all observers hold the same change, nobody needs to know which observer is asked, and its draw is skipped.

use crate::dist::Law;
use crate::random::Stream;
use crate::time::Instant;
use rand_distr::Distribution;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Who has learnt of which change of one resource. Change 0 is what everybody holds from the beginning.
#[derive(Clone, Debug)]
pub struct Propagation {
    lag: Law,
    stream: Stream,
    /// How many changes there have been.
    changes: u32,
    /// Who will be reached by which change, the soonest first.
    coming: BinaryHeap<Reverse<Adoption>>,
    /// Adoptions made, in order of time.
    made: Vec<Adoption>,
    /// Which change each observer holds.
    held: Vec<u32>,
    /// How many observers hold each change.
    holders: Vec<u32>,
    /// The change that all observers hold, if they do.
    uniform: Option<u32>,
    /// When the next observer is reached.
    next_at: Instant,
}

/// One observer adopts one change, from `at` on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Adoption {
    /// When.
    pub at: Instant,
    /// Who.
    pub observer: u32,
    /// Which change, from 1.
    pub change: u32,
}

impl Propagation {
    /// `observers` who learn of changes after lags of law `lag`, drawn at (observer, change).
    #[must_use]
    pub fn new(observers: u32, lag: Law, stream: Stream) -> Self {
        Self {
            lag,
            stream,
            changes: 0,
            coming: BinaryHeap::new(),
            made: Vec::new(),
            held: vec![0; observers as usize],
            holders: vec![observers],
            uniform: Some(0),
            next_at: Instant::END,
        }
    }

    /// The resource changes at `now`. An observer holds the highest-numbered change that has reached it and never goes back.
    pub fn change(&mut self, now: Instant) {
        self.changes += 1;
        self.holders.push(0);
        let change = self.changes;
        self.coming.extend((0..self.observers()).map(|observer| {
            let lag = self.lag.sample(&mut self.stream.at(observer.into(), u64::from(change)));
            Reverse(Adoption { at: now + lag, observer, change })
        }));
        self.next_at = self.coming.peek().map_or(Instant::END, |Reverse(next)| next.at);
    }

    /// The change that the asked observer holds at `now`. The clock must not go back between calls; `observer` is
    /// asked for only while it matters.
    #[inline]
    pub fn view(&mut self, now: Instant, observer: impl FnOnce() -> u32) -> u32 {
        if now >= self.next_at {
            self.advance(now);
        }
        match self.uniform {
            Some(change) => change,
            None => self.held[observer() as usize],
        }
    }

    /// The change that all observers hold at `now`, if they do, and when the next adoption will be.
    pub fn uniform(&mut self, now: Instant) -> (Option<u32>, Instant) {
        if now >= self.next_at {
            self.advance(now);
        }
        (self.uniform, self.next_at)
    }

    /// Lets everybody adopt what has reached them by `now`.
    #[cold]
    pub fn advance(&mut self, now: Instant) {
        while let Some(&Reverse(adoption)) = self.coming.peek()
            && adoption.at <= now
        {
            self.coming.pop();
            let held = &mut self.held[adoption.observer as usize];
            if adoption.change > *held {
                self.holders[*held as usize] -= 1;
                self.holders[adoption.change as usize] += 1;
                *held = adoption.change;
                let all = self.holders[adoption.change as usize] as usize == self.held.len();
                self.uniform = all.then_some(adoption.change);
                self.made.push(adoption);
            }
        }
        self.next_at = self.coming.peek().map_or(Instant::END, |Reverse(next)| next.at);
    }

    /// The adoptions so far, in order of time; those that a later change overtook are none.
    #[must_use]
    pub fn adoptions(&self) -> &[Adoption] {
        &self.made
    }

    /// When the next observer is reached by a change; [`Instant::END`] if none will be.
    #[must_use]
    pub const fn next_at(&self) -> Instant {
        self.next_at
    }

    /// When the last change on its way reaches the last observer; `None` where none is.
    #[must_use]
    pub fn last_at(&self) -> Option<Instant> {
        self.coming.iter().map(|Reverse(adoption)| adoption.at).max()
    }

    /// When a change reaches the only observer, or has reached it; `None` where a later one did before, or there is no such change.
    #[must_use]
    pub fn reaches(&self, change: u32) -> Option<Instant> {
        let coming = self.coming.iter().map(|Reverse(adoption)| adoption);
        coming.chain(&self.made).find(|adoption| adoption.change == change).map(|adoption| adoption.at)
    }

    /// How many changes there have been.
    #[must_use]
    pub const fn changes(&self) -> u32 {
        self.changes
    }

    /// How many observers there are.
    #[must_use]
    pub fn observers(&self) -> u32 {
        self.held.len() as u32
    }

    /// Whether every observer holds the last change.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.uniform == Some(self.changes)
    }

    /// When the last observer adopted the last change; `None` without changes, or before.
    #[must_use]
    pub fn settled(&self) -> Option<Instant> {
        self.made.last().filter(|_| self.is_settled()).map(|last| last.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;
    use crate::time::Span;

    const STREAM: fn() -> Stream = || Seed { seed: 5, replication: 0 }.stream("lag", "test");

    #[test]
    fn a_change_is_adopted_from_its_instant_on() {
        let at = Instant::ZERO + Span::from_s(3);
        let mut node = Propagation::new(1, Law::Constant(Span::from_s(2)), STREAM());
        node.change(at);
        assert_eq!(node.view(Instant::from_ns(4_999_999_999), || 0), 0);
        assert_eq!(node.settled(), None);
        assert_eq!(node.view(Instant::ZERO + Span::from_s(5), || 0), 1);
        assert_eq!(node.settled(), Some(Instant::ZERO + Span::from_s(5)));
    }

    #[test]
    fn an_observer_never_goes_back() {
        // Changes a second apart with lags up to ten: a later change often overtakes an earlier one.
        let changes: Vec<_> = (0..10).map(|s| Instant::ZERO + Span::from_s(s)).collect();
        let law = Law::Uniform { low: Span::ZERO, high: Span::from_s(10) };
        let mut nodes = Propagation::new(8, law, STREAM());
        let reached =
            |node: u32, change: u64| changes[change as usize - 1] + law.sample(&mut STREAM().at(node.into(), change));
        for tenth in 0..250_i64 {
            let now = Instant::from_ns(tenth * 100_000_000);
            if changes.contains(&now) {
                nodes.change(now);
            }
            for node in 0..8 {
                let highest = (1..=10).filter(|&change| reached(node, change) <= now).max().unwrap_or(0);
                assert_eq!(u64::from(nodes.view(now, || node)), highest, "node {node} at {now:?}");
            }
        }
    }

    #[test]
    fn nobody_is_asked_while_all_agree() {
        let law = Law::Constant(Span::ZERO);
        let mut nodes = Propagation::new(4, law, STREAM());
        nodes.change(Instant::ZERO);
        assert_eq!(nodes.view(Instant::from_ns(-1), || panic!("asked")), 0);
        assert_eq!(nodes.view(Instant::ZERO, || panic!("asked")), 1);
    }
}
