//! Paired comparison of strategies under common random numbers: differences, and the best in each metric.

use super::estimate::{FewStrata, together};
use super::known::Known;
use super::sample::{Sample, Values};
use crate::metrics::{Direction, Kind, Metric};
use crate::results::{Best, Difference, Verdict};
use crate::stats::{skewed, squares};

/// The confidence of each pair of so many strategies with which all pairs hold together.
pub(in crate::experiment) fn of_family(confidence: f64, strategies: usize) -> f64 {
    let pairs = (strategies * strategies.saturating_sub(1) / 2).max(1);
    1.0 - (1.0 - confidence) / pairs as f64
}

/// The paired differences of every pair of strategies in every metric. The family for which the intervals are
/// corrected (Bonferroni) is all pairs of strategies within one metric.
#[must_use]
pub fn differences(samples: &[Sample<'_>], confidence: f64) -> Vec<Difference> {
    let Some(metrics) = samples.first().map(|sample| sample.metrics()) else { return Vec::new() };
    let strategies = samples.len();
    let confidence = of_family(confidence, strategies);
    let stratified = samples.iter().any(|sample| sample.weights().len() > 1);
    let mut differences = Vec::new();
    for (metric, kind) in metrics.iter().map(|metric| metric.kind).enumerate() {
        let values: Vec<Values> = samples.iter().map(|sample| sample.values(metric)).collect();
        let few =
            |sample: &Sample<'_>| stratified.then(|| FewStrata::of(*sample, &metrics[metric], confidence)).flatten();
        let few: Vec<_> = samples.iter().map(few).collect();
        for a in 0..strategies {
            for b in a + 1..strategies {
                let pair = (&values[a], &values[b]);
                let leaning = samples[a].leaning(&metrics[metric]);
                let mut found = difference((metric, a, b), pair, confidence, (kind.measured_within(), leaning));
                if [a, b].iter().any(|&place| samples[place].weights().len() > 1) {
                    with_few(&mut found, pair, (few[a].as_ref(), few[b].as_ref()), confidence);
                }
                differences.push(found);
            }
        }
    }
    without_survivors(&mut differences, metrics);
    differences
}

/// Where both means are exact, so is their difference.
pub(in crate::experiment) fn know(differences: &mut [Difference], known: &[Known]) {
    for found in differences {
        let [a, b] = [found.a, found.b].map(|place| known[place].means[found.metric]);
        let (Some(a), Some(b)) = (a, b) else { continue };
        let apart = apart(a, b);
        let error = SHARP * (a + b);
        let verdict = told((apart - error, apart + error));
        if found.verdict != Verdict::Identical {
            let (mean, interval) = (Some(apart), Some((apart, apart)));
            *found = Difference { mean, interval, verdict, ..*found };
        }
    }
}

/// The part of an exact mean by which its integral may be off.
const SHARP: f64 = 1e-6;

/// Withdraws the comparison of latencies where one strategy loses more requests than the other: a latency is that of the
/// requests that were served, and those that would have taken longest are missing from it.
fn without_survivors(differences: &mut [Difference], metrics: &[Metric]) {
    let Some(share) = metrics.iter().position(|metric| metric.kind == Kind::LostShare) else { return };
    let lost: Vec<(usize, usize, f64)> = differences
        .iter()
        .filter(|found| found.metric == share && matches!(found.verdict, Verdict::Lower | Verdict::Higher))
        .filter_map(|found| Some((found.a, found.b, found.mean?.abs())))
        .collect();
    for found in differences {
        let Some(slack) = metrics[found.metric].kind.bears_losses() else { continue };
        if lost.iter().any(|&(a, b, apart)| (a, b) == (found.a, found.b) && apart > slack) {
            *found = Difference::not_compared(found.metric, found.a, found.b);
        }
    }
}

/// The paired difference of one metric, whose values may be off by the part `within` and lean so many times as they show.
fn difference(
    (metric, a, b): (usize, usize, usize),
    (of_a, of_b): (&Values, &Values),
    confidence: f64,
    (within, leaning): (f64, f64),
) -> Difference {
    let not_compared = Difference::not_compared(metric, a, b);
    let Some(pairs) = paired(of_a, of_b) else { return not_compared };
    let values: Vec<f64> = pairs.iter().map(|&(a, b)| apart(a, b)).collect();
    let Some(found) = skewed::understated(&values, confidence, leaning) else { return not_compared };
    let Some((low, high)) = found.ends else { return not_compared };
    let error = within * size(&pairs);
    let (low, high) = (low - error, high + error);
    let verdict =
        if within == 0.0 && values.iter().all(|&value| value == 0.0) { Verdict::Identical } else { told((low, high)) };
    Difference {
        mean: Some(found.mean),
        interval: Some((low, high)),
        verdict,
        variance_reduction: variance_reduction(&pairs, &values),
        ..not_compared
    }
}

/// The same difference, where few events were seen in some stratum of either: what these strata may still have in store comes
/// on top of the others' paired interval.
fn with_few(
    found: &mut Difference,
    (a, b): (&Values, &Values),
    (few_a, few_b): (Option<&FewStrata>, Option<&FewStrata>),
    confidence: f64,
) {
    if found.interval.is_none() || found.verdict == Verdict::Identical || (few_a.is_none() && few_b.is_none()) {
        return;
    }
    let others = |values: &Values, few: Option<&FewStrata>| match few {
        Some(few) => few.taken_from(values),
        None => values.known(),
    };
    let (of_a, of_b) = (others(a, few_a), others(b, few_b));
    let paired: Vec<f64> = of_a.iter().zip(&of_b).map(|(a, b)| apart(*a, *b)).collect();
    let ends = skewed::of(&paired, confidence).and_then(|others| Some((others.mean, others.ends?)));
    let Some((middle, ends)) = ends else { return };
    let reach = |few: Option<&FewStrata>| few.map_or((0.0, 0.0), |few| (few.down, few.up));
    let ((down_a, up_a), (down_b, up_b)) = (reach(few_a), reach(few_b));
    let mean = found.mean.unwrap_or(middle);
    let ends = together(mean, (middle, ends), (down_a + up_b, up_a + down_b));
    (found.interval, found.verdict) = (Some(ends), told(ends));
}

/// What an interval of a - b says.
fn told((low, high): (f64, f64)) -> Verdict {
    match () {
        () if high < 0.0 => Verdict::Lower,
        () if low > 0.0 => Verdict::Higher,
        () => Verdict::NoDifference,
    }
}

/// The values of two strategies replication by replication; `None` where one is absent or cut short anywhere.
fn paired(a: &Values, b: &Values) -> Option<Vec<(f64, f64)>> {
    let whole = |values: &Values| !values.absent && values.censored == 0;
    let both = a.each.iter().zip(&b.each).map(|(a, b)| Some(((*a)?, (*b)?)));
    if whole(a) && whole(b) { both.collect() } else { None }
}

/// The mean of |a| + |b|.
fn size(pairs: &[(f64, f64)]) -> f64 {
    pairs.iter().map(|(a, b)| a.abs() + b.abs()).sum::<f64>() / pairs.len() as f64
}

/// a - b; 0 where they differ by no more than the rounding of sums in another order.
pub(in crate::experiment) fn apart(a: f64, b: f64) -> f64 {
    let difference = a - b;
    if difference.abs() <= a.abs().max(b.abs()) * 1e-12 { 0.0 } else { difference }
}

/// What the variance of a - b would be if a and b were independent, over what it is.
fn variance_reduction(pairs: &[(f64, f64)], differences: &[f64]) -> Option<f64> {
    let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let paired = squares(differences);
    let ratio = (squares(&a) + squares(&b)) / paired;
    (paired > 0.0 && ratio.is_finite()).then_some(ratio)
}

/// The best strategy of each metric. `deploys` says which strategies deploy something: if any does, the others are
/// left out, because that nothing breaks while nothing changes is no news.
#[must_use]
pub fn best(
    means: &[Vec<Option<f64>>],
    deploys: &[bool],
    metrics: &[Metric],
    differences: &[Difference],
) -> Vec<Option<Best>> {
    let any = deploys.contains(&true);
    let contestants: Vec<usize> = (0..deploys.len()).filter(|&place| deploys[place] || !any).collect();
    let best = |(place, metric): (usize, &Metric)| {
        let sign = match metric.direction() {
            Direction::Lower => 1.0,
            Direction::Higher => -1.0,
            Direction::Neither => return None,
        };
        let mean = |strategy: usize| means[strategy][place].map(|mean| mean * sign);
        let known = contestants.iter().filter_map(|&strategy| Some((strategy, mean(strategy)?)));
        // The first of equals, in the order of the scenario.
        let (first, _) = known.reduce(|best, next| if next.1 < best.1 { next } else { best })?;
        let against = |other: usize| {
            Difference::between(differences, place, first, other).map_or(Verdict::NotCompared, |found| found.verdict)
        };
        let others: Vec<(usize, Verdict)> = contestants
            .iter()
            .filter(|&&other| other != first && mean(other).is_some())
            .map(|&other| (other, against(other)))
            .collect();
        // Cut short or alone, it cannot be called best; nor where it is told from nobody.
        let comparable = others.iter().all(|&(_, verdict)| verdict != Verdict::NotCompared);
        let told = others.iter().any(|&(_, verdict)| matches!(verdict, Verdict::Lower | Verdict::Higher));
        let alike = others.iter().filter(|(_, verdict)| matches!(verdict, Verdict::NoDifference | Verdict::Identical));
        (comparable && told).then(|| Best { strategy: first, alike: alike.map(|&(other, _)| other).collect() })
    };
    metrics.iter().enumerate().map(best).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Row;

    fn rows(values: &[Option<f64>], censored: bool) -> Vec<Vec<Row>> {
        values.iter().map(|&value| vec![Row { values: vec![value], censored: vec![censored], first: 0.0 }]).collect()
    }

    fn compared(a: &[Vec<Row>], b: &[Vec<Row>], within: f64) -> Difference {
        let metrics = [Metric { kind: Kind::Incompatible, version: None }];
        let [a, b] = [a, b].map(|rows| Sample::new(rows, &[1.0], &metrics).values(0));
        difference((0, 0, 1), (&a, &b), 0.95, (within, 1.0))
    }

    fn verdict(a: &[Vec<Row>], b: &[Vec<Row>]) -> Verdict {
        compared(a, b, 0.0).verdict
    }

    #[test]
    fn differences_are_claimed_only_where_the_paired_interval_says_so() {
        let low = rows(&[Some(1.0), Some(5.0), Some(9.0)], false);
        let high = rows(&[Some(2.0), Some(6.1), Some(10.0)], false);
        assert_eq!(verdict(&low, &high), Verdict::Lower);
        assert_eq!(verdict(&high, &low), Verdict::Higher);
        assert_eq!(verdict(&low, &low), Verdict::Identical);
        let rounded = rows(&[Some(1.0 + 2e-16), Some(5.0 - 8e-16), Some(9.0)], false);
        assert_eq!(verdict(&low, &rounded), Verdict::Identical);
        assert_eq!(verdict(&low, &rows(&[Some(9.0), Some(5.0), Some(2.0)], false)), Verdict::NoDifference);
    }

    #[test]
    fn a_difference_no_larger_than_the_error_of_measurement_is_none() {
        let (a, b) = (rows(&[Some(100.0); 3], false), rows(&[Some(100.7); 3], false));
        let within = |part| compared(&a, &b, part).verdict;
        assert_eq!((within(0.0), within(1.0 / 256.0)), (Verdict::Lower, Verdict::NoDifference));
        let same = compared(&a, &a, 1.0 / 256.0).verdict;
        assert_eq!(same, Verdict::NoDifference, "equal buckets are not equal latencies");
    }

    #[test]
    fn the_absent_the_censored_and_the_single_are_not_compared() {
        let whole = rows(&[Some(1.0), Some(2.0)], false);
        assert_eq!(verdict(&whole, &rows(&[Some(1.0), None], false)), Verdict::NotCompared);
        assert_eq!(verdict(&whole, &rows(&[Some(3.0), Some(4.0)], true)), Verdict::NotCompared);
        assert_eq!(verdict(&whole[..1], &whole[1..]), Verdict::NotCompared);
    }

    #[test]
    fn pairing_gains_what_the_strategies_share() {
        let a = rows(&[Some(0.0), Some(10.0), Some(20.0)], false);
        let b = rows(&[Some(1.0), Some(10.0), Some(22.0)], false);
        // Variances 100 and 111, of the difference 1.
        let gain = compared(&a, &b, 0.0).variance_reduction.unwrap();
        assert!((gain - 211.0).abs() < 1e-9, "{gain}");
        assert_eq!(compared(&a, &a, 0.0).variance_reduction, None);
    }

    #[test]
    fn the_best_is_named_with_those_that_cannot_be_told_from_it() {
        let samples = [[5.0, 6.0, 7.0], [1.0, 2.0, 3.0], [2.0, 1.9, 2.9], [0.0, 0.0, 0.0]];
        let samples = samples.map(|values| rows(&values.map(Some), false));
        let means: Vec<_> = [6.0, 2.0, 6.8 / 3.0, 0.0].map(|mean| vec![Some(mean)]).to_vec();
        let of = |kind, deploys: [bool; 4]| {
            let metrics = [Metric { kind, version: None }];
            let samples: Vec<_> = samples.iter().map(|rows| Sample::new(rows, &[1.0], &metrics)).collect();
            best(&means, &deploys, &metrics, &differences(&samples, 0.95)).remove(0)
        };
        let found = of(Kind::Incompatible, [true, true, true, false]);
        assert_eq!(found, Some(Best { strategy: 1, alike: vec![2] }), "the last one deploys nothing");
        assert_eq!(of(Kind::Served, [true; 4]).map(|best| best.strategy), Some(0), "more is better");
        assert_eq!(of(Kind::Requests, [true; 4]), None, "neither way is better");
        assert_eq!(of(Kind::Incompatible, [false, true, false, false]), None, "alone");
    }
}
