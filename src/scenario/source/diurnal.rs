//! `arrivals = { diurnal = ... }`

use super::super::log::Checked;
use super::super::quantity;
use super::super::reader::Item;
use super::Around;
use crate::source::{Arrivals, Diurnal};
use crate::time::{Instant, Span};

/// A day.
pub(in super::super) const PERIOD: Span = Span::from_s(86_400);

const EXAMPLE: &str = "{ diurnal = { mean = \"200/s\", peak = \"340/s\", peak_at = \"14h\", clock = \"10h\" } }";

pub(super) fn read(item: &Item, _: &Around) -> Checked<(Arrivals, bool)> {
    let mut table = item.table(EXAMPLE)?;
    let mean = table.required("mean", EXAMPLE, quantity::rate);
    let peak = table.required("peak", EXAMPLE, |item| Ok((item.clone(), quantity::rate(item)?)));
    let peak_at = table.or("peak_at", Instant::ZERO, quantity::instant);
    let period = table.or("period", PERIOD, quantity::span_above_zero);
    let clock = table.or("clock", Instant::ZERO, quantity::instant);
    table.finish();
    let (mean, (item, peak)) = (mean?, peak?);
    // Gaps, because a rate as a double may differ in its last digit from twice another.
    if peak.gap_ns() > mean.gap_ns() {
        return Err(item.refuse("the peak is below the mean", "write a rate from the mean to twice the mean"));
    }
    if peak.gap_ns() * 2.0 < mean.gap_ns() * (1.0 - 1e-12) {
        let reason = "the peak is more than twice the mean, so that the rate would fall below zero";
        let cure = "write at most twice the mean; `profile` draws any shape, as { profile = { points = { 0h = \"5/s\", \
                    12h = \"90/s\" }, period = \"24h\" } }";
        return Err(item.refuse(reason, cure));
    }
    let diurnal = Diurnal { mean, peak, peak_at: peak_at?, period: period?, clock: clock? };
    Ok((Arrivals::Diurnal(diurnal), false))
}
