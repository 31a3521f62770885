//! Times as files have them: dates in many forms, and plain numbers.

use super::number::{Unit, decimal_ns};
use jiff::civil::DateTime;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::TimeZone;
use std::borrow::Cow;

/// A time in nanoseconds, since 1970 or of a file's own; and whether it names no zone, so that it is taken as one of UTC.
pub(in crate::source::trace) type At = (i64, bool);

/// How a time is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::source::trace) enum Form {
    /// A number, of nothing or of 1970.
    Number(Unit),
    /// As ISO 8601 and RFC 3339 have it, a blank or T between date and time.
    Iso,
    /// By a pattern of strptime, for people by its example.
    Like(&'static str, &'static str),
}

/// The dates that are not ISO's. The day comes first in the one that ends the list, the month in the one before.
const PATTERNS: [(&str, &str); 25] = [
    ("%d/%b/%Y:%H:%M:%S %z", "31/Jan/2026:10:00:00 +0000"),
    ("%d/%b/%Y:%H:%M:%S%.f %z", "31/Jan/2026:10:00:00.000 +0000"),
    ("%d/%b/%Y:%H:%M:%S", "31/Jan/2026:10:00:00"),
    ("%Y/%m/%d %H:%M:%S%.f", "2026/01/31 10:00:00"),
    ("%Y/%m/%d %H:%M", "2026/01/31 10:00"),
    ("%d.%m.%Y %H:%M:%S%.f", "31.1.2026 10:00:00"),
    ("%d.%m.%Y %H:%M", "31.1.2026 10:00"),
    ("%b %d, %Y @ %H:%M:%S%.f", "Jan 31, 2026 @ 10:00:00.000"),
    ("%d %b %Y %H:%M:%S", "31 Jan 2026 10:00:00"),
    ("%a, %d %b %Y %H:%M:%S %z", "Sat, 31 Jan 2026 10:00:00 +0000"),
    ("%a %b %d %H:%M:%S %Y", "Sat Jan 31 10:00:00 2026"),
    ("%Y-%m-%d %H", "2026-01-31 10"),
    ("%Y-%m-%d %I:%M:%S %p", "2026-01-31 10:00:00 AM"),
    ("%Y-%m-%d %I:%M %p", "2026-01-31 10:00 AM"),
    ("%d-%m-%Y %H:%M:%S%.f", "31-01-2026 10:00:00"),
    ("%d-%m-%Y %H:%M", "31-01-2026 10:00"),
    ("%d/%b/%Y:%H:%M:%S%.f", "31/Jan/2026:10:00:00.000"),
    ("%m/%d/%Y %I:%M:%S %p", "1/31/2026 10:00:00 AM"),
    ("%m/%d/%Y %I:%M %p", "1/31/2026 10:00 AM"),
    ("%m/%d/%Y %H:%M:%S%.f", "1/31/2026 10:00:00"),
    ("%m/%d/%Y %H:%M", "1/31/2026 10:00"),
    ("%d/%m/%Y %I:%M:%S %p", "31/1/2026 10:00:00 AM"),
    ("%d/%m/%Y %I:%M %p", "31/1/2026 10:00 AM"),
    ("%d/%m/%Y %H:%M:%S%.f", "31/1/2026 10:00:00"),
    ("%d/%m/%Y %H:%M", "31/1/2026 10:00"),
];

/// Dates of digits alone, by how many they are.
const DIGITS: [(usize, &str, &str); 4] = [
    (8, "%Y%m%d", "20260131"),
    (10, "%Y%m%d%H", "2026013110"),
    (12, "%Y%m%d%H%M", "202601311000"),
    (14, "%Y%m%d%H%M%S", "20260131100000"),
];

