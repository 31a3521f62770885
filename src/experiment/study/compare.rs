//! Two runs beside each other: which figures moved beyond chance.
//!
//! Where both met the same chance and the same traffic, replications are compared one by one, by the rule for strategies
//! (`infer/compare.rs`). Else each run has its own interval, and the distances of their ends add up as squares (Zou and Donner,
//! Statistics in Medicine 27, 2008): Welch's interval where values are normal, and as careful as the intervals themselves where
//! events are few or values lean. All judged figures hold together: half of the error goes to those on which verdicts and
//! objectives rest, half to the others, each shared evenly (Bonferroni).

mod pairing;
mod unpaired;

use super::super::infer::compare::{differences, know};
use super::super::infer::decision::LEAST;
use super::super::infer::disaster::bad;
use super::super::infer::estimate::FEW_AFFECTED;
use super::super::infer::known::Known;
use super::super::infer::sample::Sample;
use crate::metrics::{Counted, Direction, Kind, Metric};
use crate::results::comparison::{
    Comparison, Moved, ObjectiveComparison, Pairing, Recorded, RecordedScenario, RecordedStrategy, ScenarioComparison,
    StrategyComparison,
};
use crate::results::{Difference, Row, Verdict};
use std::collections::BTreeSet;

/// The figures that are judged: what matters to users and to whoever pays, none of it twice. What is a part or a share of
/// another one, and what is counted by version, is told and not judged.
const JUDGED: [Kind; 28] = [
    Kind::Lost,
    Kind::NearMisses,
    Kind::Incompatible,
    Kind::RepliesIncompatible,
    Kind::DeadLettered,
    Kind::InFlight,
    Kind::Retried,
    Kind::Resets,
    Kind::ColdStarts,
    Kind::LatencyP50,
    Kind::LatencyP99,
    Kind::MessageAgeP99,
    Kind::BacklogPeak,
    Kind::Blocked,
    Kind::InstancesMean,
    Kind::AvailableMin,
    Kind::RolloutDuration,
    Kind::Exposure,
    Kind::OldDrained,
    Kind::RolledBack,
    Kind::TimedOut,
    Kind::Overdue,
    Kind::Detection,
    Kind::Rollback,
    Kind::SessionsFlipped,
    Kind::SessionsHarmed,
    Kind::OperatorSteps,
    Kind::Cost,
];

/// On which verdicts rest.
const DECIDING: [Kind; 2] = [Kind::Lost, Kind::NearMisses];

/// The second run beside the first. `relevant` is the part of the better value below which a difference does not count.
#[must_use]
pub fn compare(before: &Recorded, after: &Recorded, relevant: f64) -> Comparison {
    let both: Vec<_> = after.scenarios.iter().filter_map(|after| Some((find(before, &after.name)?, after))).collect();
    let confidence = before.confidence.max(after.confidence);
    let mut family = Family { confidence, deciding: 0, others: 0 };
    both.iter().for_each(|(before, after)| family.count(before, after));
    let seeds = (before.seed, after.seed);
    Comparison {
        seeds,
        versions: (before.version.clone(), after.version.clone()),
        confidence,
        relevant,
        judged: family.deciding + family.others,
        scenarios: both.iter().map(|both| scenario(*both, seeds, &family, relevant)).collect(),
        alone: alone(before.scenarios.iter().map(|one| &one.name), after.scenarios.iter().map(|one| &one.name)),
    }
}

fn find<'a>(run: &'a Recorded, name: &str) -> Option<&'a RecordedScenario> {
    run.scenarios.iter().find(|scenario| scenario.name == name)
}

/// What is only among the first, and only among the second.
fn alone<'a>(
    before: impl Iterator<Item = &'a String> + Clone,
    after: impl Iterator<Item = &'a String> + Clone,
) -> (Vec<String>, Vec<String>) {
    let only = |of: &BTreeSet<&String>, not: &BTreeSet<&String>| of.difference(not).map(|&name| name.clone()).collect();
    let (before, after) = (before.collect(), after.collect());
    (only(&before, &after), only(&after, &before))
}

/// How many figures are judged.
struct Family {
    confidence: f64,
    deciding: usize,
    others: usize,
}

