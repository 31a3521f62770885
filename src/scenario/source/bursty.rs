//! `arrivals = { bursty = ... }`

use super::super::log::Checked;
use super::super::quantity;
use super::super::reader::Item;
use super::Around;
use crate::source::{Arrivals, Bursty, State};

const EXAMPLE: &str = "{ bursty = { quiet = \"50/s\", quiet_for = \"60s\", burst = \"500/s\", burst_for = \"5s\" } }";

pub(super) fn read(item: &Item, _: &Around) -> Checked<(Arrivals, bool)> {
    let mut table = item.table(EXAMPLE)?;
    let quiet = table.or("quiet", None, quantity::rate_or_none);
    let quiet_for = table.required("quiet_for", EXAMPLE, quantity::span_above_zero);
    let burst = table.required("burst", EXAMPLE, quantity::rate);
    let burst_for = table.required("burst_for", EXAMPLE, quantity::span_above_zero);
    table.finish();
    let quiet = State { rate: quiet?, lasts: quiet_for? };
    let burst = State { rate: Some(burst?), lasts: burst_for? };
    Ok((Arrivals::Bursty(Bursty { quiet, burst }), false))
}
