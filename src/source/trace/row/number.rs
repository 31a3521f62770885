//! Numbers as files have them: spans in some unit, and amounts with what tools write behind them.

use crate::time::Span;

/// A unit of time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Unit {
    /// As it is written in a scenario and after the names of columns.
    pub name: &'static str,
    /// How long it is, in nanoseconds.
    pub ns: u64,
}

/// The units of numbers that are times.
pub(in crate::source::trace) const UNITS: [Unit; 6] = [
    Unit { name: "ns", ns: 1 },
    Unit { name: "us", ns: 1_000 },
    Unit { name: "ms", ns: 1_000_000 },
    Unit { name: "s", ns: 1_000_000_000 },
    Unit { name: "min", ns: 60_000_000_000 },
    Unit { name: "h", ns: 3_600_000_000_000 },
];

/// Other names that units have in files.
const ALSO: [(&str, usize); 16] = [
    ("nanos", 0),
    ("nanoseconds", 0),
    ("µs", 1),
    ("micros", 1),
    ("microseconds", 1),
    ("millis", 2),
    ("msec", 2),
    ("milliseconds", 2),
    ("sec", 3),
    ("secs", 3),
    ("second", 3),
    ("seconds", 3),
    ("mins", 4),
    ("minute", 4),
    ("minutes", 4),
    ("hours", 5),
];

impl Unit {
    /// The unit with this name, in any of the ways it is written.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let known = UNITS.into_iter().find(|unit| unit.name == name);
        known.or_else(|| ALSO.iter().find(|(also, _)| *also == name).map(|&(_, index)| UNITS[index]))
    }
}

/// The unit at the end of a column's name, as in `t_ms`, `time (s)` and `Latency [us]`.
pub(in crate::source::trace) fn unit_of(column: &str) -> Option<Unit> {
    if let Some(unit) = Unit::named(column.trim()).filter(|_| column.trim().len() > 3) {
        return Some(unit);
    }
    // As in durationMs.
    let camel = column.trim().as_bytes();
    if let [.., before, first @ (b'M' | b'U' | b'N'), b's'] = camel
        && before.is_ascii_lowercase()
    {
        return Unit::named(&format!("{}s", char::from(first.to_ascii_lowercase())));
    }
    let inside = column.trim().trim_end_matches([')', ']']);
    let (_, unit) = inside.rsplit_once(['_', '(', '[', ' '])?;
    Unit::named(unit.trim())
}

/// Whether a field says that there is nothing.
pub(in crate::source::trace) fn is_empty(text: &[u8]) -> bool {
    const NOTHING: [&[u8]; 7] = [b"", b"-", b"null", b"nan", b"n/a", b"none", b"undefined"];
    text.len() <= 9 && NOTHING.iter().any(|nothing| text.eq_ignore_ascii_case(nothing))
}

/// A decimal number of `unit_ns`, exactly, further digits than nanoseconds rounded to the nearest; at most 100 years.
pub(in crate::source::trace) fn decimal_ns(text: &[u8], unit_ns: u64) -> Option<i128> {
    plain_ns(text, unit_ns).or_else(|| with_exponent(text, unit_ns))
}

/// A number as 1.7145648E+09, of which no digit before the point is missing.
fn with_exponent(text: &[u8], unit_ns: u64) -> Option<i128> {
    let text = std::str::from_utf8(text).ok()?;
    let (digits, power) = text.split_once(['e', 'E'])?;
    let power = power.strip_prefix('+').unwrap_or(power).parse::<i32>().ok()?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_plain(whole) || !is_plain(fraction) || digits.len() > 40 || !(-20..=20).contains(&power) {
        return None;
    }
    let places = whole.len() as i32 + power;
    let all = format!("{whole}{fraction}");
    let shifted = match usize::try_from(places) {
        Ok(places) if places <= all.len() => format!("{sign}{}.{}", &all[..places], &all[places..]),
        Ok(_) => return None,
        Err(_) => format!("{sign}.{}{all}", "0".repeat(places.unsigned_abs() as usize)),
    };
    plain_ns(shifted.as_bytes(), unit_ns)
}

