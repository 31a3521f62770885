//! What a person reads after each kind of mistake, complete: `tests/snapshots/KIND.txt`.
//!
//! After a change of wording, `CUTOVER_BLESS=1 cargo test --test snapshots` writes the files anew; read the difference
//! as somebody would who has just made that mistake.

mod mistakes;

use cutover::scenario::{Diagnostics, Options};
use mistakes::{Folder, GOOD, cases, set, unmark};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Kinds of mistake, each by the edit of the good file that makes it: one of the cases of `tests/errors.rs`.
const KINDS: &[(&str, &str)] = &[
    (
        "warm-up-auto-of-a-trace-once",
        "\"auto\", after = \"20m\" }\n\n[source.web]\narrivals = { trace = { file = «\"y.csv\"», time = \"t_s\", first = \"0s\" } }",
    ),
    ("warm-up-auto-misspelt", "«\"auto \"»"),
    (
        "warm-up-auto-of-a-trace",
        "\"auto\", after = \"20m\" }\n\n[source.web]\narrivals = { trace = { file = «\"x.csv\"», time = \"t_s\", loop = true } }",
    ),
    (
        "warm-up-auto-of-a-schedule",
        "\"auto\", after = \"20m\" }\n\n[source.web]\narrivals = { schedule = { every = «\"1h\"», batch = 5 } }",
    ),
    ("quantity-bare-number", "«10»"),
    ("quantity-without-unit", "«\"10\"»"),
    ("quantity-with-blank", "«\"10 m\"»"),
    ("quantity-negative", "«\"-10m\"»"),
    ("quantity-exponent", "«\"1e3s\"»"),
    ("quantity-decimal-comma", "«\"1,5s\"»"),
    ("quantity-unit-spelt-out", "«\"10min\"»"),
    ("quantity-unit-of-another", "«\"10/s\"»"),
    ("quantity-too-fine", "«\"0.1ns\"»"),
    ("quantity-too-long", "«\"40000d\"»"),
    ("quantity-zero", "«\"0s\"»"),
    ("price-bare-number", "[prices]\nrequests = «0.20»\n[strategy]"),
    ("price-without-blank", "[prices]\nrequests = «\"0.20usd/M\"»\n[strategy]"),
    ("price-negative", "[prices]\nrequests = «\"-0.20 usd/M\"»\n[strategy]"),
    ("price-unit-of-another", "[prices]\nrequests = «\"0.20 usd/GBs\"»\n[strategy]"),
    ("memory-unit-decimal", "[function]\nmemory = «\"512MB\"»\n"),
    ("rate-zero", "«\"0/s\"»"),
    ("rate-too-high", "«\"2000000000/s\"»"),
    ("share-bare-number", "«0.1»"),
    ("share-above-whole", "«\"101%\"»"),
    ("key-misspelt", "[gateway]\n«nods» = 3\n"),
    ("key-unknown", "[gateway]\n«weather» = 3\n"),
    ("table-misspelt", "[«gatway»]"),
    ("type-wrong", "nodes = «\"32\"»"),
    ("number-outside", "nodes = «0»"),
    ("title-empty", "title = «\"\"»"),
    ("bins-too-many", "timeline = { bin = «\"1ms\"» }\ntitle ="),
    ("name-invalid", "[source.«Web»]"),
    ("kind-misspelt", "arrivals = { «poison» = \"200/s\" }"),
    ("kind-unknown", "arrivals = { «weekly» = {} }"),
    ("kind-missing", "arrivals = «\"200/s\"»"),
    ("kind-twice", "{ poisson = \"200/s\", «constant» = \"1/s\" }"),
    ("key-missing", "«[source.web]»\n#"),
    ("trace-missing", "{ trace = { file = «\"none.csv\"», time = \"t_s\" } }"),
    ("users-without-end", "{ users = { count = 5, think = «\"0s\"» } }"),
    ("retries-backoff-above-most", "retries = { backoff = «\"9s\"», most = \"5s\" }\n[gateway]"),
    ("retries-after-nothing", "retries = { after = «[]» }\n[gateway]"),
    ("retries-after-unknown", "retries = { after = [«\"fails\"»] }\n[gateway]"),
    ("curve-falls", "idle = { curve = [[\"5m\", \"0%\"], «[\"4m\", \"100%\"]»] }"),
    ("scale-out-half", "scale_out = «{ instances = 10 }»"),
    ("replies-unknown", "replies = «\"all\"»"),
    ("diurnal-peak-below-mean", "{ diurnal = { mean = \"200/s\", peak = «\"100/s\"» } }"),
    ("diurnal-peak-too-high", "{ diurnal = { mean = \"200/s\", peak = «\"401/s\"» } }"),
    (
        "changes-too-many",
        "[source.«web»]\narrivals = { bursty = { quiet_for = \"1ns\", burst = \"1/d\", burst_for = \"1ns\" } }",
    ),
    ("profile-without-points", "{ profile = { points = «{}» } }"),
    ("profile-silent", "{ profile = { points = «{ 0h = \"0/s\" }» } }"),
    ("profile-point-twice", "{ profile = { points = { 60m = \"1/s\", «1h» = \"2/s\" } } }"),
    ("profile-longer-than-period", "{ profile = { points = { 0h = \"1/s\", 24h = \"2/s\" }, period = «\"24h\"» } }"),
    ("profile-clock-far", "{ profile = { points = { 0h = \"1/s\" }, clock = «\"4000d\"» } }"),
    ("schedule-without-time", "{ schedule = «{ batch = 5 }» }"),
    ("schedule-every-and-at", "{ schedule = { every = \"1h\", at = «[\"0s\"]» } }"),
    ("schedule-empty", "{ schedule = { at = «[]» } }"),
    ("schedule-instant-twice", "{ schedule = { at = «[\"1m\", \"60s\"]» } }"),
    ("schedule-first-of-list", "{ schedule = { at = [\"1m\"], first = «\"0s\"» } }"),
    ("schedule-jitter-too-long", "{ schedule = { every = \"10s\", jitter = «\"11s\"» } }"),
    ("trace-bin-missing", "{ trace = «{ file = \"x.csv\", columns = [\"a\", \"b\"] }» }"),
    ("trace-format-unknown", "{ trace = { file = \"x.csv\", format = «\"apache\"» } }"),
    (
        "trace-count-with-duration",
        "{ trace = { file = \"x.csv\", count = \"n\", bin = \"1m\", duration = «\"d_s\"» } }",
    ),
    (
        "trace-count-and-columns",
        "{ trace = { file = \"x.csv\", count = \"n\", bin = \"1m\", columns = «[\"a\", \"b\"]» } }",
    ),
    (
        "trace-time-and-columns",
        "{ trace = { file = \"x.csv\", time = \"t_s\", bin = \"1m\", columns = «[\"a\", \"b\"]» } }",
    ),
    ("trace-one-column", "{ trace = { file = \"x.csv\", bin = \"1m\", columns = «[\"a\"]» } }"),
    ("trace-until-before-from", "{ trace = { file = \"x.csv\", time = \"t_s\", from = \"5m\", until = «\"5m\"» } }"),
    ("truth-in-quotes", "{ trace = { file = \"x.csv\", time = \"t_s\", loop = «\"true\"» } }"),
    ("factor-bare-number", "{ trace = { file = \"x.csv\", time = \"t_s\", scale = «2.5» } }"),
    ("factor-zero", "{ trace = { file = \"x.csv\", time = \"t_s\", speed = «\"0x\"» } }"),
    ("factor-too-high", "{ trace = { file = \"x.csv\", time = \"t_s\", speed = «\"2000000x\"» } }"),
    ("requests-too-many", "[source.«web»]\narrivals = { poisson = \"1000000000/s\" }"),
    ("law-without-kind", "lag = «\"10s\"»"),
    ("law-bounds-swapped", "{ uniform = «[\"10s\", \"0s\"]» }"),
    ("law-percentiles-swapped", "{ lognormal = «{ p50 = \"2s\", p99 = \"1s\" }» }"),
    ("service-missing", "«[code]»\naccepts = \"own\"\n#"),
    ("contract-own-not-accepted", "accepts = «[1]»"),
    ("contract-twice", "accepts = «[1, 2, 1]»"),
    ("cold-start-twice", "cold_service = «{ constant = \"1s\" }»\n[function]\ninit = { constant = \"1s\" }"),
    ("choice-unknown", "choose = «\"recent\"»"),
    ("choice-misspelt", "choose = «\"newst\"»"),
    ("setting-shared-by-versions", "function.«concurrency» = 3"),
    ("version-not-a-number", "[version.«two»]"),
    ("version-gap", "[version.2]\n[version.«4»]"),
    ("version-unknown", "to = «9»"),
    ("version-over-itself", "to = «1»"),
    ("setting-of-another-strategy", "alias = { alias = { «order» = \"gateway-first\" } }"),
    ("forget-and-forgotten", "pinned = { forget = \"5%\", forgotten = «[\"web\"]» } }"),
    ("template-forgets", "pinned = { wiring = \"template\", forget = «\"5%\"» } }"),
    ("source-unknown", "pinned = { forgotten = [«\"wep\"»] } }"),
    ("shift-misspelt", "alias = { shift = «\"Canary10Percent5Minute\"» } }"),
    ("shift-of-own-numbers", "alias = { shift = «\"Canary20Percent5Minutes\"» } }"),
    ("weight-zero", "alias = { shift = { canary = { weight = «\"0%\"», bake = \"5m\" } } } }"),
    ("steps-too-many", "alias = { shift = { linear = { weight = «\"0.001%\"», every = \"5m\" } } } }"),
    ("objective-metric-misspelt", "[objective.a]\nmetric = «\"incompatible_shares\"»\nat_most = \"1%\"\n[strategy]"),
    ("objective-metric-unknown", "[objective.a]\nmetric = «\"weather\"»\nat_most = 3\n[strategy]"),
    ("objective-version-unknown", "[objective.a]\nmetric = «\"cold_starts.v7\"»\nat_most = 3\n[strategy]"),
    ("objective-without-bound", "«[objective.a]»\nmetric = \"served\"\n[strategy]"),
    ("objective-two-bounds", "[objective.a]\nmetric = \"served\"\nat_most = 3\nat_least = «2»\n[strategy]"),
    ("objective-unit-of-another", "[objective.a]\nmetric = \"latency_p99_ms\"\nat_most = «\"5%\"»\n[strategy]"),
    (
        "objective-strategy-unknown",
        "[objective.a]\nstrategies = [«\"pined\"»]\nmetric = \"served\"\nat_least = 9\n[strategy]",
    ),
];

