//! What hurts is said, first and with its size: inputs on which the summary was wrong, misleading or silent, and others of
//! their kinds.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// Runs a case, or a text of one; answers the command's output and `run.json`.
fn run(case: &str, arguments: &[&str]) -> (Output, Value) {
    let folder = tempfile::tempdir().unwrap();
    let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(case);
    let text = if case.ends_with(".toml") { std::fs::read_to_string(written).unwrap() } else { case.to_owned() };
    std::fs::write(folder.path().join("case.toml"), text).unwrap();
    let fixed = ["run", "case.toml", "--charts", "none"];
    let output = Command::new(env!("CARGO_BIN_EXE_cutover"))
        .current_dir(folder.path())
        .args(fixed)
        .args(arguments)
        .output()
        .unwrap();
    let results = std::fs::read(folder.path().join("output/run.json")).unwrap_or_else(|_| b"null".to_vec());
    (output, serde_json::from_slice(&results).unwrap())
}

/// The summary's first line, unwrapped, and `run.json`'s scenario.
fn told(case: &str, replications: &str) -> (String, Value) {
    let (output, results) = run(case, &["--replications", replications]);
    let summary = String::from_utf8(output.stdout).unwrap();
    let verdict = results["scenarios"][0]["verdict"].as_str().unwrap_or_default().to_owned();
    let first = summary.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(first.contains(&verdict), "the verdict comes first: {verdict}\n{summary}");
    (first, results["scenarios"][0].clone())
}

fn mean(scenario: &Value, strategy: usize, key: &str) -> f64 {
    scenario["strategies"][strategy]["metrics"][key]["mean"].as_f64().unwrap()
}

/// A share of requests that the first line names, to a tenth of a per cent.
#[track_caller]
fn loses(case: &str, share: f64, cause: &str) {
    let (said, scenario) = told(case, "4");
    let found = mean(&scenario, 0, "lost_share");
    assert!((found - share).abs() < 0.01, "{case}: {found} for {share}");
    let figure = format!("({:.1} %, {cause})", found * 100.0);
    let at = said.find(&figure).unwrap_or_else(|| panic!("{figure} is not said in {said}"));
    assert!(at < 200, "{figure} comes late in {said}");
    assert_eq!(mean(&scenario, 0, "lost"), mean(&scenario, 0, "unserved"), "the old key has the same value");
}

#[test]
fn an_outage_is_said_first_whatever_its_cause_and_whoever_has_it() {
    loses("hidden-errors.toml", 0.232, "own errors");
    loses("equal-harm.toml", 0.615, "throttled");
    loses("none-hides-throttles.toml", 0.833, "throttled");
    loses("errors-everywhere.toml", 0.300, "own errors");
}

/// One request a second that takes 10 ms, under a strategy that deploys nothing.
fn steady(source: &str, code: &str, function: &str) -> String {
    format!(
        "replications = 3\nwindow = {{ warm_up = \"1m\", after = \"5m\" }}\n[source.web]\narrivals = {{ constant = \"1/s\" }}\n\
         {source}\n[code]\nservice = {{ constant = \"10ms\" }}\n{code}\n[function]\nwarm = 0\n{function}\n[strategy]\n\
         none = {{ none = {{}} }}\n"
    )
}

#[test]
fn what_is_not_over_at_the_end_is_said_before_that_nothing_was_lost() {
    // A record in the old format holds up the only shard, for ever.
    let stream = "replications = 4\nwindow = { warm_up = \"1m\", after = \"10m\" }\n[source.clicks]\nvia = \"stream.s\"\n\
                  arrivals = { constant = \"10/s\" }\nproducer = { at = \"1m\" }\n[stream.s]\nshards = 1\n[code]\nservice = { constant = \"10ms\" }\n\
                  [strategy]\nalias = { alias = {} }\n";
    let (said, scenario) = told(stream, "4");
    let unfinished = mean(&scenario, 0, "in_flight") / mean(&scenario, 0, "requests");
    assert!(unfinished > 0.9 && mean(&scenario, 0, "blocked_s") > 500.0, "{unfinished}");
    assert_eq!(mean(&scenario, 0, "lost"), 0.0);
    let first = format!("Requests not even over at the end: {:.1} % under alias.", unfinished * 100.0);
    assert!(said.find(&first).is_some_and(|at| at < 60), "{first}: {said}");
    assert!(said.contains("Held up by records that fail"), "{said}");
}

