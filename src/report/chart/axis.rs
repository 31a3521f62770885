//! Axes: where a value falls, and which values get a tick.

use super::{fonts, theme};
use crate::math::{log10, pow};
use crate::report::number::{compact, significant};

/// The straight way from values to a place on the picture; what lies outside is put on the edge.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Scale {
    /// The values at both ends, ascending.
    pub values: (f64, f64),
    /// The places of both ends.
    pub places: (f64, f64),
}

impl Scale {
    /// The place of a value.
    pub(super) fn at(&self, value: f64) -> f64 {
        let (low, high) = self.values;
        let share = if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
        self.places.0 + share * (self.places.1 - self.places.0)
    }
}

/// A value worth a label.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Tick {
    pub value: f64,
    pub label: String,
}

/// The least of 1, 2, 5 times a power of ten that is at least `x`.
fn round_up(x: f64) -> f64 {
    let power = pow(10.0, log10(x).floor());
    [1.0, 2.0, 5.0, 10.0].map(|lead| lead * power).into_iter().find(|&step| step >= x * (1.0 - 1e-9)).unwrap_or(x)
}

/// The multiples of `step` from `low` to `high`.
fn multiples(low: f64, high: f64, step: f64) -> impl Iterator<Item = f64> {
    // A hair's breadth beyond both ends, so that rounding loses no tick that is due there.
    let (first, last) = ((low / step - 1e-6).ceil() as i64, (high / step + 1e-6).floor() as i64);
    (first..=last).map(move |k| k as f64 * step)
}

/// An axis of amounts from `low` <= 0 to `high` >= 0 and a little further, with about `most` ticks. Below zero it counts
/// downwards: its labels have no sign.
pub(super) fn amounts(low: f64, high: f64, most: f64) -> ((f64, f64), Vec<Tick>) {
    if high <= low {
        return ((0.0, 1.0), vec![Tick { value: 0.0, label: "0".to_owned() }]);
    }
    let mut step = round_up((high - low) / most.max(1.0));
    // However little room there is, an axis with nothing but its zero is no axis.
    while step > high.max(-low) {
        step = round_up(step / 2.5);
    }
    let ends = (low * 1.05, high * 1.05);
    let tick = |value: f64| Tick { value, label: compact(value.abs()) };
    (ends, multiples(ends.0, ends.1, step).map(tick).collect())
}

/// An axis of spans in milliseconds from 0 to a little above `high`: [`amounts`] in the unit that suits `high`.
pub(super) fn spans(high: f64, most: f64) -> ((f64, f64), Vec<Tick>) {
    let (name, unit) = unit_of(high);
    let (ends, ticks) = amounts(0.0, high / unit, most);
    let tick = |tick: Tick| match tick.value {
        0.0 => tick,
        value => Tick { value: value * unit, label: format!("{} {name}", tick.label) },
    };
    ((0.0, ends.1 * unit), ticks.into_iter().map(tick).collect())
}

/// A span in milliseconds, in the unit that suits it, to three significant digits: `210 ms`, `12.3 s`.
pub(super) fn span(ms: f64) -> String {
    let (name, unit) = unit_of(ms);
    format!("{} {name}", significant(ms / unit, 3))
}

/// The largest unit that is not above `ms`, and how many milliseconds it has.
fn unit_of(ms: f64) -> (&'static str, f64) {
    const UNITS: [(&str, f64); 5] = [("h", 3.6e6), ("min", 6e4), ("s", 1e3), ("ms", 1.0), ("us", 1e-3)];
    // Two of a unit, so that 90 s and 90 min stay what they are.
    let enough = |&&(_, unit): &&(&str, f64)| ms >= if unit > 1e3 { 2.0 * unit } else { unit };
    UNITS.iter().find(enough).copied().unwrap_or(if ms > 0.0 { ("ns", 1e-6) } else { ("ms", 1.0) })
}

/// An axis of spans in milliseconds whose values are decimal logarithms, from the power of ten at or below `low` to the
/// one at or above `high`.
pub(super) fn span_decades(low: f64, high: f64) -> ((f64, f64), Vec<Tick>) {
    let (ends, mut ticks) = decades(low, high);
    for tick in &mut ticks {
        // A hair more, so that a thousand of one unit is one of the next.
        let value = pow(10.0, tick.value) * (1.0 + 1e-9);
        let (name, unit) = unit_of(value);
        tick.label = format!("{} {name}", compact((value / unit * 1e3).round() / 1e3));
    }
    (ends, ticks)
}

