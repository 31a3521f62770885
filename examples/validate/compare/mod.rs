//! The comparisons of `docs/validation.md`, each in full for the page and reduced for `tests/validation.rs`.

pub mod closed_forms;
pub mod lambda;
pub mod mismatch;
pub mod published;
pub mod simfaas;

use crate::common::Figures;
use cutover::random::Seed;
use cutover::scenario::{self, Options, Override, Scenario};
use cutover::stats::interval;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// The confidence of every interval: a figure that is right falls out of its own once in a thousand.
pub const CONFIDENCE: f64 = 0.999;

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
    /// By how much the two may differ.
    pub allowed: f64,
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

    /// The figures that differ by more than is allowed, in words.
    pub fn outside(&self) -> Vec<String> {
        self.each()
            .filter(|(.., figure)| !figure.share_of_allowed().is_some_and(|share| share <= 1.0))
            .map(|(case, name, figure)| {
                let Figure { cutover, reference, allowed } = figure;
                format!("{name} at {}: {cutover} against {reference} ± {allowed}", case.labels.join(", "))
            })
            .collect()
    }

    /// The largest difference, as a share of what is allowed.
    pub fn worst(&self) -> f64 {
        self.each().filter_map(|(.., figure)| figure.share_of_allowed()).fold(0.0, f64::max)
    }

    fn each(&self) -> impl Iterator<Item = (&Case, &'static str, &Figure)> {
        self.cases
            .iter()
            .flat_map(|case| self.figures.iter().zip(&case.figures).map(move |(name, figure)| (case, *name, figure)))
    }
}

impl Figure {
    /// The difference as a share of what is allowed; `None` if that makes no sense.
    fn share_of_allowed(&self) -> Option<f64> {
        let difference = (self.cutover - self.reference).abs();
        if difference == 0.0 {
            return Some(0.0);
        }
        Some(difference / self.allowed).filter(|share| share.is_finite())
    }
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
    match scenario::load(&[path.to_owned()], &Options { overrides, replications: None }) {
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

/// The mean of `values` against an exact value: it must lie in the Student t interval.
pub fn against(values: &[f64], reference: f64) -> Figure {
    let (cutover, error) = estimate(values);
    Figure { cutover, reference, allowed: student_t(values.len()) * error }
}

/// How often something of probability `p` happened among `n` independent trials: 4 standard deviations and one trial
/// (alpha < 1e-4).
pub fn binomial(happened: f64, n: f64, p: f64) -> Figure {
    Figure { cutover: happened / n, reference: p, allowed: 4.0 * libm::sqrt(p * (1.0 - p) / n) + 1.0 / n }
}
