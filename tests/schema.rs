//! The JSON Schema that editors are given agrees with `cutover check`, in the eyes of a validator that knows neither.

mod mistakes;

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use cutover::scenario::{self, Diagnostics, Options, Scenario};
use mistakes::{Folder, GOOD, cases, unmark};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A scenario in which every table that the format knows is written at least once; in strategies, every kind.
const COMPLETE: &str = r#"
title = "Everything"
replications = 3
window = { warm_up = "1m", after = "2m" }
timeline = { bin = "5s" }

[source.web]
arrivals = { poisson = "200/s" }
clients = { old = "100%", half_life = "300s" }

[source.import]
arrivals = { constant = { rate = "1/s", first = "-10s" } }
via = "direct"
producer = { at = "10s", lag = { uniform = ["0s", "60s"] } }

[queue.mail]
message = { visibility = "1m", batch = 5, window = "1s", partial = true, receives = 3, retention = "1d", pollers = { start = 2, add = "60/m", most = 9 } }
consumers = "by-version"
target = "when-old-gone"
backlog = { messages = 100, age = "1h" }

[stream.clicks]
shards = 4
batch = 100
window = "5s"
parallel = 2
poll = "500ms"
retries = 3
max_age = "forever"
bisect = true

[queue.jobs]
resolve = "enqueue"
invocation = { retries = 1, after = ["1m", "2m"], backoff = ["1s", "5m"], max_age = "6h" }

[source.recorded]
arrivals = { trace = { file = "x.csv", time = "t_s", duration = "d_ms", first = "-1m", from = "0s", until = "1h", speed = "2x", scale = "1.5x", where = { t_s = "1" }, loop = true } }

[source.counted]
arrivals = { trace = { file = "x.csv", format = "csv", time = "t_s", unit = "s", count = "t_s", value = "count", empty = "refuse", bin = "1m", spread = "even" } }

[source.ended]
arrivals = { trace = { file = "x.csv", stamp = "end", duration = "d_ms", unit = "s", time = "t_s", spread = "none" } }

[source.wide]
arrivals = { trace = { file = "x.csv", columns = ["t_s", "d_ms"], bin = "1m", spread = "random" } }

[source.daily]
arrivals = { diurnal = { mean = "2/s", peak = "3/s", peak_at = "14h", period = "24h", clock = "10h" } }

[source.ramp]
arrivals = { profile = { points = { -5m = "1/s", 0s = "0/s", "1.5h" = "4/s" }, period = "24h", clock = "1h" } }

[source.bursts]
arrivals = { bursty = { quiet = "1/s", quiet_for = "1m", burst = "9/s", burst_for = "5s" } }

[source.timer]
arrivals = { schedule = { every = "30s", first = "-10s", batch = 3, jitter = "5s" } }

[source.list]
arrivals = { schedule = { at = ["0s", "-1m"] } }

[source.people]
arrivals = { users = { count = 5, think = "3s", session = 4, pause = { exponential = { mean = "1m" } }, sticky = { old = "1m", new = "24h" } } }
timeout = "29s"
retries = { attempts = 4, backoff = "2s", most = "9s", jitter = "none", after = ["throttled"] }

[gateway]
nodes = 3
lag = { exponential = { mean = "2s" } }

[deployment]
from = 1
to = 2
step = "6s"
order = "gateway-first"

[code]
accepts = [1, 2, 3]
service = { lognormal = { p50 = "38ms", p99 = "210ms" } }
replies = "own"
errors = "1%"
crashes = "2%"
settle = { factor = 3, over = "60s" }
failure_time = { uniform = ["1ms", "2ms"] }

