//! How a trace is written: `arrivals = { trace = ... }`.

use super::{HELD, Layout, Reading, TraceError};
use crate::shown;
use crate::source::keys::{Around, BEGINNING, Read};
use crate::source::{Arrivals, Spread, Trace};
use crate::text::diagnostic::{Diagnostic, Place, Text, quote};
use crate::text::key::Key;
use crate::text::kind::{self, Choice, Form, Keys};
use crate::text::log::{self, Checked, Refused};
use crate::text::reader::{Item, Table};
use crate::text::schema::{self, Schema};
use crate::text::shelf::Variant;
use crate::time::{Instant, Span};
use crate::units::Factor;
use serde_json::json;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

pub(in crate::source) const KIND: Variant<Around, Read> = Variant {
    name: "trace",
    about: "Recorded requests, or recorded numbers of them: a row a request with `time`, a row a bin with `count`, a column a bin \
            with `columns`. Rows outside the window are skipped.",
    example: EXAMPLE,
    look: &Keys(&[
        &FILE, &TIME, &DURATION, &COUNT, &COLUMNS, &BIN, &SPREAD, &WHERE, &FROM, &UNTIL, &FIRST, &SPEED, &SCALE, &LOOP,
    ]),
    read,
};

const EXAMPLE: &str = "{ trace = { file = \"requests.csv\", time = \"t_s\" } }";
const COUNTS: &str = "{ trace = { file = \"counts.csv\", count = \"requests\", bin = \"1m\" } }";

const FILE: Key<String> =
    Key::new("file", &kind::Text("requests.csv"), "A CSV file with a header, relative to the folder of the scenario.")
        .required(EXAMPLE);
const COLUMN: kind::Text = kind::Text("t_s");
const TIME: Key<String> =
    Key::new("time", &COLUMN, "The column of times. Its suffix is its unit: _ns, _us, _ms, _s, _min or _h.");
const DURATION: Key<String> = Key::new(
    "duration",
    &COLUMN,
    "A column of service times, in place of `code.service`. Its suffix is its unit, as for `time`.",
)
.otherwise("none; the law of `code.service` applies.");
const COUNT: Key<String> =
    Key::new("count", &COLUMN, "The column of numbers of requests, where a row is a bin of time.");
const COLUMNS: Key<(String, String)> = Key::new(
    "columns",
    &Form::new("two texts", columns_schema, columns),
    "The columns of the first and of the last bin, where every column is a bin: [\"1\", \"1440\"].",
);
const BIN: Key<Span> =
    Key::new("bin", &kind::SPAN_ABOVE_ZERO, "With `count` or `columns`: how long a bin is, such as \"1m\".");
/// How requests that were counted lie within their bin.
const SPREADS: [(&str, Spread); 2] = [("random", Spread::Random), ("even", Spread::Even)];
const SPREAD: Key<Spread> =
    Key::new("spread", &Choice(&SPREADS), "How counted requests lie within their bin.").otherwise("`\"random\"`.");
const WHERE: Key<Vec<(String, String)>> = Key::new(
    "where",
    &Form::new("columns and texts", only_schema, only),
    "Only rows with these values, such as { app = \"checkout\" }.",
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
    let layout = layout(&mut table);
    let only = table.written(&WHERE);
    let from = table.read(&FROM);
    let until = table.written_at(&UNTIL);
    let first = table.written(&FIRST);
    let speed = table.read(&SPEED);
    let scale = table.read(&SCALE);
    let repeat = table.read(&LOOP);
    table.finish();
    let ((item, file), layout, from, until) = (file?, layout?, from?, until?);
    let (only, first, speed, scale, repeat) = (only?.unwrap_or_default(), first?, speed?, scale?, repeat?);
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
    let durations = layout.has_durations();
    let until = until.map(|(_, until)| until);
    let reading = Reading { path, layout, only, from, until, first, speed, scale, repeat, held: HELD };
    let trace = Trace::open(&reading, window.0, window.1).map_err(|error| refuse(&item, &reading.path, error))?;
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
    Ok(Read { arrivals: Arrivals::Trace(trace), durations })
}

/// What the rows of the file say, by the keys that are written.
fn layout(table: &mut Table) -> Checked<Layout> {
    let time = table.written(&TIME);
    let duration = table.written_at(&DURATION);
    let count = table.written(&COUNT);
    let columns = table.written_at(&COLUMNS);
    let bin = table.written_at(&BIN);
    let spread = table.written_at(&SPREAD);
    let (time, duration, count, columns, bin, spread) = (time?, duration?, count?, columns?, bin?, spread?);
    let log = table.log();
    if count.is_none() && columns.is_none() {
        if let Some((at, _)) = bin {
            return Err(log.refuse(
                &at,
                "bins belong to counts, but no column of counts is named",
                format!("write {COUNTS}"),
            ));
        }
        if let Some((at, _)) = spread {
            return Err(log.refuse(&at, "requests with times of their own are not spread", "drop it"));
        }
        let Some(time) = time else {
            let reason = "nothing says which column holds times or counts";
            return Err(table.missing(reason, format!("write {EXAMPLE}, or {COUNTS}")));
        };
        return Ok(Layout::Requests { time, duration: duration.map(|(_, name)| name) });
    }
    if let Some((at, _)) = duration {
        return Err(log.refuse(
            &at,
            "a row of counts has no duration of its own",
            "drop it; `code.service` says how long",
        ));
    }
    let Some((_, bin)) = bin else {
        return Err(table.missing("`bin` is missing: how long a bin of counts is", "write bin = \"1m\""));
    };
    let spread = spread.map_or_else(Spread::default, |(_, spread)| spread);
    match (columns, count) {
        (None, count) => Ok(Layout::Counts { time, count: count.unwrap_or_default(), bin, spread }),
        (Some((at, _)), Some(_)) => {
            let cure = "keep `count` where a row is a bin, `columns` where a column is one";
            Err(log.refuse(&at, "`count` and `columns` exclude each other", cure))
        }
        (Some((at, _)), None) if time.is_some() => {
            Err(log.refuse(&at, "`time` and `columns` exclude each other", "drop `time`: every column is a bin"))
        }
        (Some((_, columns)), None) => Ok(Layout::Wide { columns, bin, spread }),
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