/// Kinds that make the file unreadable as TOML, or several mistakes at once: edits of the good file.
const SYNTAX: &[(&str, &[(&str, &str)])] = &[
    ("toml-without-quotes", &[("\"10m\"", "10m")]),
    ("toml-value-missing", &[("to = 2", "to =")]),
    ("toml-key-twice", &[("to = 2", "to = 2\nto = 2")]),
    ("toml-table-twice", &[("[gateway]", "[source]\n[source]\n[gateway]")]),
    ("toml-heading-unclosed", &[("[strategy]", "[strategy")]),
    ("toml-text-unclosed", &[("\"Orders\"", "\"Orders")]),
    ("toml-braces-unclosed", &[("alias = { alias = {} }\n", "alias = { alias = {}")]),
    ("toml-equals-missing", &[("to = 2", "to 2")]),
    ("several", &[("nodes = 32", "nodes = 0\nnods = 1"), ("lag =", "leg ="), ("pinned = {} }", "pined = {} }")]),
];

/// Mistakes on the command line: what stands after `--set`.
const OVERRIDES: &[(&str, &str)] = &[
    ("set-without-equals", "gateway.nodes"),
    ("set-key-malformed", "gateway..nodes=3"),
    ("set-key-misspelt", "gateway.nods=3"),
    ("set-law-without-kind", "gateway.lag=10s"),
];