impl Family {
    fn count(&mut self, before: &RecordedScenario, after: &RecordedScenario) {
        let deciding = Deciding::of(before, after);
        for (before, after, metrics) in strategies(before, after) {
            for (metric, places) in &metrics {
                if told(before, after, *places).iter().any(|told| told.mean.is_none()) {
                    continue;
                }
                match deciding.judges(&after.name, metric) {
                    Some(true) => self.deciding += 1,
                    Some(false) => self.others += 1,
                    None => {}
                }
            }
        }
    }

    /// The confidence of one figure by itself.
    fn of(&self, deciding: bool) -> f64 {
        let parts = if self.deciding == 0 || self.others == 0 { 1.0 } else { 2.0 };
        let many = if deciding { self.deciding } else { self.others };
        1.0 - (1.0 - self.confidence) / parts / many.max(1) as f64
    }
}

/// The figures on which verdicts and objectives rest: keys of metrics, and the strategy that an objective is about.
struct Deciding(BTreeSet<(String, String)>);

impl Deciding {
    fn of(before: &RecordedScenario, after: &RecordedScenario) -> Self {
        let objectives = before.objectives.iter().chain(&after.objectives);
        Self(objectives.map(|objective| (objective.strategy.clone(), objective.metric.clone())).collect())
    }

    /// Whether a strategy's metric is deciding; `None` where it is not judged.
    fn judges(&self, strategy: &str, metric: &Metric) -> Option<bool> {
        let is_total = metric.version.is_none();
        if is_total && DECIDING.contains(&metric.kind) || self.0.contains(&(strategy.to_owned(), metric.key())) {
            return Some(true);
        }
        (is_total && JUDGED.contains(&metric.kind)).then_some(false)
    }
}

/// A metric, and its place in either run.
type Column = (Metric, (usize, usize));

/// The strategies that both have, with the metrics that both have.
fn strategies<'a>(
    before: &'a RecordedScenario,
    after: &'a RecordedScenario,
) -> Vec<(&'a RecordedStrategy, &'a RecordedStrategy, Vec<Column>)> {
    let place = |metric: &Metric| before.metrics.iter().position(|known| known == metric);
    let columns = after.metrics.iter().enumerate();
    let columns: Vec<Column> =
        columns.filter_map(|(there, metric)| Some((metric.clone(), (place(metric)?, there)))).collect();
    let both = after.strategies.iter().filter_map(|after| {
        let before = before.strategies.iter().find(|before| before.name == after.name)?;
        Some((before, after, columns.clone()))
    });
    both.collect()
}

fn told(
    before: &RecordedStrategy,
    after: &RecordedStrategy,
    (here, there): (usize, usize),
) -> [crate::results::comparison::Told; 2] {
    [before.told[here], after.told[there]]
}

fn scenario(
    (before, after): (&RecordedScenario, &RecordedScenario),
    seeds: (u64, u64),
    family: &Family,
    relevant: f64,
) -> ScenarioComparison {
    let pairing = pairing::of((before, after), seeds);
    let deciding = Deciding::of(before, after);
    let each = strategies(before, after).into_iter().map(|(of_before, of_after, columns)| {
        let runs = Runs { before: of_before, after: of_after, stopped: before.stopped || after.stopped, columns };
        StrategyComparison { name: of_after.name.clone(), figures: runs.figures(pairing, &deciding, family, relevant) }
    });
    let runs = |of: &RecordedScenario| of.strategies.iter().map(|strategy| strategy.rows.len()).max().unwrap_or(0);
    let names = |of: &RecordedScenario| of.strategies.iter().map(|strategy| strategy.name.clone()).collect::<Vec<_>>();
    let keys = |of: &RecordedScenario| of.metrics.iter().map(Metric::key).collect::<Vec<_>>();
    let (gone, come) = alone(keys(before).iter(), keys(after).iter());
    let unknown: BTreeSet<String> =
        [gone, come, before.unknown.clone(), after.unknown.clone()].concat().into_iter().collect();
    ScenarioComparison {
        name: after.name.clone(),
        same: before.hash == after.hash && !before.hash.is_empty(),
        pairing,
        replications: (runs(before) as u32, runs(after) as u32),
        sources: (before.source.clone(), after.source.clone()),
        overrides: (before.overrides.clone(), after.overrides.clone()),
        verdicts: (before.verdict.clone(), after.verdict.clone()),
        favoured: (before.favoured.clone(), after.favoured.clone()),
        strategies: each.collect(),
        alone: alone(names(before).iter(), names(after).iter()),
        unknown: unknown.into_iter().collect(),
        objectives: objectives(before, after),
    }
}