fn plain_ns(text: &[u8], unit_ns: u64) -> Option<i128> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let mut at = 0;
    let mut number = |most: usize| {
        let (mut value, begin) = (0_u64, at);
        while let Some(digit) = digits.get(at).filter(|byte| byte.is_ascii_digit()) {
            if at - begin < most {
                value = value * 10 + u64::from(digit - b'0');
            }
            at += 1;
        }
        let length = at - begin;
        at += usize::from(digits.get(at) == Some(&b'.'));
        (value, length)
    };
    let (whole, places) = number(19);
    let point = digits.get(places) == Some(&b'.');
    let (fraction, decimals) = if point { number(18) } else { (0, 0) };
    if places + decimals == 0 || places > 19 || digits.len() != places + decimals + usize::from(point) {
        return None;
    }
    let mut ns = i128::from(whole) * i128::from(unit_ns);
    if fraction > 0 {
        let scale = 10_i128.pow(decimals.min(18) as u32);
        ns += (i128::from(fraction) * i128::from(unit_ns) * 2 + scale) / (scale * 2);
    }
    (ns <= i128::from(Span::LONGEST.ns())).then_some(if negative { -ns } else { ns })
}

/// What tools write behind a number of requests in a second, and how long its span is in seconds.
const RATES: [(&str, f64); 34] = [
    ("req/s", 1.0),
    ("reqs/s", 1.0),
    ("requests/s", 1.0),
    ("request/s", 1.0),
    ("requests/sec", 1.0),
    ("req/sec", 1.0),
    ("reqps", 1.0),
    ("rps", 1.0),
    ("qps", 1.0),
    ("tps", 1.0),
    ("ops/s", 1.0),
    ("ops", 1.0),
    ("c/s", 1.0),
    ("cps", 1.0),
    ("iops", 1.0),
    ("hits/s", 1.0),
    ("/s", 1.0),
    ("req/min", 60.0),
    ("rpm", 60.0),
    ("/min", 60.0),
    ("msg/s", 1.0),
    ("evt/s", 1.0),
    ("rd/s", 1.0),
    ("wr/s", 1.0),
    ("wps", 1.0),
    ("hz", 1.0),
    ("req/m", 60.0),
    ("reqs/m", 60.0),
    ("requests/m", 60.0),
    ("requests/min", 60.0),
    ("ops/m", 60.0),
    ("c/m", 60.0),
    ("cpm", 60.0),
    ("opm", 60.0),
];

/// The span that the number of requests in a column is for, in seconds, where its name says that it is a rate.
pub(in crate::source::trace) fn rate_in(column: &str) -> Option<f64> {
    const A_SECOND: [&str; 8] =
        ["/s", "/sec", "/second", "per second", "per_second", "per sec", "per_sec", "persecond"];
    const A_MINUTE: [&str; 8] =
        ["/m", "/min", "/minute", "per minute", "per_minute", "perminute", "per min", "per_min"];
    let name = column.trim().to_lowercase();
    let has = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end) || name.ends_with(&format!("{end})")));
    // Of bytes.
    if ["byte", "bit", "kb", "mb", "gb"].iter().any(|of| name.contains(of)) {
        return None;
    }
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    match () {
        () if has(&A_SECOND) || name.starts_with("rate(") || name.starts_with("irate(") => Some(1.0),
        () if has(&A_MINUTE) => Some(60.0),
        () => words.find_map(|word| match word {
            "rps" | "qps" | "tps" | "reqps" => Some(1.0),
            "rpm" => Some(60.0),
            _ => None,
        }),
    }
}

