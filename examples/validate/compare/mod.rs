//! The comparisons of `docs/validation.md`, each in full for the page and reduced for `tests/validation.rs`.

pub mod closed_forms;
pub mod lambda;
pub mod loss;
pub mod mismatch;
pub mod published;
pub mod rates;
pub mod reach;
pub mod sessions;
pub mod simfaas;

use crate::common::Figures;
use cutover::math;
use cutover::random::Seed;
use cutover::scenario::{self, Options, Override, Scenario};
use cutover::stats::{interval, rare};
use rayon::prelude::*;
use special::Gamma;
use std::path::{Path, PathBuf};

/// The chance that a right program differs by more than is allowed anywhere in a comparison. The figures of a comparison
/// share it evenly (Bonferroni), so that a long table does not fail by its length.
pub const ALPHA: f64 = 0.001;

/// The confidence of intervals that stand alone.
pub const CONFIDENCE: f64 = 1.0 - ALPHA;

/// How much is simulated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// What the page shows.
    Full,
    /// What a test has time for.
    Reduced,
}

impl Size {
    pub fn pick<T>(self, full: T, reduced: T) -> T {
        match self {
            Self::Full => full,
            Self::Reduced => reduced,
        }
    }
}

/// A figure of ours beside the one it must agree with.
pub struct Figure {
    pub cutover: f64,
    pub reference: f64,
    pub spread: Spread,
}

/// Why a right figure differs from its reference.
#[derive(Clone, Copy)]
pub enum Spread {
    /// Their difference has a standard error, estimated with so many degrees of freedom.
    Student { error: f64, freedom: f64 },
    /// It is how many of so many independent trials had a certain end.
    Binomial { trials: f64 },
    /// It is Pearson's statistic.
    ChiSquare { freedom: f64 },
    /// By so much at most, as the reference's own authors say.
    Given(f64),
}

/// One line of a comparison.
pub struct Case {
    pub labels: Vec<String>,
    pub figures: Vec<Figure>,
}

/// Cases that are compared in the same figures.
pub struct Comparison {
    /// What tells the cases apart.
    pub labels: &'static [&'static str],
    /// Where the references come from.
    pub reference: &'static str,
    /// What is compared.
    pub figures: &'static [&'static str],
    pub cases: Vec<Case>,
}

impl Comparison {
    /// How many figures are compared.
    pub fn checked(&self) -> usize {
        self.cases.iter().map(|case| case.figures.len()).sum()
    }

    /// By how much a figure may differ: an interval of confidence 1 - [`ALPHA`] over all figures together.
    pub fn allowed(&self, figure: &Figure) -> f64 {
        figure.allowed(1.0 - ALPHA / self.checked() as f64)
    }

    /// The figures that differ by more than is allowed, in words.
    pub fn outside(&self) -> Vec<String> {
        self.each()
            .filter(|(.., figure)| !self.share_of_allowed(figure).is_some_and(|share| share <= 1.0))
            .map(|(case, name, figure)| {
                let Figure { cutover, reference, .. } = figure;
                let allowed = self.allowed(figure);
                format!("{name} at {}: {cutover} against {reference} ± {allowed}", case.labels.join(", "))
            })
            .collect()
    }

    /// The figure that differs most, as a share of what is allowed.
    pub fn worst(&self) -> (f64, &Figure) {
        let shares = self.each().map(|(.., figure)| (self.share_of_allowed(figure).unwrap_or(f64::INFINITY), figure));
        shares.reduce(|worst, next| if next.0 > worst.0 { next } else { worst }).expect("a comparison has figures")
    }

    fn each(&self) -> impl Iterator<Item = (&Case, &'static str, &Figure)> {
        self.cases
            .iter()
            .flat_map(|case| self.figures.iter().zip(&case.figures).map(move |(name, figure)| (case, *name, figure)))
    }

    /// The difference as a share of what is allowed; `None` if that makes no sense.
    pub fn share_of_allowed(&self, figure: &Figure) -> Option<f64> {
        let difference = (figure.cutover - figure.reference).abs();
        if difference == 0.0 {
            return Some(0.0);
        }
        Some(difference / self.allowed(figure)).filter(|share| share.is_finite())
    }
}

