//! Numbers, shares and times as people read them.

pub use crate::units::grouped;

use crate::math::{log10, pow};
use crate::time::{NS_PER_S, Span};

/// `x` to so many significant digits, the digits before the point always whole: `38.2`, `1,234`.
#[must_use]
pub fn significant(x: f64, digits: i32) -> String {
    grouped(x, decimals(place(x) + 1 - digits))
}

/// A sum of money in US dollars, to three significant digits.
#[must_use]
pub fn dollars(x: f64) -> String {
    format!("{} usd", significant(x, 3))
}

/// `x` with its digits beyond `digits` significant ones made zero: `1234` becomes `1,200`.
#[must_use]
pub fn rounded(x: f64, digits: i32) -> String {
    let unit = place(x) + 1 - digits;
    grouped(round_to(x, unit), decimals(unit))
}

/// A count or its mean by itself: whole numbers whole, others to three significant digits.
#[must_use]
pub fn count(x: f64) -> String {
    if x.fract() == 0.0 { grouped(x, 0) } else { significant(x, 3) }
}

/// A mean and the half-width of its interval. The half-width has two significant digits, and the mean none beyond
/// its last: `1,083` and `60`, `29.0` and `1.2`.
#[must_use]
pub fn measured(mean: f64, half: f64) -> (String, String) {
    // Less than a billionth of the mean is nothing but rounding.
    if half <= mean.abs() * 1e-9 {
        return (count(mean), "0".to_owned());
    }
    let unit = place(half) - 1;
    let text = |x| grouped(round_to(x, unit), decimals(unit));
    (text(mean), text(half))
}

/// The ends of an interval that is not even about its mean: `(0.006 to 0.18)`.
#[must_use]
pub fn range(low: f64, high: f64) -> String {
    let brief = |x: f64| if x == 0.0 { "0".to_owned() } else { significant(x, 2) };
    format!("({} to {})", brief(low), brief(high))
}

/// A large count in a few letters: `9.6 million`, `12,300`.
#[must_use]
pub fn spoken(x: f64) -> String {
    match x {
        _ if x >= 1e9 => format!("{} billion", significant(x / 1e9, 2)),
        _ if x >= 1e6 => format!("{} million", significant(x / 1e6, 2)),
        _ => rounded(x, 3),
    }
}

/// How many of a thing, in words: `1 run`, `1,000 runs`.
#[must_use]
pub fn many(n: u32, thing: &str) -> String {
    format!("{} {thing}{}", grouped(f64::from(n), 0), if n == 1 { "" } else { "s" })
}

/// A share in per cent, as in `0.45 %` or `0.012 %`; never 0 for something that happened.
#[must_use]
pub fn percent(share: f64) -> String {
    let x = share * 100.0;
    match x {
        0.0 => "0.00 %".to_owned(),
        _ if x < 0.000_1 => "< 0.0001 %".to_owned(),
        _ if x < 0.1 => format!("{} %", significant(x, 2)),
        _ => format!("{} %", grouped(x, if x < 10.0 { 2 } else { 1 })),
    }
}

/// A share in words that fit into a sentence: `all`, `nearly all`, `53 %`.
#[must_use]
pub fn part(share: f64) -> String {
    match share {
        1.0 => "all".to_owned(),
        0.0 => "none".to_owned(),
        _ if share >= 0.95 => "nearly all".to_owned(),
        _ => format!("{:.0} %", share * 100.0),
    }
}

/// A duration in seconds, to the second from a minute on and to three significant digits below: `6 min 56 s`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    let sharp = if seconds >= 60.0 { seconds.round() } else { round_to(seconds, place(seconds) - 2) };
    Span::from_ns_f64((sharp * NS_PER_S as f64).round()).to_string()
}

/// A round number on an axis, short: `0.05`, `1,500`, `20 k`, `3 M`.
#[must_use]
pub fn compact(x: f64) -> String {
    let (scaled, suffix) = match x.abs() {
        size if size >= 1e9 => (x / 1e9, " G"),
        size if size >= 1e6 => (x / 1e6, " M"),
        size if size >= 1e4 => (x / 1e3, " k"),
        _ => (x, ""),
    };
    let text = grouped(scaled, decimals(place(scaled) - 2).max(2));
    let short = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{short}{suffix}")
}

