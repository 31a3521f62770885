//! The queue of asynchronous invocations: it tries every event at once, and again until it is handled or too old.

use crate::text::document::Value;
use crate::text::key::Key;
use crate::text::kind::{self, Form, Settings, Whole};
use crate::text::log::{self, Checked};
use crate::text::pattern;
use crate::text::quantity;
use crate::text::reader::{Item, Table};
use crate::text::schema::Schema;
use crate::time::{Instant, Span};
use serde_json::json;

/// A queue of asynchronous invocations, as AWS Lambda has one before every function: an event is tried at once, again where its code
/// failed, and with growing waits where it did not reach the code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Invocation {
    /// How often an event is tried again whose code has failed; at most two.
    pub retries: u8,
    /// How long it waits before each of these.
    pub after: [Span; 2],
    /// The first wait of an event that did not reach the code; it doubles from try to try.
    pub backoff: Span,
    /// The longest of these waits.
    pub most: Span,
    /// An event that would be older than this at its next try is given up.
    pub max_age: Span,
}

/// How a try ended that is not the last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Missed {
    /// The code failed.
    Failed,
    /// The code was not reached.
    Unreached,
}

impl Invocation {
    /// When an event, sent at `sent`, is tried again that was missed so at `now`, and how often its code has failed by then; `None` where
    /// it is given up. It has been tried `tries` times, of which the code had failed `failures` times before.
    #[must_use]
    pub fn again(&self, missed: Missed, now: Instant, sent: Instant, tries: u8, failures: u8) -> Option<(Instant, u8)> {
        let (wait, failures) = match missed {
            Missed::Failed if failures >= self.retries => return None,
            Missed::Failed => (self.after[usize::from(failures.min(1))], failures + 1),
            Missed::Unreached => {
                let doublings = u32::from(tries.saturating_sub(failures).saturating_sub(1)).min(63);
                let doubled = u128::from(self.backoff.ns()) << doublings;
                (Span::from_ns(doubled.min(u128::from(self.most.ns())) as u64), failures)
            }
        };
        let next = now + wait;
        (tries < Self::MOST_TRIES && next <= sent + self.max_age).then_some((next, failures))
    }

    /// The most tries of one event that a scenario may ask for.
    pub const MOST_TRIES: u8 = 200;

    /// How often an event may be tried at most: with every wait as short as it can be.
    #[must_use]
    pub fn most_tries(&self) -> u64 {
        let (mut tries, mut age, mut wait) = (1 + u64::from(self.retries), 0_u64, self.backoff.ns());
        while tries <= u64::from(Self::MOST_TRIES) {
            age = age.saturating_add(wait);
            if age > self.max_age.ns() {
                break;
            }
            tries += 1;
            wait = wait.saturating_mul(2).min(self.most.ns());
        }
        tries
    }
}

pub(super) const INVOCATION: Key<Invocation> = Key::new(
    "invocation",
    &Settings { keys: &[&RETRIES, &AFTER, &BACKOFF, &MAX_AGE], example: "invocation = {}", read: invocation },
    "The queue before every function that is invoked asynchronously: events are tried at once, and again after failures.",
);

const RETRIES: Key<u32> = Key::new("retries", &Whole(0, 2), "How often an event is tried again whose code has failed.")
    .defaults("2")
    .documented("AWS Lambda");

const AFTER: Key<[Span; 2]> = Key::new("after", &PAIR, "How long it waits before the first and the second of these.")
    .defaults("[\"1m\", \"2m\"]")
    .documented("AWS Lambda");

const BACKOFF: Key<[Span; 2]> = Key::new(
    "backoff",
    &PAIR,
    "The first wait and the longest of an event that did not reach the code: throttled, or on its way. It doubles, without jitter.",
)
.defaults("[\"1s\", \"5m\"]")
.documented("AWS Lambda");

