//! `arrivals = { profile = ... }`

use super::super::log::{self, Checked};
use super::super::quantity;
use super::super::reader::Item;
use super::Around;
use crate::source::{Arrivals, Point, Profile};
use crate::time::Instant;

const EXAMPLE: &str = "{ profile = { points = { 0h = \"20/s\", 8h = \"300/s\", 20h = \"80/s\" }, period = \"24h\" } }";

pub(super) fn read(item: &Item, _: &Around) -> Checked<(Arrivals, bool)> {
    let mut table = item.table(EXAMPLE)?;
    let points = table.required("points", EXAMPLE, |item| Ok((item.clone(), points(item)?)));
    let period = table.optional("period", |item| Ok((item.clone(), quantity::span_above_zero(item)?)));
    let clock = table.or("clock", Instant::ZERO, |item| near(quantity::instant(item)?, item));
    table.finish();
    let ((at_points, points), period, clock) = (points?, period?, clock?);
    if points.iter().all(|(_, rate)| rate.is_none()) {
        return Err(at_points.refuse("no request would ever arrive", "write a rate above zero at one point or more"));
    }
    if let (Some((at, period)), Some(first), Some(last)) = (&period, points.first(), points.last())
        && last.0.since(first.0) >= *period
    {
        let reason = format!("the points lie over {}, which is not less than a period", last.0.since(first.0));
        return Err(at.refuse(reason, "write a longer period; from the last point the line leads back to the first"));
    }
    let period = period.map(|(_, period)| period);
    match Profile::new(points, period, clock) {
        Some(profile) => Ok((Arrivals::Profile(profile), false)),
        None => Err(at_points.refuse("these points are no profile", format!("write {EXAMPLE}"))),
    }
}

/// The points, in order of time however they are written.
fn points(item: &Item) -> Checked<Vec<Point>> {
    let table = item.table("{ 0h = \"20/s\", 8h = \"300/s\" }")?;
    let read = table.all().map(|(key, at, value)| {
        let instant = quantity::instant_key(key, at, table.log());
        let rate = quantity::rate_or_none(&value);
        Ok((near(instant?, &value)?, rate?, at))
    });
    let mut points = log::all(read)?;
    points.sort_by_key(|&(instant, ..)| instant);
    if let Some(pair) = points.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let reason = "a second point at the same time";
        return Err(table.log().refuse(pair[1].2, reason, "keep one; a jump is two points 1ms apart"));
    }
    if points.is_empty() {
        return Err(item.refuse("a profile has one point or more", "write { 0h = \"20/s\", 8h = \"300/s\" }"));
    }
    Ok(points.into_iter().map(|(instant, rate, _)| (instant, rate)).collect())
}

fn near(instant: Instant, item: &Item) -> Checked<Instant> {
    if instant.ns().unsigned_abs() > Profile::FAR.ns() {
        return Err(item.refuse("this is more than 10 years from the clock's zero", "write at most \"3652d\""));
    }
    Ok(instant)
}