/// What Prometheus answers to a query of a counter itself.
const COUNTER: &str = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":
{"__name__":"http_requests_total"},"values":[[1767225600,"100"],[1767225660,"160"],[1767225720,"230"]]}]}}"#;

/// Recorded traffic: a trace in place of the good file's source, by its settings and its file.
const TRACES: &[(&str, &str, &str)] = &[
    ("trace-malformed", "time = \"t_s\"", "t_s\n1\n2\nx\n"),
    ("trace-epoch-milliseconds", "time = \"t_s\"", "t_s\n1767225600000\n1767225600250\n"),
    ("trace-without-column", "time = \"t_s\"", "time\n1\n"),
    ("trace-without-unit", "time = \"time\"", "time\n1\n90\n"),
    ("trace-without-times", "scale = \"2x\"", "path,status\n/orders,200\n/carts,200\n"),
    ("trace-bin-without-count", "time = \"t_s\", bin = \"1m\"", "t_s,path\n1,/orders\n"),
    ("trace-spread-without-count", "time = \"t_s\", spread = \"even\"", "t_s\n1\n2\n"),
    ("trace-count-or-rate", "empty = \"zero\"", "Time,value\n2026-01-31T10:00:00Z,12\n2026-01-31T10:01:00Z,null\n"),
    (
        "trace-numbers-uneven",
        "loop = true",
        "time,requests\n2026-01-31T10:00:00.5Z,12\n2026-01-31T10:00:01Z,3\n\
      2026-01-31T10:00:01.2Z,1\n",
    ),
    ("trace-no-table", "loop = true", "2026-01-31 10:00:00 INFO started\n2026-01-31 10:00:01 INFO done\n"),
    (
        "trace-bins-or-requests",
        "loop = true",
        "time,orders\n2026-01-31T10:00:00Z,12\n2026-01-31T10:01:00Z,3\n\
      2026-01-31T10:02:00Z,1\n2026-01-31T10:03:00Z,9\n2026-01-31T10:04:00Z,2\n2026-01-31T10:05:00Z,2\n",
    ),
    ("trace-month-or-day", "time = \"Time\"", "Time,path\n3/4/2026 10:00:00,/orders\n3/4/2026 10:00:07,/carts\n"),
    ("trace-end-without-duration", "time = \"t_s\", stamp = \"end\"", "t_s,took\n1,20\n2,30\n"),
    ("trace-duration-without-unit", "time = \"t_s\", duration = \"took\"", "t_s,took\n1,20\n2,30\n"),
    ("trace-bins-uneven", "count = \"n\"", "t_s,n\n0,5\n7,5\n20,1\n"),
    ("trace-empty-field", "count = \"n\", empty = \"refuse\", bin = \"1m\"", "n,x\n5,a\n,b\n"),
    ("trace-damaged", "where = { status = \"2xx\" }", "time,status\n2026-01-31T10:00:00Z,200\nx,200\ny,200\n"),
    ("trace-of-another-format", "format = \"jmeter\"", "time,status\n2026-01-31T10:00:00Z,200\n"),
    (
        "trace-of-two-tables",
        "value = \"rate\"",
        "\"Time\",\"/api\"\n1767225600000,3\n1767225660000,4\n\n\"Time\",\"/web\"\n",
    ),
    ("trace-counter", "value = \"rate\"", COUNTER),
    ("trace-json-unknown", "time = \"t\"", "{\"t\": 1, \"path\": \"/orders\"}\n{\"t\": 2, \"path\": \"/carts\"}\n"),
    ("trace-web-page", "time = \"t\"", "<!DOCTYPE html>\n<title>Sign in</title>\n"),
    ("trace-column-twice", "time = \"t_s\"", "t_s,status,t_s\n1,200,2\n"),
    ("trace-quote-unclosed", "time = \"t_s\"", "t_s,path\n1,\"/orders\n2,/carts\n"),
    ("trace-quote-within", "time = \"t_s\"", "t_s,path\n1,\"/a\"b\n"),
    ("trace-field-missing", "time = \"t_s\"", "t_s,path\n1,/orders\n2\n"),
    ("trace-empty", "time = \"t_s\"", "t_s\n"),
    ("trace-outside", "time = \"t_s\", first = \"20m\"", "t_s\n0\n9999\n99999\n"),
    ("trace-count-malformed", "count = \"n\", bin = \"1m\"", "n\n12\n3.5\n"),
    ("trace-bins-overlap", "time = \"t_min\", count = \"n\", bin = \"5m\"", "t_min,n\n0,5\n1,5\n"),
    ("trace-columns-swapped", "columns = [\"2\", \"1\"], bin = \"1m\"", "app,1,2\na,5,6\n"),
    ("trace-row-unknown", "time = \"t_s\", where = { app = \"cart\" }", "app,t_s\norders,1\n"),
    ("trace-loop-without-end", "time = \"t_s\", loop = true", "t_s\n1\n"),
    ("trace-loop-of-nothing", "time = \"t_s\", from = \"1h\", loop = true", "t_s\n1\n2\n"),
    ("trace-loop-cuts-a-bin", "count = \"n\", bin = \"1m\", until = \"90s\", loop = true", "n\n5\n6\n7\n"),
];

