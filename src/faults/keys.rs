//! `code.errors`, and `[[event]]`.

use super::{Errors, Event, Fails, Scaling, Trend};
use crate::ids::Version;
use crate::text::diagnostic::quote;
use crate::text::document::Value;
use crate::text::key::Key;
use crate::text::kind::{self, Form, Keys, Listed, Look, Text, Together, Whole};
use crate::text::log::{self, Checked};
use crate::text::reader::{Item, Table};
use crate::text::schema::{self, Schema};
use crate::text::shelf::{Shelf, Variant};
use crate::text::suggestion::suggestion;
use crate::text::{pattern, quantity};
use crate::time::{Instant, Span};
use crate::units::Share;
use serde_json::json;

/// How many events a scenario may have.
const MOST_EVENTS: usize = 100;
/// How many replicas may be wanted.
const MOST_REPLICAS: u32 = 10_000;

/// A share of errors, or how it changes.
pub(crate) const ERRORS: Form<Errors> =
    Form::new("share, `{ over_time = … }` or `{ by_instance_age = … }`", errors_schema, errors);

const TRENDS: Shelf<(), Errors> = Shelf {
    noun: "errors",
    example: LEAK,
    kinds: &[
        Variant {
            name: "over_time",
            about: "By the time since t = 0, such as { 5m = \"0%\", 6m = \"20%\" }; straight lines between.",
            example: "{ over_time = { 5m = \"0%\", 6m = \"20%\" } }",
            look: &POINTS,
            read: |item, ()| trend(item).map(Errors::OverTime),
        },
        Variant {
            name: "by_instance_age",
            about: "By the age of an instance since it was last initialised, such as { 0s = \"0%\", 10m = \"5%\" }: a leak.",
            example: LEAK,
            look: &POINTS,
            read: |item, ()| trend(item).map(Errors::ByInstanceAge),
        },
    ],
};

const LEAK: &str = "{ by_instance_age = { 0s = \"0%\", 10m = \"5%\" } }";
const POINTS: Form<()> = kind::fitting("spans and shares", || {
    let share = pattern::share().about("The share of requests that fail from this point on, or up to the next.");
    schema::keyed(&pattern::span_key(), share).with("minProperties", json!(1))
});

fn errors_schema() -> Schema {
    schema::any([
        pattern::share().about("Always the same share."),
        Look::schema(&TRENDS).about("A share that changes."),
    ])
}

fn errors(item: &Item) -> Checked<Errors> {
    match &item.node.value {
        Value::Table(_) => TRENDS.read(item, &()),
        _ => quantity::share(item).map(Errors::Constant),
    }
}

/// The points, in order of time however they are written.
fn trend(item: &Item) -> Checked<Trend> {
    const EXAMPLE: &str = "{ 0s = \"0%\", 10m = \"5%\" }";
    let table = item.table(EXAMPLE)?;
    let read = table.all().map(|(key, at, value)| {
        let span = quantity::span_of(key).map_err(|(reason, cure)| table.log().refuse(at, reason, cure));
        let share = quantity::share(&value);
        Ok((span?, share?, at))
    });
    let mut points = log::all(read)?;
    points.sort_by_key(|&(span, ..)| span);
    if let Some(pair) = points.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(table.log().refuse(
            pair[1].2,
            "a second point at the same time",
            "keep one; a jump is two points 1ms apart",
        ));
    }
    let points: Vec<(Span, Share)> = points.into_iter().map(|(span, share, _)| (span, share)).collect();
    Trend::new(&points)
        .ok_or_else(|| item.refuse("a share that changes has one point or more", format!("write {EXAMPLE}")))
}

/// `[[event]]`.
pub(crate) const EVENTS: Key<()> = Key::new(
    "event",
    &Listed { each: &Together(&Keys(&[&AT, &LASTS, &CHANCE, &FAILS, &REPLICAS]), one_kind), most: MOST_EVENTS },
    "What happens under every strategy: something is away for a while, or another number of replicas is wanted.",
);

