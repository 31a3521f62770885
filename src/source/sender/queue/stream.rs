//! An ordered stream: records keep their order within a shard, so that one that fails holds up all behind it.

use super::{Backlog, Consumers, Delivery, Queue, Resolve, Target};
use crate::ids::Name;
use crate::text::diagnostic::{Place, quote};
use crate::text::document::Value;
use crate::text::key::Key;
use crate::text::kind::{self, Form, Keys, Kind, Look, Named, Whole};
use crate::text::log::{self, Checked};
use crate::text::name;
use crate::text::reader::{Item, Table};
use crate::text::schema::{self, Schema};
use crate::time::{Instant, Span};
use serde_json::json;

/// A stream, as AWS Kinesis is, and what reads it and calls a function. A record belongs to a shard, and within it to one of the
/// invocations that are made at a time; each takes its records in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stream {
    /// How many shards it has; at least 1.
    pub shards: u32,
    /// How many records one invocation handles at most; at least 1.
    pub batch: u32,
    /// How long is waited for that many.
    pub window: Span,
    /// How many invocations there may be for a shard at a time; at least 1.
    pub parallel: u32,
    /// How far apart all shards are read, t = 0 included.
    pub poll: Span,
    /// How often a batch is tried again that failed; `None` for ever.
    pub retries: Option<u32>,
    /// A record that is older is not tried any more; `None` for ever.
    pub max_age: Option<Span>,
    /// Whether a batch that fails is tried in halves.
    pub bisect: bool,
}

impl Stream {
    /// How many lanes of records there are, each in order.
    #[must_use]
    pub const fn lanes(&self) -> u32 {
        self.shards * self.parallel
    }

    /// When shards are read first at `from` or later.
    #[must_use]
    pub fn read_from(&self, from: Instant) -> Instant {
        let poll = self.poll.ns().cast_signed();
        Instant::from_ns(from.ns().saturating_add(poll - 1).div_euclid(poll).saturating_mul(poll))
    }

    /// When shards are read next after `now`.
    #[must_use]
    pub fn read_after(&self, now: Instant) -> Instant {
        self.read_from(now + Span::from_ns(1))
    }

    /// When shards were read last by `now`.
    #[must_use]
    pub fn read_by(&self, now: Instant) -> Instant {
        let poll = self.poll.ns().cast_signed();
        Instant::from_ns(now.ns().div_euclid(poll).saturating_mul(poll))
    }
}

/// How many shards a stream may have.
const MOST_SHARDS: u32 = 1_000;
/// How many invocations there may be for a shard at a time.
const MOST_PARALLEL: u32 = 10;
/// How many records an invocation may handle.
const MOST_RECORDS: u32 = 10_000;
/// How often a batch may be tried again, unless for ever.
const MOST_RETRIES: u32 = 10_000;
/// How far apart shards are read at least.
const SHORTEST_POLL: Span = Span::from_ns(10_000_000);

/// `[stream]`, by name.
pub(crate) const STREAMS: Key<()> = Key::new(
    "stream",
    &Named {
        pattern: name::PATTERN,
        stands: "NAME",
        each: &Keys(&[&SHARDS, &BATCH, &WINDOW, &PARALLEL, &POLL, &RETRIES, &MAX_AGE, &BISECT]),
        about: "A stream that takes over what the source with `via = \"stream.NAME\"` sends.",
        least: 0,
    },
    "The ordered streams between sources and code. A batch that fails is tried again when its shard is read next, and all behind it wait.",
);

const EXAMPLE: &str = "[stream.clicks] with `shards = 4`";

const SHARDS: Key<u32> =
    Key::new("shards", &Whole(1, MOST_SHARDS), "How many shards it has; each record goes to one at random.")
        .required("shards = 4");

const BATCH: Key<u32> =
    Key::new("batch", &Whole(1, MOST_RECORDS), "How many records an invocation handles at most, one after the other.")
        .defaults("100")
        .documented("AWS Lambda");

const WINDOW: Key<Span> = Key::new("window", &kind::SPAN, "How long is waited for so many, from the first one on.")
    .defaults("0s")
    .documented("AWS Lambda");

