//! `[source.NAME]`: what sends requests.

use super::sender::caller::{self, RETRIES, TIMEOUT};
use super::sender::clients::CLIENTS;
use super::sender::queue::Queue;
use super::sender::via::{self, PRODUCER, VIA};
use super::{Arrivals, SHELF, Source};
use crate::text::diagnostic::Place;
use crate::text::key::{Described, Key};
use crate::text::kind::{self, Keys, Named};
use crate::text::log::{self, Checked};
use crate::text::name;
use crate::text::reader::{Item, Table};
use crate::time::Instant;
use std::path::PathBuf;

pub(crate) use super::sender::clients::HALF_LIFE;
pub(crate) use super::sender::queue::{QUEUES, STREAMS, all as queues};
pub(crate) use super::sender::via::PRODUCER_LAG;

/// `[source]`, by name.
pub(crate) const SOURCES: Key<()> = Key::new(
    "source",
    &Named {
        pattern: name::PATTERN,
        stands: "NAME",
        each: &Keys(&[&ARRIVALS, &VIA, &PRODUCER, &CLIENTS, &TIMEOUT, &RETRIES]),
        about: "A source of requests. Its name becomes a key of the results: 1 to 40 of a-z, 0-9 and -.",
        least: 1,
    },
    "The sources of requests, at least one, each under a name: [source.web].",
)
.required(EXAMPLE);

const EXAMPLE: &str = "`[source.web]` with `arrivals = { poisson = \"200/s\" }`";

const ARRIVALS: Key<()> =
    Key::new("arrivals", &SHELF, "When requests arrive: of one kind.").required("arrivals = { poisson = \"200/s\" }");

/// What several kinds of arrivals have in common.
pub(super) const CLOCK: Key<Instant> =
    Key::new("clock", &kind::INSTANT, "What the clock shows at t = 0, such as \"10h\" for a rollout at ten.")
        .defaults("0s");
pub(super) const BEGINNING: &str = "the start of the warm-up.";

/// More requests in a replication than anyone can wait for.
const MOST_REQUESTS: f64 = 1e12;
/// More changes of rates, empty rows and the like than anyone can wait for, unless there are requests for them: a span
/// after which a source changes is a rate of changes.
const MOST_CHANGES: f64 = 1e8;
/// How many of them a request may pay for.
const CHANGES_A_REQUEST: f64 = 10.0;

/// What a source must fit.
pub(crate) struct Around {
    /// The window that is simulated: its beginning and its end.
    pub window: Checked<(Instant, Instant)>,
    /// Whether the warm-up is as long as pilot runs find; then nothing may hang on its beginning.
    pub warm_up_open: bool,
    /// The queues that there are.
    pub queues: Checked<Vec<(String, Queue)>>,
    /// The folder of the scenario file, from which traces are found.
    pub folder: PathBuf,
}

/// When requests arrive, as it is written.
pub(crate) struct Read {
    pub arrivals: Arrivals,
    /// Whether each brings its own service time.
    pub durations: bool,
}

impl From<Arrivals> for Read {
    fn from(arrivals: Arrivals) -> Self {
        Self { arrivals, durations: false }
    }
}

/// All sources of a scenario.
pub(crate) struct Sources {
    /// The sources, in the order of the document.
    pub list: Vec<Source>,
    /// Where each is written.
    pub places: Vec<Place>,
    /// Whether all of them know how long the code takes for each request.
    pub replay_durations: bool,
}

/// The names of the sources as written, valid or not.
pub(crate) fn names(table: &Table) -> Vec<String> {
    table.all().map(|(key, ..)| key.to_owned()).collect()
}

