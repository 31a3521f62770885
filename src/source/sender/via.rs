//! How the requests of a source reach the code: through the gateway, or by a mapping of the source's own.

use super::queue::Queue;
use crate::dist::Law;
use crate::text::diagnostic::quote;
use crate::text::key::Key;
use crate::text::kind::{self, Settings};
use crate::text::log::Checked;
use crate::text::name;
use crate::text::reader::{Item, Table};
use crate::text::schema::{self, Schema};
use crate::text::suggestion::suggestion;
use crate::time::Span;
use serde_json::json;

/// The way of a source.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Via {
    /// Through the gateway, whose revisions shape its events and say what they ask for.
    #[default]
    Gateway,
    /// Straight to the code: its own mapping says what its events ask for, and this producer shapes them.
    Direct(Producer),
    /// The same by a queue, which takes the events over.
    Queue(Producer, Queue),
}

/// An application that writes the events of a source, and is deployed by itself.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Producer {
    /// How long after the beginning of a deployment its own begins.
    pub at: Span,
    /// How long it then takes until it writes in the new version's contract.
    pub lag: Law,
}

impl Default for Producer {
    fn default() -> Self {
        Self { at: Span::ZERO, lag: Law::Constant(Span::ZERO) }
    }
}

impl Via {
    /// What writes the events of a source that is wired by itself.
    #[must_use]
    pub const fn producer(&self) -> Option<&Producer> {
        match self {
            Self::Gateway => None,
            Self::Direct(producer) | Self::Queue(producer, _) => Some(producer),
        }
    }

    /// The queue that takes its events over.
    #[must_use]
    pub const fn queue(&self) -> Option<&Queue> {
        match self {
            Self::Gateway | Self::Direct(_) => None,
            Self::Queue(_, queue) => Some(queue),
        }
    }
}

pub(in crate::source) const VIA: Key<()> = Key::new(
    "via",
    &kind::fitting("`gateway`, `direct`, `queue.NAME` or `stream.NAME`", schema),
    "How its requests reach the code: through the gateway; directly, by a mapping of the source's own; or by a queue or stream, which takes them over.",
)
.otherwise("`gateway`.");

fn schema() -> Schema {
    let queue = format!("^(queue|stream)\\.{}$", name::PATTERN.trim_matches(['^', '$']));
    let queue = Schema::default().with("type", json!("string")).with("pattern", json!(queue));
    schema::any([
        schema::choice(&[("gateway", ()), ("direct", ())]).about("Through the gateway, or by a mapping of its own."),
        queue.about("By this queue or stream."),
    ])
}

pub(in crate::source) const PRODUCER: Key<Producer> = Key::new(
    "producer",
    &Settings {
        keys: &[&AT, &LAG],
        example: EXAMPLE,
        read: |table| {
            let (at, lag) = (table.read(&AT), table.read(&LAG));
            Ok(Producer { at: at?, lag: lag? })
        },
    },
    "What writes the events of a direct source: an application that is deployed by itself, and stays where a rollout is taken back.",
)
.otherwise("it writes the new contract from the beginning of a deployment on.");

const EXAMPLE: &str = "producer = { at = \"0s\", lag = { uniform = [\"0s\", \"60s\"] } }";

const AT: Key<Span> =
    Key::new("at", &kind::SPAN, "How long after the beginning of a deployment its own begins.").defaults("0s");

pub(crate) const PRODUCER_LAG: Key<Law> =
    Key::new("lag", &kind::LAW_OR_SPAN, "How long it then takes until it writes the new version's contract.")
        .defaults("0s")
        .assumed("teams that share a contract are seldom that quick")
        .tries("0s", "{ uniform = [\"0s\", \"600s\"] }");

use PRODUCER_LAG as LAG;

/// How a source is wired, as it is written.
#[derive(Clone, Copy)]
enum Wire {
    Gateway,
    Direct,
    Queue(Queue),
}

/// The way of a source with these settings, where there are these queues; `taken`: what was seen in them, of the sources before.
pub(in crate::source) fn via(
    table: &mut Table,
    queues: &Checked<Vec<(String, Queue)>>,
    taken: &mut Vec<String>,
) -> Checked<Via> {
    let wire = table.with(&VIA, |item| wire(item, queues, taken));
    let producer = table.written_at(&PRODUCER);
    match (wire?.unwrap_or(Wire::Gateway), producer?) {
        (Wire::Gateway, None) => Ok(Via::Gateway),
        (Wire::Direct, producer) => Ok(Via::Direct(producer.map_or_else(Producer::default, |(_, producer)| producer))),
        (Wire::Queue(queue), producer) => {
            Ok(Via::Queue(producer.map_or_else(Producer::default, |(_, producer)| producer), queue))
        }
        (Wire::Gateway, Some((at, _))) => {
            let cure = "drop `producer`, or write `via = \"direct\"`";
            Err(table.log().refuse(&at, "the gateway shapes the events of this source", cure))
        }
    }
}

fn wire(item: &Item, queues: &Checked<Vec<(String, Queue)>>, taken: &mut Vec<String>) -> Checked<Wire> {
    let written = item.text("direct")?;
    match written {
        "gateway" => return Ok(Wire::Gateway),
        "direct" => return Ok(Wire::Direct),
        _ => {}
    }
    let queues = queues.as_ref().map_err(|&refused| refused)?;
    if let Some((known, queue)) = queues.iter().find(|(known, _)| written == known) {
        if taken.contains(known) {
            let cure = "write a queue of its own for this source";
            return Err(item.refuse(format!("another source goes via {} already", quote(written)), cure));
        }
        taken.push(known.clone());
        return Ok(Wire::Queue(*queue));
    }
    let known = queues.iter().map(|(name, _)| name.as_str());
    let ways: Vec<&str> = ["gateway", "direct"].into_iter().chain(known).collect();
    let cure = match written.split_once('.') {
        Some(("queue", name)) if queues.is_empty() => {
            format!("add a table `[queue.{name}]` with `message = {{}}` or `invocation = {{}}`")
        }
        Some(("stream", name)) if queues.is_empty() => format!("add a table `[stream.{name}]` with `shards = 4`"),
        _ => suggestion(written, "the ways are", &ways),
    };
    Err(item.dangling(format!("no source can go via {}", quote(written)), cure))
}
