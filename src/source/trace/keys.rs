//! How a trace is written: `arrivals = { trace = ... }`.

use super::format::NOTATIONS;
use super::refused::refuse;
use super::{Empty, Format, HELD, Notation, Reading, Stamp, Value, Wanted};
use crate::shown;
use crate::source::keys::{Around, BEGINNING, Read};
use crate::source::{Arrivals, Spread, Trace};
use crate::text::diagnostic::Place;
use crate::text::key::Key;
use crate::text::kind::{self, Choice, Form, Keys};
use crate::text::log::{self, Checked};
use crate::text::reader::{Item, Table};
use crate::text::schema::{self, Schema};
use crate::text::shelf::Variant;
use crate::time::{Instant, Span};
use crate::units::{Factor, grouped};
use serde_json::json;
use std::path::PathBuf;

pub(in crate::source) const KIND: Variant<Around, Read> = Variant {
    name: "trace",
    about: "Recorded requests, or recorded numbers of them, from a log, a table or JSON as it is: what `format`, columns and \
            units are is found out, and said. Rows outside the window are skipped.",
    example: EXAMPLE,
    look: &Keys(&[
        &FILE, &FORMAT, &TIME, &UNIT, &STAMP, &DURATION, &COUNT, &VALUE, &EMPTY, &COLUMNS, &BIN, &SPREAD, &WHERE,
        &FROM, &UNTIL, &FIRST, &SPEED, &SCALE, &LOOP,
    ]),
    read,
};

const EXAMPLE: &str = "{ trace = { file = \"access.log.gz\" } }";

const FILE: Key<String> = Key::new(
    "file",
    &kind::Text("access.log.gz"),
    "A log, a table or JSON, plain or packed by gzip, relative to the folder of the scenario.",
)
.required(EXAMPLE);
const FORMAT: Key<Format> =
    Key::new("format", &Choice(&Format::ALL), "What the file is; `csv` is any table, with or without a header.")
        .otherwise("guessed from the file, and said.");
const COLUMN: kind::Text = kind::Text("t_s");
const TIME: Key<String> = Key::new("time", &COLUMN, "The column of times; of a table without a header, its number.")
    .otherwise("found by the names that such columns have, and said.");
const UNIT: Key<Notation> = Key::new(
    "unit",
    &Choice(&NOTATIONS),
    "What a 1 in a time is; or what comes first in dates where either might be the day.",
)
.otherwise("found by the column's name, as in t_ms, or by its values.");
/// What the times of requests may be of.
const STAMPS: [(&str, Stamp); 2] = [("start", Stamp::Start), ("end", Stamp::End)];
const STAMP: Key<Stamp> = Key::new(
    "stamp",
    &Choice(&STAMPS),
    "What the times are of. Requests with an end arrived their duration before it.",
)
.otherwise("by the format; of other tables, the start.");
const DURATION: Key<String> = Key::new(
    "duration",
    &COLUMN,
    "The column of service times, in place of `code.service`; with a unit if its name has none: \"took ms\". \"none\": none.",
)
.otherwise("those of `alb`, `lambda-report` and `azure-functions`; else `code.service`.");
const COUNT: Key<String> = Key::new(
    "count",
    &COLUMN,
    "The column of numbers of requests, where a row is a bin; \"none\": a row is a request.",
)
.otherwise("found by the names that such columns have, and said.");
/// What numbers of requests may be.
const VALUES: [(&str, Value); 3] = [("count", Value::Count), ("rate", Value::Rate), ("total", Value::Total)];
const VALUE: Key<Value> = Key::new(
    "value",
    &Choice(&VALUES),
    "What the numbers are: requests in a bin, requests a second, or all requests so far.",
)
.otherwise("by the column's name: `requests`, `Requests/s`; what may be either is refused.");
/// What an empty field may mean.
const EMPTIES: [(&str, Empty); 3] = [("skip", Empty::Skip), ("zero", Empty::Zero), ("refuse", Empty::Refuse)];
const EMPTY: Key<Empty> =
    Key::new("empty", &Choice(&EMPTIES), "What to do with empty fields and `null`; they are counted.").defaults("skip");
const COLUMNS: Key<(String, String)> = Key::new(
    "columns",
    &Form::new("two texts", columns_schema, columns),
    "The columns of the first and of the last bin, where every column is a bin: [\"1\", \"1440\"].",
);
const BIN: Key<Span> = Key::new("bin", &kind::SPAN_ABOVE_ZERO, "How long a bin of numbers is, such as \"1m\".")
    .otherwise("as far as its rows lie apart.");
