//! From the rows of one strategy to its estimates: each metric's mean with the interval that suits it.

use super::metrics::{Metric, Range};
use super::results::{Estimate, Method, Occurrence, Row};
use crate::stats::{interval, rare};

/// Below so many events in all, or with events in fewer than [`FEW_AFFECTED`] replications, Student t covers less
/// than it promises.
const FEW_EVENTS: f64 = 40.0;
pub(super) const FEW_AFFECTED: usize = 10;

/// One estimate a metric, in the order of `metrics`.
pub(super) fn estimates(rows: &[Row], metrics: &[Metric], confidence: f64) -> Vec<Estimate> {
    metrics.iter().enumerate().map(|(place, metric)| estimate(rows, metrics, (place, metric), confidence)).collect()
}

fn estimate(rows: &[Row], metrics: &[Metric], (place, metric): (usize, &Metric), confidence: f64) -> Estimate {
    let values: Vec<f64> = column(rows, place);
    let censored = rows.iter().filter(|row| row.censored[place]).count() as u32;
    let Some(interval) = interval::of(&values, confidence) else {
        return Estimate { censored, ..Estimate::default() };
    };
    let occurrence = occurrence(rows, metrics, metric, confidence);
    let method = match interval.half_width {
        None => Method::None,
        Some(half) => method(&values, half, occurrence.as_ref()),
    };
    let error = metric.kind.measured_within() * interval.mean.abs();
    let events = occurrence.filter(|_| matches!(method, Method::Poisson | Method::NoneSeen));
    Estimate {
        mean: Some(interval.mean),
        interval: match events {
            Some((occurrence, scale)) => Some(pooled(interval.mean, &occurrence, scale, confidence)),
            None => interval.half_width.map(|half| within(metric, interval.mean, half + error)),
        },
        replications: values.len() as u32,
        censored,
        method,
        occurrence: occurrence.map(|(occurrence, _)| occurrence),
    }
}

/// Whether so few of the events behind a metric were seen that their mean is no normal variable.
pub(super) fn few(rows: &[Row], metrics: &[Metric], metric: &Metric) -> bool {
    occurrence(rows, metrics, metric, 0.5)
        .is_some_and(|(seen, _)| seen.events < FEW_EVENTS || (seen.affected as usize) < rows.len().min(FEW_AFFECTED))
}

/// The exact bounds of a metric that counts events or their share, each of which fails with probability `error`;
/// `None` for other metrics. `clustered` says that a whole rollout may be hit at once: then none seen is none of so many
/// rollouts, each of which may have been hit as a whole.
pub(super) fn exact(
    rows: &[Row],
    metrics: &[Metric],
    (place, metric): (usize, &Metric),
    (error, clustered): (f64, bool),
) -> Option<(f64, f64)> {
    let (seen, divisor) = occurrence(rows, metrics, metric, 0.5)?;
    if seen.events > 0.0 {
        let mean = interval::of(&column(rows, place), 0.5)?.mean;
        return Some(pooled(mean, &seen, divisor, 1.0 - 2.0 * error));
    }
    if !clustered {
        return Some(pooled(0.0, &seen, divisor, 1.0 - error));
    }
    Some((0.0, of_a_whole_rollout(rows, metrics, metric)? * rare::none_of(rows.len() as u32, 1.0 - error)))
}

/// What a metric that counts events or their share can be at most in a rollout that is hit as a whole.
pub(super) fn of_a_whole_rollout(rows: &[Row], metrics: &[Metric], metric: &Metric) -> Option<f64> {
    let attempts = metrics.iter().position(|metric| metric.key() == "attempts")?;
    Some(match metric.kind.range() {
        Range::Share => 1.0,
        Range::Positive => column(rows, attempts).into_iter().fold(0.0, f64::max),
    })
}

fn column(rows: &[Row], place: usize) -> Vec<f64> {
    rows.iter().filter_map(|row| row.values[place]).collect()
}

fn method(values: &[f64], half: f64, occurrence: Option<&(Occurrence, f64)>) -> Method {
    let few = occurrence
        .is_some_and(|(seen, _)| seen.events < FEW_EVENTS || (seen.affected as usize) < values.len().min(FEW_AFFECTED));
    // The same small count again and again says little in a few replications, and much in many.
    let constant = half == 0.0 && (!few || values.len() >= FEW_AFFECTED);
    match occurrence {
        Some((seen, _)) if seen.affected == 0 => Method::NoneSeen,
        _ if constant => Method::Constant,
        _ if few => Method::Poisson,
        _ => Method::StudentT,
    }
}

/// The Student t interval, cut where values end.
fn within(metric: &Metric, mean: f64, half: f64) -> (f64, f64) {
    let (least, most) = match metric.kind.range() {
        Range::Share => (0.0, 1.0),
        Range::Positive => (0.0, f64::INFINITY),
    };
    ((mean - half).clamp(least, most), (mean + half).clamp(least, most))
}

