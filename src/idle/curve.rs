//! An idle curve: which share of instances is reclaimed by which age of idleness, as somebody measured it.

use crate::time::Span;
use crate::units::Share;
use rand::Rng;
use std::fmt;
use std::sync::Arc;

/// A piecewise linear distribution of idle timeouts. Where the last share is below the whole, the rest of the
/// instances is never reclaimed.
#[derive(Clone, PartialEq, Debug)]
pub struct Curve {
    /// Spans and the shares reclaimed by then, in nanoseconds and in parts of 2^63; both rise.
    points: Arc<[(u64, u64)]>,
}

/// Why points make no curve, and the place of the point that is at fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CurveError {
    /// Nothing to read a timeout from.
    #[error("an idle curve has at least one point")]
    Empty,
    /// A span not above the one before.
    #[error("the spans of an idle curve rise from point to point")]
    SpansFall(usize),
    /// A share below the one before.
    #[error("the shares of an idle curve never fall")]
    SharesFall(usize),
    /// Nothing is ever reclaimed.
    #[error("an idle curve ends above 0%")]
    Flat,
}

impl Curve {
    /// The curve through `points`: by that span of idleness, that share is reclaimed. Before the first point nothing
    /// is, so a share above zero at the first point is a step there.
    ///
    /// # Errors
    /// [`CurveError`], where spans do not rise or shares fall.
    pub fn new(points: &[(Span, Share)]) -> Result<Self, CurveError> {
        let points: Vec<_> = points.iter().map(|(span, share)| (span.ns(), share.threshold().parts())).collect();
        let fall = |fell: fn(&(u64, u64), &(u64, u64)) -> bool| {
            points.windows(2).position(|pair| fell(&pair[0], &pair[1])).map(|place| place + 1)
        };
        if let Some(place) = fall(|a, b| b.0 <= a.0) {
            return Err(CurveError::SpansFall(place));
        }
        if let Some(place) = fall(|a, b| b.1 < a.1) {
            return Err(CurveError::SharesFall(place));
        }
        match points.last() {
            None => Err(CurveError::Empty),
            Some((_, 0)) => Err(CurveError::Flat),
            Some(_) => Ok(Self { points: points.into() }),
        }
    }

    /// A span of idleness that every instance survives.
    #[must_use]
    pub fn least(&self) -> Span {
        let rising = self.points.iter().position(|&(_, parts)| parts > 0).unwrap_or(0);
        Span::from_ns(self.points[rising.saturating_sub(1)].0)
    }

    /// The timeout of one idle period; `None` for never.
    pub fn timeout<R: Rng>(&self, rng: &mut R) -> Option<Span> {
        let parts = rng.next_u64() >> 1;
        let reached = self.points.partition_point(|&(_, share)| share <= parts);
        let &(to, above) = self.points.get(reached)?;
        let Some(&(from, below)) = reached.checked_sub(1).and_then(|before| self.points.get(before)) else {
            return Some(Span::from_ns(to));
        };
        let into = u128::from(to - from) * u128::from(parts - below) / u128::from(above - below);
        Some(Span::from_ns(from + into as u64))
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.points.last().map_or(0, |&(ns, _)| ns);
        write!(f, "{} to {} (measured curve)", self.least(), Span::from_ns(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    fn curve(points: &[(u64, u64)]) -> Result<Curve, CurveError> {
        let points: Vec<_> = points.iter().map(|&(s, percent)| (Span::from_s(s), Share::percent(percent))).collect();
        Curve::new(&points)
    }

    /// Timeouts in seconds, `None` for never, of 10,000 draws.
    fn timeouts(curve: &Curve) -> Vec<Option<f64>> {
        let stream = Seed { seed: 3, replication: 0 }.stream("idle", "web");
        (0..10_000).map(|i| curve.timeout(&mut stream.at(i, 0)).map(Span::seconds)).collect()
    }

    #[test]
    fn timeouts_follow_the_curve() {
        // A share of 10,000 draws has a standard deviation of at most 0.005: 0.02 is four of them.
        let curve = curve(&[(300, 0), (600, 50), (1_620, 90)]).unwrap();
        assert_eq!(curve.least(), Span::from_s(300));
        let timeouts = timeouts(&curve);
        let by = |s: f64| timeouts.iter().flatten().filter(|&&timeout| timeout <= s).count() as f64 / 10_000.0;
        for (s, share) in [(300.0, 0.0), (450.0, 0.25), (600.0, 0.5), (1_110.0, 0.7), (1_620.0, 0.9)] {
            assert!((by(s) - share).abs() < 0.02, "{s} s: {}", by(s));
        }
    }

    #[test]
    fn a_single_point_is_a_step() {
        let step = curve(&[(60, 100)]).unwrap();
        assert_eq!(step.least(), Span::from_s(60));
        assert!(timeouts(&step).iter().all(|&timeout| timeout == Some(60.0)));
    }

    #[test]
    fn points_that_make_no_curve_are_refused() {
        assert_eq!(curve(&[]), Err(CurveError::Empty));
        assert_eq!(curve(&[(5, 10), (5, 20)]), Err(CurveError::SpansFall(1)));
        assert_eq!(curve(&[(5, 10), (6, 9)]), Err(CurveError::SharesFall(1)));
        assert_eq!(curve(&[(5, 0)]), Err(CurveError::Flat));
    }
}