[function]
front_ends = 2
overflow = { wait = "10s" }
update_in_progress = "5s"
latest_lag = { constant = "2s" }
mapping_lag = "90s"
alias_lag = { uniform = ["0s", "2s"] }
init = { constant = "1s" }
idle = { curve = [["5m", "0%"], ["7m", "90%"]] }
max_age = { uniform = ["2h", "4h"] }
timeout = "3s"
choose = "newest"
warm = 3
concurrency = 1000
scale_out = { instances = 1000, per = "10s" }
memory = "512MiB"
provisioned = { environments = 20, on = "alias", prepare = "90s", rate = "100/s", move = "late" }

[prices]
requests = "0.20 usd/M"
compute = "0.0000166667 usd/GBs"
gateway = "1 usd/M"
instance = "0.05 usd/h"
provisioned_held = "0.0000041667 usd/GBs"
provisioned_run = "0.0000097222 usd/GBs"

[hosts]
replicas = 4
concurrency = 10
queue = 5
startup = "20s"
start_fails = "1%"
ready = { period = "5s", delay = "1s", successes = 2, failures = 2 }
min_ready = "5s"
pre_stop = "5s"
grace = "20s"
overflow = { wait = "10s" }
balancer = { choose = "random", nodes = 2, lag = { constant = "1s" }, retries = 1 }

[version.2]
code.contract = 1
code.errors = { over_time = { 1m = "0%", 2m = "5%" } }
code.cold_service = { constant = "3s" }

[version.3]
code.errors = { by_instance_age = { 0s = "0%", 10m = "5%" } }

[version.3.hosts]
startup = "30s"

[version.3.function]
init = { constant = "2s" }
warm = 2

[analysis.errors]
metric = "error_share"
above = "1%"
watches = "all"
window = "2m"
initial_delay = "30s"
interval = "1m"
count = 5
failure_limit = 1
consecutive_success_limit = 3
consecutive_error_limit = 2
missing = "ok"

[strategy]
none = { none = { from = 2 } }
latest = { latest = { from = 2, to = 3, step = "1s", order = "gateway-first", rollback_on = ["errors"], at_start = "ignore", watch = "5m", timeout = "10m", on_timeout = "stop" } }
pinned = { pinned = { from = 1, to = 3, wiring = "by-hand", forget = "5%", wrong = "1%", each = "3m", rollback_on = ["errors"], at_start = "stop", watch = "0s" } }
forgetful = { pinned = { forgotten = ["web"] } }
template = { pinned = { wiring = "template", forget = "0%" } }
canary = { alias = { shift = { canary = { weight = "10%", bake = "5m" } }, gateway = "before", trailing = "1m", rollback_on = ["errors"], at_start = "stop", watch = "1h", hooks = { before = { takes = "2m", fails = "5%" }, between = { takes = { exponential = { mean = "10m" } }, then = "go-on" }, after = { takes = "1m" } } } }
linear = { alias = { shift = { linear = { weight = "10%", every = "1m" } } } }
exponential = { alias = { shift = { exponential = { weight = "10%", every = "1m" } } } }
steps = { alias = { shift = { steps = [{ weight = "10%" }, { pause = "5m" }, { weight = "50%" }, { pause = "10m" }] } } }
releases = { plan = [{ to = 2, alias = { gateway = "none" } }, { wait = "15m" }, { to = 3, alias = {} }, { at = "2h", rollback = {} }] }
here = { none = { on = "hosts" } }
rolling = { rolling = { max_surge = 2, max_unavailable = "10%", progress_deadline = "5m", gateway = "before" } }
recreate = { recreate = { progress_deadline = "5m", gateway = "none" } }
blue-green = { blue-green = { switch = "balancer", test = "1m", drain = "1m", bake = "5m", gateway = "before" } }
by-argo = { argo-canary = { router = true, dynamic_stable = false, min_pods = 2, progress_threshold = "50%", scale_down_delay = "1m", abort_delay = "1m", max_surge = 1, max_unavailable = 0, gateway = "none", steps = [{ weight = "20%" }, { pause = "10m" }, { scale = { replicas = 3 } }, { scale = { weight = "25%" } }, { scale = "match" }, { analysis = "errors" }] } }
full = { alias = { shift = "CodeDeployDefault.LambdaCanary10Percent5Minutes" } }

