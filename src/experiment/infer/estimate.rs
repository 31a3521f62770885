//! From the rows of one strategy to its estimates: each metric's mean with the interval that suits it.

use super::sample::{Events, Sample, Values};
use crate::math;
use crate::metrics::{Metric, Range};
use crate::results::{Estimate, Method, Occurrence};
use crate::stats::skewed::{self, Skewed};
use crate::stats::{bounded, mean, rare};

/// Below so many events in all, or with events in fewer than [`FEW_AFFECTED`] replications, Student t covers less
/// than it promises.
const FEW_EVENTS: f64 = 40.0;
pub(in crate::experiment) const FEW_AFFECTED: usize = 10;
/// From this skewness of a mean on, an interval of values without a bound covers less than 93 % instead of 95.
const LEANING: f64 = 0.3;

/// One estimate a metric, in the order of the sample's columns.
pub(in crate::experiment) fn estimates(sample: Sample<'_>, confidence: f64) -> Vec<Estimate> {
    (0..sample.metrics().len()).map(|place| estimate(sample, place, confidence)).collect()
}

/// The estimate of the metric at a place.
#[must_use]
pub fn estimate(sample: Sample<'_>, place: usize, confidence: f64) -> Estimate {
    let metric = &sample.metrics()[place];
    let values = sample.values(place);
    let (known, censored) = (values.known(), values.censored);
    // An answer that takes for ever in some replication does so on average.
    let endless = metric.kind.may_be_endless() && censored > 0;
    let leaning = sample.leaning(metric);
    let Some(found) = skewed::understated(&known, confidence, leaning).filter(|_| !endless) else {
        return Estimate { censored, ..Estimate::default() };
    };
    let events = sample.events(metric);
    if let Some(events) = events.as_ref().filter(|_| metric.kind.of_rollouts()) {
        return of_rollouts(found.mean, known.len(), events, sample, confidence);
    }
    let any = events.as_ref().is_some_and(|events| events.seen > 0.0) && known.len() > 1;
    let strata = (any && sample.weights().len() > 1).then(|| FewStrata::of(sample, metric, confidence)).flatten();
    let method = match &strata {
        Some(_) => Method::Strata,
        None => found.ends.map_or(Method::None, |ends| method(metric, known.len(), (found, ends), events.as_ref())),
    };
    let error = metric.kind.measured_within() * found.mean.abs();
    let of_events = events.as_ref().and_then(|events| match method {
        Method::NoneSeen if sample.bounds_unseen() && events.most.is_some() => none_whole(events, confidence),
        Method::Poisson | Method::PoissonApproximate | Method::NoneSeen => Some(pooled(found.mean, events, confidence)),
        Method::Bounded => bounded(events, confidence),
        Method::Strata => strata.as_ref().and_then(|strata| strata.with_others(&values, confidence)),
        _ => None,
    });
    Estimate {
        mean: Some(found.mean),
        simulated: mean(&sample.simulated(place).known()),
        interval: of_events
            .or_else(|| found.ends.map(|(low, high)| (low - error, high + error)))
            .map(|ends| within(metric, ends)),
        replications: known.len() as u32,
        censored,
        method,
        occurrence: events.map(|events| occurrence(&events, sample, confidence)),
    }
}

/// The estimate of a share of rollouts.
fn of_rollouts(mean: f64, rollouts: usize, events: &Events, sample: Sample<'_>, confidence: f64) -> Estimate {
    let occurrence = occurrence(events, sample, confidence);
    Estimate {
        mean: Some(mean),
        simulated: Some(mean),
        interval: Some(occurrence.share),
        replications: rollouts as u32,
        censored: 0,
        method: Method::Binomial,
        occurrence: Some(occurrence),
    }
}

/// Whether so few of the events behind a metric were seen, in some stratum, that their mean is no normal variable.
pub(in crate::experiment) fn few(sample: Sample<'_>, metric: &Metric) -> bool {
    sample.events_by_stratum(metric).iter().any(|(_, events)| are_few(events))
}

/// The strata of a sample in which few events were seen, if there are any. Each has an interval of its own, for what is rare in a
/// heavy stratum does not show beside what is certain in a light one.
pub(in crate::experiment) struct FewStrata {
    /// How far the sum of their means may lie below what was seen, and above, as squares.
    pub(in crate::experiment) down: f64,
    pub(in crate::experiment) up: f64,
    /// What they add to each replication's value.
    pub(in crate::experiment) each: Vec<f64>,
}

