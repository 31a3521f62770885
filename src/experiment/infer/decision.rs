//! The decision: which strategy the figures favour. Judged first by the requests that users lose, then by near misses;
//! costs decide nothing.

use crate::metrics::{Kind, Metric};
use crate::results::{Decision, Difference, Standing, StrategyResults, Verdict};

/// Below this part of the requests a difference matters to nobody, whatever its relative size.
pub(in crate::experiment) const LEAST: f64 = 1e-4;

/// Decides. `relevant` is the part of the better value below which a difference does not count.
#[must_use]
pub fn decide(
    strategies: &[StrategyResults],
    metrics: &[Metric],
    differences: &[Difference],
    relevant: f64,
) -> Decision {
    let figures = Figures { strategies, metrics, differences, relevant };
    let brings = |place: &usize| strategies[*place].brings.is_some();
    let all: Vec<usize> = (0..strategies.len()).collect();
    let deploying: Vec<usize> = all.iter().copied().filter(brings).collect();
    let mut contestants: Vec<usize> =
        deploying.iter().copied().filter(|&place| strategies[place].reach.is_none_or(|reach| reach.anybody)).collect();
    if deploying.is_empty() {
        contestants.clone_from(&all);
    }
    let mut standings = vec![Standing::Baseline; strategies.len()];
    for (place, standing) in figures.standings(&contestants) {
        standings[place] = standing;
    }
    let rank = |place: &usize| match standings[*place] {
        Standing::Recommended => 0,
        Standing::Alike => 1,
        Standing::Behind | Standing::Stopped => 2,
        // Those that are open stand by what was seen, among those that are told.
        Standing::Open | Standing::Refused => 3,
        Standing::Baseline => 4,
    };
    let mut order = all;
    let value = |place: usize, kind| figures.mean(place, kind).unwrap_or(f64::INFINITY);
    order.sort_by(|a, b| {
        let by = |kind| value(*a, kind).total_cmp(&value(*b, kind));
        rank(a).cmp(&rank(b)).then(by(Kind::Lost)).then(by(Kind::NearMisses))
    });
    let runner_up = order.iter().copied().find(|place| matches!(rank(place), 2 | 3));
    Decision { order, standings, runner_up }
}

struct Figures<'a> {
    strategies: &'a [StrategyResults],
    metrics: &'a [Metric],
    differences: &'a [Difference],
    relevant: f64,
}