const AT: Key<Instant> = Key::new("at", &kind::INSTANT, "When it begins; not before t = 0.").required("at = \"30s\"");
const LASTS: Key<Span> = Key::new("lasts", &kind::SPAN_ABOVE_ZERO, "For how long something fails, such as \"6s\".")
    .otherwise("nothing fails.");
const CHANCE: Key<Share> = Key::new(
    "chance",
    &kind::SHARE,
    "How likely it happens, once a rollout. Below \"100%\" it is a stratum of its own.",
)
.defaults("100%");
const FAILS: Key<()> = Key::new(
    "fails",
    &Together(&Keys(&[&PERMISSION, &VERSION, &SOURCE, &NODES, &SHARE]), one_thing),
    "What fails: one of `permission`, `version`, `source`, `nodes`.",
)
.otherwise("nothing; then `replicas` are wanted.");
const PERMISSION_OF_2: &str = "fails = { permission = 2 }";

const REPLICAS: Key<u32> = Key::new(
    "replicas",
    &Whole(0, MOST_REPLICAS),
    "So many replicas of hosts are wanted from then on. A rollout that is going on shares them as its controller does.",
)
.otherwise("as many as before.");

const PERMISSION: Key<u32> = Key::new(
    "permission",
    &NUMBER,
    "Nobody may invoke this version: requests to it fail at the gateway, and no code runs.",
);
const VERSION: Key<u32> = Key::new(
    "version",
    &NUMBER,
    "The code of this version runs and fails. On hosts it fails its readiness probes too.",
);
const SOURCE: Key<String> =
    Key::new("source", &Text("web"), "The way of this source's requests: they fail at the gateway.");
const NODES: Key<Share> = Key::new(
    "nodes",
    &kind::SHARE,
    "This share of the gateway's nodes, rounded up to whole ones: what they are sent fails there.",
);
const SHARE: Key<Share> =
    Key::new("share", &kind::SHARE, "For which share of the requests; not of `nodes`, which is a share.")
        .defaults("100%");
const NUMBER: Whole = Whole(1, Version::HIGHEST as u32);

/// An event lets something fail for a while, or is a scale request.
fn one_kind(schema: Schema) -> Schema {
    let fails = json!({ "required": ["lasts", "fails"], "properties": { "replicas": false } });
    let only = ["lasts", "chance", "fails"].map(|key| (key.to_owned(), json!(false)));
    let scales = json!({ "required": ["replicas"], "properties": serde_json::Map::from_iter(only) });
    schema.with("oneOf", json!([fails, scales]))
}

/// Exactly one thing fails.
fn one_thing(schema: Schema) -> Schema {
    let only = |key: &str| json!({ "required": [key] });
    schema.with("oneOf", json!(["permission", "version", "source", "nodes"].map(only)))
}

/// What events must fit.
pub(crate) struct Around<'a> {
    /// The names of the sources.
    pub sources: &'a [String],
    /// The highest version that there is.
    pub highest: u16,
    /// When the window ends.
    pub end: Checked<Instant>,
    /// Whether there are hosts.
    pub hosts: bool,
}

/// What an event is.
enum Happens {
    /// Something fails.
    Fault(Event),
    /// So many replicas are wanted.
    Scaling(Scaling),
}

/// Reads the events of a scenario, in the order of the document, and its scale requests, in the order of time.
pub(crate) fn events(root: &mut Table, around: &Around) -> Checked<(Vec<Event>, Vec<Scaling>)> {
    let read = |item: &Item| -> Checked<Vec<Happens>> {
        const EXAMPLE: &str = "a list of tables, each under [[event]]";
        let items = item.list(EXAMPLE)?;
        if items.len() > MOST_EVENTS {
            return Err(item.refuse(format!("a scenario has at most {MOST_EVENTS} events"), "drop some"));
        }
        log::all(items.iter().map(|item| event(item, around)))
    };
    let (mut events, mut scalings) = (Vec::new(), Vec::new());
    for happens in root.with(&EVENTS, read)?.unwrap_or_default() {
        match happens {
            Happens::Fault(event) => events.push(event),
            Happens::Scaling(scaling) => scalings.push(scaling),
        }
    }
    scalings.sort_by_key(|scaling| scaling.at);
    Ok((events, scalings))
}