impl FewStrata {
    pub(in crate::experiment) fn of(sample: Sample<'_>, metric: &Metric, confidence: f64) -> Option<Self> {
        let mut found: Option<Self> = None;
        for (weight, events) in sample.events_by_stratum(metric) {
            if !are_few(&events) || !weight.is_finite() {
                continue;
            }
            let mean = events.sum() / events.among;
            // After no event there is one end only.
            let one_sided = if events.seen == 0.0 { f64::midpoint(1.0, confidence) } else { confidence };
            let (low, high) = match are_bad(&events) {
                true => bounded(&events, confidence)?,
                false => pooled(mean, &events, one_sided),
            };
            let all = found.get_or_insert_with(|| Self { down: 0.0, up: 0.0, each: vec![0.0; events.each.len()] });
            let square = |x: f64| x * x * weight * weight;
            all.down += square(mean - low);
            all.up += square(high - mean);
            all.each.iter_mut().zip(&events.each).for_each(|(sum, count)| *sum += weight * count);
        }
        found
    }

    /// The values without what these strata add.
    pub(in crate::experiment) fn taken_from(&self, values: &Values) -> Vec<f64> {
        values.each.iter().zip(&self.each).filter_map(|(value, few)| Some((*value)? - few)).collect()
    }

    /// The interval of all strata together.
    fn with_others(&self, values: &Values, confidence: f64) -> Option<(f64, f64)> {
        let others = skewed::of(&self.taken_from(values), confidence)?;
        let mean = others.mean + self.each.iter().sum::<f64>() / self.each.len() as f64;
        Some(together(mean, (others.mean, others.ends?), (self.down, self.up)))
    }
}

/// The interval about `mean` of several parts together: one's interval about its own mean, and how far the others may lie below and
/// above theirs, as squares. The distances of the parts' ends add up as squares (Zou and Donner, Statistics in Medicine 27, 2008).
pub(in crate::experiment) fn together(
    mean: f64,
    (of_part, (low, high)): (f64, (f64, f64)),
    (down, up): (f64, f64),
) -> (f64, f64) {
    let far = |from: f64, square: f64| math::sqrt(from * from + square);
    (mean - far(of_part - low, down), mean + far(high - of_part, up))
}

/// Whether what was seen are a few rollouts that went wrong as a whole, and may have gone worse.
fn are_bad(events: &Events) -> bool {
    events.hit() < FEW_AFFECTED && events.most.is_some() && events.bad() > 0
}

fn are_few(events: &Events) -> bool {
    events.seen < FEW_EVENTS || events.hit() < events.each.len().min(FEW_AFFECTED)
}

/// The exact bounds of a metric that counts events or their share, each of which fails with probability `error`;
/// `None` for other metrics.
pub(in crate::experiment) fn exact(sample: Sample<'_>, place: usize, error: f64) -> Option<(f64, f64)> {
    let metric = &sample.metrics()[place];
    let events = sample.events(metric)?;
    if sample.weights().len() > 1 && events.seen > 0.0 {
        let few = FewStrata::of(sample, metric, 1.0 - 2.0 * error)?;
        return few.with_others(&sample.values(place), 1.0 - 2.0 * error);
    }
    // After no event there is one end only.
    let confidence = if events.seen > 0.0 { 1.0 - 2.0 * error } else { 1.0 - error };
    if are_bad(&events) {
        return bounded(&events, confidence);
    }
    Some(pooled(mean(&sample.values(place).known())?, &events, confidence))
}

fn method(
    metric: &Metric,
    replications: usize,
    (found, ends): (Skewed, (f64, f64)),
    events: Option<&Events>,
) -> Method {
    let few = events.is_some_and(are_few);
    // The same small count again and again says little in a few replications, and much in many.
    let constant = ends.0 == ends.1 && (!few || replications >= FEW_AFFECTED);
    let leans = found.lean > LEANING && metric.kind.counted_in().is_none();
    match events {
        Some(events) if events.seen == 0.0 => Method::NoneSeen,
        _ if constant => Method::Constant,
        Some(events) if are_bad(events) => Method::Bounded,
        Some(events) if few && events.dispersion() > 1.0 => Method::PoissonApproximate,
        _ if few => Method::Poisson,
        _ if leans => Method::StudentTApproximate,
        _ => Method::StudentT,
    }
}

/// An interval, cut where values end.
fn within(metric: &Metric, (low, high): (f64, f64)) -> (f64, f64) {
    let (least, most) = match metric.kind.range() {
        Range::Share => (0.0, 1.0),
        Range::Positive => (0.0, f64::INFINITY),
    };
    (low.clamp(least, most), high.clamp(least, most))
}

/// The interval of a count's mean, or of a share, where few replications have many events: each may have as many as are
/// possible.
fn bounded(events: &Events, confidence: f64) -> Option<(f64, f64)> {
    let most = events.most?;
    let counts: Vec<f64> = events.each.iter().map(|count| count.min(most)).collect();
    let (low, high) = bounded::of(&counts, most, confidence);
    let of_each = events.each.len() as f64 / events.among;
    Some((low * of_each, high * of_each))
}