[alarm.errors]
metric = "error_share"
above = "1%"
watches = "all"
period = "1m"
periods = { breach = 2, of = 3 }
missing = "ignore"
delay = "30s"
poll = "10s"
phase = "5s"

[[event]]
at = "30s"
lasts = "6s"
chance = "5%"
fails = { permission = 2 }

[[event]]
at = "0s"
lasts = "1m"
fails = { version = 3, share = "30%" }

[[event]]
at = "1m"
lasts = "1m"
fails = { source = "web" }

[[event]]
at = "90s"
lasts = "1s"
fails = { nodes = "10%" }

[[event]]
at = "10s"
replicas = 6

[objective.unbroken]
strategies = ["pinned"]
metric = "incompatible_share"
at_most = "0.1%"
in = "99%"

[objective.few-cold-starts]
metric = "cold_starts.v2"
at_most = 100.5

[objective.many]
metric = "served"
at_least = 10

[objective.cheap]
metric = "cost_usd"
at_most = "0.50 usd"
"#;

/// What a schema cannot see: a piece of the reason that `check` gives, and why it stays with `check`.
const BEYOND: &[(&str, &str)] = &[
    ("finer than 1 ns", "needs arithmetic on number and unit"),
    ("finer than 1 MiB", "needs arithmetic on number and unit"),
    ("more than 1 TiB", "needs arithmetic on number and unit"),
    ("more than a dollar for one", "needs arithmetic on number and unit"),
    ("shorter than 1 s", "needs arithmetic on number and unit"),
    ("`phase` is not below `period`", "relates two spans"),
    ("can never be bad", "relates two numbers"),
    ("are kept ready", "relates two numbers"),
    ("there are no hosts", "relates a strategy to another table"),
    ("the gateway is what is switched here", "relates two keys"),
    ("there is no router here", "relates two keys"),
    ("young instances are not faster", "needs arithmetic on the number"),
    ("no alarm is called", "relates a list to the names of alarms"),
    ("no analysis is called", "relates a step to the names of analyses"),
    ("several measurements need an interval", "relates two keys"),
    ("another controller has carried out", "relates the items of a list"),
    ("there is no limit here", "relates two keys"),
    ("no alarm is looked at here", "relates settings to a list that is not empty"),
    ("nothing ends this deployment early", "relates a setting to another that is written"),
    ("`alarm.errors.above` is", "relates a bound to its metric"),
    ("begins before t = 0", "needs the sign of a span"),
    ("there are no stages here", "relates a hook to the kind of the strategy"),
    ("nothing is deployed here", "relates two keys"),
    ("begins before one above it", "relates the items of a list"),
    ("nothing has been deployed since that could be taken back", "relates an item to those before it"),
    ("a plan without a deployment", "relates the items of a list"),
    ("no route is forgotten or mistaken in a plan", "a strategy of its own may forget one"),
    ("the gateway shapes the events of this source", "relates two keys"),
    ("the producer of a direct source shapes", "relates two keys"),
    ("no source can go via", "refers to another table"),
    ("nobody waits for what a queue has taken over", "relates two keys"),
    ("more pollers at first than at most", "relates two numbers"),
    ("another source goes via", "relates the sources"),
    ("more often than every 10 ms", "needs arithmetic on number and unit"),
    ("users wait for replies", "relates two keys"),
    ("the first wait is zero or above the longest", "relates two spans"),
    ("an event may be tried more than", "needs arithmetic on number and unit"),
    ("a template re-points all sources at once", "needs arithmetic on number and unit"),
    ("begins after the window", "relates an event to the window"),
    ("`nodes` is a share already", "relates two keys"),
    ("no source is called", "relates a text to the names of sources"),
    ("there is no version 9", "relates a number to the versions declared"),
    ("longer than 100 years", "needs arithmetic on number and unit"),
    ("more than 1e9 requests a second", "needs arithmetic on number and unit"),
    ("more decimals than can be kept", "needs arithmetic on number and unit"),
    ("100000 steps to the whole", "needs a division of the weight"),
    ("here stands a date", "JSON has no dates: a validator is given a text"),
    ("here stands a decimal number", "to JSON Schema 32.0 is a whole number; 1.5 is not, and is refused"),
    ("1800000 bins", "relates the bin to the window"),
    ("about 1.8e12 requests", "relates rates to the window"),
    ("the peak is below", "relates two rates"),
    ("more than twice the mean", "relates two rates"),
    ("changes about 1.8e12 times", "relates spans to the window"),
    ("no request would ever arrive", "all of several rates must not be zero"),
    ("second point at the same time", "needs arithmetic on number and unit"),
    ("not less than a period", "relates spans"),
    ("more than 10 years", "needs arithmetic on number and unit"),
    ("nothing says when this schedule fires", "relates two keys"),
    ("`every` and `at` exclude", "relates two keys"),
    ("an instant stands twice", "needs arithmetic on number and unit"),
    ("`first` belongs to `every`", "relates two keys"),
    ("longer than the gap between two firings", "relates two spans"),
    ("`bin` is missing", "relates two keys"),
    ("no duration of its own", "relates two keys"),
    ("`count` and `columns` exclude", "relates two keys"),
    ("`time` and `columns` exclude", "relates two keys"),
    ("not later than `from`", "relates two spans"),
    ("cannot look beyond the beginning of a trace", "relates a trace to the window"),
    ("where this trace begins", "relates a trace to the window"),
    ("when this schedule first fires", "relates a schedule to the window"),
    ("more than a million times", "needs arithmetic on the number"),
    ("there is no file", "the file system"),
    ("lower bound is above", "relates two spans"),
    ("`p99` is below", "relates two spans"),
    ("how long does a request take", "depends on all sources and versions"),
    ("speaks contract 2, which this list lacks", "relates the list to the version's number"),
    ("version 3 is not", "relates the numbers of the versions"),
    ("version 9 does not exist", "refers to another table"),
    ("version 3 does not exist", "refers to another table"),
    ("deployed over itself", "relates two settings that may be inherited"),
    ("there is no source", "refers to another table"),
    ("neither think nor pause", "relates two laws"),
    ("longer than the longest", "relates two spans"),
    ("there is no strategy", "refers to another table"),
    ("no strategy runs a version", "refers to another table"),
    ("is a share, but here stands a bare number", "relates the bound to the metric"),
    ("is a sum of money, but here stands a bare number", "relates the bound to the metric"),
    ("is a number, but here stands", "relates the bound to the metric"),
    ("is the unit of a share, but here belongs a span", "relates the bound to the metric"),
    ("idle curve", "relates the points of a curve"),
];