fn event(item: &Item, around: &Around) -> Checked<Happens> {
    let mut table = item.table("{ at = \"30s\", lasts = \"6s\", fails = { permission = 2 } }")?;
    let at = table.placed(&AT).and_then(|(place, at)| match around.end {
        _ if at < Instant::ZERO => {
            Err(item.log.refuse(&place, "an event begins before t = 0", "write \"0s\" or later"))
        }
        Ok(end) if at >= end => {
            Err(item.log.refuse(&place, "an event begins after the window", "write less than `window.after`"))
        }
        _ => Ok(at),
    });
    if let Some((place, replicas)) = table.written_at(&REPLICAS)? {
        for key in [LASTS.name, CHANCE.name, FAILS.name] {
            table.forbid(key, "this event is a scale request", "drop it; nothing fails in it");
        }
        table.finish();
        if !around.hosts {
            let cure = "add a table such as `[hosts]` with `replicas = 6` and `concurrency = 20`, or drop this event";
            return Err(item.log.refuse(&place, "replicas are scaled, and there are no hosts", cure));
        }
        return Ok(Happens::Scaling(Scaling { at: at?, replicas }));
    }
    let lasts = needed(table.written(&LASTS), &table, LASTS.name, "lasts = \"6s\"");
    let chance = table.read(&CHANCE);
    let fails = table.with(&FAILS, |item| fails(item, around));
    let fails = needed(fails, &table, FAILS.name, PERMISSION_OF_2);
    table.finish();
    let (fails, share) = fails?;
    Ok(Happens::Fault(Event { at: at?, lasts: lasts?, chance: chance?, fails, share }))
}

/// What an event needs in which something fails.
fn needed<T>(found: Checked<Option<T>>, table: &Table, key: &str, example: &str) -> Checked<T> {
    found?.ok_or_else(|| table.missing(format!("`event.{key}` is missing"), format!("write {example}")))
}

/// What fails, and for which share of the requests.
fn fails(item: &Item, around: &Around) -> Checked<(Fails, Share)> {
    let mut table = item.table("{ permission = 2 }")?;
    let number = |table: &mut Table, key: &Key<u32>| -> Checked<Option<Version>> {
        let Some((at, number)) = table.written_at(key)? else { return Ok(None) };
        if number > u32::from(around.highest) {
            let cure = format!("declare [version.{number}], or write one from 1 to {}", around.highest);
            return Err(item.log.missing(&at, format!("there is no version {number}"), cure));
        }
        Ok(Some(Version(number as u16)))
    };
    let (permission, version) = (number(&mut table, &PERMISSION), number(&mut table, &VERSION));
    let source = table.with(&SOURCE, |item| {
        let name = item.text("web")?;
        let place = around.sources.iter().position(|other| other == name);
        place.ok_or_else(|| {
            let names: Vec<_> = around.sources.iter().map(String::as_str).collect();
            item.dangling(format!("no source is called {}", quote(name)), suggestion(name, "the sources are", &names))
        })
    });
    let nodes = table.written(&NODES);
    let share = table.written_at(&SHARE);
    let standard = table.standard(&SHARE);
    table.finish();
    let share = share?;
    let nodes = nodes?;
    let things = [
        permission?.map(Fails::Permission),
        version?.map(Fails::Version),
        source?.map(Fails::Source),
        nodes.map(|_| Fails::Nodes),
    ];
    let mut things = things.into_iter().flatten();
    let (Some(fails), None) = (things.next(), things.next()) else {
        return Err(item
            .refuse("exactly one thing fails in an event", "write one of `permission`, `version`, `source`, `nodes`"));
    };
    match (nodes, share) {
        (Some(_), Some((at, _))) => Err(item.log.refuse(&at, "`nodes` is a share already", "drop `share`")),
        (Some(nodes), None) => Ok((fails, nodes)),
        (None, share) => Ok((fails, share.map_or(standard, |(_, share)| Ok(share))?)),
    }
}