/// The objectives of either, in the order of the second run, then those that it has no more.
fn objectives(before: &RecordedScenario, after: &RecordedScenario) -> Vec<ObjectiveComparison> {
    let id = |of: &crate::results::comparison::Objective| (of.name.clone(), of.strategy.clone());
    let known: BTreeSet<_> = after.objectives.iter().map(id).collect();
    let gone = before.objectives.iter().filter(|one| !known.contains(&id(one)));
    let each = after.objectives.iter().chain(gone).map(|one| {
        let among = |of: &RecordedScenario| {
            of.objectives.iter().find(|other| id(other) == id(one)).map(|found| (found.bound, found.outcome))
        };
        ObjectiveComparison {
            objective: one.name.clone(),
            strategy: one.strategy.clone(),
            metric: one.metric.clone(),
            before: among(before),
            after: among(after),
        }
    });
    each.collect()
}

/// One strategy in both runs.
struct Runs<'a> {
    before: &'a RecordedStrategy,
    after: &'a RecordedStrategy,
    /// Whether the replications of either decided how many there are.
    stopped: bool,
    columns: Vec<Column>,
}

/// The rows of one run, with the columns that both have.
struct Rows {
    rows: Vec<Vec<Row>>,
    weights: Vec<f64>,
    /// How often a request was tried at most, as far as that was seen.
    tries: f64,
    /// The exact mean of what each replication's adoption times make likely, where that is known.
    first: Option<f64>,
}

impl Rows {
    fn new(strategy: &RecordedStrategy, columns: &[Column], place: impl Fn(&Column) -> usize) -> Self {
        let at = |kind| columns.iter().position(|(metric, _)| *metric == Metric { kind, version: None });
        // Where every attempt is known beforehand, what was to be expected is what the first attempts make likely.
        let expected = at(Kind::MismatchedExpected);
        let known = expected.map(|expected| strategy.told[place(&columns[expected])]).filter(|told| told.exact);
        let row = |row: &Row| {
            let values: Vec<_> = columns.iter().map(|column| row.values[place(column)]).collect();
            let first = expected.and_then(|expected| values[expected]).unwrap_or_default();
            Row { values, first, ..row.clone() }
        };
        let rows: Vec<Vec<Row>> = strategy.rows.iter().map(|strata| strata.iter().map(row).collect()).collect();
        let tried = |row: &Row| Some(row.values[at(Kind::Attempts)?]? / row.values[at(Kind::Requests)?]?);
        let tries =
            rows.iter().flatten().filter_map(tried).filter(|tries| tries.is_finite()).fold(1.0, f64::max).ceil();
        let first = known.and_then(|told| told.mean).filter(|&first| first > 0.0);
        Self { rows, weights: strategy.strata.iter().map(|stratum| stratum.weight).collect(), tries, first }
    }

    fn sample<'a>(&'a self, metrics: &'a [Metric], first: usize, stopped: bool) -> Sample<'a> {
        Sample::new(&self.rows[..first.min(self.rows.len())], &self.weights, metrics)
            .of_tries(self.tries)
            .of_first(self.first)
            .stopped(stopped)
    }
}