/// The schema, compiled.
struct Validator {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Validator {
    fn new() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.set_default_draft(Draft::V7);
        // Compiling validates it against the meta-schema that it names.
        compiler.add_resource("scenario.json", scenario::schema()).unwrap();
        let index = compiler.compile("scenario.json", &mut schemas).unwrap_or_else(|error| panic!("{error:#}"));
        Self { schemas, index }
    }

    fn check(&self, value: &Value) -> Result<(), String> {
        self.schemas.validate(value, self.index).map_err(|error| format!("{error:#}"))
    }
}

/// A TOML text as a validator in an editor sees it; `None` where it is not TOML.
fn json_of(content: &str) -> Option<Value> {
    fn convert(value: toml::Value) -> Value {
        match value {
            toml::Value::String(text) => Value::String(text),
            toml::Value::Integer(n) => json!(n),
            toml::Value::Float(x) => json!(x),
            toml::Value::Boolean(truth) => json!(truth),
            toml::Value::Datetime(date) => Value::String(date.to_string()),
            toml::Value::Array(values) => values.into_iter().map(convert).collect(),
            toml::Value::Table(table) => Value::Object(table.into_iter().map(|(k, v)| (k, convert(v))).collect()),
        }
    }
    toml::from_str(content).ok().map(|table| convert(toml::Value::Table(table)))
}

