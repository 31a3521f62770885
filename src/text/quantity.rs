//! Quantities: one decimal number and one unit, read exactly.

pub(crate) mod money;

use super::diagnostic::{Place, quote};
use super::document::Value;
use super::log::{Checked, Log};
use super::measure::{FACTOR, Fault, MEMORY, Measure, RATE, SHARE, SPAN};
use super::reader::Item;
use crate::time::{Instant, Span};
use crate::units::{Bytes, Factor, Rate, Share};

/// More digits than any quantity within bounds needs, and few enough that nothing overflows: 10^24 days are 8.64e37
/// nanoseconds, below 2^127.
pub(crate) const DIGITS: usize = 24;

/// The most memory that an instance may have, in MiB: 1 TiB.
const MOST_MIB: u64 = 1 << 20;

/// A quantity as written: `digits` / 10^`scale` times `unit`.
struct Written {
    negative: bool,
    digits: u128,
    scale: u32,
    unit: u128,
}

/// A span: at most 100 years, in whole nanoseconds.
pub(crate) fn span(item: &Item) -> Checked<Span> {
    read(item, &SPAN, |written| Ok(Span::from_ns(nanoseconds(positive(written, &SPAN)?)?)))
}

/// A span in a text of its own.
pub(crate) fn span_of(text: &str) -> Result<Span, Fault> {
    Ok(Span::from_ns(nanoseconds(positive(parse(text, &SPAN)?, &SPAN)?)?))
}

/// An instant in a text of its own.
pub(crate) fn instant_of(text: &str) -> Result<Instant, Fault> {
    signed(parse(text, &SPAN)?)
}

/// A share in a text of its own.
pub(crate) fn share_of(text: &str) -> Result<Share, Fault> {
    exact_share(&positive(parse(text, &SHARE)?, &SHARE)?)
}

/// A span above zero.
pub(crate) fn span_above_zero(item: &Item) -> Checked<Span> {
    let span = span(item)?;
    if span == Span::ZERO {
        return Err(item.refuse(format!("`{}` is zero", item.path), "write a span above zero, such as \"10s\""));
    }
    Ok(span)
}

/// An instant: a span from t = 0, negative before it.
pub(crate) fn instant(item: &Item) -> Checked<Instant> {
    read(item, &SPAN, signed)
}

fn signed(written: Written) -> Result<Instant, Fault> {
    let negative = written.negative;
    let ns = nanoseconds(written)?.cast_signed();
    Ok(Instant::from_ns(if negative { -ns } else { ns }))
}

/// A rate: above zero, at most 1e9 a second.
pub(crate) fn rate(item: &Item) -> Checked<Rate> {
    read(item, &RATE, |written| exact_rate(&positive(written, &RATE)?))
}

/// A rate, or none at all where zero is written.
pub(crate) fn rate_or_none(item: &Item) -> Checked<Option<Rate>> {
    read(item, &RATE, |written| {
        let written = positive(written, &RATE)?;
        if written.digits == 0 { Ok(None) } else { exact_rate(&written).map(Some) }
    })
}

/// A share above zero.
pub(crate) fn share_above_zero(item: &Item) -> Checked<Share> {
    let share = share(item)?;
    if share.is_zero() {
        return Err(item.refuse(format!("`{}` is nothing", item.path), "write a share above \"0%\""));
    }
    Ok(share)
}

/// A factor: above zero, at most a million.
pub(crate) fn factor(item: &Item) -> Checked<Factor> {
    read(item, &FACTOR, |written| {
        let written = positive(written, &FACTOR)?;
        let one = 10_u128.pow(written.scale);
        let bounds = || "write a factor above \"0x\", at most \"1000000x\"".to_owned();
        match (u64::try_from(written.digits), u64::try_from(one)) {
            _ if written.digits == 0 => Err(("a factor is above zero".to_owned(), bounds())),
            _ if written.digits > one * 1_000_000 => Err(("this is more than a million times".to_owned(), bounds())),
            (Ok(numerator), Ok(denominator)) => Ok(Factor::new(numerator, denominator)),
            _ => Err(too_fine()),
        }
    })
}

/// Memory: from 1 MiB to 1 TiB, in whole MiB.
pub(crate) fn memory(item: &Item) -> Checked<Bytes> {
    read(item, &MEMORY, |written| {
        let written = positive(written, &MEMORY)?;
        let (total, one) = (written.digits * written.unit, 10_u128.pow(written.scale));
        if !total.is_multiple_of(one) {
            return Err(("nothing is finer than 1 MiB".to_owned(), "write whole MiB, such as \"512MiB\"".to_owned()));
        }
        match u64::try_from(total / one) {
            Ok(mib @ 1..=MOST_MIB) => Ok(Bytes(mib << 20)),
            Ok(0) => Err(("memory is above zero".to_owned(), "write an amount such as \"512MiB\"".to_owned())),
            _ => Err(("this is more than 1 TiB".to_owned(), format!("write at most \"{MOST_MIB}MiB\""))),
        }
    })
}

