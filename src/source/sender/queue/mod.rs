//! Queues: what takes over the events of a source, and tries until each is handled or given up.

mod invocation;
mod messages;
mod stream;

pub use invocation::{Invocation, Missed};
pub use messages::{Messages, Pollers};
pub(crate) use stream::STREAMS;
pub use stream::Stream;

use crate::ids::Name;
use crate::text::diagnostic::Place;
use crate::text::document::Value;
use crate::text::key::Key;
use crate::text::kind::{self, Choice, Form, Keys, Look, Named, Together, Whole};
use crate::text::log::{self, Checked};
use crate::text::name;
use crate::text::reader::{Item, Table};
use crate::text::schema::{self, Schema};
use crate::time::Span;
use invocation::INVOCATION;
use messages::MESSAGES;
use serde_json::json;

/// A queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Queue {
    /// Its name, without `queue` or `stream`.
    pub name: Name,
    /// How it brings events to the code.
    pub delivery: Delivery,
    /// When it is decided which version an event goes to.
    pub resolve: Resolve,
    /// Which events a version takes.
    pub consumers: Consumers,
    /// When the next version takes over.
    pub target: Target,
    /// What waits in it at t = 0.
    pub backlog: Backlog,
}

/// How a queue brings events to the code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// Each at once.
    Invocation(Invocation),
    /// In batches that pollers receive.
    Messages(Messages),
    /// In batches of a shard, one after the other.
    Stream(Stream),
}

/// When it is decided which version an event goes to, where its mapping asks for an alias or a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resolve {
    /// At every try anew.
    Dequeue,
    /// When it is sent.
    Enqueue,
}

/// Which events a version takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consumers {
    /// All.
    Any,
    /// Those in its own format. Where no version can be asked for by its number, the others wait.
    ByVersion,
}

/// When the next version takes over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// When its mapping says so.
    AtOnce,
    /// When no event of the old format is left; newer ones wait so long.
    WhenOldGone,
}

/// Events that wait in a queue at t = 0, in the format of the old version.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Backlog {
    /// How many.
    pub messages: u32,
    /// How long ago they were sent.
    pub age: Span,
}

impl Queue {
    /// How often one event may be tried at most.
    #[must_use]
    pub fn most_tries(&self) -> u8 {
        match self.delivery {
            Delivery::Invocation(invocation) => invocation.most_tries().min(Invocation::MOST_TRIES.into()) as u8,
            Delivery::Messages(messages) => messages.receives,
            Delivery::Stream(_) => u8::MAX,
        }
    }

    /// How long an event waits, about, that has failed.
    #[must_use]
    pub const fn longest_wait(&self) -> Span {
        match &self.delivery {
            Delivery::Invocation(invocation) => invocation.after[1],
            Delivery::Messages(messages) => messages.visibility,
            Delivery::Stream(stream) => stream.poll,
        }
    }

    /// Its messages, where pollers receive them.
    #[must_use]
    pub const fn messages(&self) -> Option<&Messages> {
        match &self.delivery {
            Delivery::Invocation(_) | Delivery::Stream(_) => None,
            Delivery::Messages(messages) => Some(messages),
        }
    }

    /// The stream, if it is one.
    #[must_use]
    pub const fn stream(&self) -> Option<&Stream> {
        match &self.delivery {
            Delivery::Stream(stream) => Some(stream),
            Delivery::Invocation(_) | Delivery::Messages(_) => None,
        }
    }

    /// Whether an invocation may handle several events.
    #[must_use]
    pub const fn has_batches(&self) -> bool {
        !matches!(self.delivery, Delivery::Invocation(_))
    }

    /// Whether every event is tried when it is sent, on whatever its mapping says.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        matches!(self.delivery, Delivery::Invocation(_)) && !self.sorts()
    }

    /// Whether its events are told apart by their format.
    #[must_use]
    pub fn sorts(&self) -> bool {
        self.consumers == Consumers::ByVersion || self.target == Target::WhenOldGone
    }
}

/// `[queue]`, by name.
pub(crate) const QUEUES: Key<()> = Key::new(
    "queue",
    &Named {
        pattern: name::PATTERN,
        stands: "NAME",
        each: &Together(&Keys(&[&INVOCATION, &MESSAGES, &RESOLVE, &CONSUMERS, &TARGET, &BACKLOG]), one_delivery),
        about: "A queue that takes over what sources with `via = \"queue.NAME\"` send.",
        least: 0,
    },
    "The queues between sources and code. Events keep the format in which they were sent.",
);