/// An axis of shares from 0 to 1.
pub(super) fn whole() -> ((f64, f64), Vec<Tick>) {
    let tick = |(value, label): (f64, &str)| Tick { value, label: label.to_owned() };
    ((0.0, 1.05), [(0.0, "0"), (0.5, "50 %"), (1.0, "100 %")].map(tick).to_vec())
}

/// The powers of ten from the one at or below `low` to the one at or above `high`, at least two; values are decimal
/// logarithms.
pub(super) fn decades(low: f64, high: f64) -> ((f64, f64), Vec<Tick>) {
    let first = (log10(low) + 1e-9).floor();
    let last = (log10(high) - 1e-9).ceil().max(first + 1.0);
    let step = ((last - first) / 4.0).ceil();
    let tick = |value| Tick { value, label: compact(pow(10.0, value)) };
    ((first, last), multiples(first, last, step).map(tick).collect())
}

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

/// Ticks in seconds between `low` and `high`: as many as have `room`, at values that a clock would show.
pub(super) fn times(low: f64, high: f64, room: f64) -> Vec<Tick> {
    let steps =
        UNITS.iter().flat_map(|&(name, unit, counts)| counts.iter().map(move |count| (name, unit, count * unit)));
    // Narrower than any label: spares the measuring of steps that are far too small.
    const NARROW: f64 = 20.0;
    const MOST: usize = 10;
    for (name, unit, step) in steps.filter(|(.., step)| (high - low) / step * NARROW <= room) {
        let ticks: Vec<Tick> =
            multiples(low, high, step).map(|value| Tick { value, label: clock(value / unit, name) }).collect();
        let widest = ticks.iter().map(|tick| fonts::width(&tick.label, theme::TICK_ZERO)).fold(0.0, f64::max);
        if (widest + 24.0) * (high - low) / step <= room && ticks.len() <= MOST {
            return ticks;
        }
    }
    Vec::new()
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

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn an_axis_has_more_than_its_zero() {
        for high in [0.3, 1.0, 3.9, 4.1, 7.0, 99.0] {
            let (_, ticks) = amounts(0.0, high, 1.0);
            assert!(ticks.len() > 1 && ticks.len() < 5, "{high}: {:?}", labels(&ticks));
        }
    }

    #[test]
    fn amounts_have_round_ticks() {
        let (ends, ticks) = amounts(0.0, 203.0, 4.0);
        assert!(ends.0 == 0.0 && ends.1 > 203.0);
        assert_eq!(labels(&ticks), ["0", "100", "200"]);
        assert_eq!(labels(&amounts(0.0, 0.0, 1.0).1), ["0"]);
        assert_eq!(labels(&amounts(-3.0, 1.0, 4.0).1), ["3", "2", "1", "0", "1"]);
    }

    #[test]
    fn decades_cover_the_values() {
        assert_eq!(labels(&decades(29.0, 1_083.0).1), ["10", "100", "1,000", "10 k"]);
        assert_eq!(decades(10.0, 10.0).0, (1.0, 2.0));
    }

    #[test]
    fn times_are_what_a_clock_shows() {
        fonts::register().expect("the fonts are carried along");
        assert_eq!(labels(&times(-600.0, 1_200.0, 400.0)), ["−10 min", "t = 0", "10 min", "20 min"]);
        assert_eq!(labels(&times(-3_600.0, 7.0 * DAY, 500.0)).last(), Some(&"7 d"));
        assert_eq!(labels(&times(-2.0, 10.0, 500.0)), ["−2 s", "t = 0", "2 s", "4 s", "6 s", "8 s", "10 s"]);
        assert_eq!(labels(&times(0.0, 1.0, 1.0)), ["t = 0"]);
    }

    #[test]
    fn spans_are_told_in_their_unit() {
        fonts::register().expect("the fonts are carried along");
        assert_eq!(labels(&times(0.0, 0.002, 420.0)), ["t = 0", "500 us", "1 ms", "1.5 ms", "2 ms"]);
        assert_eq!(labels(&spans(1_300.0, 3.0).1), ["0", "0.5 s", "1 s"]);
        assert_eq!(labels(&spans(0.0, 3.0).1), ["0"]);
        assert_eq!(labels(&span_decades(0.02, 4_000.0).1), ["10 us", "1 ms", "100 ms", "10 s"]);
        let told = [210.31, 12_345.0, 0.05, 90_000.0, 7.2e6, 0.0].map(span);
        assert_eq!(told, ["210 ms", "12.3 s", "50.0 us", "90.0 s", "2.00 h", "0.00 ms"]);
    }

    #[test]
    fn a_scale_without_width_is_harmless() {
        let scale = Scale { values: (1.0, 1.0), places: (10.0, 20.0) };
        assert_eq!(scale.at(5.0), 10.0);
    }
}