/// A number of things as tools write it: `12`, `1.5e3`, `1.23 K`, `12.3 req/s`; and the seconds that it is for, where a
/// unit says that it is a rate. `None` for what is no number from 0 to 1e12.
pub(in crate::source::trace) fn amount(text: &str, comma: bool) -> Option<(f64, Option<f64>)> {
    let text = text.trim();
    let ungrouped = ungrouped(text);
    let text = ungrouped.as_deref().unwrap_or(text);
    let parse = |number: &str| match comma {
        true => number.replace(',', ".").parse::<f64>().ok(),
        false => number.parse::<f64>().ok(),
    };
    let in_range = |number: f64| (0.0..=1e12).contains(&number).then_some(number);
    let thousands = !comma && is_grouped(text);
    let number = if thousands { text.replace(',', "").parse().ok() } else { parse(text) };
    if let Some(number) = number {
        return in_range(number).map(|number| (number, None));
    }
    let end = text.find(|c: char| !c.is_ascii_digit() && !".,-+".contains(c))?;
    let number = parse(&text[..end])?;
    let unit = text[end..].trim();
    let (times, unit) = match unit.split_at_checked(1) {
        Some(("K" | "k", rest)) => (1e3, rest.trim()),
        Some(("M", rest)) if !rest.starts_with('i') || rest.starts_with("il") => {
            (1e6, rest.trim_start_matches("il").trim())
        }
        Some(("B", rest)) if rest.starts_with("il") => (1e9, rest.trim_start_matches("il").trim()),
        _ => (1.0, unit),
    };
    let rate = RATES.iter().find(|(name, _)| unit.eq_ignore_ascii_case(name)).map(|&(_, seconds)| seconds);
    let plain =
        ["", "req", "reqs", "request", "requests", "calls", "hits"].iter().any(|name| unit.eq_ignore_ascii_case(name));
    if !plain && rate.is_none() {
        return None;
    }
    in_range(number * times).map(|number| (number, rate))
}

/// Digits without the blanks and apostrophes that group them, as in 1 234.
fn ungrouped(text: &str) -> Option<String> {
    let groups = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '\u{2019}');
    if !text.contains(groups) {
        return None;
    }
    let all: Vec<char> = text.chars().collect();
    let digit = |at: usize| all.get(at).is_some_and(char::is_ascii_digit);
    let is_group =
        |at: usize| at > 0 && digit(at - 1) && digit(at + 1) && digit(at + 2) && digit(at + 3) && !digit(at + 4);
    Some((0..all.len()).filter(|&at| !(groups(all[at]) && is_group(at))).map(|at| all[at]).collect())
}

/// Whether digits are grouped by commas, as in 1,234,567.
fn is_grouped(text: &str) -> bool {
    let mut groups = text.split(',');
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && digits(first))
        && text.contains(',')
        && groups.all(|group| group.len() == 3 && digits(group))
}

/// What is said of a field, and what to write instead.
type Said = (String, String);

/// What a field is that is no plain decimal number of at most 100 years in `unit`; `None` for what is no time in any form.
pub(in crate::source::trace) fn said_of_time(text: &str, unit: Unit) -> Option<Said> {
    let fits = |finer: &&Unit| finer.ns < unit.ns && decimal_ns(text.as_bytes(), finer.ns).is_some();
    if let Some(finer) = UNITS.iter().rev().find(fits) {
        let reason = format!("`{text}` is more than 100 years as a number of {}", unit.name);
        return Some((reason, format!("write its true unit in the scenario, such as `unit = \"{}\"`", finer.name)));
    }
    said_of_count(text)
}

