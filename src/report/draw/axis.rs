//! Axes: the values at their ends, and which of them get a tick.

use super::scale::Scale;
use crate::math::{log10, pow};
use crate::report::number::{compact, significant};

/// An axis.
#[derive(Clone, PartialEq, Debug)]
pub struct Axis {
    /// The values at its ends.
    pub ends: (f64, f64),
    pub ticks: Vec<Tick>,
    /// Up to where it is linear, if not all the way.
    pub bend: Option<f64>,
}

impl Axis {
    /// Where values fall between two places.
    pub fn scale(&self, places: (f64, f64)) -> Scale {
        Scale { values: self.ends, places, bend: self.bend }
    }

    /// How it runs, in words; `told` says a value.
    pub fn note(&self, told: impl Fn(f64) -> String) -> String {
        self.bend.map_or_else(|| "linear".to_owned(), |bend| format!("log scale beyond {}", told(bend)))
    }
}

/// A value worth a label.
#[derive(Clone, PartialEq, Debug)]
pub struct Tick {
    pub value: f64,
    pub label: String,
}

/// The least of 1, 2, 5 times a power of ten that is at least `x`.
fn round_up(x: f64) -> f64 {
    let power = pow(10.0, log10(x).floor());
    [1.0, 2.0, 5.0, 10.0].map(|lead| lead * power).into_iter().find(|&step| step >= x * (1.0 - 1e-9)).unwrap_or(x)
}

/// The multiples of `step` from `low` to `high`.
pub fn multiples(low: f64, high: f64, step: f64) -> impl Iterator<Item = f64> {
    // A hair's breadth beyond both ends, so that rounding loses no tick that is due there.
    let (first, last) = ((low / step - 1e-6).ceil() as i64, (high / step + 1e-6).floor() as i64);
    (first..=last).map(move |k| k as f64 * step)
}

/// An axis of amounts from `low` <= 0 to `high` >= 0 and a little further, with about `most` ticks. Below zero it counts
/// downwards: its labels have no sign.
pub fn amounts(low: f64, high: f64, most: f64) -> Axis {
    let tick = |value: f64| Tick { value, label: compact(value.abs()) };
    if high <= low {
        return Axis { ends: (0.0, 1.0), ticks: vec![tick(0.0)], bend: None };
    }
    let mut step = round_up((high - low) / most.max(1.0));
    // However little room there is, an axis with nothing but its zero is no axis.
    while step > high.max(-low) {
        step = round_up(step / 2.5);
    }
    let ends = (low * 1.05, high * 1.05);
    Axis { ends, ticks: multiples(ends.0, ends.1, step).map(tick).collect(), bend: None }
}

/// An axis of amounts like [`amounts`] that bends at a power of ten: ticks at zero, there, and at the decades beyond.
pub fn bent(low: f64, high: f64, bend: f64, most: f64) -> Axis {
    let decades = |end: f64| if end > bend { (log10(end / bend) + 1e-9).floor() } else { 0.0 };
    let room = 1.0 + decades(high) + decades(-low);
    let step = (room / most.max(2.0)).ceil();
    let upwards = |end: f64| {
        let count = if end >= bend { (decades(end) / step).floor() as i32 + 1 } else { 0 };
        (0..count).map(move |k| bend * pow(10.0, f64::from(k) * step)).collect::<Vec<_>>()
    };
    let mut values: Vec<f64> = upwards(-low).into_iter().rev().map(|value| -value).collect();
    values.push(0.0);
    values.extend(upwards(high));
    // A little further, on its own terms.
    let beyond = |end: f64| if end.abs() > bend { end * 1.25 } else { end * 1.05 };
    let ticks = values.into_iter().map(|value| Tick { value, label: compact(value.abs()) }).collect();
    Axis { ends: (beyond(low), beyond(high)), ticks, bend: Some(bend) }
}

