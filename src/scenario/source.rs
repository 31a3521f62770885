//! `[source.NAME]`: what sends requests.

use super::caller;
use super::diagnostic::{Diagnostic, Place, Text, quote};
use super::document::Value;
use super::log::{self, Checked, Refused};
use super::name;
use super::quantity;
use super::reader::{Item, Shelf, Table};
use super::users;
use crate::platform::Window;
use crate::source::trace::{Columns, TraceError};
use crate::source::{Arrivals, Caller, Clients, Constant, Poisson, Source, Trace};
use crate::units::Share;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

/// More requests in a replication than anyone can wait for.
const MOST_REQUESTS: f64 = 1e12;

/// What a source must fit.
pub(super) struct Around<'c> {
    /// The window of the scenario.
    pub window: Checked<Window>,
    /// The folder of the scenario file, from which traces are found.
    pub folder: &'c Path,
}

/// All sources of a scenario.
pub(super) struct Sources {
    /// The sources, in the order of the document.
    pub list: Vec<Source>,
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
    Ok(Sources { list: read.into_iter().map(|(source, ..)| source).collect(), replay_durations })
}

fn few_enough(read: &[(Source, bool, Place)], window: Window, table: &Table) -> Checked<()> {
    let expected = |source: &Source| match &source.arrivals {
        Arrivals::Users(users) => users.most_requests(window.end().since(window.start())),
        arrivals => arrivals.expected(window.start(), window.end()),
    };
    let requests: f64 = read.iter().map(|(source, ..)| expected(source)).sum();
    let busiest = read.iter().max_by(|(a, ..), (b, ..)| expected(a).total_cmp(&expected(b)));
    match busiest {
        Some((_, _, at)) if requests > MOST_REQUESTS => Err(table.log().refuse(
            at,
            format!("about {requests:.1e} requests in one replication; {MOST_REQUESTS:.0e} is the most"),
            "write a lower rate or a shorter window; mismatched shares hardly depend on the rate",
        )),
        _ => Ok(()),
    }
}

fn source(item: &Item, around: &Around) -> Checked<(Arrivals, bool, Option<Clients>, Caller)> {
    let mut table = item.table(EXAMPLE)?;
    let shelf = Shelf {
        noun: "arrivals",
        example: "{ poisson = \"200/s\" }",
        kinds: &[("constant", constant), ("poisson", poisson), ("trace", trace), ("users", users)],
    };
    let arrivals =
        table.required("arrivals", "arrivals = { poisson = \"200/s\" }", |item| item.by_kind(&shelf, around));
    let clients = table.optional("clients", clients);
    let caller = caller::caller(&mut table);
    table.finish();
    let (arrivals, durations) = arrivals?;
    Ok((arrivals, durations, clients?, caller?))
}

fn constant(item: &Item, around: &Around) -> Checked<(Arrivals, bool)> {
    let (rate, first) = match item.node.value {
        Value::Table(_) => {
            let mut table = item.table("{ constant = { rate = \"1/s\" } }")?;
            let rate = table.required("rate", "rate = \"1/s\"", quantity::rate);
            let first = table.optional("first", quantity::instant);
            table.finish();
            (rate?, first?)
        }
        _ => (quantity::rate(item)?, None),
    };
    let first = first.unwrap_or(around.window?.start());
    Ok((Arrivals::Constant(Constant { rate, first }), false))
}

fn poisson(item: &Item, _: &Around) -> Checked<(Arrivals, bool)> {
    Ok((Arrivals::Poisson(Poisson { rate: quantity::rate(item)? }), false))
}

fn users(item: &Item, _: &Around) -> Checked<(Arrivals, bool)> {
    users::users(item).map(|users| (Arrivals::Users(users), false))
}

fn trace(item: &Item, around: &Around) -> Checked<(Arrivals, bool)> {
    const EXAMPLE: &str = "{ trace = { file = \"requests.csv\", time = \"t_s\" } }";
    let mut table = item.table(EXAMPLE)?;
    let file = table.required("file", EXAMPLE, |item| Ok((item.clone(), item.text("requests.csv")?)));
    let first = table.optional("first", quantity::instant);
    let column = |item: &Item| item.text("t_s").map(str::to_owned);
    let time = table.required("time", EXAMPLE, column);
    let duration = table.optional("duration", column);
    table.finish();
    let ((item, file), time, duration, window) = (file?, time?, duration?, around.window?);
    let first = first?.unwrap_or(window.start());
    let path = around.folder.join(file);
    let durations = duration.is_some();
    let columns = Columns { time, duration };
    let trace = Trace::read(&path, &columns, first, window.start(), window.end())
        .map_err(|error| refuse_trace(&item, &path, error))?;
    if trace.is_empty() {
        let reason = format!("none of the {} rows of this trace lies inside the window", trace.skipped);
        return Err(item.refuse(reason, "move it by `first`, or make the window longer"));
    }
    if trace.skipped > 0 {
        let (skipped, rows) = (trace.skipped, trace.skipped + trace.len() as u64);
        item.log.note(format!("{}: {skipped} of {rows} rows lie outside the window and are skipped", path.display()));
    }
    Ok((Arrivals::Trace(trace), durations))
}

fn refuse_trace(item: &Item, path: &Path, error: TraceError) -> Refused {
    match error {
        TraceError::Unreadable(error) if error.kind() == ErrorKind::NotFound => item.refuse(
            format!("there is no file {}", quote(&path.display().to_string())),
            "write the path of a CSV file, relative to the scenario's folder",
        ),
        TraceError::Unreadable(error) => item.refuse(
            format!("cannot read {}: {error}", quote(&path.display().to_string())),
            "write the path of a CSV file, relative to the scenario's folder",
        ),
        TraceError::Empty => {
            item.refuse("this trace has no rows", "write the path of a CSV file with a header and rows")
        }
        TraceError::Malformed { line, text, span, reason, cure } => {
            let first_line = usize::try_from(line).unwrap_or(usize::MAX);
            let text = Arc::new(Text { name: path.display().to_string(), content: text, first_line });
            item.log.add(Diagnostic::new(&Place::new(&text, span), reason, cure))
        }
    }
}

fn clients(item: &Item) -> Checked<Clients> {
    const EXAMPLE: &str = "clients = { old = \"100%\", half_life = \"300s\" }";
    let mut table = item.table(EXAMPLE)?;
    let old: Checked<Share> = table.required("old", EXAMPLE, quantity::share);
    let half_life = table.required("half_life", EXAMPLE, quantity::span_above_zero);
    table.finish();
    Ok(Clients { old: old?, half_life: half_life? })
}