/// The form of dates of digits alone, if all texts are of our days in it: numbers since 1970 have other months.
pub(in crate::source::trace) fn digits(texts: &[Cow<'_, str>]) -> Option<Form> {
    let length = texts.first()?.len();
    let (_, pattern, example) = DIGITS.into_iter().find(|&(digits, ..)| digits == length)?;
    let form = Form::Like(pattern, example);
    let fits = |text: &Cow<str>| {
        let plain = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        plain && (text.starts_with("199") || text.starts_with("20")) && form.read(text.as_bytes()).is_some()
    };
    texts.iter().all(fits).then_some(form)
}

static ISO: DateTimeParser = DateTimeParser::new();

impl Form {
    /// The time that `text` is in this form.
    pub fn read(self, text: &[u8]) -> Option<At> {
        match self {
            Self::Number(unit) => i64::try_from(decimal_ns(text, unit.ns)?).ok().map(|ns| (ns, false)),
            Self::Iso => iso(text),
            Self::Like(pattern, _) => like(pattern, text),
        }
    }

    /// For people.
    pub fn words(self) -> Cow<'static, str> {
        match self {
            Self::Number(unit) => format!("numbers of {}", unit.name).into(),
            Self::Iso => "dates as 2026-01-31T10:00:00Z".into(),
            Self::Like(_, example) => format!("dates as {example}").into(),
        }
    }

    /// Whether the day stands before the month, or after it, where either might be.
    pub fn day_first(self) -> Option<bool> {
        match self {
            Self::Like(pattern, _) if pattern.starts_with("%m/%d/%Y") => Some(false),
            Self::Like(pattern, _) if pattern.starts_with("%d/%m/%Y") => Some(true),
            _ => None,
        }
    }
}