const MAX_AGE: Key<Span> = Key::new(
    "max_age",
    &kind::SPAN_ABOVE_ZERO,
    "An event that would be older at its next try is given up: a dead letter.",
)
.defaults("6h")
.documented("AWS Lambda");

/// Two spans.
const PAIR: Form<[Span; 2]> = Form::new("two spans", pair_schema, pair);

fn pair_schema() -> Schema {
    Schema::default()
        .with("type", json!("array"))
        .with("items", pattern::span().about("A span.").into())
        .with("minItems", json!(2))
        .with("maxItems", json!(2))
}

fn pair(item: &Item) -> Checked<[Span; 2]> {
    const CURE: &str = "write two spans, such as [\"1m\", \"2m\"]";
    let Value::Array(_) = item.node.value else { return Err(item.mistyped("a list of two spans", CURE)) };
    let spans = log::all(item.list("[\"1m\", \"2m\"]")?.iter().map(quantity::span))?;
    spans.try_into().map_err(|_| item.refuse("not two spans", CURE))
}

fn invocation(table: &mut Table) -> Checked<Invocation> {
    let (retries, after, max_age) = (table.read(&RETRIES), table.read(&AFTER), table.read(&MAX_AGE));
    let (at, [backoff, most]) = table.placed(&BACKOFF)?;
    if backoff > most || backoff == Span::ZERO {
        let cure = "write the first wait, above zero, and the longest, such as [\"1s\", \"5m\"]";
        return Err(table.log().refuse(&at, "the first wait is zero or above the longest", cure));
    }
    // Within u8 by its range.
    let (retries, after, max_age) = (retries? as u8, after?, max_age?);
    let invocation = Invocation { retries, after, backoff, most, max_age };
    if invocation.most_tries() > u64::from(Invocation::MOST_TRIES) {
        let reason = format!("an event may be tried more than {} times", Invocation::MOST_TRIES);
        return Err(table.log().refuse(&at, reason, "write longer waits, or a shorter `max_age`"));
    }
    Ok(invocation)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAMBDA: Invocation = Invocation {
        retries: 2,
        after: [Span::from_s(60), Span::from_s(120)],
        backoff: Span::from_s(1),
        most: Span::from_s(300),
        max_age: Span::from_s(6 * 3_600),
    };

    /// When an event that was sent at 0 is tried, where every try ends so at once.
    fn tries(queue: Invocation, missed: Missed) -> Vec<f64> {
        let (mut now, mut failures, mut at) = (Instant::ZERO, 0, vec![0.0]);
        while let Some((next, failed)) = queue.again(missed, now, Instant::ZERO, at.len() as u8, failures) {
            (now, failures) = (next, failed);
            at.push(next.seconds());
        }
        at
    }

    #[test]
    fn code_that_fails_is_tried_twice_more_after_one_minute_and_two() {
        assert_eq!(tries(LAMBDA, Missed::Failed), [0.0, 60.0, 180.0]);
        assert_eq!(tries(Invocation { retries: 0, ..LAMBDA }, Missed::Failed), [0.0]);
        assert_eq!(tries(Invocation { max_age: Span::from_s(179), ..LAMBDA }, Missed::Failed), [0.0, 60.0]);
    }

    #[test]
    fn what_is_throttled_waits_twice_as_long_each_time_up_to_five_minutes_for_six_hours() {
        let at = tries(LAMBDA, Missed::Unreached);
        assert_eq!(at[..11], [0.0, 1.0, 3.0, 7.0, 15.0, 31.0, 63.0, 127.0, 255.0, 511.0, 811.0]);
        assert!(at.iter().all(|&at| at <= 21_600.0) && at[at.len() - 1] + 300.0 > 21_600.0);
        // Two for its failures are left.
        assert_eq!(LAMBDA.most_tries(), at.len() as u64 + 2);
        let quick = Invocation { most: Span::from_s(1), ..LAMBDA };
        assert!(quick.most_tries() > u64::from(Invocation::MOST_TRIES));
    }
}