/// What a field is that is no number of requests.
pub(in crate::source::trace) fn said_of_count(text: &str) -> Option<Said> {
    let said = |what: &str, cure: &str| Some((format!("`{text}` {what}"), cure.to_owned()));
    let digits = text.strip_prefix('-').unwrap_or(text);
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, rest) = digits.split_at(end);
    decimal_ns(number.as_bytes(), 1)?;
    let power = rest.strip_prefix(['e', 'E']).map(|power| power.strip_prefix(['-', '+']).unwrap_or(power));
    if power.is_some_and(|power| !power.is_empty() && power.bytes().all(|byte| byte.is_ascii_digit())) {
        return said(
            "has lost its last digits to an exponent",
            "export all digits: format the column as a plain number",
        );
    }
    if rest.chars().all(|c| c.is_ascii_digit() || ",._' ".contains(c)) {
        return said("has marks between its digits", "write digits alone, and a point before decimals");
    }
    if Unit::named(rest.trim()).is_some() {
        return said("has its unit with it", &format!("write {number} alone, and the unit in the scenario: `unit`"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Unit = UNITS[3];

    #[test]
    fn decimals_are_exact() {
        let ns = |text: &str, unit| decimal_ns(text.as_bytes(), unit);
        assert_eq!(ns("0.000000001", 1_000_000_000), Some(1));
        assert_eq!(ns("-12.5", 1_000_000), Some(-12_500_000));
        assert_eq!(ns("+5", 1), Some(5));
        assert_eq!(ns("1767225600.123456789", 1_000_000_000), Some(1_767_225_600_123_456_789));
        assert_eq!(ns("1.0000000000000000000000001", 1_000_000_000), Some(1_000_000_000));
        assert_eq!((ns("5.", 1), ns(".5", 2)), (Some(5), Some(1)));
        assert_eq!(ns("99999999999", 1_000_000_000), None);
        assert_eq!(
            [ns("1.714564800E+09", 1), ns("-25e-1", 10), ns("5E-03", 1_000)],
            [Some(1_714_564_800), Some(-25), Some(5)]
        );
        for text in ["1e3", "", ".", "-", "+", "1.2.3", " 1", "1 ", "12x", "NaN", "99999999999999999999999", "--5"] {
            assert_eq!(ns(text, 1), None, "{text}");
        }
    }

    #[test]
    fn units_end_the_names_of_columns() {
        let of = |column| unit_of(column).map(|unit| unit.name);
        assert_eq!(
            ["t_ms", "time (s)", "Latency [us]", "start_seconds", "T sec"].map(of),
            [Some("ms"), Some("s"), Some("us"), Some("s"), Some("s")]
        );
        assert_eq!(["time", "ms", "requests", "timestamp_utc", "params"].map(of), [None; 5]);
        assert_eq!([of("seconds"), of("durationMs"), of("Ms")], [Some("s"), Some("ms"), None]);
    }

    #[test]
    fn amounts_come_as_tools_write_them() {
        for (text, number, rate) in [
            ("12", 12.0, None),
            ("12.5", 12.5, None),
            ("1.5e3", 1_500.0, None),
            ("1.23 K", 1_230.0, None),
            ("2 Mil", 2e6, None),
            ("12.3 req/s", 12.3, Some(1.0)),
            ("1.2K reqps", 1_200.0, Some(1.0)),
            ("90 rpm", 90.0, Some(60.0)),
        ] {
            assert_eq!(amount(text, false), Some((number, rate)), "{text}");
        }
        assert_eq!(amount("12,5", true), Some((12.5, None)));
        assert_eq!(amount("1,200,300", false), Some((1_200_300.0, None)));
        for text in ["1 200", "1\u{a0}200", "1'200", "1\u{202f}200 requests", "1 200 reqs"] {
            assert_eq!(amount(text, false), Some((1_200.0, None)), "{text}");
        }
        for text in ["", "x", "-1", "1e13", "inf", "NaN", "12 ms", "1,20", "12 MiB"] {
            assert_eq!(amount(text, false), None, "{text}");
        }
    }

    #[test]
    fn rates_are_known_by_their_columns() {
        for column in
            ["Requests/s", "rps", "req_per_sec", "QPS", "http rps", "requests per second", "rate(http_total[1m])"]
        {
            assert_eq!(rate_in(column), Some(1.0), "{column}");
        }
        assert_eq!([rate_in("rpm"), rate_in("Requests/min")], [Some(60.0); 2]);
        assert_eq!([rate_in("Throughput (rpm)"), rate_in("requests_per_min")], [Some(60.0); 2]);
        assert_eq!(rate_in("Received KB/sec"), None);
        for column in [
            "success_rate",
            "Throughput",
            "rate",
            "heart rate",
            "ops",
            "requests",
            "count",
            "value",
            "errors",
            "separate",
            "Value",
        ] {
            assert_eq!(rate_in(column), None, "{column}");
        }
    }

    #[test]
    fn a_sound_value_in_another_form_is_told_with_the_form_that_is_read() {
        for (text, reason, cure) in [
            ("1767225600000", "more than 100 years as a number of s", "`unit = \"ms\"`"),
            ("1767225600000000", "more than 100 years", "`unit = \"us\"`"),
            ("1767225600000000000", "more than 100 years", "`unit = \"ns\"`"),
            ("1.7e9", "an exponent", "all digits"),
            ("1,5", "marks between its digits", "a point before decimals"),
            ("38ms", "its unit with it", "write 38 alone"),
        ] {
            let (said, proposed) = said_of_time(text, S).unwrap_or_else(|| panic!("{text}"));
            assert!(said.starts_with(&format!("`{text}` ")) && said.contains(reason), "{text}: {said}");
            assert!(proposed.contains(cure), "{text}: {proposed}");
        }
        for text in ["", "x", "-", "NaN", "1.2.3", "12x", "1e", "null", "--5", "1-2", "99999999999999999999999"] {
            assert_eq!(said_of_time(text, S), None, "{text}");
        }
    }
}
