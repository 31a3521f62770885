//! Time axes: ticks at values that a clock would show.

use super::axis::{Axis, Tick};
use super::scale::Scale;
use super::{fonts, theme};
use crate::report::number::{compact, duration};

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// The units that clocks use, and how many of each make a step that people count in.
const UNITS: [(&str, f64, &[f64]); 7] = [
    ("ns", 1e-9, &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0]),
    ("us", 1e-6, &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0]),
    ("ms", 1e-3, &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0]),
    ("s", 1.0, &[1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0]),
    ("min", MINUTE, &[1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0]),
    ("h", HOUR, &[1.0, 2.0, 3.0, 6.0, 12.0]),
    ("d", DAY, &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4]),
];

/// A strategy whose course is so many times as long as another's would leave that one a sliver.
const SPAN: f64 = 12.0;

/// The room between two labels.
const BETWEEN: f64 = 24.0;
/// How far a label may reach beyond the end of its axis.
pub const OVER: f64 = 8.0;

/// Every step that people count in, in seconds, ascending, with its unit.
fn steps() -> impl Iterator<Item = (&'static str, f64, f64)> {
    UNITS.iter().flat_map(|&(name, unit, counts)| counts.iter().map(move |count| (name, unit, count * unit)))
}

/// The linear part of a bent axis has at least so many bins.
const BINS: f64 = 5.0;

/// Where a time axis bends, if the courses that it shows end at such different times: where the quickest ends or a
/// little later, but not within the first few bins.
pub fn bend(ends: impl Iterator<Item = f64> + Clone, bin: f64) -> Option<f64> {
    let (least, most) = super::scale::ends(ends)?;
    let least = least.max(bin * BINS);
    if most <= least * SPAN {
        return None;
    }
    steps().map(|(.., step)| step).find(|step| *step >= least * (1.0 - 1e-9))
}

/// An axis in seconds between two times, with as many ticks as have `room`.
pub fn times((low, high): (f64, f64), bend: Option<f64>, room: f64) -> Axis {
    let ticks = match bend {
        None => linear(low, high, room),
        Some(bend) => bent((low, high), bend, room),
    };
    Axis { ends: (low, high), ticks, bend }
}

/// What is said of how an axis of time runs.
pub fn note(axis: &Axis) -> String {
    axis.bend.map_or_else(|| "linear".to_owned(), |bend| format!("log scale beyond {}", duration(bend)))
}

fn linear(low: f64, high: f64, room: f64) -> Vec<Tick> {
    // Narrower than any label: spares the measuring of steps that are far too small.
    const NARROW: f64 = 20.0;
    const MOST: usize = 10;
    for (name, unit, step) in steps().filter(|(.., step)| (high - low) / step * NARROW <= room) {
        let ticks: Vec<Tick> = super::axis::multiples(low, high, step)
            .map(|value| Tick { value, label: clock(value / unit, name) })
            .collect();
        let widest = ticks.iter().map(|tick| width(&tick.label)).fold(0.0, f64::max);
        if (widest + BETWEEN) * (high - low) / step <= room && ticks.len() <= MOST {
            return ticks;
        }
    }
    Vec::new()
}

/// Zero and the bend, then whichever have room: steps a factor of some ten apart before those between them.
fn bent((low, high): (f64, f64), bend: f64, room: f64) -> Vec<Tick> {
    let scale = Scale { values: (low, high), places: (0.0, room), bend: Some(bend) };
    let known: Vec<_> = steps().filter(|&(.., step)| step >= bend && step <= high).collect();
    let mut wanted = vec![Tick { value: 0.0, label: clock(0.0, "s") }];
    let rank = |&&(_, unit, step): &&(&str, f64, f64)| match (step / unit).round() {
        1.0 => 0,
        10.0 => 1,
        _ => 2,
    };
    let mut order: Vec<_> = known.iter().collect();
    order.sort_by_key(|step| (step.2 > bend, rank(step)));
    wanted.extend(order.iter().map(|&&(name, unit, value)| Tick { value, label: clock(value / unit, name) }));
    let mut ticks: Vec<Tick> = Vec::new();
    // A label at an end is moved inwards, so that it does not reach far beyond.
    let place = |tick: &Tick| {
        let half = width(&tick.label) / 2.0;
        (scale.at(tick.value).max(half - OVER).min(room - half + OVER), half)
    };
    for tick in wanted {
        let (at, half) = place(&tick);
        let free = ticks.iter().map(place).all(|(other, beside)| (other - at).abs() >= half + beside + BETWEEN / 2.0);
        if free {
            ticks.push(tick);
        }
    }
    ticks.sort_by(|a, b| a.value.total_cmp(&b.value));
    ticks
}

fn width(label: &str) -> f64 {
    fonts::width(label, theme::TICK_ZERO)
}

fn clock(count: f64, unit: &str) -> String {
    let count = count.round();
    // A thousand of the small units are one of the next.
    let next = [("ns", "us"), ("us", "ms"), ("ms", "s")].into_iter().find(|&(small, _)| small == unit);
    let (count, unit) = match next {
        Some((_, next)) if count.abs() >= 1e3 => (count / 1e3, next),
        _ => (count, unit),
    };
    match count {
        0.0 => "t = 0".to_owned(),
        _ if count < 0.0 => format!("−{} {unit}", compact(-count)),
        _ => format!("{} {unit}", compact(count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ends: (f64, f64), bend: Option<f64>, room: f64) -> Vec<String> {
        times(ends, bend, room).ticks.into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn times_are_what_a_clock_shows() {
        assert_eq!(labels((-600.0, 1_200.0), None, 400.0), ["−10 min", "t = 0", "10 min", "20 min"]);
        assert_eq!(labels((-3_600.0, 7.0 * DAY), None, 500.0).last().map(String::as_str), Some("7 d"));
        assert_eq!(labels((-2.0, 10.0), None, 500.0), ["−2 s", "t = 0", "2 s", "4 s", "6 s", "8 s", "10 s"]);
        assert_eq!(labels((0.0, 1.0), None, 1.0), ["t = 0"]);
        assert_eq!(labels((0.0, 0.002), None, 420.0), ["t = 0", "500 us", "1 ms", "1.5 ms", "2 ms"]);
    }

    #[test]
    fn a_course_of_seconds_beside_one_of_minutes_or_days_bends_the_axis() {
        assert_eq!(bend([10.0, 15.0, 100.0].into_iter(), 1.0), None);
        assert_eq!(bend([9.7, 15.0, 555.0].into_iter(), 0.0), Some(10.0));
        assert_eq!(bend([9.7, 15.0, 555.0].into_iter(), 5.0), Some(30.0));
        assert_eq!(bend([9.7, 6e5].into_iter(), 2_000.0), Some(3.0 * HOUR));
        assert_eq!(labels((-10.0, 600.0), Some(10.0), 360.0), ["t = 0", "10 s", "1 min", "10 min"]);
        assert_eq!(labels((-10.0, 7.0 * DAY), Some(10.0), 700.0).last().map(String::as_str), Some("5 d"));
        assert_eq!(note(&times((-10.0, 600.0), Some(10.0), 360.0)), "log scale beyond 10 s");
    }
}
