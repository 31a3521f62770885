//! Probabilities over time, and what becomes of them when everything happens a random while later.

use super::integral;
use crate::dist::Law;

/// What is written into the second argument at a time in nanoseconds.
type At<'a> = Box<dyn Fn(f64, &mut [f64]) + 'a>;

/// A few probabilities as functions of time: steady before the first of its knots and from the last on, smooth between
/// two.
pub(super) struct Course<'a> {
    knots: Vec<f64>,
    values: usize,
    /// Whether it steps at its knots.
    steps: bool,
    at: At<'a>,
}

/// Of more knots than these, where a course does not step, every so many-th will do: they only guide who integrates.
const GUIDES: usize = 64;

impl<'a> Course<'a> {
    /// So many `values`, told by `at`; `knots` in any order. Whether it `steps` at them.
    pub fn new(values: usize, mut knots: Vec<f64>, steps: bool, at: impl Fn(f64, &mut [f64]) + 'a) -> Self {
        knots.sort_by(f64::total_cmp);
        knots.dedup();
        Self { knots, values, steps, at: Box::new(at) }
    }

    /// How many values it has.
    pub fn values(&self) -> usize {
        self.values
    }

    /// Whether it steps at its knots.
    pub fn steps(&self) -> bool {
        self.steps
    }

    /// The values at `t`.
    pub fn at(&self, t: f64, values: &mut [f64]) {
        (self.at)(t, values);
    }

    /// Where it begins, may bend or step, and ends; in order.
    pub fn knots(&self) -> &[f64] {
        &self.knots
    }

    /// The mean of the same a random span later.
    pub fn delayed(self, law: &Law) -> Self {
        if !self.steps && self.knots.len() > GUIDES {
            // Dear to tell, and about to be asked for many times.
            return Table::of(&self.at, self.knots.clone(), self.values).course().delayed(law);
        }
        let (Some(&first), Some(&last)) = (self.knots.first(), self.knots.last()) else { return self };
        let spans = law.knots();
        let knots: Vec<f64> = self.knots.iter().flat_map(|knot| spans.iter().map(move |span| knot + span)).collect();
        let of = |t: f64| {
            let mut values = vec![0.0; self.values];
            self.at(t, &mut values);
            values
        };
        let (before, after) = (of(first - 1.0), of(last));
        let mean = |t: f64, values: &mut [f64]| {
            // Where the span is so short that all has happened, or so long that nothing has, one value does.
            let (done, begun) = (law.cdf(t - last), law.cdf(t - first));
            for (value, (before, after)) in values.iter_mut().zip(before.iter().zip(&after)) {
                *value = after * done + before * (1.0 - begun);
            }
            let mut f = |span: f64, values: &mut [f64]| {
                self.at(t - span, values);
                let density = law.density(span);
                values.iter_mut().for_each(|value| *value *= density);
            };
            let (low, high) = ((t - last).max(spans[0]), (t - first).min(spans[spans.len() - 1]));
            let mut ends: Vec<f64> = self.knots.iter().map(|knot| t - knot).chain(spans.iter().copied()).collect();
            ends.sort_by(f64::total_cmp);
            integral::over(&mut f, (low, high), ends.into_iter().filter(|&end| end > low), 1e-11, values);
        };
        Table::of(&mean, knots, self.values).course()
    }
}

/// At most about so many of `knots`, the first and the last among them.
pub(super) fn thinned(knots: &[f64], most: usize) -> Vec<f64> {
    let every = knots.len().div_ceil(most).max(1);
    let last = knots.len().saturating_sub(1);
    let kept = knots.iter().enumerate().filter(|&(place, _)| place % every == 0 || place == last);
    kept.map(|(_, &knot)| knot).collect()
}

/// A continuous course as parabolas through three points each.
struct Table {
    values: usize,
    /// Where it was told that the course may bend.
    knots: Vec<f64>,
    /// The ends of the panels, one more than there are panels.
    ends: Vec<f64>,
    /// The values at the beginning, middle and end of every panel.
    points: Vec<f64>,
}

/// How far a parabola may be from the course.
const WITHIN: f64 = 1e-8;

const HALVINGS: u32 = 24;