const PARALLEL: Key<u32> = Key::new(
    "parallel",
    &Whole(1, MOST_PARALLEL),
    "How many invocations there may be for a shard at a time; records with the same key stay in order.",
)
.defaults("1")
.documented("AWS Lambda");

const POLL: Key<Span> = Key::new("poll", &kind::SPAN_ABOVE_ZERO, "How far apart the shards are read, t = 0 included.")
    .defaults("1s")
    .documented("AWS Lambda");

const RETRIES: Key<Option<u32>> = Key::new(
    "retries",
    &Form { words: "0 to 10000, or `\"forever\"`", schema: retries_schema, keys: &[], read: retries },
    "How often a batch is tried again that failed. Then its records are dead letters.",
)
.defaults("forever")
.documented("AWS Lambda");

const MAX_AGE: Key<Option<Span>> = Key::new(
    "max_age",
    &Form { words: "span above zero, or `\"forever\"`", schema: max_age_schema, keys: &[], read: max_age },
    "A record that is older is not tried any more: a dead letter.",
)
.defaults("forever")
.documented("AWS Lambda");

const BISECT: Key<bool> = Key::new(
    "bisect",
    &kind::TRUTH,
    "Whether a batch that fails is tried again in halves, each as often as any batch.",
)
.defaults("false")
.documented("AWS Lambda");

fn forever() -> Schema {
    Schema::default().with("const", json!("forever")).about("It is tried without end.")
}

/// Whether it says so; another text is refused, with what to write instead.
fn is_forever(item: &Item, instead: &str) -> Checked<bool> {
    match &item.node.value {
        Value::Text(text) if text == "forever" => Ok(true),
        Value::Text(text) if !text.starts_with(|c: char| c.is_ascii_digit()) => {
            Err(item.refuse(format!("no end is called {}", quote(text)), format!("write {instead}, or \"forever\"")))
        }
        _ => Ok(false),
    }
}

fn retries_schema() -> Schema {
    schema::any([Whole(0, MOST_RETRIES).schema().about("So often and no more."), forever()])
}

fn retries(item: &Item) -> Checked<Option<u32>> {
    if is_forever(item, "3")? { Ok(None) } else { Whole(0, MOST_RETRIES).read(item).map(Some) }
}

fn max_age_schema() -> Schema {
    schema::any([kind::SPAN_ABOVE_ZERO.schema().about("So old and no older."), forever()])
}

fn max_age(item: &Item) -> Checked<Option<Span>> {
    if is_forever(item, "\"1h\"")? { Ok(None) } else { kind::SPAN_ABOVE_ZERO.read(item).map(Some) }
}

/// The streams under `[stream]`, by what sources call them.
pub(super) fn streams(table: &Table) -> Checked<Vec<(String, Queue)>> {
    let read = |(key, at, item): (&str, &Place, Item)| {
        let (name, stream) = (name::name(key, at, table.log()), stream(&item, Name::new(key)));
        Ok((format!("stream.{}", name?), stream?))
    };
    log::all(table.all().map(read))
}

fn stream(item: &Item, name: Name) -> Checked<Queue> {
    let mut table = item.table(EXAMPLE)?;
    let (shards, batch, window) = (table.read(&SHARDS), table.read(&BATCH), table.read(&WINDOW));
    let (parallel, retries, max_age) = (table.read(&PARALLEL), table.read(&RETRIES), table.read(&MAX_AGE));
    let bisect = table.read(&BISECT);
    let poll = table.placed(&POLL).and_then(|(place, poll)| match poll < SHORTEST_POLL {
        true => {
            Err(table.log().refuse(&place, "shards are read more often than every 10 ms", "write \"10ms\" or more"))
        }
        false => Ok(poll),
    });
    table.finish();
    let stream = Stream {
        shards: shards?,
        batch: batch?,
        window: window?,
        parallel: parallel?,
        poll: poll?,
        retries: retries?,
        max_age: max_age?,
        bisect: bisect?,
    };
    Ok(Queue {
        name,
        delivery: Delivery::Stream(stream),
        resolve: Resolve::Dequeue,
        consumers: Consumers::Any,
        target: Target::AtOnce,
        backlog: Backlog::default(),
    })
}