/// The interval of a count's mean, or of a share, if whole rollouts may go wrong, whether such were seen or not; `None` for what
/// counts nothing, or nothing bounds.
pub(in crate::experiment) fn whole(sample: Sample<'_>, metric: &Metric, confidence: f64) -> Option<(f64, f64)> {
    bounded(&sample.events(metric)?, confidence)
}

/// The interval of a count's mean, or of a share, of which nothing was seen, where a whole rollout may go wrong at once.
fn none_whole(events: &Events, confidence: f64) -> Option<(f64, f64)> {
    let rollouts = events.each.len();
    let share = rare::none_of(rollouts as u32, confidence);
    Some((0.0, share * events.most? * rollouts as f64 / events.among))
}

/// How often the events behind a count or a share were seen.
fn occurrence(events: &Events, sample: Sample<'_>, confidence: f64) -> Occurrence {
    let replications = sample.replications() as u32;
    // Each stratum's share has a bound of its own; all hold together.
    let apart = 1.0 - (1.0 - confidence) / events.affected.len() as f64;
    let share = |hit: u32| match hit {
        0 if events.seen == 0.0 => (0.0, rare::none_of(replications, confidence)),
        hit => rare::binomial(hit, replications, apart),
    };
    let mut found =
        Occurrence { events: events.seen, affected: 0.0, share: (0.0, 0.0), dispersion: events.dispersion() };
    for (&hit, weight) in events.affected.iter().zip(sample.weights()) {
        let (low, high) = share(hit);
        found.affected += weight * f64::from(hit);
        found.share = (found.share.0 + weight * low, found.share.1 + weight * high);
    }
    found
}

