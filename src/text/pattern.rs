//! Quantities: a decimal number and a unit, as a pattern.
//!
//! A pattern cannot calculate: that nothing is finer than 1 ns or longer than 100 years is left to `cutover check`.

use super::measure::{
    FACTOR, MEMORY, MONEY, Measure, PRICE_BY_GBS, PRICE_BY_HOUR, PRICE_BY_MILLION, RATE, SHARE, SPAN,
};
use super::quantity::DIGITS;
use super::schema::{Schema, text};
use serde_json::json;

/// A span.
pub(crate) fn span() -> Schema {
    number("", &SPAN).about("A span of time, such as \"10s\".")
}

/// A span above zero.
pub(crate) fn span_above_zero() -> Schema {
    span().never(&zero(&SPAN)).about("A span of time above zero, such as \"10s\".")
}

/// An instant: a span from t = 0, negative before it.
pub(crate) fn instant() -> Schema {
    number("-?", &SPAN).about("A time from t = 0, such as \"-10s\".")
}

/// A rate.
pub(crate) fn rate() -> Schema {
    number("", &RATE).never(&zero(&RATE)).about("A rate above zero, such as \"200/s\"; at most 1e9 a second.")
}

/// A rate, or zero for none.
pub(crate) fn rate_or_none() -> Schema {
    number("", &RATE).about("A rate such as \"200/s\", at most 1e9 a second; \"0/s\" for no requests.")
}

/// A factor above zero.
pub(crate) fn factor() -> Schema {
    number("", &FACTOR).never(&zero(&FACTOR)).about("A factor above zero, such as \"2.5x\"; at most a million.")
}

/// A price of what is counted.
pub(crate) fn price_by_million() -> Schema {
    number("", &PRICE_BY_MILLION).about("A price of a million, such as \"0.20 usd/M\"; at most a dollar for one.")
}

/// A price of what is held by the hour.
pub(crate) fn price_by_hour() -> Schema {
    number("", &PRICE_BY_HOUR).about("A price of an hour, such as \"0.05 usd/h\"; at most a million dollars.")
}

/// A price of memory held for a time.
pub(crate) fn price_by_gbs() -> Schema {
    number("", &PRICE_BY_GBS).about("A price of a GB-second, such as \"0.0000166667 usd/GBs\"; at most a dollar.")
}

/// A sum of money.
pub(crate) fn money() -> Schema {
    number("", &MONEY).about("A sum of money, such as \"0.50 usd\".")
}

/// Memory.
pub(crate) fn memory() -> Schema {
    number("", &MEMORY).never(&zero(&MEMORY)).about("Memory in whole MiB, such as \"512MiB\"; at most 1 TiB.")
}

/// What matches an instant that is a key.
pub(crate) fn instant_key() -> String {
    format!("^{}{}$", decimal("-?"), any_unit(&SPAN))
}

/// What matches a span that is a key.
pub(crate) fn span_key() -> String {
    format!("^{}{}$", decimal(""), any_unit(&SPAN))
}

/// A share from 0 to 100 per cent.
pub(crate) fn share() -> Schema {
    quantity("0*(100(\\.0+)?|[0-9]{1,2}(\\.[0-9]+)?)", &SHARE)
        .with("maxLength", json!(DIGITS + 2))
        .about("A share from \"0%\" to \"100%\".")
}

/// A share above zero.
pub(crate) fn share_above_zero() -> Schema {
    share().never(&zero(&SHARE)).about("A share above \"0%\", up to \"100%\".")
}

/// What matches a share of nothing.
pub(crate) fn no_share() -> String {
    zero(&SHARE)
}

fn number(sign: &str, measure: &Measure) -> Schema {
    quantity(&decimal(sign), measure)
}

fn decimal(sign: &str) -> String {
    format!("{sign}[0-9]{{1,{DIGITS}}}(\\.[0-9]{{1,{DIGITS}}})?")
}

/// A number that matches `pattern`, and a unit.
fn quantity(pattern: &str, measure: &Measure) -> Schema {
    let units: Vec<_> = names(measure).into_iter().map(str::trim_start).collect();
    text(&format!("^{pattern}{}$", any_unit(measure))).units(format!("{}.", units.join(", ")))
}

/// What matches a zero in any unit.
fn zero(measure: &Measure) -> String {
    format!("^[0.]+{}$", any_unit(measure))
}

fn any_unit(measure: &Measure) -> String {
    format!("({})", names(measure).join("|"))
}

fn names(measure: &Measure) -> Vec<&'static str> {
    measure.units.iter().map(|&(name, _)| name).collect()
}
