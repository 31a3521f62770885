//! How the requests of a source reach the code: through the gateway, or by a mapping of the source's own.

use crate::dist::Law;
use crate::text::key::Key;
use crate::text::kind::{self, Choice, Settings};
use crate::text::log::Checked;
use crate::text::reader::Table;
use crate::time::Span;

/// The way of a source.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Via {
    /// Through the gateway, whose revisions shape its events and say what they ask for.
    #[default]
    Gateway,
    /// Straight to the code: its own mapping says what its events ask for, and this producer shapes them.
    Direct(Producer),
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
            Self::Direct(producer) => Some(producer),
        }
    }
}

pub(super) const VIA: Key<bool> = Key::new(
    "via",
    &Choice(&[("gateway", false), ("direct", true)]),
    "How its requests reach the code: through the gateway, or directly, by a mapping of the source's own.",
)
.defaults("gateway");

pub(super) const PRODUCER: Key<Producer> = Key::new(
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

/// The way of a source with these settings.
pub(super) fn via(table: &mut Table) -> Checked<Via> {
    let (is_direct, producer) = (table.read(&VIA), table.written_at(&PRODUCER));
    match (is_direct?, producer?) {
        (false, None) => Ok(Via::Gateway),
        (true, producer) => Ok(Via::Direct(producer.map_or_else(Producer::default, |(_, producer)| producer))),
        (false, Some((at, _))) => {
            let cure = "drop `producer`, or write `via = \"direct\"`";
            Err(table.log().refuse(&at, "the gateway shapes the events of this source", cure))
        }
    }
}
