//! A message queue: what is sent waits until a poller receives it, is hidden while it is handled, and is seen again where that fails.

use crate::text::document::Value;
use crate::text::key::Key;
use crate::text::kind::{self, Form, Look, Settings, Whole};
use crate::text::log::Checked;
use crate::text::reader::{Item, Table};
use crate::text::schema::{self, Schema};
use crate::time::{Instant, Span};
use crate::units::Rate;

/// A message queue, as AWS SQS is, and the pollers that call a function with what they receive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Messages {
    /// How long a message is hidden that has been received.
    pub visibility: Span,
    /// How many messages one invocation handles at most; at least 1.
    pub batch: u32,
    /// How long a poller waits for that many.
    pub window: Span,
    /// Whether only those messages of a batch are seen again that failed.
    pub partial: bool,
    /// How often a message is received at most; at least 1.
    pub receives: u8,
    /// A message that is older than this is received no more.
    pub retention: Span,
    /// What receives.
    pub pollers: Pollers,
}

/// How many pollers there are, each with one invocation at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pollers {
    /// At first, and where nothing waits; at least 1.
    pub start: u32,
    /// While messages wait for one, another is added after each of these spans; `None` where none is.
    pub step: Option<Span>,
    /// The most there are.
    pub most: u32,
}

impl Messages {
    /// When a message is seen again that was received at `received` and has not been handled by `now`.
    #[must_use]
    pub fn seen_again(&self, received: Instant, now: Instant) -> Instant {
        now.max(received + self.visibility)
    }
}

/// How many messages an invocation may handle.
const MOST_MESSAGES: u32 = 10_000;
/// How often a message may be received.
const MOST_RECEIVES: u32 = 200;
/// How many pollers there may be.
const MOST_POLLERS: u32 = 100_000;

pub(super) const MESSAGES: Key<Messages> = Key::new(
    "message",
    &Settings {
        keys: &[&VISIBILITY, &BATCH, &WINDOW, &PARTIAL, &RECEIVES, &RETENTION, &POLLERS],
        example: "message = { batch = 1 }",
        read: messages,
    },
    "A message queue, and pollers that call the function with what they receive.",
);

const VISIBILITY: Key<Span> = Key::new(
    "visibility",
    &kind::SPAN_ABOVE_ZERO,
    "How long a received message is hidden; then it is seen again, unless it was handled well. A batch that is turned away waits so long with its poller.",
)
.defaults("30s")
.documented("AWS SQS");

const BATCH: Key<u32> = Key::new(
    "batch",
    &Whole(1, MOST_MESSAGES),
    "How many messages an invocation handles at most, one after the other.",
)
.defaults("10")
.documented("AWS Lambda");

const WINDOW: Key<Span> =
    Key::new("window", &kind::SPAN, "How long a poller waits for so many, from the first one on.")
        .defaults("0s")
        .documented("AWS Lambda");

const PARTIAL: Key<bool> = Key::new(
    "partial",
    &kind::TRUTH,
    "Whether only those messages of a batch are seen again that failed; otherwise all of them.",
)
.defaults("false")
.documented("AWS Lambda");

const RECEIVES: Key<u32> = Key::new(
    "receives",
    &Whole(1, MOST_RECEIVES),
    "How often a message is received at most. One that fails then is a dead letter.",
)
.defaults("10")
.documented("AWS SQS");

const RETENTION: Key<Span> =
    Key::new("retention", &kind::SPAN_ABOVE_ZERO, "A message that is older is received no more, and lost.")
        .defaults("4d")
        .documented("AWS SQS");

const POLLERS: Key<Pollers> = Key::new(
    "pollers",
    &Form { words: "number, or `{ start = 5 }`", schema: pollers_schema, keys: &[&START, &ADD, &MOST], read: pollers },
    "How many pollers there are, each with one invocation at a time.",
)
.defaults("{}");

const START: Key<u32> =
    Key::new("start", &Whole(1, MOST_POLLERS), "How many there are at first, and where nothing waits for one.")
        .defaults("5")
        .documented("AWS Lambda");

const ADD: Key<Rate> = Key::new("add", &kind::RATE, "How quickly others are added while messages wait for one.")
    .defaults("300/m")
    .documented("AWS Lambda");

const MOST: Key<u32> =
    Key::new("most", &Whole(1, MOST_POLLERS), "The most there are.").defaults("1250").documented("AWS Lambda");

fn pollers_schema() -> Schema {
    schema::any([
        Whole(1, MOST_POLLERS).schema().about("Always so many."),
        schema::of_keys(&[&START, &ADD, &MOST]).about("More while messages wait for one."),
    ])
}

fn pollers(item: &Item) -> Checked<Pollers> {
    if !matches!(item.node.value, Value::Table(_)) {
        let start = START.value.read(item)?;
        return Ok(Pollers { start, step: None, most: start });
    }
    let mut table = item.table("a number, or { start = 5, add = \"300/m\", most = 1250 }")?;
    let (start, add, most) = (table.read(&START), table.read(&ADD), table.placed(&MOST));
    table.finish();
    let (start, add, (at, most)) = (start?, add?, most?);
    if most < start {
        return Err(item.log.refuse(&at, "there are more pollers at first than at most", "write a higher `most`"));
    }
    Ok(Pollers { start, step: Some(Span::from_ns_f64(add.gap_ns().round().max(1.0))), most })
}

fn messages(table: &mut Table) -> Checked<Messages> {
    let (visibility, batch, window) = (table.read(&VISIBILITY), table.read(&BATCH), table.read(&WINDOW));
    let (partial, receives, retention) = (table.read(&PARTIAL), table.read(&RECEIVES), table.read(&RETENTION));
    let pollers = table.read(&POLLERS);
    Ok(Messages {
        visibility: visibility?,
        batch: batch?,
        window: window?,
        partial: partial?,
        // Within u8 by its range.
        receives: receives? as u8,
        retention: retention?,
        pollers: pollers?,
    })
}
