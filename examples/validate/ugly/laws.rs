//! Laws far from normal, and intervals of so many values of them: no rollouts, nothing but the rules themselves.

use super::{CONFIDENCE, REPLICATIONS, Row, covers, row};
use cutover::experiment::Sample;
use cutover::experiment::infer::estimate::estimate;
use cutover::math;
use cutover::metrics::{Kind, Metric};
use cutover::results::{Estimate, Row as Values};
use rand_distr::{Distribution, Exp1, StandardNormal, StandardUniform};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

pub type Chance = Xoshiro256PlusPlus;

/// The requests of every rollout.
const REQUESTS: f64 = 10_000.0;

/// A law of the values of a metric.
#[derive(Clone, Copy)]
pub struct Law {
    pub kind: Kind,
    pub mean: f64,
    pub draw: fn(&mut Chance) -> f64,
}

/// Of the values of rollouts, with the metrics that a share needs beside it, in this order.
pub fn metrics(kind: Kind) -> [Metric; 3] {
    [Kind::Requests, Kind::Lost, kind].map(|kind| Metric { kind, version: None })
}

/// Where those have the metric itself.
pub const PLACE: usize = 2;

impl Law {
    /// The row of a rollout.
    pub fn row(&self, chance: &mut Chance) -> Vec<Values> {
        let value = (self.draw)(chance);
        let lost = if self.kind == Kind::LostShare { value * REQUESTS } else { 0.0 };
        vec![Values { values: vec![Some(REQUESTS), Some(lost), Some(value)], censored: vec![false; 3], first: 0.0 }]
    }
}

pub fn uniform(chance: &mut Chance) -> f64 {
    StandardUniform.sample(chance)
}

fn normal(chance: &mut Chance) -> f64 {
    StandardNormal.sample(chance)
}

fn exponential(chance: &mut Chance) -> f64 {
    let part: f64 = Exp1.sample(chance);
    (part / 5.0).min(1.0)
}

/// As [`HEAVY`], and 1.5 more.
pub fn longer(chance: &mut Chance) -> f64 {
    (HEAVY.draw)(chance) + 1.5
}

/// 1.5 less than the mean of [`HEAVY`], nearly.
pub fn steady(chance: &mut Chance) -> f64 {
    HEAVY.mean - 1.5 + 0.01 * normal(chance)
}

fn hit(probability: f64, size: fn(&mut Chance) -> f64, chance: &mut Chance) -> f64 {
    if uniform(chance) < probability { size(chance) } else { 0.0 }
}

pub const HALF: Law =
    Law { kind: Kind::LatencyP50, mean: 1.133_148_453_066_826_3, draw: |chance| math::exp(0.5 * normal(chance)) };
pub const HEAVY: Law =
    Law { kind: Kind::LatencyP50, mean: 3.080_216_848_918_031, draw: |chance| math::exp(1.5 * normal(chance)) };
pub const FIFTIETH: Law = share(0.02, |chance| hit(0.02, |_| 1.0, chance));
pub const TENTH: Law = share(0.05, |chance| hit(0.1, uniform, chance));
const TWENTIETH: Law = share(0.05, |chance| hit(0.05, |_| 1.0, chance));
const FIFTH: Law = share(0.2, |chance| hit(0.2, |_| 1.0, chance));
/// An exponential part of mean 0.2, cut at 1, has this mean.
const CUT: f64 = 0.198_652_410_600_182_9;
const TENTH_EXPONENTIAL: Law = share(0.1 * CUT, |chance| hit(0.1, exponential, chance));

const fn share(mean: f64, draw: fn(&mut Chance) -> f64) -> Law {
    Law { kind: Kind::LostShare, mean, draw }
}

/// The estimates of so many experiments, where any event was seen: after none there is no interval that could hold the mean and
/// be of any use, which is what `turns_at` is for.
fn estimates(law: Law, count: u64) -> impl Iterator<Item = Estimate> {
    let each = (0..count).map(move |seed| {
        let mut chance = Chance::seed_from_u64(seed);
        let rows: Vec<_> = (0..REPLICATIONS).map(|_| law.row(&mut chance)).collect();
        estimate(Sample::new(&rows, &[1.0], &metrics(law.kind)), PLACE, CONFIDENCE)
    });
    each.filter(|found| found.mean != Some(0.0))
}

/// Values without a bound, or between 0 and 1.
pub fn all(count: u64) -> Vec<Row> {
    let laws = [
        ("a lognormal mean, sigma 0.5", 0.93, HALF),
        ("a lognormal mean, sigma 1.5: `student-t-approximate`", 0.9, HEAVY),
        ("a rollout in 20 loses everything, where any was seen", 0.95, TWENTIETH),
        ("a rollout in 5 loses everything", 0.94, FIFTH),
        ("a rollout in 10 loses a part, uniform", 0.95, TENTH),
        ("a rollout in 10 loses a part, exponential of mean 20 %", 0.95, TENTH_EXPONENTIAL),
    ];
    let kept =
        |(what, asked, law): (_, _, Law)| row(what, asked, estimates(law, count).map(|found| covers(&found, law.mean)));
    laws.map(kept).into()
}
