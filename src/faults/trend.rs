//! A share that changes along a line.

use crate::time::Span;
use crate::units::{Share, Threshold};
use std::sync::Arc;

/// A piecewise linear share. Before the first point and after the last it stays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trend {
    /// Spans, which rise, and the share after each.
    points: Arc<[(Span, Threshold)]>,
}

impl Trend {
    /// The line through `points`; `None` where there are none, or their spans do not rise.
    #[must_use]
    pub fn new(points: &[(Span, Share)]) -> Option<Self> {
        let rise = points.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let points = points.iter().map(|&(span, share)| (span, share.threshold()));
        (rise && points.len() > 0).then(|| Self { points: points.collect() })
    }

    /// The share after a span, rounded down to 2^-63.
    #[must_use]
    pub fn at(&self, span: Span) -> Threshold {
        let next = self.points.partition_point(|&(at, _)| at <= span);
        let Some(&(to, high)) = self.points.get(next) else { return self.points[next - 1].1 };
        let Some(&(from, low)) = next.checked_sub(1).and_then(|last| self.points.get(last)) else { return high };
        low.towards(high, span.ns() - from.ns(), to.ns() - from.ns())
    }

    /// The span after which it stays.
    #[must_use]
    pub fn reaches(&self) -> Span {
        self.points.last().map_or(Span::ZERO, |&(at, _)| at)
    }

    /// The greatest share.
    #[must_use]
    pub fn most(&self) -> Threshold {
        self.points.iter().map(|&(_, share)| share).max().unwrap_or(Threshold::NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trend_is_a_line_between_its_points_and_level_outside() {
        let of = |points: &[(u64, u64)]| {
            let points: Vec<_> = points.iter().map(|&(s, n)| (Span::from_s(s), Share::percent(n))).collect();
            Trend::new(&points)
        };
        let trend = of(&[(10, 20), (20, 40), (30, 0)]).unwrap();
        let percent = |s: u64| (trend.at(Span::from_s(s)).parts() as f64 / (1_u64 << 63) as f64 * 100.0).round();
        assert_eq!([0, 10, 15, 20, 25, 30, 99].map(percent), [20.0, 20.0, 30.0, 40.0, 20.0, 0.0, 0.0]);
        assert_eq!(trend.most(), Share::percent(40).threshold());
        assert_eq!([of(&[]), of(&[(2, 1), (1, 1)]), of(&[(1, 1), (1, 2)])], [None, None, None]);
    }
}