/// A JSON value in TOML, all tables in one line.
fn toml_of(value: &Value) -> String {
    match value {
        Value::Object(entries) => {
            let pairs: Vec<_> = entries.iter().map(|(key, value)| format!("{key:?} = {}", toml_of(value))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        Value::Array(values) => format!("[{}]", values.iter().map(toml_of).collect::<Vec<_>>().join(", ")),
        simple => simple.to_string(),
    }
}

/// What `check` says of a scenario.
fn check(document: &Value) -> Result<Scenario, Diagnostics> {
    let lines = document.as_object().unwrap().iter().map(|(key, value)| format!("{key:?} = {}\n", toml_of(value)));
    let content: String = lines.collect();
    let folder = Folder::new().with("lesson.toml", content).with("x.csv", "t_s,d_ms\n1,2\n");
    let scenario = folder.load("lesson.toml", &Options::default())?.remove(0);
    // Two ways to write the same scenario have different texts and hashes.
    Ok(Scenario { hash: String::new(), source: String::new(), notes: Vec::new(), ..scenario })
}

/// A table of the schema, and where it applies in a document.
type Spot<'s> = (Vec<String>, &'s Value);

/// Every table that `schema` describes in `value`, which lies at `path`.
fn spots<'s>(schema: &'s Value, value: &Value, path: &[String], found: &mut Vec<Spot<'s>>) {
    for form in schema["anyOf"].as_array().into_iter().flatten() {
        spots(form, value, path, found);
    }
    for (place, value) in value.as_array().into_iter().flatten().enumerate() {
        let path: Vec<_> = path.iter().cloned().chain([place.to_string()]).collect();
        spots(&schema["items"], value, &path, found);
    }
    let Some(entries) = value.as_object() else { return };
    if schema["properties"].is_object() {
        found.push((path.to_owned(), schema));
    }
    for (key, value) in entries {
        let path: Vec<_> = path.iter().cloned().chain([key.clone()]).collect();
        let patterns = schema["patternProperties"].as_object().into_iter().flat_map(Map::values);
        for schema in schema["properties"].get(key).into_iter().chain(patterns) {
            spots(schema, value, &path, found);
        }
    }
}

/// Every part of the schema that describes a value, with the keys that lead to it.
fn parts<'s>(schema: &'s Value, path: &str, found: &mut Vec<(String, &'s Value)>) {
    found.push((path.to_owned(), schema));
    for keyword in ["properties", "patternProperties"] {
        for (key, part) in schema[keyword].as_object().into_iter().flatten() {
            parts(part, &format!("{path}/{key}"), found);
        }
    }
    let items = match schema.get("items") {
        Some(Value::Array(each)) => each.as_slice(),
        one => one.map_or(&[][..], std::slice::from_ref),
    };
    for part in schema["anyOf"].as_array().into_iter().flatten().chain(items) {
        parts(part, path, found);
    }
}

fn keys(schema: &Value) -> BTreeSet<String> {
    schema["properties"].as_object().unwrap().keys().cloned().collect()
}

/// `document` with `value` put at `path`, or without what stands there.
fn with(document: &Value, path: &[String], key: &str, value: Option<Value>) -> Value {
    let mut document = document.clone();
    // A JSON pointer names an entry and a place of a list alike.
    let pointer: String = path.iter().map(|key| format!("/{key}")).collect();
    let table = document.pointer_mut(&pointer).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => table.insert(key.to_owned(), value),
        None => table.remove(key),
    };
    document
}

