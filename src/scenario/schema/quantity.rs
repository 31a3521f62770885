//! Quantities: a decimal number and a unit, as a pattern.
//!
//! A pattern cannot calculate: that nothing is finer than 1 ns or longer than 100 years is left to `cutover check`.

use super::super::quantity::{DIGITS, Measure, RATE, SHARE, SPAN};
use super::node::{Schema, text};
use serde_json::json;

const SPANS: &str = "Units: ns, us, ms, s, m, h, d.";

/// A span.
pub(super) fn span() -> Schema {
    number("", &SPAN).about(format!("A span of time, such as \"10s\". {SPANS}"))
}

/// A span above zero.
pub(super) fn span_above_zero() -> Schema {
    span().never(&zero(&SPAN)).about(format!("A span of time above zero, such as \"10s\". {SPANS}"))
}

/// An instant: a span from t = 0, negative before it.
pub(super) fn instant() -> Schema {
    number("-?", &SPAN).about(format!("A time from t = 0, such as \"-10s\". {SPANS}"))
}

/// A rate.
pub(super) fn rate() -> Schema {
    number("", &RATE)
        .never(&zero(&RATE))
        .about("A rate above zero, such as \"200/s\"; at most 1e9 a second. Units: /s, /m, /h, /d.")
}

/// A share from 0 to 100 per cent.
pub(super) fn share() -> Schema {
    let pattern = format!("^0*(100(\\.0+)?|[0-9]{{1,2}}(\\.[0-9]+)?){}$", units(&SHARE));
    text(&pattern).with("maxLength", json!(DIGITS + 2)).about("A share from \"0%\" to \"100%\".")
}

/// A share above zero.
pub(super) fn share_above_zero() -> Schema {
    share().never(&zero(&SHARE)).about("A share above \"0%\", up to \"100%\".")
}

/// What matches a share of nothing.
pub(super) fn no_share() -> String {
    zero(&SHARE)
}

fn number(sign: &str, measure: &Measure) -> Schema {
    text(&format!("^{sign}[0-9]{{1,{DIGITS}}}(\\.[0-9]{{1,{DIGITS}}})?{}$", units(measure)))
}

fn zero(measure: &Measure) -> String {
    format!("^[0.]+{}$", units(measure))
}

fn units(measure: &Measure) -> String {
    let names: Vec<_> = measure.units.iter().map(|&(name, _)| name).collect();
    format!("({})", names.join("|"))
}
