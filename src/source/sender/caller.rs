//! Callers: how long they wait for an answer, and what they do when it is a bad one or none.

use crate::random::Draw;
use crate::text::document::Value;
use crate::text::key::Key;
use crate::text::kind::{self, Choice, Form, Settings, Whole};
use crate::text::log::{self, Checked};
use crate::text::reader::{Item, Table};
use crate::text::schema::{self, Schema};
use crate::time::Span;
use rand::Rng;
use serde_json::json;

/// How the callers of a source behave between attempts.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Caller {
    /// After this span without an answer a caller gives up; the platform goes on working for nobody.
    pub timeout: Option<Span>,
    /// Whether a caller tries again.
    pub retries: Option<Retries>,
}

/// Retries with exponential backoff: before attempt k + 1 (k from 1) a caller waits min(`backoff` x 2^(k - 1), `most`),
/// or a uniform share of it where there is jitter.
///
/// The defaults are the standard mode of the AWS SDKs: three attempts, from 1 s to at most 20 s, full jitter
/// ("Retry behavior", AWS SDKs and Tools Reference Guide).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retries {
    /// The most attempts of one request, the first included; from 2 to [`Retries::MOST_ATTEMPTS`].
    pub attempts: u8,
    /// The wait before the second attempt, jitter apart.
    pub backoff: Span,
    /// The longest wait.
    pub most: Span,
    /// Whether the wait is drawn.
    pub jitter: Jitter,
    /// After which ends of an attempt a caller tries again.
    pub after: Ends,
}

/// Whether a backoff is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Jitter {
    /// Uniform from 0 to the whole wait.
    Full,
    /// Uniform from half the wait to the whole.
    Half,
    /// Always the whole wait.
    None,
}

/// Ends of an attempt that another one may follow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ends {
    /// It failed: by itself, for its format, by a crash or the function's timeout.
    pub failed: bool,
    /// It was turned away for want of capacity.
    pub throttled: bool,
    /// Its caller gave up waiting.
    pub expired: bool,
}

impl Ends {
    /// All of them.
    pub const ALL: Self = Self { failed: true, throttled: true, expired: true };
}

impl Caller {
    /// How many attempts a request may have.
    #[must_use]
    pub fn most_attempts(&self) -> u8 {
        self.retries.map_or(1, |retries| retries.attempts)
    }
}

impl Retries {
    /// The most attempts that a scenario may ask for.
    pub const MOST_ATTEMPTS: u8 = 100;

    /// The standard mode of the AWS SDKs.
    pub const STANDARD: Self =
        Self { attempts: 3, backoff: Span::from_s(1), most: Span::from_s(20), jitter: Jitter::Full, after: Ends::ALL };

    /// How long a caller waits after `made` attempts (at least 1) before the next.
    pub fn wait(&self, made: u8, mut draw: Draw) -> Span {
        let doublings = u32::from(made - 1).min(63);
        let doubled = u128::from(self.backoff.ns()) << doublings;
        // Within 64 bits, because `most` is.
        let whole = doubled.min(u128::from(self.most.ns())) as u64;
        let mut up_to = |ns: u64| ((u128::from(draw.next_u64()) * (u128::from(ns) + 1)) >> 64) as u64;
        Span::from_ns(match self.jitter {
            Jitter::None => whole,
            Jitter::Full => up_to(whole),
            Jitter::Half => whole / 2 + up_to(whole - whole / 2),
        })
    }
}

/// `timeout` of a source.
pub(in crate::source) const TIMEOUT: Key<Span> = Key::new(
    "timeout",
    &kind::SPAN_ABOVE_ZERO,
    "After this span without an answer a caller gives up; the request has expired, while the code runs on.",
)
.otherwise("none (AWS API Gateway ends a request after 29 s).");

/// `retries` of a source.
pub(in crate::source) const RETRIES: Key<Retries> = Key::new(
    "retries",
    &Settings { keys: &[&ATTEMPTS, &BACKOFF, &MOST, &JITTER, &AFTER], example: EXAMPLE, read: retries },
    "Callers try again, with exponential backoff. A retry is shaped anew by its gateway node.",
)
.otherwise("none; nobody tries again.");

const EXAMPLE: &str = "retries = { attempts = 3, backoff = \"1s\" }";