#[test]
fn outages_of_other_causes_are_said_too() {
    loses(&steady("timeout = \"5ms\"", "", ""), 1.0, "expired");
    loses(&steady("", "crashes = \"25%\"", ""), 0.25, "own errors");
    loses(&steady("", "", "timeout = \"5ms\""), 1.0, "own errors");
    // Replies that old clients cannot read.
    let replies =
        steady("clients = { old = \"100%\", half_life = \"30s\" }", "replies = \"own\"\naccepts = [1, 2]", "");
    let replies = replies.replace("none = { none = {} }", "latest = { latest = {} }");
    let (said, scenario) = told(&replies, "4");
    assert!(mean(&scenario, 0, "failed_reply") > 10.0 && said.contains("bad reply"), "{said}");
    let parts = ["failed_incompatible", "failed_reply", "failed_own"].map(|key| mean(&scenario, 0, key));
    assert_eq!(parts.iter().sum::<f64>(), mean(&scenario, 0, "failed"));
}

#[test]
fn the_strategy_that_causes_the_outage_is_not_advised() {
    let (said, scenario) = told("advice-picks-outage.toml", "4");
    assert_eq!(scenario["decision"]["recommended"], "linear", "{said}");
    assert_eq!(scenario["decision"]["standings"]["pinned"], "refused");
    let (linear, pinned) = (mean(&scenario, 1, "lost_share"), mean(&scenario, 0, "lost_share"));
    assert!((linear - 0.0010).abs() < 0.0004 && (pinned - 0.039).abs() < 0.003, "{linear} {pinned}");
    assert!(said.contains("pinned, the next, loses") && said.contains("%, throttled)"), "{said}");
}

#[test]
fn a_rollout_that_reached_nobody_says_so_and_wins_nothing() {
    let (said, scenario) = told("sticky-nobody-moves.toml", "3");
    assert!(said.starts_with("case: No request reached v2 under alias within 40 min"), "{said}");
    assert_eq!(scenario["decision"]["standings"]["alias"], "baseline");
    assert_eq!(mean(&scenario, 0, "handled.v2"), 0.0);
}

#[test]
fn a_gate_is_not_met_within_the_error_of_measurement() {
    let (_, results) = run("gate-within-measurement-error.toml", &[]);
    let outcome = |place: usize| &results["scenarios"][0]["objectives"][place]["outcome"];
    assert_eq!((outcome(0), outcome(1)), (&Value::from("undecided"), &Value::from("missed")), "{results}");
}

#[test]
fn a_latency_that_the_end_cuts_short_is_at_least_so_long() {
    let (output, results) = run("latency-cut-at-the-end.toml", &["--notes", "all"]);
    let said = String::from_utf8(output.stdout).unwrap();
    let scenario = &results["scenarios"][0];
    // Requests take 60 s on average, and are looked at for 2 min at most.
    let latency = &scenario["strategies"][1]["metrics"]["latency_mean_ms"];
    assert!(latency["mean"].as_f64().unwrap() < 30_000.0 && latency["censored"] == 40, "{latency}");
    assert_eq!(scenario["objectives"][0]["outcome"], "undecided", "{said}");
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("latency_mean_ms under latest is at least 27,"), "{said}");
    assert!(said.contains("p99 lacks requests that were in flight at the end under"), "{said}");
    // Half of all requests had an answer by and by in all runs but one: it takes for ever on average.
    let answer = &scenario["strategies"][1]["metrics"]["answer_p50_ms"];
    assert!(answer["mean"].is_null() && answer["censored"] == 1, "{answer}");
}

#[test]
fn zeros_are_bounded_unless_nothing_of_the_kind_can_happen() {
    let (said, scenario) = told(&steady("", "", ""), "4");
    assert!(said.starts_with("case: Nothing is deployed; lost under none: no request. "), "{said}");
    assert_eq!(scenario["strategies"][0]["metrics"]["lost"]["method"], "exact");
    let (said, scenario) = told(&steady("", "", "concurrency = 5"), "4");
    assert!(said.contains("no request (0 of 4 runs; up to 53 % of them)"), "{said}");
    assert_eq!(scenario["strategies"][0]["metrics"]["lost"]["method"], "none-seen");
}

#[test]
fn what_acts_as_a_rate_and_what_takes_memory_is_refused_before_it_runs() {
    for case in ["bursty-nanoseconds.toml", "profile-nanoseconds.toml", "batch-of-17-million.toml"] {
        let (output, results) = run(case, &[]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), results), (Some(2), Value::Null), "{case}: {said}");
        assert!(said.contains("help:") || said.contains("write"), "{case}: {said}");
    }
}

#[test]
fn a_share_of_nothing_is_empty() {
    let silent = steady("", "", "").replace("constant = \"1/s\"", "schedule = { at = [\"-30s\"] }");
    let (said, scenario) = told(&silent, "3");
    assert!(said.contains("No request was handled under none"), "{said}");
    assert_eq!(scenario["strategies"][0]["metrics"]["lost_share"]["mean"], Value::Null);
}