impl Runs<'_> {
    fn figures(&self, pairing: Pairing, deciding: &Deciding, family: &Family, relevant: f64) -> Vec<Moved> {
        let metrics: Vec<Metric> = self.columns.iter().map(|(metric, _)| metric.clone()).collect();
        let before = Rows::new(self.before, &self.columns, |(_, places)| places.0);
        let after = Rows::new(self.after, &self.columns, |(_, places)| places.1);
        let [whole_before, whole_after] = [&before, &after].map(|rows| rows.sample(&metrics, usize::MAX, self.stopped));
        let known = [self.known(true), self.known(false)];
        // By whether a figure is deciding.
        let paired = |deciding: bool| match pairing {
            Pairing::Paired(n) => {
                let [before, after] = [&before, &after].map(|rows| rows.sample(&metrics, n as usize, self.stopped));
                let mut found = differences(&[after, before], family.of(deciding));
                know(&mut found, &known);
                found
            }
            Pairing::OtherSeed | Pairing::OtherTraffic => Vec::new(),
        };
        let paired = [paired(false), paired(true)];
        let figure = |(place, (metric, places)): (usize, &Column)| {
            let judges = deciding.judges(&self.after.name, metric);
            let confidence = family.of(judges == Some(true));
            let [told_before, told_after] = told(self.before, self.after, *places);
            let found = Difference::between(&paired[usize::from(judges == Some(true))], place, 0, 1);
            let bad = |sample: Sample<'_>| (1..FEW_AFFECTED).contains(&bad(sample, metric));
            let bad = bad(whole_before) || bad(whole_after);
            // A few rollouts that went wrong as a whole are no sample of how wrong they go; nor can values be paired that
            // the window cut short.
            let cut = told_before.censored > 0 || told_after.censored > 0;
            let found = found.filter(|found| !cut && (found.verdict == Verdict::Identical || !bad));
            let is_paired = found.is_some();
            let found = found.unwrap_or_else(|| {
                let sides = [(whole_after, told_after), (whole_before, told_before)];
                let sides = sides.map(|(sample, told)| unpaired::Side::of(sample, place, told, bad, confidence));
                unpaired::difference(place, metric, sides, confidence)
            });
            Moved {
                metric: metric.clone(),
                before: told_before,
                after: told_after,
                difference: found.mean,
                interval: found.interval,
                paired: is_paired,
                verdict: found.verdict,
                judged: judges.is_some(),
                relevant: false,
            }
        };
        let mut figures: Vec<Moved> = self.columns.iter().enumerate().map(figure).collect();
        without_survivors(&mut figures);
        let requests = figures.iter().find(|figure| figure.metric == Metric { kind: Kind::Requests, version: None });
        let requests = requests.and_then(|figure| Some(figure.before.mean?.min(figure.after.mean?))).unwrap_or(0.0);
        figures.iter_mut().for_each(|figure| figure.relevant = is_relevant(figure, requests, relevant));
        figures
    }

    /// What is known of one run without chance.
    fn known(&self, after: bool) -> Known {
        let told = self.columns.iter().map(|(_, places)| told(self.before, self.after, *places)[usize::from(after)]);
        Known { means: told.map(|told| told.mean.filter(|_| told.exact)).collect(), first: None, stops: false }
    }
}

/// Withdraws the comparison of latencies where users lose more in one run than in the other, as between strategies.
fn without_survivors(figures: &mut [Moved]) {
    let share = figures.iter().find(|figure| figure.metric == Metric { kind: Kind::LostShare, version: None });
    let share = share.filter(|share| matches!(share.verdict, Verdict::Lower | Verdict::Higher));
    let Some(apart) = share.and_then(|share| share.difference).map(f64::abs) else { return };
    for figure in figures {
        if figure.metric.kind.bears_losses().is_some_and(|slack| apart > slack) {
            (figure.difference, figure.interval, figure.verdict) = (None, None, Verdict::NotCompared);
        }
    }
}

/// Whether a difference is large enough to count: a part of the better value, and of requests so many that it matters to
/// anybody.
fn is_relevant(figure: &Moved, requests: f64, relevant: f64) -> bool {
    let (Some(before), Some(after)) = (figure.before.mean, figure.after.mean) else { return false };
    let better = match figure.metric.direction() {
        Direction::Higher => before.max(after),
        Direction::Lower | Direction::Neither => before.min(after),
    };
    let least = match figure.metric.kind.counted_in() {
        Some(Counted::Requests | Counted::Attempts) => LEAST * requests,
        Some(Counted::Share) => LEAST,
        None => 0.0,
    };
    figure.difference.is_some_and(|apart| apart.abs() > (relevant * better.abs()).max(least))
}

#[cfg(test)]
mod tests;
