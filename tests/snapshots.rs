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
    ("kind-unknown", "arrivals = { «diurnal» = {} }"),
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
    ("setting-shared-by-versions", "function.«warm» = 3"),
    ("version-not-a-number", "[version.«two»]"),
    ("version-gap", "[version.2]\n[version.«4»]"),
    ("version-unknown", "to = «9»"),
    ("version-over-itself", "to = «1»"),
    ("setting-of-another-strategy", "alias = { alias = { «order» = \"gateway-first\" } }"),
    ("forget-and-forgotten", "pinned = { forget = \"5%\", forgotten = «[\"web\"]» } }"),
    ("template-forgets", "pinned = { wiring = \"template\", forget = «\"5%\"» } }"),
    ("source-unknown", "pinned = { forgotten = [«\"wep\"»] } }"),
    ("shift-misspelt", "alias = { shift = «\"Canary10Percent5Minute\"» } }"),
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

/// Recorded traffic: a trace in place of the good file's source.
const TRACES: &[(&str, &str)] = &[
    ("trace-malformed", "t_s\n1\n2\nx\n"),
    ("trace-decreasing", "a,t_s\n0,1\n0,0.5\n"),
    ("trace-without-column", "time\n1\n"),
    ("trace-empty", "t_s\n"),
    ("trace-outside", "t_s\n0\n9999\n99999\n"),
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
    for &(kind, rows) in TRACES {
        let first = if kind == "trace-outside" { ", first = \"20m\"" } else { "" };
        let trace = format!("{{ trace = {{ file = \"requests.csv\", time = \"t_s\"{first} }} }}");
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
