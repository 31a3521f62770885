//! `arrivals = { users = ... }`: a closed loop of people.

use super::document::Value;
use super::law;
use super::log::Checked;
use super::quantity;
use super::reader::Item;
use crate::source::{Sticky, Users};
use crate::time::Span;

/// How many requests a session may have.
pub(super) const LONGEST_SESSION: u32 = 1_000_000;

const EXAMPLE: &str = "{ users = { count = 500, think = { exponential = { mean = \"10s\" } } } }";

/// The users of a source.
pub(super) fn users(item: &Item) -> Checked<Users> {
    let mut table = item.table(EXAMPLE)?;
    let count = table.required("count", EXAMPLE, |item| item.whole(1..=Users::MOST));
    let think = table.required("think", EXAMPLE, |item| Ok((law::law_or_span(item)?, item.clone())));
    let session = table.or("session", 10, |item| item.whole(1..=LONGEST_SESSION));
    let pause = table.optional("pause", law::law_or_span);
    let sticky = table.or("sticky", Sticky::default(), sticky);
    table.finish();
    let ((think, thought), pause) = (think?, pause?);
    let users = Users { count: count?, pause: pause.unwrap_or(think), think, session: session?, sticky: sticky? };
    // Nobody may send without end at one instant.
    if users.pause.mean_ns() < 1.0 {
        let reason = "users who neither think nor pause would send without end";
        return Err(thought.refuse(reason, "write a `think`, or a `pause` between sessions, above zero"));
    }
    Ok(users)
}

fn sticky(item: &Item) -> Checked<Sticky> {
    let Value::Table(_) = item.node.value else {
        let span = quantity::span(item)?;
        return Ok(Sticky { old: span, new: span });
    };
    let mut table = item.table("sticky = { old = \"0s\", new = \"24h\" }")?;
    let old = table.or("old", Span::ZERO, quantity::span);
    let new = table.or("new", Span::ZERO, quantity::span);
    table.finish();
    Ok(Sticky { old: old?, new: new? })
}