/// Reads the sources under `[source]`.
pub(crate) fn sources(table: &Table, around: &Around) -> Checked<Sources> {
    if table.all().next().is_none() {
        return Err(table.missing("the scenario has no source of requests", format!("add {EXAMPLE}")));
    }
    let mut taken = Vec::new();
    let read = |(key, at, item): (&str, &Place, Item)| {
        let name = name::name(key, at, table.log());
        let source = source(&item, around, &mut taken);
        let (name, (source, durations)) = (name?, source?);
        Ok((Source { name, ..source }, durations, at.clone()))
    };
    let read = log::all(table.all().map(read))?;
    let replay_durations = read.iter().all(|&(_, durations, _)| durations);
    few_enough(&read, around.window?, table)?;
    let (list, places) = read.into_iter().map(|(source, _, at)| (source, at)).unzip();
    Ok(Sources { list, places, replay_durations })
}

/// A source without its name, and whether its requests bring their service times.
fn source(item: &Item, around: &Around, taken: &mut Vec<String>) -> Checked<(Source, bool)> {
    let mut table = item.table(EXAMPLE)?;
    let arrivals = table.must(&ARRIVALS, |item| SHELF.read(item, around));
    let (via, clients) = (via::via(&mut table, &around.queues, taken), table.written_at(&CLIENTS));
    let caller = caller::caller(&mut table);
    let mut place = |key: &dyn Described| table.with(key, |item| Ok(item.node.at.clone()));
    let waits = place(&TIMEOUT)?.or(place(&RETRIES)?);
    table.finish();
    let Read { arrivals, durations } = arrivals?;
    let (via, clients) = (via?, clients?);
    if let (Some(_), Some((at, _))) = (via.producer(), &clients) {
        let cure = "write `producer` for when that begins to write the new contract, or `via = \"gateway\"`";
        return Err(item.log.refuse(at, "the producer of a direct source shapes its events", cure));
    }
    if let (Some(_), Some(at)) = (via.queue(), waits) {
        let cure = "drop it; `[queue.NAME]` says how its events are tried again";
        return Err(item.log.refuse(&at, "nobody waits for what a queue has taken over", cure));
    }
    if let (Some(_), Arrivals::Users(_)) = (via.queue(), &arrivals) {
        return Err(item.refuse("users wait for replies, and a queue gives none", "write another kind of `arrivals`"));
    }
    let clients = clients.map(|(_, clients)| clients);
    Ok((Source { name: String::new(), arrivals, via, clients, caller: caller? }, durations))
}

fn few_enough(read: &[(Source, bool, Place)], (start, end): (Instant, Instant), table: &Table) -> Checked<()> {
    let busiest = |work: &dyn Fn(&Source) -> f64, most: f64| {
        let first = read.iter().max_by(|(a, ..), (b, ..)| work(a).total_cmp(&work(b)));
        let sum: f64 = read.iter().map(|(source, ..)| work(source)).sum();
        first.filter(|_| sum > most).map(|(_, _, at)| (at, sum))
    };
    let requests = |source: &Source| source.arrivals.about(start, end);
    if let Some((at, requests)) = busiest(&requests, MOST_REQUESTS) {
        return Err(table.log().refuse(
            at,
            format!("about {requests:.1e} requests in one replication; {MOST_REQUESTS:.0e} is the most"),
            "write a lower rate or a shorter window; mismatched shares hardly depend on the rate",
        ));
    }
    let attempts = |source: &Source| requests(source) * f64::from(source.most_attempts());
    if let Some((at, attempts)) = busiest(&attempts, MOST_REQUESTS) {
        return Err(table.log().refuse(
            at,
            format!("with every retry {attempts:.1e} attempts in one replication; {MOST_REQUESTS:.0e} is the most"),
            "write fewer `retries.attempts`, a lower rate, or a shorter window",
        ));
    }
    // What a source does between requests is work that no request pays for.
    let free = MOST_CHANGES.max(CHANGES_A_REQUEST * read.iter().map(|(source, ..)| requests(source)).sum::<f64>());
    if let Some((at, changes)) = busiest(&|source| source.arrivals.changes(start, end), free) {
        return Err(table.log().refuse(
            at,
            format!(
                "this source changes about {changes:.1e} times in one replication; for so few requests {free:.0e} is the \
                 most"
            ),
            "write longer spans between changes, or a shorter window",
        ));
    }
    Ok(())
}