impl Figure {
    fn allowed(&self, confidence: f64) -> f64 {
        match self.spread {
            Spread::Student { error, freedom } => interval::student_t(freedom, confidence) * error,
            Spread::Binomial { trials } => self.binomial(trials, confidence),
            Spread::ChiSquare { freedom } => chi_square(freedom, confidence) - freedom,
            Spread::Given(allowed) => allowed,
        }
    }

    /// Where the rarer end was seen often, the normal law with the reference's own variance; else the exact interval of
    /// a Poisson count, on the side where the reference lies.
    fn binomial(&self, trials: f64, confidence: f64) -> f64 {
        const NORMAL: f64 = 1e5;
        const MANY: f64 = 200.0;
        let p = self.reference;
        let rarer = if p < 0.5 { self.cutover } else { 1.0 - self.cutover };
        let reference = if p < 0.5 { p } else { 1.0 - p };
        if reference * trials >= MANY {
            return interval::student_t(NORMAL, confidence) * libm::sqrt(p * (1.0 - p) / trials);
        }
        let seen = (rarer * trials).round();
        let none_to = -math::ln((1.0 - confidence) / 2.0);
        let (low, high) = if seen == 0.0 { (0.0, none_to) } else { rare::poisson(seen, 1.0, confidence) };
        (if reference > rarer { high - seen } else { seen - low }) / trials
    }
}

/// The percentile of the chi-square law at `confidence`, by bisection.
fn chi_square(freedom: f64, confidence: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1_000.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if (middle / 2.0).inc_gamma(freedom / 2.0) < confidence {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// A file of the project.
pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A scenario as a user would write it.
pub fn written(toml: &str) -> Scenario {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.toml");
    std::fs::write(&path, toml).unwrap();
    load(&path, &[])
}

/// A scenario file, with overrides as on the command line.
pub fn load(path: &Path, overrides: &[&str]) -> Scenario {
    let overrides = overrides.iter().map(|text| Override::new(text)).collect();
    match scenario::load(&[path.to_owned()], &Options { overrides, replications: None, ..Options::default() }) {
        Ok(mut scenarios) => scenarios.remove(0),
        Err(mistakes) => panic!("{mistakes}"),
    }
}

/// Independent replications of a scenario's strategy `place`. Cases have seeds of their own: with the same one, a
/// Poisson source of twice the rate would have the same gaps, halved.
pub fn replicate(scenario: &Scenario, place: usize, seed: u64, replications: u64) -> Vec<Figures> {
    let strategy = &scenario.strategies[place];
    (0..replications)
        .into_par_iter()
        .map(|replication| Figures::of(scenario, strategy, Seed { seed, replication }))
        .collect()
}

pub fn values(figures: &[Figures], key: &str) -> Vec<f64> {
    figures.iter().map(|figures| figures.get(key)).collect()
}

pub fn total(figures: &[Figures], key: &str) -> f64 {
    values(figures, key).iter().sum()
}

/// The mean and its standard error.
pub fn estimate(values: &[f64]) -> (f64, f64) {
    let estimate = interval::of(values, CONFIDENCE).unwrap();
    (estimate.mean, estimate.half_width.unwrap() / student_t(values.len()))
}

/// The t of intervals over so many values.
pub fn student_t(values: usize) -> f64 {
    interval::student_t(values as f64 - 1.0, CONFIDENCE)
}

/// The mean of `values` against an exact value.
pub fn against(values: &[f64], reference: f64) -> Figure {
    let (cutover, error) = estimate(values);
    Figure { cutover, reference, spread: Spread::Student { error, freedom: values.len() as f64 - 1.0 } }
}

/// How often something of probability `p` happened among `n` independent trials.
pub fn binomial(happened: f64, n: f64, p: f64) -> Figure {
    Figure { cutover: happened / n, reference: p, spread: Spread::Binomial { trials: n } }
}