/// The events behind a count or a share, and by what their total is divided to give the metric: replications, or what
/// a share is a share of.
fn occurrence(rows: &[Row], metrics: &[Metric], metric: &Metric, confidence: f64) -> Option<(Occurrence, f64)> {
    let place = |kind| metrics.iter().position(|known| *known == Metric { kind, version: metric.version });
    let (counts, divisor) = if metric.kind.counts_events() {
        let counts = column(rows, place(metric.kind)?);
        let replications = counts.len() as f64;
        (counts, replications)
    } else {
        let (events, among) = metric.kind.share_of()?;
        (column(rows, place(events)?), column(rows, place(among)?).iter().sum())
    };
    let events: f64 = counts.iter().sum();
    let affected = counts.iter().filter(|&&count| count > 0.0).count() as u32;
    let replications = u32::try_from(counts.len()).ok().filter(|&n| n > 0)?;
    let share = match affected {
        0 => (0.0, rare::none_of(replications, confidence)),
        _ => rare::binomial(affected, replications, confidence),
    };
    Some((Occurrence { events, affected, share, dispersion: dispersion(&counts, events) }, divisor))
}

/// The variance of the counts over their mean; at least 1, because too even a sample may be luck.
fn dispersion(counts: &[f64], events: f64) -> f64 {
    let n = counts.len() as f64;
    let mean = events / n;
    let squares: f64 = counts.iter().map(|count| (count - mean) * (count - mean)).sum();
    let ratio = squares / (n - 1.0) / mean;
    if ratio > 1.0 { ratio } else { 1.0 }
}

/// The interval of a rare count's mean, or of a rare share, from the pooled count.
fn pooled(mean: f64, seen: &Occurrence, divisor: f64, confidence: f64) -> (f64, f64) {
    if seen.events == 0.0 {
        // Of a share of nothing nothing is known.
        let most = if divisor > 0.0 { rare::no_events(confidence) / divisor } else { 1.0 };
        return (0.0, most);
    }
    // A share's mean over replications is not quite the pooled share: the relative width carries over.
    let (low, high) = rare::poisson(seen.events, seen.dispersion, confidence);
    (mean * (low / seen.events), mean * (high / seen.events))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Kind;

    /// Rows of `incompatible` events among a million handled attempts each.
    fn rows(events: &[f64], metrics: &[Metric]) -> Vec<Row> {
        let row = |&events: &f64| Row {
            values: metrics
                .iter()
                .map(|metric| match metric.kind {
                    Kind::Handled => Some(1e6),
                    Kind::Incompatible => Some(events),
                    Kind::IncompatibleShare => Some(events / 1e6),
                    _ => None,
                })
                .collect(),
            censored: vec![false; metrics.len()],
        };
        events.iter().map(row).collect()
    }

    fn of(events: &[f64], key: &str) -> Estimate {
        let metrics = Metric::all(&[]);
        let place = metrics.iter().position(|metric| metric.key() == key).unwrap();
        estimates(&rows(events, &metrics), &metrics, 0.95)[place]
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
    fn a_share_of_nothing_may_be_anything() {
        let metrics = Metric::all(&[]);
        let none = Row { values: vec![Some(0.0); metrics.len()], censored: vec![false; metrics.len()] };
        let place = metrics.iter().position(|metric| metric.key() == "incompatible_share").unwrap();
        let estimate = estimates(&vec![none; 20], &metrics, 0.95)[place];
        assert_eq!((estimate.mean, estimate.interval), (Some(0.0), Some((0.0, 1.0))));
    }

    #[test]
    fn few_events_have_an_exact_interval() {
        // Two events in two of forty rollouts, one each: not clustered.
        let seen = of(&spread(40, &[1.0, 1.0]), "incompatible");
        assert_eq!(seen.method, Method::Poisson);
        let (low, high) = seen.interval.unwrap();
        assert!((low * 40.0 - 0.2422).abs() < 1e-3 && (high * 40.0 - 7.2247).abs() < 1e-3, "{low} {high}");
        let seen = seen.occurrence.unwrap();
        assert_eq!((seen.events, seen.affected, seen.dispersion), (2.0, 2, 1.0));
        assert!((seen.share.0 - 0.0061).abs() < 1e-4 && (seen.share.1 - 0.1692).abs() < 1e-4, "{:?}", seen.share);
    }

    #[test]
    fn one_bad_rollout_of_forty_is_one_cluster() {
        let seen = of(&spread(40, &[1_000.0]), "incompatible");
        assert_eq!(seen.method, Method::Poisson);
        let (low, high) = seen.interval.unwrap();
        assert!(low < 1.0 && high > 100.0, "{low} {high}");
        let (share_low, share_high) = of(&spread(40, &[1_000.0]), "incompatible_share").interval.unwrap();
        assert!((share_low * 1e6 / low - 1.0).abs() < 1e-9 && (share_high * 1e6 / high - 1.0).abs() < 1e-9);
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
        let row = Row { values: vec![Some(9.994_2)], censored: vec![false] };
        let found = estimates(&vec![row; 5], &metrics, 0.95)[0];
        let (low, high) = found.interval.unwrap();
        assert!(low < 9.96 && high > 10.0, "the truth may be 10 ms: {low} {high}");
    }

    #[test]
    fn intervals_stay_within_what_is_possible() {
        let metric = Metric { kind: Kind::IncompatibleShare, version: None };
        assert_eq!(within(&metric, 0.9, 0.2), (0.7, 1.0));
        assert_eq!(within(&metric, 0.1, 0.2).0, 0.0);
    }
}