/// How a backoff may be spread.
const JITTERS: [(&str, Jitter); 3] = [("full", Jitter::Full), ("half", Jitter::Half), ("none", Jitter::None)];
/// After which ends a caller may try again.
const ENDS: [(&str, Ends); 3] = [
    ("failed", Ends { failed: true, throttled: false, expired: false }),
    ("throttled", Ends { failed: false, throttled: true, expired: false }),
    ("expired", Ends { failed: false, throttled: false, expired: true }),
];
const STANDARD: &str = "standard mode of the AWS SDKs";
const ATTEMPTS: Key<u32> = Key::new(
    "attempts",
    &Whole(2, Retries::MOST_ATTEMPTS as u32),
    "The most attempts of one request, the first included.",
)
.defaults("3")
.documented(STANDARD);
const BACKOFF: Key<Span> =
    Key::new("backoff", &kind::SPAN, "The wait before the second attempt; it doubles from attempt to attempt.")
        .defaults("1s")
        .documented(STANDARD);
const MOST: Key<Span> =
    Key::new("most", &kind::SPAN, "The longest wait.").otherwise("`20s`, or the first wait if that is longer.");
const JITTER: Key<Jitter> = Key::new(
    "jitter",
    &Choice(&JITTERS),
    "How a wait is drawn: evenly from 0 to the whole, from half to the whole, or not at all.",
)
.defaults("full")
.documented(STANDARD);
const AFTER: Key<Ends> =
    Key::new("after", &Form::new("list of ends", ends_schema, ends), "After which ends a caller tries again.")
        .otherwise("all: failed, throttled, expired.");

/// Reads the callers of a source.
pub(in crate::source) fn caller(table: &mut Table) -> Checked<Caller> {
    let (timeout, retries) = (table.written(&TIMEOUT), table.written(&RETRIES));
    Ok(Caller { timeout: timeout?, retries: retries? })
}

fn retries(table: &mut Table) -> Checked<Retries> {
    let attempts = table.read(&ATTEMPTS);
    let backoff = table.written_at(&BACKOFF);
    let most = table.written(&MOST);
    let jitter = table.read(&JITTER);
    let after = table.written(&AFTER);
    let (at, backoff) = match backoff? {
        Some((at, backoff)) => (Some(at), backoff),
        None => (None, table.standard(&BACKOFF)?),
    };
    let most = match (most?, at) {
        (Some(most), Some(at)) if backoff > most => {
            let reason = format!("the first backoff of {backoff} is longer than the longest, {most}");
            let cure = "write the smaller span as `backoff`, the larger as `most`";
            return Err(table.log().refuse(&at, reason, cure));
        }
        (Some(most), _) => most,
        // Never below the first.
        (None, _) => Retries::STANDARD.most.max(backoff),
    };
    let after = after?.unwrap_or(Ends::ALL);
    // Within u8 by its range.
    Ok(Retries { attempts: attempts? as u8, backoff: backoff.min(most), most, jitter: jitter?, after })
}

fn ends_schema() -> Schema {
    Schema::default()
        .with("type", json!("array"))
        .with("items", schema::choice(&ENDS).about("How an attempt ended.").into())
        .with("minItems", json!(1))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Seed, Stream};

    fn stream() -> Stream {
        Seed { seed: 1, replication: 0 }.stream("backoff", "web")
    }

    #[test]
    fn the_wait_doubles_up_to_its_most() {
        let retries = Retries { jitter: Jitter::None, ..Retries::STANDARD };
        let waits: Vec<_> = (1..8).map(|made| retries.wait(made, stream().at(0, made.into())).seconds()).collect();
        assert_eq!(waits, [1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0]);
        assert_eq!(retries.wait(u8::MAX, stream().at(0, 0)), Span::from_s(20));
    }

    #[test]
    fn jitter_spreads_the_wait_evenly() {
        // The mean of 10,000 uniform draws has a standard deviation of 0.0029 s: 0.012 is four of them.
        for (jitter, mean) in [(Jitter::Full, 0.5), (Jitter::Half, 0.75)] {
            let retries = Retries { jitter, ..Retries::STANDARD };
            let waits: Vec<_> = (0..10_000).map(|i| retries.wait(1, stream().at(i, 1)).seconds()).collect();
            assert!((waits.iter().sum::<f64>() / 10_000.0 - mean).abs() < 0.012, "{jitter:?}");
            assert!(waits.iter().all(|&wait| (2.0 * mean - 1.0..=1.0).contains(&wait)), "{jitter:?}");
        }
    }
}