impl Table {
    fn of(f: &dyn Fn(f64, &mut [f64]), mut knots: Vec<f64>, values: usize) -> Self {
        knots.sort_by(f64::total_cmp);
        knots.dedup();
        // A table finds bends by itself.
        let kept = thinned(&knots, 8 * GUIDES);
        let of = |t: f64| {
            let mut out = vec![0.0; values];
            f(t, &mut out);
            out
        };
        let ends = kept.first().copied().into_iter().collect();
        let mut table = Self { values, knots: kept.clone(), ends, points: Vec::new() };
        for pair in kept.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            table.fit(&of, (from, to), [of(from), of(0.5 * (from + to)), of(to)], 0);
        }
        table
    }

    /// Adds panels over [from, to], given the values at its ends and in its middle.
    fn fit(
        &mut self,
        of: &dyn Fn(f64) -> Vec<f64>,
        (from, to): (f64, f64),
        [begin, middle, end]: [Vec<f64>; 3],
        halvings: u32,
    ) {
        let at = 0.5 * (from + to);
        let [left, right] = [of(0.5 * (from + at)), of(0.5 * (at + to))];
        let near = |k: usize| {
            let first = 0.375 * begin[k] + 0.75 * middle[k] - 0.125 * end[k];
            let third = 0.375 * end[k] + 0.75 * middle[k] - 0.125 * begin[k];
            (first - left[k]).abs() <= WITHIN && (third - right[k]).abs() <= WITHIN
        };
        let done = halvings >= HALVINGS || (0..self.values).all(near);
        for (bounds, points) in [((from, at), [begin, left, middle.clone()]), ((at, to), [middle, right, end])] {
            if done {
                self.ends.push(bounds.1);
                points.iter().for_each(|point| self.points.extend(point));
            } else {
                self.fit(of, bounds, points, halvings + 1);
            }
        }
    }

    fn course<'a>(self) -> Course<'a> {
        let knots = thinned(&self.knots, GUIDES);
        Course::new(self.values, knots, false, move |t, values| self.at(t, values))
    }

    fn at(&self, t: f64, values: &mut [f64]) {
        let after = self.ends.partition_point(|&end| end <= t);
        // Before the first panel its beginning is told, after the last its end.
        let panel = after.clamp(1, (self.ends.len() - 1).max(1)) - 1;
        let Some(bounds) = self.ends.get(panel..panel + 2) else { return };
        let x = ((t - bounds[0]) / (bounds[1] - bounds[0])).clamp(0.0, 1.0);
        let weights = [(1.0 - x) * (1.0 - 2.0 * x), 4.0 * x * (1.0 - x), x * (2.0 * x - 1.0)];
        let points = &self.points[3 * panel * self.values..][..3 * self.values];
        for (k, value) in values.iter_mut().enumerate() {
            *value = (0..3).map(|point| weights[point] * points[point * self.values + k]).sum();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::Lognormal;
    use crate::time::Span;

    fn law(law: Law) -> Course<'static> {
        Course::new(1, law.knots(), law.is_constant(), move |t, values| values[0] = law.cdf(t))
    }

    fn value(course: &Course, t: f64) -> f64 {
        let mut values = [f64::NAN];
        course.at(t, &mut values);
        values[0]
    }

    const SECOND: f64 = 1e9;

    #[test]
    fn the_sum_of_two_uniform_spans_is_a_triangle() {
        let uniform = Law::Uniform { low: Span::ZERO, high: Span::from_s(1) };
        let sum = law(uniform).delayed(&uniform);
        for (t, p) in [(-0.1, 0.0), (0.0, 0.0), (0.5, 0.125), (1.0, 0.5), (1.5, 0.875), (2.0, 1.0), (9.0, 1.0)] {
            assert!((value(&sum, t * SECOND) - p).abs() < 1e-8, "{t}");
        }
    }

    #[test]
    fn of_two_exponential_spans_an_erlang_law() {
        let exponential = Law::Exponential { mean: Span::from_s(1) };
        let sum = law(exponential).delayed(&exponential);
        for t in [0.01, 0.3, 1.0, 2.7, 9.0, 30.0, 100.0] {
            let p = 1.0 - crate::math::exp(-t) * (1.0 + t);
            assert!((value(&sum, t * SECOND) - p).abs() < 1e-8, "{t}");
        }
    }

    #[test]
    fn a_step_takes_the_law_s_place() {
        let lognormal = Law::Lognormal(Lognormal::new(Span::from_s(2), Span::from_s(20)).unwrap());
        let sum = law(Law::Constant(Span::from_s(3))).delayed(&lognormal);
        for t in [0.0, 3.0, 3.5, 5.0, 20.0, 300.0] {
            assert!((value(&sum, t * SECOND) - lognormal.cdf((t - 3.0) * SECOND)).abs() < 1e-8, "{t}");
        }
    }
}