/// An instant that is written as a key.
pub(crate) fn instant_key(key: &str, at: &Place, log: &Log) -> Checked<Instant> {
    parse(key, &SPAN).and_then(signed).map_err(|(reason, cure)| log.refuse(at, reason, cure))
}

/// A share from 0 to 100 per cent.
pub(crate) fn share(item: &Item) -> Checked<Share> {
    read(item, &SHARE, |written| exact_share(&positive(written, &SHARE)?))
}

fn read<T>(item: &Item, measure: &Measure, exact: impl FnOnce(Written) -> Result<T, Fault>) -> Checked<T> {
    let &Measure { noun, example, usual, .. } = measure;
    let bare = |cure: String| {
        let reason = format!("`{}` is {noun}, but here stands a bare number without a unit", item.path);
        item.refuse(reason, cure)
    };
    match &item.node.value {
        Value::Text(text) => parse(text, measure).and_then(exact).map_err(|(reason, cure)| item.refuse(reason, cure)),
        Value::Integer(n) => Err(bare(format!("write \"{n}{usual}\""))),
        // 0.05 may have meant 5 %, so that the number itself is no proposal.
        Value::Decimal if usual == "%" => {
            Err(bare(format!("write per cent in quotes, such as \"{example}\" for one in ten")))
        }
        Value::Decimal => Err(bare(format!("write \"{}{usual}\"", item.node.at.snippet()))),
        _ => Err(item.mistyped(noun, format!("write {noun} in quotes, such as \"{example}\""))),
    }
}

fn parse(text: &str, measure: &Measure) -> Result<Written, Fault> {
    let &Measure { noun, example, .. } = measure;
    let such_as = format!("write {noun} such as \"{example}\"");
    let fault = |reason: String, cure: String| Err((reason, cure));
    if text.trim().is_empty() {
        return fault(format!("{noun} is missing: the text is empty"), such_as);
    }
    let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, unit) = unsigned.split_at(end);
    if measure.has_stray_blank(text) {
        let joined: String = text.split_whitespace().collect();
        let cure = if parse(&joined, measure).is_ok() { format!("write \"{joined}\"") } else { such_as };
        return fault(format!("{} has a blank in it", quote(text)), cure);
    }
    if number.is_empty() {
        let lower = unsigned.to_ascii_lowercase();
        if lower.starts_with("nan") || lower.starts_with("inf") {
            return fault(format!("{} is not a finite number", quote(text)), such_as);
        }
        return fault(format!("{} does not begin with a number", quote(text)), such_as);
    }
    if unit.starts_with(['e', 'E']) && unit[1..].starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+') {
        let all = if measure.is_spaced() { example } else { "0.001s" };
        return fault(format!("{} has an exponent", quote(text)), format!("write all the digits, such as \"{all}\""));
    }
    if unit.starts_with([',', '_', '\'']) {
        let cure = match measure.is_spaced() {
            true => format!("write digits, and a point before decimals, such as \"{example}\""),
            false => "write digits, and a point before decimals: \"1000.5s\" and not \"1'000,5s\"".to_owned(),
        };
        return fault(format!("{} is not a plain decimal number", quote(text)), cure);
    }
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || decimals.is_empty() || decimals.contains('.') {
        let right = if measure.is_spaced() { example } else { "0.5s" };
        let cure = format!("write one point with digits on both sides of it, such as \"{right}\"");
        return fault(format!("{} is not a plain decimal number", quote(number)), cure);
    }
    let unit = measure.unit(unit, number)?;
    let decimals = decimals.trim_end_matches('0');
    let digits = format!("{whole}{decimals}");
    if number.len() > DIGITS + 1 || digits.len() > DIGITS {
        let cure = format!("write at most {DIGITS} digits, or use a larger or smaller unit");
        return fault(format!("this number has more than {DIGITS} digits"), cure);
    }
    let too_long = |_| ("this number has too many digits".to_owned(), such_as);
    Ok(Written { negative, digits: digits.parse().map_err(too_long)?, scale: decimals.len() as u32, unit })
}

fn positive(written: Written, measure: &Measure) -> Result<Written, Fault> {
    if written.negative {
        let cure = format!("write it without the minus sign, such as \"{}\"", measure.example);
        return Err((format!("{} is never negative", measure.noun), cure));
    }
    Ok(written)
}

fn nanoseconds(written: Written) -> Result<u64, Fault> {
    let divisor = 10_u128.pow(written.scale);
    let total = written.digits * written.unit;
    if !total.is_multiple_of(divisor) {
        return Err(("nothing is finer than 1 ns".to_owned(), "round it to whole nanoseconds".to_owned()));
    }
    match u64::try_from(total / divisor) {
        Ok(ns) if ns <= Span::LONGEST.ns() => Ok(ns),
        _ => Err(("this is longer than 100 years".to_owned(), "write at most \"36525d\"".to_owned())),
    }
}