impl Figures<'_> {
    fn place(&self, kind: Kind) -> Option<usize> {
        self.metrics.iter().position(|metric| *metric == Metric { kind, version: None })
    }

    fn mean(&self, strategy: usize, kind: Kind) -> Option<f64> {
        self.strategies[strategy].estimates[self.place(kind)?].mean
    }

    /// How the contestants stand.
    fn standings(&self, contestants: &[usize]) -> Vec<(usize, Standing)> {
        let (kept, lost) = self.split(contestants, Kind::Lost);
        let (kept, stopped) = self.through(kept);
        let (best, behind) = self.split(&kept, Kind::NearMisses);
        if self.is_open(&kept, Kind::Lost) || self.is_open(&best, Kind::NearMisses) {
            // Only those that are told from the least stand somewhere.
            let told = |place: usize| match () {
                () if lost.contains(&place) => Standing::Refused,
                () if stopped.contains(&place) => Standing::Stopped,
                () if behind.contains(&place) => Standing::Behind,
                () => Standing::Open,
            };
            return contestants.iter().map(|&place| (place, told(place))).collect();
        }
        let favoured = if best.len() == 1 && contestants.len() > 1 { Standing::Recommended } else { Standing::Alike };
        let as_one = |places: Vec<usize>, standing| places.into_iter().map(move |place| (place, standing));
        as_one(best, favoured)
            .chain(as_one(behind, Standing::Behind))
            .chain(as_one(stopped, Standing::Stopped))
            .chain(as_one(lost, Standing::Refused))
            .collect()
    }

    /// Those that nothing ever stops, and the others; all of them, where something stops each.
    fn through(&self, kept: Vec<usize>) -> (Vec<usize>, Vec<usize>) {
        let some = |place: usize, kind| self.mean(place, kind).is_some_and(|share| share > 0.0);
        let is_stopped = |place: &usize| [Kind::RolledBack, Kind::TimedOut].into_iter().any(|kind| some(*place, kind));
        if kept.iter().all(is_stopped) {
            return (kept, Vec::new());
        }
        kept.into_iter().partition(|place| !is_stopped(place))
    }

    /// Whether some of those kept were not compared with the first of them.
    fn is_open(&self, kept: &[usize], kind: Kind) -> bool {
        let Some((&best, others)) = kept.split_first() else { return false };
        others.iter().any(|&place| self.verdict(kind, place, best) == Verdict::NotCompared)
    }

    /// Those that have least of a kind, the very least first, or cannot be told from it, or not relevantly; and the others.
    fn split(&self, places: &[usize], kind: Kind) -> (Vec<usize>, Vec<usize>) {
        let mut known: Vec<(usize, f64)> =
            places.iter().map(|&place| (place, self.mean(place, kind).unwrap_or(f64::INFINITY))).collect();
        known.sort_by(|a, b| a.1.total_cmp(&b.1));
        let Some(&(best, least)) = known.first() else { return (Vec::new(), Vec::new()) };
        let requests = self.mean(best, Kind::Requests).unwrap_or(0.0);
        let slack = (self.relevant * least).max(LEAST * requests);
        let keeps = |&(place, mean): &(usize, f64)| {
            place == best || self.verdict(kind, place, best) != Verdict::Higher || mean - least <= slack
        };
        let (kept, others): (Vec<_>, Vec<_>) = known.into_iter().partition(keeps);
        let places = |known: Vec<(usize, f64)>| known.into_iter().map(|(place, _)| place).collect();
        (places(kept), places(others))
    }

    /// The verdict on a - b.
    fn verdict(&self, kind: Kind, a: usize, b: usize) -> Verdict {
        let found = self.place(kind).and_then(|metric| Difference::between(self.differences, metric, a, b));
        found.map_or(Verdict::NotCompared, |found| found.verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::infer::compare;
    use crate::experiment::infer::estimate::estimates;
    use crate::experiment::infer::sample::Sample;
    use crate::ids::Version;
    use crate::results::{Reach, Row, Stratum};

    const KINDS: [Kind; 3] = [Kind::Requests, Kind::Lost, Kind::NearMisses];

    /// A strategy with these losses and near misses in five rollouts of 100,000 requests, give or take a little.
    fn strategy(metrics: &[Metric], lost: f64, near: f64) -> StrategyResults {
        let spread = [0.98, 0.99, 1.0, 1.01, 1.02];
        let row = |x: &f64| Row {
            values: vec![Some(1e5), Some(lost * x), Some(near * x)],
            censored: vec![false; 3],
            first: 0.0,
        };
        let rows: Vec<Vec<Row>> = spread.iter().map(|x| vec![row(x)]).collect();
        StrategyResults {
            name: String::new(),
            replaces: Some(Version(1)),
            brings: Some(Version(2)),
            reach: Some(Reach { anybody: true, at_end: Some(1.0) }),
            estimates: estimates(Sample::new(&rows, &[1.0], metrics), 0.95),
            strata: vec![Stratum { name: "all".to_owned(), weight: 1.0 }],
            rows,
            pairs: Vec::new(),
            timeline: Default::default(),
            actions: Vec::new(),
            hangs_on: Vec::new(),
            too_short: None,
            on_hosts: false,
            cold_waits: Vec::new(),
        }
    }

    fn decided(mut change: impl FnMut(&mut Vec<StrategyResults>), values: &[(f64, f64)]) -> Decision {
        let metrics = KINDS.map(|kind| Metric { kind, version: None });
        let mut strategies = values.iter().map(|&(lost, near)| strategy(&metrics, lost, near)).collect();
        change(&mut strategies);
        let samples: Vec<_> = strategies.iter().map(|strategy| Sample::new(&strategy.rows, &[1.0], &metrics)).collect();
        decide(&strategies, &metrics, &compare::differences(&samples, 0.95), 0.05)
    }

    fn plain(values: &[(f64, f64)]) -> Decision {
        decided(|_| {}, values)
    }

    use Standing::{Alike, Baseline, Behind, Open, Recommended, Refused};

    #[test]
    fn fewest_lost_requests_decide_whatever_the_near_misses() {
        let found = plain(&[(18_604.0, 0.0), (468.0, 9_000.0), (20_000.0, 0.0)]);
        assert_eq!(found.standings, [Refused, Recommended, Refused]);
        assert_eq!((found.order, found.runner_up), (vec![1, 0, 2], Some(0)));
    }

    #[test]
    fn where_losses_are_alike_or_nearly_so_near_misses_decide() {
        let found = plain(&[(1_000.0, 500.0), (1_040.0, 100.0), (2_000.0, 0.0)]);
        assert_eq!(found.standings, [Behind, Recommended, Refused], "4 % more is not relevant");
        let found = plain(&[(0.0, 0.0), (9.0, 0.0)]);
        assert_eq!(found.standings, [Alike, Alike], "9 of 100,000 requests matter to nobody");
        assert_eq!(plain(&[(0.0, 0.0), (20.0, 0.0)]).standings, [Recommended, Refused]);
    }

    #[test]
    fn what_reached_nobody_or_was_not_compared_is_not_judged() {
        let nobody = |strategies: &mut Vec<StrategyResults>| {
            strategies[0].reach = Some(Reach { anybody: false, at_end: Some(0.0) });
        };
        let found = decided(nobody, &[(0.0, 0.0), (500.0, 0.0), (900.0, 0.0)]);
        assert_eq!((found.standings, found.order), (vec![Baseline, Recommended, Refused], vec![1, 2, 0]));
        let deploys_nothing = |strategies: &mut Vec<StrategyResults>| strategies[0].brings = None;
        assert_eq!(decided(deploys_nothing, &[(0.0, 0.0), (500.0, 0.0)]).standings, [Baseline, Alike]);
        let once = |strategies: &mut Vec<StrategyResults>| strategies.iter_mut().for_each(|s| s.rows.truncate(1));
        assert_eq!(decided(once, &[(0.0, 0.0), (500.0, 0.0)]).standings, [Open, Open]);
    }
}