/// An axis of amounts, bent where `bend` says so.
pub fn counts(low: f64, high: f64, bend: Option<f64>, most: f64) -> Axis {
    bend.filter(|bend| high.max(-low) > *bend)
        .map_or_else(|| amounts(low, high, most), |bend| bent(low, high, bend, most))
}

/// An axis of spans in milliseconds from 0 to a little above `high`: [`amounts`] in the unit that suits `high`.
pub fn spans(high: f64, most: f64) -> Axis {
    let (name, unit) = unit_of(high);
    let axis = amounts(0.0, high / unit, most);
    let tick = |tick: Tick| match tick.value {
        0.0 => tick,
        value => Tick { value: value * unit, label: format!("{} {name}", tick.label) },
    };
    Axis { ends: (0.0, axis.ends.1 * unit), ticks: axis.ticks.into_iter().map(tick).collect(), bend: None }
}

/// An axis of spans like [`spans`] that bends at a power of ten of milliseconds.
pub fn bent_spans(high: f64, bend: f64, most: f64) -> Axis {
    let mut axis = bent(0.0, high, bend, most);
    for tick in axis.ticks.iter_mut().filter(|tick| tick.value > 0.0) {
        // A hair more, so that a thousand of one unit is one of the next.
        let (name, unit) = unit_of(tick.value * (1.0 + 1e-9));
        tick.label = format!("{} {name}", compact((tick.value / unit * 1e3).round() / 1e3));
    }
    axis
}

/// A span in milliseconds, in the unit that suits it, to three significant digits: `210 ms`, `12.3 s`.
pub fn span(ms: f64) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn an_axis_has_more_than_its_zero() {
        for high in [0.3, 1.0, 3.9, 4.1, 7.0, 99.0] {
            let axis = amounts(0.0, high, 1.0);
            assert!(axis.ticks.len() > 1 && axis.ticks.len() < 5, "{high}: {:?}", labels(&axis));
        }
    }

    #[test]
    fn amounts_have_round_ticks() {
        let axis = amounts(0.0, 203.0, 4.0);
        assert!(axis.ends.0 == 0.0 && axis.ends.1 > 203.0);
        assert_eq!(labels(&axis), ["0", "100", "200"]);
        assert_eq!(labels(&amounts(0.0, 0.0, 1.0)), ["0"]);
        assert_eq!(labels(&amounts(-3.0, 1.0, 4.0)), ["3", "2", "1", "0", "1"]);
    }

    #[test]
    fn a_bent_axis_counts_in_decades() {
        assert_eq!(labels(&bent(0.0, 56_000.0, 1_000.0, 5.0)), ["0", "1,000", "10 k"]);
        assert_eq!(labels(&bent(-120.0, 3.0, 1.0, 9.0)), ["100", "10", "1", "0", "1"]);
        assert_eq!(labels(&bent(0.0, 1e9, 1.0, 4.0)), ["0", "1", "1,000", "1 M", "1 G"]);
        assert_eq!(counts(0.0, 50.0, None, 4.0).note(compact), "linear");
        assert_eq!(counts(0.0, 50.0, Some(1.0), 4.0).note(compact), "log scale beyond 1");
        assert_eq!(counts(0.0, 0.5, Some(1.0), 4.0).bend, None);
        assert_eq!(labels(&bent_spans(4_000.0, 0.01, 9.0)), ["0", "10 us", "100 us", "1 ms", "10 ms", "100 ms", "1 s"]);
    }

    #[test]
    fn spans_are_told_in_their_unit() {
        assert_eq!(labels(&spans(1_300.0, 3.0)), ["0", "0.5 s", "1 s"]);
        assert_eq!(labels(&spans(0.0, 3.0)), ["0"]);
        let told = [210.31, 12_345.0, 0.05, 90_000.0, 7.2e6, 0.0].map(span);
        assert_eq!(told, ["210 ms", "12.3 s", "50.0 us", "90.0 s", "2.00 h", "0.00 ms"]);
    }
}