fn exact_rate(written: &Written) -> Result<Rate, Fault> {
    let per_ns = written.unit * 10_u128.pow(written.scale);
    if written.digits == 0 {
        return Err(("a rate is above zero".to_owned(), "drop the source, or write a rate such as \"1/h\"".to_owned()));
    }
    if written.digits > per_ns {
        return Err((
            "this is more than 1e9 requests a second".to_owned(),
            "write at most \"1000000000/s\"".to_owned(),
        ));
    }
    match (u64::try_from(written.digits), u64::try_from(per_ns)) {
        (Ok(count), Ok(per_ns)) => Ok(Rate::new(count, per_ns)),
        _ => Err(too_fine()),
    }
}

fn exact_share(written: &Written) -> Result<Share, Fault> {
    let whole = written.unit * 10_u128.pow(written.scale);
    if written.digits > whole {
        return Err((
            "this is more than the whole, 100 %".to_owned(),
            "write a share from \"0%\" to \"100%\"".to_owned(),
        ));
    }
    match (u64::try_from(written.digits), u64::try_from(whole)) {
        (Ok(numerator), Ok(denominator)) => Ok(Share::new(numerator, denominator)),
        _ => Err(too_fine()),
    }
}

fn too_fine() -> Fault {
    ("this has more decimals than can be kept exactly".to_owned(), "write fewer decimals".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ns(text: &str) -> Result<u64, Fault> {
        nanoseconds(positive(parse(text, &SPAN)?, &SPAN)?)
    }

    #[test]
    fn spans_are_exact() {
        for (text, expected) in [
            ("0s", 0),
            ("1ns", 1),
            ("0.000000001s", 1),
            ("1.50ms", 1_500_000),
            ("199.5s", 199_500_000_000),
            ("007m", 420_000_000_000),
            ("36525d", Span::LONGEST.ns()),
            ("0.1d", 8_640_000_000_000),
        ] {
            assert_eq!(ns(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn each_mistake_has_its_own_reason_and_cure() {
        for (text, reason, cure) in [
            ("", "empty", "\"10s\""),
            ("10", "no unit", "\"10s\""),
            ("10 s", "blank", "\"10s\""),
            (" 10s", "blank", "\"10s\""),
            ("ten", "begin with a number", "\"10s\""),
            ("nan", "finite", "\"10s\""),
            ("-infs", "finite", "\"10s\""),
            ("1e3s", "exponent", "all the digits"),
            ("1,5s", "plain decimal", "point"),
            ("1_000s", "plain decimal", "digits"),
            (".5s", "plain decimal", "both sides"),
            ("5.s", "plain decimal", "both sides"),
            ("1.2.3s", "plain decimal", "one point"),
            ("+5s", "begin with a number", "\"10s\""),
            ("-5s", "never negative", "minus"),
            ("5sec", "unknown unit `sec`", "\"5s\""),
            ("5µs", "unknown unit", "\"5us\""),
            ("5MS", "unknown unit", "\"5ms\""),
            ("5min", "unknown unit", "\"5m\""),
            ("5y", "unknown unit `y`", "`ns`, `us`"),
            ("5/s", "unit of a rate, but here belongs a span", "`ns`, `us`"),
            ("5%", "unit of a share", "`ns`, `us`"),
            ("1.5ns", "finer than 1 ns", "round"),
            ("36525.1d", "longer than 100 years", "36525d"),
            ("99999999999999999999999d", "longer than 100 years", "36525d"),
            ("1234567890123456789012345s", "more than 24 digits", "24 digits"),
            ("0.1234567890123456789012345s", "more than 24 digits", "24 digits"),
            ("1.s5", "plain decimal", "both sides"),
            ("5es", "unknown unit `es`", "units"),
        ] {
            let (found, proposed) = ns(text).unwrap_err();
            assert!(found.contains(reason), "{text}: {found}");
            assert!(proposed.contains(cure), "{text}: {proposed}");
        }
    }

    #[test]
    fn rates_and_shares_keep_their_decimals() {
        let rate = |text| exact_rate(&parse(text, &RATE).unwrap());
        assert_eq!(rate("200/s"), Ok(Rate::per_second(200)));
        assert_eq!(rate("0.50/m"), Ok(Rate::new(5, 600_000_000_000)));
        assert_eq!(rate("1000000000/s"), Ok(Rate::per_second(1_000_000_000)));
        for text in ["0/s", "0.0/h", "1000000000.1/s", "60000000001/m", "0.123456789012/d"] {
            assert!(rate(text).is_err(), "{text}");
        }
        let share = |text| exact_share(&parse(text, &SHARE).unwrap());
        assert_eq!(share("12.5%"), Ok(Share::new(125, 1_000)));
        assert_eq!(share("0%").map(Share::is_zero), Ok(true));
        assert_eq!(share("100.0%").map(Share::is_whole), Ok(true));
        for text in ["100.1%", "101%", "0.12345678901234567891%"] {
            assert!(share(text).is_err(), "{text}");
        }
    }
}
