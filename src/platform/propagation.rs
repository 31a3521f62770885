//! A change reaches n observers, each after its own lag: gateway nodes, front-ends, and whatever else learns late.
//!
//! All lags of a replication are drawn before it begins, so that no adoption needs an event: the adoptions lie in
//! order of time, and a cursor follows the clock. While all observers hold the same change, nobody needs to know
//! which observer is asked, and its draw is skipped.

use crate::dist::Law;
use crate::random::Stream;
use crate::time::Instant;
use rand_distr::Distribution;

/// Who has learnt of which change of one resource. Change 0 is what everybody holds from the beginning.
#[derive(Clone, Debug)]
pub struct Propagation {
    adoptions: Vec<Adoption>,
    /// Which change each observer holds.
    held: Vec<u32>,
    /// How many observers hold each change.
    holders: Vec<u32>,
    /// The change that all observers hold, if they do.
    uniform: Option<u32>,
    /// Adoptions made so far, and the instant of the next.
    made: usize,
    next_at: Instant,
    settled: Option<Instant>,
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
    /// `observers` learn of the changes made at `changes` after lags of law `lag`, drawn at (observer, change). An
    /// observer holds the highest-numbered change that has reached it and never goes back.
    #[must_use]
    pub fn new(observers: u32, changes: &[Instant], lag: &Law, stream: Stream) -> Self {
        let mut adoptions: Vec<Adoption> = Vec::with_capacity(observers as usize * changes.len());
        let mut reaching = Vec::with_capacity(changes.len());
        for observer in 0..observers {
            reaching.clear();
            reaching.extend((1..).zip(changes).map(|(change, &at)| {
                let lag = lag.sample(&mut stream.at(observer.into(), u64::from(change)));
                Adoption { at: at + lag, observer, change }
            }));
            reaching.sort_unstable();
            let mut held = 0;
            adoptions.extend(reaching.iter().filter(|adoption| {
                let newer = adoption.change > held;
                held = held.max(adoption.change);
                newer
            }));
        }
        adoptions.sort_unstable();
        let mut holders = vec![0; changes.len() + 1];
        holders[0] = observers;
        Self {
            settled: adoptions
                .iter()
                .filter(|adoption| adoption.change as usize == changes.len())
                .map(|last| last.at)
                .max(),
            next_at: adoptions.first().map_or(Instant::END, |first| first.at),
            adoptions,
            held: vec![0; observers as usize],
            holders,
            uniform: Some(0),
            made: 0,
        }
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

    #[cold]
    fn advance(&mut self, now: Instant) {
        while let Some(&Adoption { at, observer, change }) = self.adoptions.get(self.made)
            && at <= now
        {
            let held = &mut self.held[observer as usize];
            self.holders[*held as usize] -= 1;
            self.holders[change as usize] += 1;
            *held = change;
            let all = self.holders[change as usize] as usize == self.held.len();
            self.uniform = all.then_some(change);
            self.made += 1;
        }
        self.next_at = self.adoptions.get(self.made).map_or(Instant::END, |next| next.at);
    }

    /// Every adoption, in order of time.
    #[must_use]
    pub fn adoptions(&self) -> &[Adoption] {
        &self.adoptions
    }

    /// How many observers there are.
    #[must_use]
    pub fn observers(&self) -> u32 {
        self.held.len() as u32
    }

    /// When the last observer adopts the last change; `None` without changes.
    #[must_use]
    pub const fn settled(&self) -> Option<Instant> {
        self.settled
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
        let mut node = Propagation::new(1, &[at], &Law::Constant(Span::from_s(2)), STREAM());
        assert_eq!(node.view(Instant::from_ns(4_999_999_999), || 0), 0);
        assert_eq!(node.view(Instant::ZERO + Span::from_s(5), || 0), 1);
        assert_eq!(node.settled(), Some(Instant::ZERO + Span::from_s(5)));
    }

    #[test]
    fn an_observer_never_goes_back() {
        // Changes a second apart with lags up to ten: a later change often overtakes an earlier one.
        let changes: Vec<_> = (0..10).map(|s| Instant::ZERO + Span::from_s(s)).collect();
        let law = Law::Uniform { low: Span::ZERO, high: Span::from_s(10) };
        let mut nodes = Propagation::new(8, &changes, &law, STREAM());
        let reached =
            |node: u32, change: u64| changes[change as usize - 1] + law.sample(&mut STREAM().at(node.into(), change));
        for tenth in 0..250_i64 {
            let now = Instant::from_ns(tenth * 100_000_000);
            for node in 0..8 {
                let highest = (1..=10).filter(|&change| reached(node, change) <= now).max().unwrap_or(0);
                assert_eq!(u64::from(nodes.view(now, || node)), highest, "node {node} at {now:?}");
            }
        }
    }

    #[test]
    fn nobody_is_asked_while_all_agree() {
        let law = Law::Constant(Span::ZERO);
        let mut nodes = Propagation::new(4, &[Instant::ZERO], &law, STREAM());
        assert_eq!(nodes.view(Instant::from_ns(-1), || panic!("asked")), 0);
        assert_eq!(nodes.view(Instant::ZERO, || panic!("asked")), 1);
    }
}