fn shipped(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            shipped(&path, found);
        } else if path.extension().is_some_and(|end| end == "toml") {
            found.push(std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn it_is_valid_and_so_are_the_shipped_scenarios() {
    let validator = Validator::new();
    assert_eq!(scenario::schema()["$schema"], "http://json-schema.org/draft-07/schema#");
    let mut contents = vec![GOOD.to_owned(), COMPLETE.to_owned()];
    shipped(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"), &mut contents);
    assert!(contents.len() > 6);
    for content in contents {
        validator.check(&json_of(&content).unwrap()).unwrap_or_else(|error| panic!("{content}\n{error}"));
    }
}

#[test]
fn what_check_refuses_it_refuses_unless_no_schema_could() {
    let validator = Validator::new();
    let mut excused = BTreeSet::new();
    for &(old, new, reason, _) in cases() {
        let (content, ..) = unmark(&GOOD.replacen(old, new, 1));
        // What is not TOML never reaches a schema.
        let Some(document) = json_of(&content) else { continue };
        let refused = validator.check(&document).is_err();
        let said = mistakes::mistakes(&content, &Options::default())[0].reason().to_owned();
        let beyond = BEYOND.iter().find(|(piece, _)| said.contains(piece));
        match beyond {
            // The same words may be said of something that a schema does see: a decimal number such as 1.5.
            Some((piece, _)) if !refused => drop(excused.insert(*piece)),
            _ => assert!(refused, "{new}: {reason}: the schema accepts it"),
        }
    }
    let named: BTreeSet<_> = BEYOND.iter().map(|(piece, _)| *piece).collect();
    assert_eq!(excused, named, "the excuses that are needed, and those that are listed");
}

/// Both agree on every way to write a quantity, except where numbers would have to be calculated.
#[test]
fn quantities_are_read_alike() {
    let numbers = [
        "0",
        "1",
        "007",
        "10.50",
        "0.0",
        "00.100",
        "100",
        "100.0",
        "100.1",
        "99.999",
        "1e3",
        ".5",
        "5.",
        "1.2.3",
        "-5",
        "-0",
        "+5",
        "1_000",
        "1,5",
        "",
        "1 ",
        " 1",
        "x",
        "٣",
        "123456789012345678901234",
        "1234567890123456789012345",
    ];
    let units = [
        "", "ns", "us", "ms", "s", "m", "h", "d", "/s", "/m", "/h", "/d", "%", "S", "sec", "s\n", "%%", " s", " usd/M",
        " usd/GBs", "MiB", "GiB",
    ];
    let places: [(&[&str], &str); 9] = [
        (&["window"], "warm_up"),
        (&["window"], "after"),
        (&["source", "import", "arrivals", "constant"], "first"),
        (&["source", "web", "arrivals"], "poisson"),
        (&["code"], "errors"),
        (&["strategy", "canary", "alias", "shift", "canary"], "weight"),
        (&["function"], "memory"),
        (&["prices"], "requests"),
        (&["prices"], "compute"),
    ];
    let validator = Validator::new();
    let mut complete = json_of(COMPLETE).unwrap();
    // They do not fit every window.
    complete["source"].as_object_mut().unwrap().remove("recorded");
    complete.as_object_mut().unwrap().remove("timeline");
    complete.as_object_mut().unwrap().remove("event");
    let mut accepted = 0;
    for (path, key) in places {
        let path: Vec<_> = path.iter().map(|&key| key.to_owned()).collect();
        for text in numbers.iter().flat_map(|number| units.map(|unit| format!("{number}{unit}"))) {
            let document = with(&complete, &path, key, Some(json!(text)));
            let reasons = |refused: Diagnostics| refused.iter().map(|d| d.reason().to_owned()).collect::<Vec<_>>();
            match (check(&document).map_err(reasons), validator.check(&document)) {
                (Ok(_), Ok(())) => accepted += 1,
                (Ok(_), Err(error)) => panic!("{key} = {text:?}: {error}"),
                (Err(_), Err(_)) => {}
                (Err(reasons), Ok(())) => {
                    let excuse = BEYOND.iter().find(|(piece, _)| reasons[0].contains(piece));
                    assert!(excuse.is_some_and(|(_, why)| why.contains("arithmetic")), "{key} = {text:?}: {reasons:?}");
                }
            }
        }
    }
    assert!(accepted > 200, "{accepted}");
}

#[test]
fn it_knows_the_keys_that_the_readers_know() {
    let (schema, complete) = (scenario::schema(), json_of(COMPLETE).unwrap());
    let mut found = Vec::new();
    spots(&schema, &complete, &[], &mut found);
    let mut seen = BTreeSet::new();
    for (path, schema) in found {
        // One that changes the replicas has none of the other keys.
        if path == ["event", "4"] {
            continue;
        }
        // Nothing is close to this word, so that the reader lists all that it knows.
        let refused = check(&with(&complete, &path, "qqqq", Some(json!(1)))).unwrap_err();
        let said = refused.iter().find(|d| d.reason().contains("`qqqq`")).unwrap_or_else(|| panic!("{refused}"));
        let listed: BTreeSet<_> = said.cure().split('`').skip(1).step_by(2).map(str::to_owned).collect();
        assert_eq!(keys(schema), listed, "{path:?}: {}", said.cure());
        seen.insert(keys(schema));
    }
    let mut all = Vec::new();
    parts(&schema, "", &mut all);
    let known: BTreeSet<_> =
        all.iter().filter(|(_, part)| part["properties"].is_object()).map(|(_, p)| keys(p)).collect();
    assert_eq!(seen, known, "the tables that the complete scenario writes, and those of the schema");
}

#[test]
fn its_defaults_are_those_of_the_readers() {
    let (schema, complete) = (scenario::schema(), json_of(COMPLETE).unwrap());
    let validator = Validator::new();
    let mut found = Vec::new();
    spots(&schema, &complete, &[], &mut found);
    let mut compared = BTreeMap::new();
    for (path, schema) in found {
        for (key, part) in schema["properties"].as_object().unwrap() {
            let Some(default) = part.get("default") else { continue };
            // In this strategy `forget` gives way to `forgotten`.
            if path == ["strategy", "forgetful", "pinned"] && key == "forget" {
                continue;
            }
            // This one has a producer, which is a direct source's.
            if path == ["source", "import"] && key == "via" {
                continue;
            }
            // This one changes the replicas.
            if path == ["event", "4"] {
                continue;
            }
            // Here other keys need the router.
            if path == ["strategy", "by-argo", "argo-canary"] && key == "router" {
                continue;
            }
            // Here `nodes` is the share.
            if path == ["event", "3", "fails"] && key == "share" {
                continue;
            }
            let written = with(&complete, &path, key, Some(default.clone()));
            validator.check(&written).unwrap_or_else(|error| panic!("{path:?} {key}: {error}"));
            let absent = with(&complete, &path, key, None);
            let read = |document| check(document).unwrap_or_else(|refused| panic!("{path:?} {key}: {refused}"));
            // A share of nothing is written 0 % where it is not simply nothing.
            let shown = |document| {
                format!("{:?}", read(document))
                    .replace("numerator: 0, denominator: 100", "numerator: 0, denominator: 1")
            };
            assert_eq!(shown(&absent), shown(&written), "{path:?} {key}");
            compared.insert(key.clone(), default.clone());
        }
    }
    assert!(compared.len() >= 20, "{compared:?}");
}

#[test]
fn every_key_is_explained_and_every_table_closed() {
    let schema = scenario::schema();
    let mut all = Vec::new();
    parts(&schema, "", &mut all);
    for (path, part) in all {
        let description = part["description"].as_str().unwrap_or_default();
        assert!(description.ends_with('.'), "{path}: {description:?}");
        assert!((3..=60).contains(&description.split_whitespace().count()), "{path}: {description:?}");
        if part["type"] == "object" {
            assert_eq!(part["additionalProperties"], false, "{path}");
        }
    }
}