/// The interval of a rare count's mean, or of a rare share, from the pooled count.
fn pooled(mean: f64, events: &Events, confidence: f64) -> (f64, f64) {
    let seen = events.sum();
    if seen == 0.0 {
        // Of a share of nothing nothing is known.
        let most = if events.among > 0.0 { rare::no_events(confidence) / events.among } else { 1.0 };
        return (0.0, most);
    }
    let (low, high) = rare::poisson(seen, events.scale(), confidence);
    (mean * (low / seen), mean * (high / seen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Kind;
    use crate::results::Row;

    /// Rows of `incompatible` events among a million handled attempts each.
    fn rows(events: &[f64], metrics: &[Metric]) -> Vec<Vec<Row>> {
        let row = |&events: &f64| Row {
            values: metrics
                .iter()
                .map(|metric| match metric.kind {
                    Kind::Handled | Kind::Requests => Some(1e6),
                    Kind::Incompatible => Some(events),
                    Kind::IncompatibleShare => Some(events / 1e6),
                    _ => None,
                })
                .collect(),
            censored: vec![false; metrics.len()],
            first: 0.0,
        };
        events.iter().map(|events| vec![row(events)]).collect()
    }

    fn estimates(rows: &[Vec<Row>], metrics: &[Metric]) -> Vec<Estimate> {
        super::estimates(Sample::new(rows, &[1.0], metrics), 0.95)
    }

    fn of(events: &[f64], key: &str) -> Estimate {
        let metrics = Metric::all(&[]);
        let place = metrics.iter().position(|metric| metric.key() == key).unwrap();
        estimates(&rows(events, &metrics), &metrics)[place]
    }

    fn spread(n: usize, events: &[f64]) -> Vec<f64> {
        let mut counts = vec![0.0; n];
        counts[..events.len()].copy_from_slice(events);
        counts
    }

    #[test]
    fn no_event_is_bounded_and_never_certain() {
        let seen = of(&[0.0; 40], "incompatible");
        assert_eq!((seen.mean, seen.method), (Some(0.0), Method::NoneSeen));
        let (low, high) = seen.interval.unwrap();
        assert!(low == 0.0 && (high - 2.9957 / 40.0).abs() < 1e-5, "{high}");
        let share = of(&[0.0; 40], "incompatible_share").interval.unwrap().1;
        assert!((share - 2.9957 / 40e6).abs() < 1e-11, "{share}");
        assert!((seen.occurrence.unwrap().share.1 - 0.0722).abs() < 1e-4);
    }

    #[test]
    fn none_seen_at_a_stop_is_bounded_by_whole_rollouts_where_load_feeds_back() {
        let metrics = Metric::all(&[]);
        let rows = rows(&[0.0; 40], &metrics);
        let sample = Sample::new(&rows, &[1.0], &metrics).stopped(true).fed_back(true);
        let high = |key: &str| {
            let place = metrics.iter().position(|metric| metric.key() == key).unwrap();
            estimate(sample, place, 0.95).interval.unwrap().1
        };
        // All requests of 1 - 0.05^(1/40) of the rollouts.
        assert!((high("incompatible_share") - 0.072_16).abs() < 1e-5, "{}", high("incompatible_share"));
        assert!((high("incompatible") - 72_158.0).abs() < 1.0, "{}", high("incompatible"));
    }

    #[test]
    fn of_a_share_of_nothing_nothing_is_known() {
        let metrics = Metric::all(&[]);
        let none = Row { values: vec![Some(0.0); metrics.len()], censored: vec![false; metrics.len()], first: 0.0 };
        let place = metrics.iter().position(|metric| metric.key() == "incompatible_share").unwrap();
        let estimate = estimates(&vec![vec![none]; 20], &metrics)[place];
        assert_eq!((estimate.mean, estimate.interval), (None, None));
    }

    #[test]
    fn few_events_have_an_exact_interval() {
        // Two events in two of forty rollouts, one each: not clustered.
        let seen = of(&spread(40, &[1.0, 1.0]), "incompatible");
        assert_eq!(seen.method, Method::Poisson);
        let (low, high) = seen.interval.unwrap();
        assert!((low * 40.0 - 0.2422).abs() < 1e-3 && (high * 40.0 - 7.2247).abs() < 1e-3, "{low} {high}");
        let seen = seen.occurrence.unwrap();
        assert_eq!(seen.affected, 2.0);
        assert!((seen.share.0 - 0.0061).abs() < 1e-4 && (seen.share.1 - 0.1692).abs() < 1e-4, "{:?}", seen.share);
    }

    #[test]
    fn one_bad_rollout_of_forty_might_have_been_worse() {
        // A small cluster says that events come in clusters.
        let seen = of(&spread(40, &[1_000.0]), "incompatible");
        assert_eq!(seen.method, Method::PoissonApproximate);
        let (low, high) = seen.interval.unwrap();
        assert!(low < 1.0 && high > 100.0, "{low} {high}");
        // A rollout that loses half of all: the next may lose everything. One of 40: 0.06 % to 13.2 % (Clopper and Pearson).
        let seen = of(&spread(40, &[5e5]), "incompatible");
        assert_eq!(seen.method, Method::Bounded);
        let (low, high) = seen.interval.unwrap();
        assert!(low > 0.0 && low < 12_500.0 && high > 0.088e6 && high < 0.132e6, "{low} {high}");
        let (share_low, share_high) = of(&spread(40, &[5e5]), "incompatible_share").interval.unwrap();
        assert!((share_low * 1e6 / low - 1.0).abs() < 1e-9 && (share_high * 1e6 / high - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_rare_in_a_heavy_stratum_is_bounded_beside_what_is_certain_in_a_light_one() {
        let metrics = Metric::all(&[]);
        let place = metrics.iter().position(|metric| metric.key() == "incompatible").unwrap();
        let none = rows(&[0.0; 30], &metrics).into_iter().zip(rows(&[20.0; 30], &metrics));
        let both: Vec<Vec<Row>> = none.map(|(none, hit)| [none, hit].concat()).collect();
        let found = estimate(Sample::new(&both, &[0.999, 0.001], &metrics), place, 0.95);
        let (low, high) = found.interval.unwrap();
        assert_eq!((found.mean, found.method), (Some(0.02), Method::Strata));
        // None in 30 of weight 0.999, two-sided: 0.999 * 3.689 / 30 above the mean.
        assert!((low - 0.02).abs() < 1e-12 && (high - 0.02 - 0.122_8).abs() < 1e-3, "{low} {high}");
    }

    #[test]
    fn many_events_have_student_s_interval_and_equal_ones_are_constant() {
        let counts: Vec<f64> = (0..40).map(|i| f64::from(20 + i % 5)).collect();
        assert_eq!(of(&counts, "incompatible").method, Method::StudentT);
        assert_eq!(of(&[7.0; 20], "incompatible").method, Method::Constant);
        assert_eq!(of(&[7.0; 20], "incompatible").interval, Some((7.0, 7.0)));
        // Three times the same small count proves nothing.
        assert_eq!(of(&[1.0; 3], "incompatible").method, Method::Poisson);
        assert_eq!(of(&[1.0], "incompatible").interval, None);
    }

    #[test]
    fn a_percentile_is_no_sharper_than_its_buckets() {
        let metrics = [Metric { kind: Kind::LatencyP99, version: None }];
        let row = Row { values: vec![Some(9.994_2)], censored: vec![false], first: 0.0 };
        let found = estimates(&vec![vec![row]; 5], &metrics)[0];
        let (low, high) = found.interval.unwrap();
        assert!(low < 9.96 && high > 10.0, "the truth may be 10 ms: {low} {high}");
    }

    #[test]
    fn intervals_stay_within_what_is_possible() {
        let metric = Metric { kind: Kind::IncompatibleShare, version: None };
        assert_eq!(within(&metric, (0.7, 1.1)), (0.7, 1.0));
        assert_eq!(within(&metric, (-0.1, 0.3)).0, 0.0);
    }
}
