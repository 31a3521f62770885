//! How many requests may come at once: what a platform must be ready for.

use super::{Arrivals, Firings, Schedule, Source};
use crate::time::{Instant, Span};
use crate::units::Rate;

impl Source {
    /// How long the code works for one of its requests on average, in nanoseconds, where it takes `code_ns` for others.
    #[must_use]
    pub fn work_ns(&self, code_ns: f64) -> f64 {
        match &self.arrivals {
            Arrivals::Trace(trace) => trace.duration_ns.unwrap_or(code_ns),
            _ => code_ns,
        }
    }
}

impl Arrivals {
    /// About the most requests that arrive within `span` anywhere in the window [start, end), chance apart; of users those
    /// who wait for an answer that takes so long. No trace is read for it.
    #[must_use]
    pub fn surge(&self, span: Span, start: Instant, end: Instant) -> f64 {
        let ns = span.ns() as f64;
        let at = |rate: Rate| ns / rate.gap_ns();
        let most = match self {
            Self::Constant(constant) => at(constant.rate) + 1.0,
            Self::Poisson(poisson) => at(poisson.rate),
            Self::Diurnal(diurnal) => at(diurnal.peak),
            Self::Profile(profile) => profile.extremes().1.map_or(0.0, at),
            Self::Bursty(bursty) => {
                // An exponential time is seldom longer than three times its mean.
                let states = [bursty.quiet, bursty.burst]
                    .map(|state| state.rate.map_or(0.0, |rate| ns.min(3.0 * state.lasts.ns() as f64) / rate.gap_ns()));
                states[0].max(states[1]) + bursty.hz() * 1e-9 * ns
            }
            Self::Schedule(schedule) => schedule.surge(span),
            Self::Trace(trace) => trace.surge(span, end.since(start)),
            Self::Users(users) => users.requests(span, ns).min(users.count.into()),
        };
        most.min(self.about(start, end))
    }
}

impl Schedule {
    fn surge(&self, span: Span) -> f64 {
        let firings = self.firings.shortest_gap().map_or(0, |gap| span.ns() / gap.ns()) as f64 + 1.0;
        let firings = match &self.firings {
            Firings::Every { .. } => firings,
            Firings::At(instants) => firings.min(instants.len() as f64),
        };
        // A batch of which the jitter lets only a part come within the span.
        let part = if self.jitter > span { (span.ns() as f64 / self.jitter.ns() as f64).max(1e-9) } else { 1.0 };
        f64::from(self.batch) * firings * part
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Bursty, Poisson, State};

    fn surge(arrivals: &Arrivals, ms: u64) -> f64 {
        arrivals.surge(Span::from_ns(ms * 1_000_000), Instant::ZERO, Instant::ZERO + Span::from_s(1_000))
    }

    #[test]
    fn a_batch_comes_at_once_and_a_burst_at_its_own_rate() {
        let firings = Firings::Every { every: Span::from_s(10), first: Instant::ZERO };
        let schedule = |jitter| Arrivals::Schedule(Schedule { firings: firings.clone(), batch: 500, jitter });
        assert_eq!(surge(&schedule(Span::ZERO), 1), 500.0);
        assert_eq!(surge(&schedule(Span::ZERO), 25_000), 1_500.0);
        assert_eq!(surge(&schedule(Span::from_s(10)), 1_000), 50.0);
        assert_eq!(surge(&Arrivals::Poisson(Poisson { rate: Rate::per_second(200) }), 100), 20.0);
        let state = |rate, s| State { rate: Some(Rate::per_second(rate)), lasts: Span::from_s(s) };
        let bursty = Arrivals::Bursty(Bursty { quiet: state(10, 90), burst: state(1_000, 10) });
        // 109 a second on average, 1,000 a second for at most 30 s.
        assert!((surge(&bursty, 1_000) - 1_109.0).abs() < 1e-6);
        assert!((surge(&bursty, 100_000) - 40_900.0).abs() < 1e-6);
        assert!(surge(&bursty, 100_000_000) <= bursty.about(Instant::ZERO, Instant::ZERO + Span::from_s(1_000)));
    }
}