/// How requests may lie within their bin, or within the second that they are stamped with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Spreads {
    Random,
    Even,
    None,
}
const SPREADS: [(&str, Spreads); 3] = [("random", Spreads::Random), ("even", Spreads::Even), ("none", Spreads::None)];
const SPREAD: Key<Spreads> = Key::new(
    "spread",
    &Choice(&SPREADS),
    "How requests lie within their bin, or within the second that a log stamps them with.",
)
.otherwise("`\"random\"`.");
const WHERE: Key<Vec<(String, String)>> = Key::new(
    "where",
    &Form::new("columns and texts", only_schema, only),
    "Only rows with these values: { method = \"GET\", path = \"/api/*\", status = \"2xx\" }; `*` is any text.",
);
const FROM: Key<Span> =
    Key::new("from", &kind::SPAN, "The piece to replay begins here, counted from the first row.").defaults("0s");
const UNTIL: Key<Span> =
    Key::new("until", &kind::SPAN_ABOVE_ZERO, "The piece ends before here, counted from the first row.")
        .otherwise("the end.");
const FIRST: Key<Instant> =
    Key::new("first", &kind::INSTANT, "The piece begins at this time from t = 0, such as \"-10m\".")
        .otherwise(BEGINNING);
const SPEED: Key<Factor> = Key::new("speed", &kind::FACTOR, "How many times as fast it is replayed.").defaults("1x");
const SCALE: Key<Factor> =
    Key::new("scale", &kind::FACTOR, "How many times as many requests arrive; parts are drawn.").defaults("1x");
const LOOP: Key<bool> =
    Key::new("loop", &kind::TRUTH, "Whether the piece is repeated, before and after itself.").defaults("false");

fn columns_schema() -> Schema {
    Schema::default()
        .with("type", json!("array"))
        .with("items", Schema::default().with("type", json!("string")).about("The name of a column.").into())
        .with("minItems", json!(2))
        .with("maxItems", json!(2))
}

fn only_schema() -> Schema {
    schema::keyed("", Schema::default().with("type", json!("string")).about("What must stand in this column."))
}

fn read(item: &Item, around: &Around) -> Checked<Read> {
    let mut table = item.table(EXAMPLE)?;
    let file = table.must(&FILE, |item| Ok((item.clone(), FILE.value.read(item)?)));
    let wanted = wanted(&mut table);
    let spread = table.written_at(&SPREAD);
    let from = table.read(&FROM);
    let until = table.written_at(&UNTIL);
    let first = table.written(&FIRST);
    let speed = table.read(&SPEED);
    let scale = table.read(&SCALE);
    let repeat = table.read(&LOOP);
    table.finish();
    let ((item, file), wanted, spread, from, until) = (file?, wanted?, spread?, from?, until?);
    let (first, speed, scale, repeat) = (first?, speed?, scale?, repeat?);
    if let Some((at, _)) = until.as_ref().filter(|&&(_, until)| until <= from) {
        return Err(item.log.refuse(at, "`until` is not later than `from`", "both count from the trace's first row"));
    }
    let (path, window) = (around.folder.join(file), around.window?);
    if around.warm_up_open && !(repeat && first.is_some()) {
        let (reason, cure) = match repeat {
            true => (
                "with `warm_up = \"auto\"` nothing says where this trace begins",
                "write `first` beside it, such as first = \"0s\"; it goes on before and after",
            ),
            false => (
                "`warm_up = \"auto\"` cannot look beyond the beginning of a trace",
                "write a length for `window.warm_up`; or repeat the trace: `loop = true`, and `first`",
            ),
        };
        return Err(item.refuse(reason, cure));
    }
    let until = until.map(|(_, until)| until);
    let on_the_second = matches!(spread, Some((_, Spreads::None)));
    let within = if matches!(spread, Some((_, Spreads::Even))) { Spread::Even } else { Spread::Random };
    let file = Wanted { path, on_the_second, ..wanted };
    let reading = Reading { file, spread: within, from, until, first, speed, scale, repeat, held: HELD };
    let path = &reading.file.path;
    let trace = Trace::open(&reading, window.0, window.1).map_err(|error| refuse(&item, path, error))?;
    if let Some((at, spread)) = spread {
        unfitting(&item, &at, spread, &trace)?;
    }
    in_window(&item, &trace, &reading, window)?;
    trace.told(path).into_iter().for_each(|note| item.log.note(note));
    note_place(&item, &trace, &reading);
    Ok(Read { durations: trace.has_durations(), arrivals: Arrivals::Trace(trace) })
}