const EXAMPLE: &str = "[queue.jobs] with `message = {}`, or `invocation = {}`";

const RESOLVE: Key<Resolve> = Key::new(
    "resolve",
    &Choice(&[("dequeue", Resolve::Dequeue), ("enqueue", Resolve::Enqueue)]),
    "When an alias decides which version an event goes to: at every try, or once, when it is sent.",
)
.defaults("dequeue");

const CONSUMERS: Key<Consumers> = Key::new(
    "consumers",
    &Choice(&[("any", Consumers::Any), ("by-version", Consumers::ByVersion)]),
    "Which events a version takes: any, or those in its own format, the old ones by the old version.",
)
.defaults("any");

const TARGET: Key<Target> = Key::new(
    "target",
    &Choice(&[("at-once", Target::AtOnce), ("when-old-gone", Target::WhenOldGone)]),
    "When the new version takes over: with its mapping, or once no event of the old format is left; newer ones wait so long.",
)
.defaults("at-once");

const BACKLOG: Key<Backlog> = Key::new(
    "backlog",
    &Form {
        words: "number, or `{ messages = 10000 }`",
        schema: backlog_schema,
        keys: &[&WAITING, &AGE],
        read: backlog,
    },
    "How many events of the old format wait in it at t = 0, besides what the warm-up leaves.",
)
.defaults("0");

/// How many events may wait in a queue at t = 0.
const MOST_WAITING: u32 = 10_000_000;

const WAITING: Key<u32> =
    Key::new("messages", &Whole(0, MOST_WAITING), "How many wait.").required("backlog = { messages = 10000 }");
const AGE: Key<Span> = Key::new("age", &kind::SPAN, "How long ago they were sent.").defaults("0s");

fn backlog_schema() -> Schema {
    schema::any([
        Whole(0, MOST_WAITING).schema().about("So many, just sent."),
        schema::of_keys(&[&WAITING, &AGE]).about("So many, sent so long ago."),
    ])
}

fn backlog(item: &Item) -> Checked<Backlog> {
    if !matches!(item.node.value, Value::Table(_)) {
        return Ok(Backlog { messages: WAITING.value.read(item)?, age: Span::ZERO });
    }
    let mut table = item.table("a number, or { messages = 10000, age = \"1h\" }")?;
    let (messages, age) = (table.read(&WAITING), table.read(&AGE));
    table.finish();
    Ok(Backlog { messages: messages?, age: age? })
}

/// A queue delivers in one way.
fn one_delivery(schema: Schema) -> Schema {
    schema.with("oneOf", json!([{ "required": ["invocation"] }, { "required": ["message"] }]))
}

/// The queues and the streams under these tables, by what sources call them.
pub(crate) fn all(queue: &Table, stream: &Table) -> Checked<Vec<(String, Queue)>> {
    let (queues, streams) = (queues(queue), stream::streams(stream));
    let (mut all, streams) = (queues?, streams?);
    all.extend(streams);
    Ok(all)
}

/// The queues under `[queue]`.
fn queues(table: &Table) -> Checked<Vec<(String, Queue)>> {
    let read = |(key, at, item): (&str, &Place, Item)| {
        let (name, queue) = (name::name(key, at, table.log()), queue(&item, Name::new(key)));
        Ok((format!("queue.{}", name?), queue?))
    };
    log::all(table.all().map(read))
}

fn queue(item: &Item, name: Name) -> Checked<Queue> {
    let mut table = item.table(EXAMPLE)?;
    let (invocation, messages) = (table.written(&INVOCATION), table.written(&MESSAGES));
    let (resolve, consumers, target) = (table.read(&RESOLVE), table.read(&CONSUMERS), table.read(&TARGET));
    let backlog = table.read(&BACKLOG);
    let delivery = match (invocation?, messages?) {
        (Some(invocation), None) => Ok(Delivery::Invocation(invocation)),
        (None, Some(messages)) => Ok(Delivery::Messages(messages)),
        (None, None) => {
            let cure = "write `message = {}` or `invocation = {}`";
            Err(table.missing("a queue without `message` or `invocation`".to_owned(), cure))
        }
        (Some(_), Some(_)) => {
            Err(item.refuse("a queue is one of messages or of invocations", "drop `message` or `invocation`"))
        }
    };
    table.finish();
    let delivery = delivery?;
    Ok(Queue { name, delivery, resolve: resolve?, consumers: consumers?, target: target?, backlog: backlog? })
}
