//! `[source.NAME]`: what sends requests.

mod bursty;
mod constant;
mod diurnal;
mod profile;
mod schedule;
mod trace;

pub(super) use schedule::LARGEST_BATCH;
pub(super) use trace::SPREADS;

use super::WarmUp;
use super::caller;
use super::diagnostic::Place;
use super::log::{self, Checked};
use super::name;
use super::quantity;
use super::reader::{Item, Shelf, Table};
use super::users;
use crate::platform::Window;
use crate::source::{Arrivals, Caller, Clients, Poisson, Source};
use crate::units::Share;
use std::path::Path;

/// More requests in a replication than anyone can wait for.
const MOST_REQUESTS: f64 = 1e12;
/// More changes of rates, empty rows and the like than anyone can wait for, unless there are requests for them: a span
/// after which a source changes is a rate of changes.
const MOST_CHANGES: f64 = 1e8;
/// How many of them a request may pay for.
const CHANGES_A_REQUEST: f64 = 10.0;

/// What a source must fit.
pub(super) struct Around<'c> {
    /// The window of the scenario.
    pub window: Checked<Window>,
    /// Where the length of its warm-up comes from.
    pub warm_up: WarmUp,
    /// The folder of the scenario file, from which traces are found.
    pub folder: &'c Path,
}

/// All sources of a scenario.
pub(super) struct Sources {
    /// The sources, in the order of the document.
    pub list: Vec<Source>,
    /// Where each is written.
    pub places: Vec<Place>,
    /// Whether all of them know how long the code takes for each request.
    pub replay_durations: bool,
}

const EXAMPLE: &str = "`[source.web]` with `arrivals = { poisson = \"200/s\" }`";

/// The names of the sources as written, valid or not.
pub(super) fn names(table: &Table) -> Vec<String> {
    table.all().map(|(key, ..)| key.to_owned()).collect()
}

/// The sources under `[source]`.
pub(super) fn sources(table: &Table, around: &Around) -> Checked<Sources> {
    if table.all().next().is_none() {
        return Err(table.missing("the scenario has no source of requests", format!("add {EXAMPLE}")));
    }
    let read = |(key, at, item): (&str, &Place, Item)| {
        let name = name::name(key, at, table.log());
        let source = source(&item, around);
        let (name, (arrivals, durations, clients, caller)) = (name?, source?);
        Ok((Source { name, arrivals, clients, caller }, durations, at.clone()))
    };
    let read = log::all(table.all().map(read))?;
    let replay_durations = read.iter().all(|&(_, durations, _)| durations);
    few_enough(&read, around.window?, table)?;
    let (list, places) = read.into_iter().map(|(source, _, at)| (source, at)).unzip();
    Ok(Sources { list, places, replay_durations })
}

fn few_enough(read: &[(Source, bool, Place)], window: Window, table: &Table) -> Checked<()> {
    let (start, end) = (window.start(), window.end());
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
    let attempts = |source: &Source| requests(source) * f64::from(source.caller.most_attempts());
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

fn source(item: &Item, around: &Around) -> Checked<(Arrivals, bool, Option<Clients>, Caller)> {
    let mut table = item.table(EXAMPLE)?;
    let shelf = Shelf {
        noun: "arrivals",
        example: "{ poisson = \"200/s\" }",
        kinds: &[
            ("constant", constant::read),
            ("poisson", poisson),
            ("diurnal", diurnal::read),
            ("profile", profile::read),
            ("bursty", bursty::read),
            ("schedule", schedule::read),
            ("trace", trace::read),
            ("users", users),
        ],
    };
    let arrivals =
        table.required("arrivals", "arrivals = { poisson = \"200/s\" }", |item| item.by_kind(&shelf, around));
    let clients = table.optional("clients", clients);
    let caller = caller::caller(&mut table);
    table.finish();
    let (arrivals, durations) = arrivals?;
    Ok((arrivals, durations, clients?, caller?))
}

fn poisson(item: &Item, _: &Around) -> Checked<(Arrivals, bool)> {
    Ok((Arrivals::Poisson(Poisson { rate: quantity::rate(item)? }), false))
}

fn users(item: &Item, _: &Around) -> Checked<(Arrivals, bool)> {
    users::users(item).map(|users| (Arrivals::Users(users), false))
}

fn clients(item: &Item) -> Checked<Clients> {
    const EXAMPLE: &str = "clients = { old = \"100%\", half_life = \"300s\" }";
    let mut table = item.table(EXAMPLE)?;
    let old: Checked<Share> = table.required("old", EXAMPLE, quantity::share);
    let half_life = table.required("half_life", EXAMPLE, quantity::span_above_zero);
    table.finish();
    Ok(Clients { old: old?, half_life: half_life? })
}