/// The forms of dates that fit most of these texts, and more than half; where the day might be the month, both.
pub(in crate::source::trace) fn forms(texts: &[Cow<'_, str>]) -> Vec<Form> {
    best(texts, texts.len() / 2 + 1)
}

/// The forms of dates that fit most of these texts, and so many at least.
pub(in crate::source::trace) fn best(texts: &[Cow<'_, str>], least: usize) -> Vec<Form> {
    let known = PATTERNS.iter().map(|&(pattern, example)| Form::Like(pattern, example));
    let fits = |form: Form| (texts.iter().filter(|text| form.read(text.as_bytes()).is_some()).count(), form);
    let all: Vec<_> = std::iter::once(Form::Iso).chain(known).map(fits).collect();
    let most = all.iter().map(|&(fit, _)| fit).max().unwrap_or(0).max(least);
    all.into_iter().filter(|&(fit, _)| fit >= most).map(|(_, form)| form).collect()
}

fn iso(text: &[u8]) -> Option<At> {
    if text.len() < 8 || !text[..4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    if let Ok(at) = ISO.parse_timestamp(text) {
        return Some((i64::try_from(at.as_nanosecond()).ok()?, false));
    }
    if let Ok(at) = ISO.parse_datetime(text) {
        // A number of eight digits is more likely one than a day.
        let has_marks = text.iter().any(|byte| !byte.is_ascii_digit());
        return if has_marks { Some((of_utc(at)?, true)) } else { None };
    }
    // With a blank before the zone, and its name after it, as Go and SQL write it.
    let text = std::str::from_utf8(text).ok()?;
    let text = text.strip_suffix(" UTC").or_else(|| text.strip_suffix(" GMT")).unwrap_or(text).trim_end();
    let joined = match text.rsplit_once([' ']) {
        Some((at, zone)) if zone.starts_with(['+', '-']) => format!("{at}{zone}"),
        _ => format!("{text}Z"),
    };
    let at = ISO.parse_timestamp(&joined).ok()?;
    i64::try_from(at.as_nanosecond()).ok().map(|ns| (ns, false))
}

fn like(pattern: &str, text: &[u8]) -> Option<At> {
    let parts = BrokenDownTime::parse(pattern, text).ok()?;
    if parts.offset().is_some() {
        return i64::try_from(parts.to_timestamp().ok()?.as_nanosecond()).ok().map(|ns| (ns, false));
    }
    // A day alone begins with it.
    let at = parts.to_datetime().or_else(|_| parts.to_date().map(|day| day.at(0, 0, 0, 0))).ok()?;
    Some((of_utc(at)?, true))
}

fn of_utc(at: DateTime) -> Option<i64> {
    i64::try_from(TimeZone::UTC.to_timestamp(at).ok()?.as_nanosecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::trace::row::UNITS;

    const S: i64 = 1_000_000_000;
    /// 31 January 2026, 10:00 UTC: `date -u -d 2026-01-31T10:00Z +%s`.
    const TEN: i64 = 1_769_853_600 * S;

    fn read(text: &str) -> Option<(i64, bool)> {
        let forms = forms(&[text.into()]);
        forms.first().and_then(|form| form.read(text.as_bytes()))
    }

    #[test]
    fn dates_are_read_as_they_are_written() {
        for (text, ns, naive) in [
            ("2026-01-31T10:00:00Z", TEN, false),
            ("2026-01-31T10:00:00.5Z", TEN + S / 2, false),
            ("2026-01-31T12:00:00+02:00", TEN, false),
            ("2026-01-31T12:00:00+0200", TEN, false),
            ("2026-01-31 10:00:00", TEN, true),
            ("2026-01-31 10:00:00.0000001", TEN + 100, true),
            ("2026-01-31 10:00:00,250", TEN + S / 4, true),
            ("2026-01-31 10:00:00+00:00", TEN, false),
            ("2026-01-31 10:00:00 UTC", TEN, false),
            ("2026-01-31 05:00:00 -0500", TEN, false),
            ("2026-01-31 10:00:00 +0000 UTC", TEN, false),
            ("20260131T100000Z", TEN, false),
            ("31/Jan/2026:10:00:00 +0000", TEN, false),
            ("31/Jan/2026:06:00:00 -0400", TEN, false),
            ("31.1.2026 10:00", TEN, true),
            ("31.01.2026 10:00:00", TEN, true),
            ("2026/01/31 10:00:00", TEN, true),
            ("Jan 31, 2026 @ 10:00:00.000", TEN, true),
            ("1/31/2026 10:00:00 AM", TEN, true),
            ("31/1/2026 10:00", TEN, true),
        ] {
            assert_eq!(read(text), Some((ns, naive)), "{text}");
        }
        for text in ["", "x", "10:00:00", "1767225600", "20260131", "2026-13-01 10:00:00", "2026-01-31T25:00:00Z"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_and_a_month_that_may_be_either_are_both_forms() {
        let both = forms(&["1/2/2026 10:00:00".into(), "3/2/2026 10:00:00".into()]);
        assert_eq!(both.iter().map(|form| form.day_first()).collect::<Vec<_>>(), [Some(false), Some(true)]);
        let one = forms(&["1/2/2026 10:00:00".into(), "1/31/2026 10:00:00".into()]);
        assert_eq!(one.iter().map(|form| form.day_first()).collect::<Vec<_>>(), [Some(false)]);
    }

    #[test]
    fn digits_alone_may_be_a_date() {
        let read = |texts: &[&str]| {
            let texts: Vec<Cow<str>> = texts.iter().map(|&text| text.into()).collect();
            digits(&texts).and_then(|form| form.read(texts[0].as_bytes()))
        };
        let day = TEN - 36_000 * S;
        for (text, ns) in [("20260131", day), ("2026013110", TEN), ("202601311000", TEN), ("20260131100000", TEN)] {
            assert_eq!(read(&[text]), Some((ns, true)), "{text}");
        }
        for texts in [&["1769853600"][..], &["20260131", "20261331"], &["20260131", "2026013"], &["1767225600000"], &[]]
        {
            assert_eq!(read(texts), None, "{texts:?}");
        }
    }

    #[test]
    fn numbers_count_from_anywhere() {
        assert_eq!(Form::Number(UNITS[2]).read(b"-12.5"), Some((-12_500_000, false)));
        assert_eq!(Form::Number(UNITS[3]).read(b"9e9"), None);
    }
}
