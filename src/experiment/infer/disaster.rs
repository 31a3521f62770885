//! Disasters nobody gave a probability: how many rollouts that lose everything it would take to turn a verdict.

use super::estimate::FEW_AFFECTED;
use super::known::Known;
use super::sample::Sample;
use crate::metrics::{Direction, Metric};
use crate::results::{Difference, Row, StrategyResults, Verdict};
use crate::scenario::Scenario;
use crate::source::{Arrivals, Source};
use crate::stats::{mean, rare};
use crate::strategy::Strategy;

/// How many rollouts went bad in the events behind a metric.
pub(in crate::experiment) fn bad(sample: Sample<'_>, metric: &Metric) -> usize {
    sample.events(metric).map_or(0, |events| events.bad())
}

/// In which share of its rollouts a strategy may do as badly as can be without that having been seen; `None` where nothing says
/// that a whole rollout may go wrong, or where some have.
pub(in crate::experiment) fn unseen(sample: Sample<'_>, metric: &Metric, confidence: f64) -> Option<f64> {
    let none = sample.feeds_back() && bad(sample, metric) == 0;
    none.then(|| rare::none_of(sample.replications() as u32, confidence))
}

/// The worst that a metric can be in a rollout of so many requests, each tried so often at most; `None` where nothing bounds it,
/// or no way is worse.
fn worst(metric: &Metric, requests: f64, tries: f64) -> Option<f64> {
    let most = metric.kind.counted_in()?.most(requests, tries);
    match metric.direction() {
        Direction::Lower => Some(most),
        Direction::Higher => Some(0.0),
        Direction::Neither => None,
    }
}

/// The share of rollouts at the worst that makes a mean worse by so much; `None` where not even all of them would, or nothing
/// bounds them.
pub(in crate::experiment) fn worsens(sample: Sample<'_>, place: usize, by: f64) -> Option<f64> {
    let metric = &sample.metrics()[place];
    let worst = worst(metric, sample.events(metric)?.requests, sample.tries())?;
    let share = by / (worst - mean(&sample.values(place).known())?).abs();
    (share < 1.0).then_some(share)
}

/// What a rollout of a scenario may come to at worst.
#[derive(Clone, Copy, Debug)]
pub(in crate::experiment) struct Worst {
    /// How often a request is tried at most.
    tries: f64,
    /// Whether the system reacts to itself, by load or by alarms, so that a whole rollout may go wrong at once.
    pub(in crate::experiment) feeds_back: bool,
}

impl Worst {
    pub(in crate::experiment) fn new(scenario: &Scenario) -> Self {
        let service = &scenario.service;
        let waits = service.sources.iter().any(|source| {
            let caller = source.caller;
            caller.timeout.is_some() || source.tries_again() || matches!(source.arrivals, Arrivals::Users(_))
        });
        Self {
            tries: f64::from(service.sources.iter().map(Source::most_attempts).max().unwrap_or(1)),
            // An alarm that does not fire in some rollout lets all of it go wrong.
            feeds_back: waits
                || scenario.strategies.iter().any(|strategy| service.hangs_together(strategy.on()))
                || scenario.strategies.iter().any(Strategy::may_be_stopped),
        }
    }

    /// The sample of these rows, with what it knows of the scenario.
    pub(in crate::experiment) const fn sample<'a>(
        &self,
        rows: &'a [Vec<Row>],
        weights: &'a [f64],
        metrics: &'a [Metric],
        known: &Known,
    ) -> Sample<'a> {
        let sample = Sample::new(rows, weights, metrics).of_tries(self.tries).of_first(known.first);
        sample.stopped(known.stops).fed_back(self.feeds_back)
    }

    /// Whether a verdict is withheld: rollouts went bad under one of its strategies, in too few to tell how often they do, and
    /// as often as they may it would turn.
    pub(in crate::experiment) fn withholds(found: &Difference, samples: &[Sample<'_>], confidence: f64) -> bool {
        let Some(turns_at) = found.turns_at else { return false };
        if found.interval.is_some_and(|(low, high)| low == high) {
            // It is known exactly.
            return false;
        }
        let [a, b] = [found.a, found.b].map(|place| samples[place]);
        let bad = |sample: Sample<'_>| match bad(sample, &sample.metrics()[found.metric]) {
            bad if bad < FEW_AFFECTED => bad,
            _ => 0,
        };
        let bad = bad(a).max(bad(b)) as u32;
        bad > 0 && rare::binomial(bad, a.replications().min(b.replications()) as u32, confidence).1 >= turns_at
    }

    /// Which share of the rollouts under the better strategy would have to be as bad as can be for a difference to turn;
    /// `None` where none is told, and where not even all of them would do.
    pub(in crate::experiment) fn turns_at(
        &self,
        found: &Difference,
        strategies: &[StrategyResults],
        metrics: &[Metric],
    ) -> Option<f64> {
        let metric = &metrics[found.metric];
        let mean = |strategy: usize, metric: usize| strategies[strategy].estimates[metric].mean;
        let is_less = match found.verdict {
            Verdict::Lower => true,
            Verdict::Higher => false,
            _ => return None,
        };
        let is_a = is_less == (metric.direction() == Direction::Lower);
        let (better, other) = if is_a { (found.a, found.b) } else { (found.b, found.a) };
        let requests = metrics.iter().position(|metric| metric.key() == "requests")?;
        let worst = worst(metric, mean(better, requests)?, self.tries)?;
        let (better, other) = (mean(better, found.metric)?, mean(other, found.metric)?);
        let share = (other - better) / (worst - better);
        (share.is_finite() && share < 1.0).then_some(share)
    }
}