/// What is known of the file, by the keys that are written.
fn wanted(table: &mut Table) -> Checked<Wanted> {
    let format = table.written(&FORMAT);
    let time = table.written(&TIME);
    let unit = table.written(&UNIT);
    let stamp = table.written(&STAMP);
    let duration = table.written_at(&DURATION);
    let count = table.written(&COUNT);
    let value = table.written(&VALUE);
    let empty = table.read(&EMPTY);
    let columns = table.written_at(&COLUMNS);
    let bin = table.written(&BIN);
    let only = table.written(&WHERE);
    let (format, time, unit, stamp, duration) = (format?, time?, unit?, stamp?, duration?);
    let (count, value, empty, columns, bin, only) = (count?, value?, empty?, columns?, bin?, only?);
    let log = table.log();
    let count = count.map(|name| (name != "none").then_some(name));
    let bins = matches!(count, Some(Some(_))) || columns.is_some();
    let duration = duration.map(|(at, name)| (at, (name != "none").then_some(name)));
    if let Some((at, Some(_))) = duration.as_ref().filter(|_| bins) {
        let cure = "drop it; `code.service` says how long";
        return Err(log.refuse(at, "a row of counts has no duration of its own", cure));
    }
    if let Some((at, _)) = &columns {
        if matches!(count, Some(Some(_))) {
            let cure = "keep `count` where a row is a bin, `columns` where a column is one";
            return Err(log.refuse(at, "`count` and `columns` exclude each other", cure));
        }
        if time.is_some() {
            let cure = "drop `time`: every column is a bin";
            return Err(log.refuse(at, "`time` and `columns` exclude each other", cure));
        }
        if bin.is_none() {
            return Err(table.missing("`bin` is missing: how long a bin of counts is", "write bin = \"1m\""));
        }
    }
    let duration = duration.map(|(_, duration)| duration);
    let columns = columns.map(|(_, columns)| columns);
    let only = only.unwrap_or_default();
    let (path, on_the_second) = (PathBuf::new(), false);
    Ok(Wanted { path, format, time, unit, stamp, duration, count, value, empty, columns, bin, on_the_second, only })
}

/// Refuses a way to spread requests that the file's do not need.
fn unfitting(item: &Item, at: &Place, spread: Spreads, trace: &Trace) -> Checked<()> {
    match (trace.has_bins(), spread) {
        (true, Spreads::None) => {
            let cure = "write \"random\", or \"even\"";
            Err(item.log.refuse(at, "requests of which only the number is known lie within their bin", cure))
        }
        (false, Spreads::Even) => {
            let cure = "drop it; \"none\" leaves those that are stamped with whole seconds together";
            Err(item.log.refuse(at, "requests with times of their own are not spread", cure))
        }
        _ => Ok(()),
    }
}

/// Refuses a trace that has nothing in the window.
fn in_window(item: &Item, trace: &Trace, reading: &Reading, (start, end): (Instant, Instant)) -> Checked<()> {
    if !trace.is_empty() {
        return Ok(());
    }
    let first = reading.first.unwrap_or(start);
    let long = Span::from_ns(reading.speed.divide_down(trace.length().ns()));
    let lies = format!(
        "it begins at {} and lasts {long}, the window is from {} to {}",
        clock(first),
        clock(start),
        clock(end)
    );
    let reason = format!("none of the {} rows of this trace lies inside the window: {lies}", trace.skipped);
    let cure = match first >= end {
        true => format!("write an earlier `first`, such as first = \"{}\", or make the window longer", clock(start)),
        false => format!("write a later `first`, such as first = \"{}\", or make the window longer", clock(start)),
    };
    Err(item.refuse(reason, cure))
}

/// Notes where the trace lies.
fn note_place(item: &Item, trace: &Trace, reading: &Reading) {
    let path = shown::path(&reading.file.path);
    if let Some(period) = trace.period {
        item.log.note(format!("{path}: repeated every {period}"));
    }
    let [skipped, rows] = [trace.skipped, trace.rows].map(|n| grouped(n as f64, 0));
    let place = if reading.repeat { "the piece that is repeated" } else { "the window" };
    let share = 100.0 * (trace.rows - trace.skipped) as f64 / trace.rows as f64;
    item.log.note(match trace.skipped {
        0 => format!("{path}: all of its rows lie in {place}"),
        _ => {
            format!("{path}: {share:.1} % of its rows lie in {place}; {skipped} of {rows} lie outside and are skipped")
        }
    });
    if !reading.repeat && trace.ends <= Instant::ZERO {
        item.log.note(format!(
            "{path}: all of it arrives in the warm-up, none during the rollout; write `first`, such as first = \"0s\", or `loop = true`"
        ));
    }
}

/// A time as scenarios write it.
fn clock(at: Instant) -> String {
    let span = Span::from_ns(at.ns().unsigned_abs());
    match at.ns() {
        0 => "0s".to_owned(),
        ns if ns < 0 => format!("-{}", span.written()),
        _ => span.written(),
    }
}

fn columns(item: &Item) -> Checked<(String, String)> {
    const EXAMPLE: &str = "[\"1\", \"1440\"]";
    let items = item.list(EXAMPLE)?;
    let names = log::all(items.iter().map(|item| item.text("1").map(str::to_owned)))?;
    match <[String; 2]>::try_from(names) {
        Ok([first, last]) => Ok((first, last)),
        Err(names) => {
            let reason = format!("`{}` names {} columns", item.path, names.len());
            Err(item.refuse(reason, format!("write the first and the last, such as {EXAMPLE}")))
        }
    }
}

fn only(item: &Item) -> Checked<Vec<(String, String)>> {
    let table = item.table("{ function = \"checkout\" }")?;
    log::all(table.all().map(|(column, _, item)| Ok((column.to_owned(), item.text("checkout")?.to_owned()))))
}
