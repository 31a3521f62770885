//! `timeout` and `retries` of a source: what its callers do when no answer or a bad one comes.

use super::document::Value;
use super::log::{self, Checked};
use super::quantity;
use super::reader::{Item, Table};
use crate::source::{Caller, Ends, Jitter, Retries};
use crate::time::Span;

/// How a backoff may be spread.
pub(super) const JITTERS: [(&str, Jitter); 3] =
    [("full", Jitter::Full), ("half", Jitter::Half), ("none", Jitter::None)];
/// After which ends a caller may try again.
pub(super) const ENDS: [(&str, Ends); 3] = [
    ("failed", Ends { failed: true, throttled: false, expired: false }),
    ("throttled", Ends { failed: false, throttled: true, expired: false }),
    ("expired", Ends { failed: false, throttled: false, expired: true }),
];

const EXAMPLE: &str = "retries = { attempts = 3, backoff = \"1s\" }";

/// The callers of a source.
pub(super) fn caller(table: &mut Table) -> Checked<Caller> {
    let timeout = table.optional("timeout", quantity::span_above_zero);
    let retries = table.optional("retries", retries);
    Ok(Caller { timeout: timeout?, retries: retries? })
}

fn retries(item: &Item) -> Checked<Retries> {
    let Retries { attempts, backoff, jitter, after, .. } = Retries::STANDARD;
    let mut table = item.table(EXAMPLE)?;
    let attempts = table.or("attempts", attempts.into(), |item| item.whole(2..=u32::from(Retries::MOST_ATTEMPTS)));
    let backoff_item = table.optional("backoff", |item| Ok((quantity::span(item)?, item.node.at.clone())));
    let most = table.optional("most", quantity::span);
    let jitter = table.or("jitter", jitter, |item| item.choice(&JITTERS));
    let after = table.or("after", after, ends);
    table.finish();
    let (backoff, at) = match backoff_item? {
        Some((backoff, at)) => (backoff, Some(at)),
        None => (backoff, None),
    };
    let most = match (most?, at) {
        (Some(most), Some(at)) if backoff > most => {
            let reason = format!("the first backoff of {backoff} is longer than the longest, {most}");
            return Err(item.log.refuse(&at, reason, "write the smaller span as `backoff`, the larger as `most`"));
        }
        (Some(most), _) => most,
        (None, _) => most_of(backoff),
    };
    // Within u8 by its range.
    Ok(Retries { attempts: attempts? as u8, backoff: backoff.min(most), most, jitter: jitter?, after: after? })
}

/// The longest backoff where none is written: never below the first.
fn most_of(backoff: Span) -> Span {
    Retries::STANDARD.most.max(backoff)
}

fn ends(item: &Item) -> Checked<Ends> {
    let none = Ends { failed: false, throttled: false, expired: false };
    let Value::Array(_) = item.node.value else {
        return Err(item.mistyped("a list of ends", "write `after = [\"throttled\", \"expired\"]`"));
    };
    let items = item.list("[\"throttled\"]")?;
    if items.is_empty() {
        return Err(item.refuse(
            "no end of an attempt leads to another",
            "name one of `failed`, `throttled`, `expired`, or leave `retries` out",
        ));
    }
    let ends = log::all(items.iter().map(|item| item.choice(&ENDS)))?;
    Ok(ends.into_iter().fold(none, |all, end| Ends {
        failed: all.failed || end.failed,
        throttled: all.throttled || end.throttled,
        expired: all.expired || end.expired,
    }))
}