/// The report on `lesson.toml` in `folder`, in which files are named as they are from there.
fn report(folder: &Folder, path: &str, options: &Options) -> String {
    let refused: Diagnostics = folder.load(path, options).expect_err(path);
    refused.render(false).replace(&format!("{}/", folder.path("").display()).replace("//", "/"), "")
}

fn reports() -> Vec<(&'static str, String)> {
    let plain = Options::default();
    let on = |content: String| report(&Folder::new().with("lesson.toml", content), "lesson.toml", &plain);
    let mut reports = Vec::new();
    for &(kind, edit) in KINDS {
        let &(old, new, ..) = cases().find(|(_, new, ..)| *new == edit).unwrap_or_else(|| panic!("{kind}: {edit}"));
        reports.push((kind, on(unmark(&GOOD.replacen(old, new, 1)).0)));
    }
    for &(kind, edits) in SYNTAX {
        let edited = edits.iter().fold(GOOD.to_owned(), |content, (old, new)| content.replacen(old, new, 1));
        reports.push((kind, on(edited)));
    }
    for &(kind, text) in OVERRIDES {
        reports.push((kind, report(&Folder::new().with("lesson.toml", GOOD), "lesson.toml", &set(&[text]))));
    }
    for &(kind, settings, rows) in TRACES {
        let trace = format!("{{ trace = {{ file = \"requests.csv\", {settings} }} }}");
        let content = GOOD.replacen("{ poisson = \"200/s\" }", &trace, 1);
        let folder = Folder::new().with("lesson.toml", content).with("requests.csv", rows);
        reports.push((kind, report(&folder, "lesson.toml", &plain)));
    }
    reports.push(("file-empty", on(String::new())));
    reports.push(("file-missing", report(&Folder::new(), "lesson.toml", &plain)));
    let folder = Folder::new().with("scenarios/notes.txt", "");
    reports.push(("folder-without-scenario", report(&folder, "scenarios", &plain)));
    let folder = Folder::new().with("My Lesson.toml", GOOD);
    reports.push(("file-name-invalid", report(&folder, "My Lesson.toml", &plain)));
    reports
}

fn approved() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots")
}

#[test]
fn every_kind_of_mistake_is_told_as_it_was_read_and_approved() {
    let bless = std::env::var_os("CUTOVER_BLESS").is_some_and(|value| value == "1");
    let mut wrong = Vec::new();
    let mut known = BTreeSet::new();
    for (kind, report) in reports() {
        let file = approved().join(format!("{kind}.txt"));
        assert!(known.insert(format!("{kind}.txt")), "{kind} stands twice");
        if bless {
            std::fs::create_dir_all(approved()).unwrap();
            std::fs::write(&file, &report).unwrap();
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        if report != expected {
            wrong.push(format!("{kind} is told so:\n\n{report}\nand not so:\n\n{expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}\nif this is better: CUTOVER_BLESS=1 cargo test --test snapshots", wrong.join("\n\n"));
    let files = std::fs::read_dir(approved()).unwrap();
    let files: BTreeSet<_> = files.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files, known, "the files, and the kinds that need them");
}
