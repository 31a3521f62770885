//! `arrivals = { trace = ... }`

use super::super::WarmUp;
use super::super::diagnostic::{Diagnostic, Place, Text, quote};
use super::super::log::{self, Checked, Refused};
use super::super::quantity;
use super::super::reader::{Item, Table};
use super::Around;
use crate::shown;
use crate::source::trace::{HELD, Layout, Reading, TraceError};
use crate::source::{Arrivals, Spread, Trace};
use crate::time::Span;
use crate::units::Factor;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

/// How requests that were counted lie within their bin.
pub(in super::super) const SPREADS: [(&str, Spread); 2] = [("random", Spread::Random), ("even", Spread::Even)];

const EXAMPLE: &str = "{ trace = { file = \"requests.csv\", time = \"t_s\" } }";
const COUNTS: &str = "{ trace = { file = \"counts.csv\", count = \"requests\", bin = \"1m\" } }";

pub(super) fn read(item: &Item, around: &Around) -> Checked<(Arrivals, bool)> {
    let mut table = item.table(EXAMPLE)?;
    let file = table.required("file", EXAMPLE, |item| Ok((item.clone(), item.text("requests.csv")?.to_owned())));
    let layout = layout(&mut table);
    let only = table.or("where", Vec::new(), only);
    let from = table.or("from", Span::ZERO, quantity::span);
    let until = table.optional("until", |item| Ok((item.clone(), quantity::span_above_zero(item)?)));
    let first = table.optional("first", quantity::instant);
    let speed = table.or("speed", Factor::ONE, quantity::factor);
    let scale = table.or("scale", Factor::ONE, quantity::factor);
    let repeat = table.or("loop", false, Item::truth);
    table.finish();
    let ((item, file), layout, from, until) = (file?, layout?, from?, until?);
    let (only, first, speed, scale, repeat) = (only?, first?, speed?, scale?, repeat?);
    if let Some((at, _)) = until.as_ref().filter(|&&(_, until)| until <= from) {
        return Err(at.refuse("`until` is not later than `from`", "both count from the trace's first row"));
    }
    let (path, window) = (around.folder.join(file), around.window?);
    if around.warm_up != WarmUp::Written && !(repeat && first.is_some()) {
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
    let durations = layout.has_durations();
    let until = until.map(|(_, until)| until);
    let reading = Reading { path, layout, only, from, until, first, speed, scale, repeat, held: HELD };
    let trace =
        Trace::open(&reading, window.start(), window.end()).map_err(|error| refuse(&item, &reading.path, error))?;
    if trace.is_empty() {
        let reason = format!("none of the {} rows of this trace lies inside the window", trace.skipped);
        return Err(item.refuse(reason, "move it by `first`, or make the window longer"));
    }
    let path = shown::path(&reading.path);
    if trace.skipped > 0 {
        let (skipped, rows) = (trace.skipped, trace.rows);
        let outside = if repeat { "the piece that is repeated" } else { "the window" };
        item.log.note(format!("{path}: {skipped} of {rows} rows lie outside {outside} and are skipped"));
    }
    if let Some(period) = trace.period {
        item.log.note(format!("{path}: repeated every {period}"));
    }
    Ok((Arrivals::Trace(trace), durations))
}

/// What the rows of the file say, by the keys that are written.
fn layout(table: &mut Table) -> Checked<Layout> {
    let time = table.optional("time", column);
    let duration = table.optional("duration", column);
    let count = table.optional("count", column);
    let columns = table.optional("columns", |item| Ok((item.clone(), columns(item)?)));
    let bin = table.optional("bin", |item| Ok((item.clone(), quantity::span_above_zero(item)?)));
    let spread = table.optional("spread", |item| Ok((item.clone(), item.choice(&SPREADS)?)));
    let (time, duration, count, columns, bin, spread) = (time?, duration?, count?, columns?, bin?, spread?);
    let name = |written: Option<(Item, String)>| written.map(|(_, name)| name);
    if count.is_none() && columns.is_none() {
        if let Some((at, _)) = bin {
            return Err(at.refuse("bins belong to counts, but no column of counts is named", format!("write {COUNTS}")));
        }
        if let Some((at, _)) = spread {
            return Err(at.refuse("requests with times of their own are not spread", "drop it"));
        }
        let Some(time) = name(time) else {
            let reason = "nothing says which column holds times or counts";
            return Err(table.missing(reason, format!("write {EXAMPLE}, or {COUNTS}")));
        };
        return Ok(Layout::Requests { time, duration: name(duration) });
    }
    if let Some((at, _)) = duration {
        return Err(at.refuse("a row of counts has no duration of its own", "drop it; `code.service` says how long"));
    }
    let Some((_, bin)) = bin else {
        return Err(table.missing("`bin` is missing: how long a bin of counts is", "write bin = \"1m\""));
    };
    let spread = spread.map_or_else(Spread::default, |(_, spread)| spread);
    match (columns, count) {
        (None, count) => Ok(Layout::Counts { time: name(time), count: name(count).unwrap_or_default(), bin, spread }),
        (Some((at, _)), Some(_)) => {
            let cure = "keep `count` where a row is a bin, `columns` where a column is one";
            Err(at.refuse("`count` and `columns` exclude each other", cure))
        }
        (Some((at, _)), None) if time.is_some() => {
            Err(at.refuse("`time` and `columns` exclude each other", "drop `time`: every column is a bin"))
        }
        (Some((_, columns)), None) => Ok(Layout::Wide { columns, bin, spread }),
    }
}

fn column<'a>(item: &Item<'a>) -> Checked<(Item<'a>, String)> {
    Ok((item.clone(), item.text("t_s")?.to_owned()))
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

fn refuse(item: &Item, path: &Path, error: TraceError) -> Refused {
    match error {
        TraceError::Unreadable(error) if error.kind() == ErrorKind::NotFound => item.refuse(
            format!("there is no file {}", quote(&path.to_string_lossy())),
            "write the path of a CSV file, relative to the scenario's folder",
        ),
        TraceError::Unreadable(error) => item.refuse(
            format!("cannot read {}: {error}", quote(&path.to_string_lossy())),
            "write the path of a CSV file, relative to the scenario's folder",
        ),
        TraceError::Empty => {
            item.refuse("this trace has no rows", "write the path of a CSV file with a header and rows")
        }
        TraceError::Changed => item.refuse("this trace changed while it was read", "let nothing write to it"),
        TraceError::Unfit { reason, cure } => item.refuse(reason, cure),
        TraceError::Malformed { line, text, span, reason, cure } => {
            let first_line = usize::try_from(line).unwrap_or(usize::MAX);
            let text = Arc::new(Text { name: shown::path(path), content: text, first_line });
            item.log.add(Diagnostic::new(&Place::new(&text, span), reason, cure))
        }
    }
}