/// The decimal place of the first significant digit: 0 for units, 3 for thousands, -2 for hundredths.
fn place(x: f64) -> i32 {
    // Bounded, because a subnormal would ask for hundreds of decimals that nobody reads, and what is infinite has no place.
    if x == 0.0 { 0 } else { (log10(x.abs()).floor() as i32).clamp(-12, 300) }
}

/// How many decimals show the place `unit`.
fn decimals(unit: i32) -> usize {
    usize::try_from(-unit).unwrap_or(0)
}

/// `x` to a whole multiple of 10 to the power `unit`.
fn round_to(x: f64, unit: i32) -> f64 {
    let size = pow(10.0, f64::from(unit.abs()));
    if unit < 0 { (x * size).round() / size } else { (x / size).round() * size }
}

/// A confidence in per cent, without needless zeros: `95` or `99.9`.
#[must_use]
pub fn brief_percent(confidence: f64) -> String {
    let text = format!("{:.2}", confidence * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Names in a row, the last after `and`.
#[must_use]
pub fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(grouped(0.0, 0), "0");
        assert_eq!(grouped(999.0, 0), "999");
        assert_eq!(grouped(1_234_567.25, 1), "1,234,567.2");
        assert_eq!(grouped(-1_000.0, 0), "-1,000");
    }

    #[test]
    fn digits_are_significant() {
        assert_eq!(significant(38.249, 3), "38.2");
        assert_eq!(significant(1_234.4, 3), "1,234");
        assert_eq!(rounded(1_234.0, 2), "1,200");
        assert_eq!(rounded(3.449, 2), "3.4");
        assert_eq!(count(29.0), "29");
        assert_eq!(count(0.025), "0.0250");
    }

    #[test]
    fn the_half_width_decides_the_digits() {
        assert_eq!(measured(1_083.21, 59.7), ("1,083".to_owned(), "60".to_owned()));
        assert_eq!(measured(29.04, 1.23), ("29.0".to_owned(), "1.2".to_owned()));
        assert_eq!(measured(56_412.0, 604.0), ("56,410".to_owned(), "600".to_owned()));
        assert_eq!(measured(3.0, 0.0), ("3".to_owned(), "0".to_owned()));
    }

    #[test]
    fn shares_never_hide_what_happened() {
        assert_eq!(percent(0.0), "0.00 %");
        assert_eq!(percent(0.004_5), "0.45 %");
        assert_eq!(percent(0.000_121), "0.012 %");
        assert_eq!(percent(1e-9), "< 0.0001 %");
        assert_eq!(percent(1.0), "100.0 %");
    }

    #[test]
    fn ranges_and_large_counts_are_short() {
        assert_eq!(range(0.006_06, 0.180_6), "(0.0061 to 0.18)");
        assert_eq!(range(0.0, 1_234.0), "(0 to 1,234)");
        assert_eq!([many(1, "run"), many(1_000, "run")], ["1 run", "1,000 runs"]);
        assert_eq!([spoken(9_601_233.0), spoken(12_345.0), spoken(2.5e9)], ["9.6 million", "12,300", "2.5 billion"]);
    }

    #[test]
    fn durations_are_no_sharper_than_read() {
        assert_eq!(duration(0.0), "0 s");
        assert_eq!(duration(45.234_5), "45.2 s");
        assert_eq!(duration(0.25), "250 ms");
        assert_eq!(duration(59.97), "1 min");
        assert_eq!(duration(416.3), "6 min 56 s");
    }

    #[test]
    fn axis_numbers_are_short() {
        for (x, text) in [(0.0, "0"), (0.05, "0.05"), (0.000_2, "0.0002"), (1_500.0, "1,500"), (2e4, "20 k")] {
            assert_eq!(compact(x), text);
        }
        assert_eq!(compact(2.5e6), "2.5 M");
        assert_eq!(compact(100.0), "100");
    }
}
