//! `cutover compare`, end to end: the same run twice, another lag, another seed, and folders that are not what they should be.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// A rollout of a few seconds, whose exact means are known: `latest` and `alias` break some requests, `pinned` none.
const QUICK: &str = r#"
replications = 20
window = { warm_up = "10s", after = "40s" }

[source.web]
arrivals = { poisson = "100/s" }

[gateway]
nodes = 8
lag = { uniform = ["0s", "4s"] }

[code]
service = { constant = "10ms" }

[function]
latest_lag = { uniform = ["0s", "4s"] }
alias_lag = { uniform = ["0s", "1s"] }
idle = { constant = "5s" }

[strategy]
latest = { latest = { step = "1s" } }
alias = { alias = { step = "1s" } }
pinned = { pinned = {} }
"#;

const SLOWER: &str = r#"gateway.lag={ uniform = ["0s", "8s"] }"#;

fn folder(scenario: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("quick.toml"), scenario).unwrap();
    folder
}

fn cutover(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cutover"))
        .current_dir(folder)
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// What is printed, as if it were one line.
fn line(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn run(folder: &Path, output: &str, arguments: &[&str]) {
    let all = [&["run", "quick.toml", "--charts", "none", "--quiet", "-o", output], arguments].concat();
    let done = cutover(folder, &all);
    assert!(code(&done) <= 1, "{}", line(&done.stderr));
}

/// What is told of `a` and `b`, and the exit code.
fn compared(folder: &Path, arguments: &[&str]) -> (String, i32) {
    let done = cutover(folder, &[&["compare"], arguments].concat());
    assert!(code(&done) <= 1, "{}", line(&done.stderr));
    (line(&done.stdout), code(&done))
}

fn json(folder: &Path, a: &str, b: &str) -> Value {
    let done = cutover(folder, &["compare", a, b, "--format", "json"]);
    assert_eq!(code(&done), 0, "{}", line(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

#[test]
fn the_same_run_twice_is_the_same_and_another_lag_is_not() {
    let dir = folder(QUICK);
    let dir = dir.path();
    run(dir, "a", &[]);
    run(dir, "b", &[]);
    run(dir, "c", &["--set", SLOWER]);
    let (told, code) = compared(dir, &["a", "b", "--fail-on", "worse,flipped"]);
    assert!(code == 0 && told.starts_with("1 scenario: nothing moved; all figures are the same"), "{told}");

    let (told, failed) = compared(dir, &["a", "c", "--fail-on", "worse"]);
    assert!(told.starts_with("1 scenario, 1 worse: quick under latest loses "), "{told}");
    assert!(told.contains("+ --set gateway.lag={ uniform = [\"0s\", \"8s\"] }"), "{told}");
    assert!(
        told.contains("Paired, replication by replication (all scenarios): the same seed, 1, and the same traffic.")
    );
    assert_eq!(failed, 1);
    assert_eq!(compared(dir, &["a", "c"]).1, 0, "nobody asked");
    assert_eq!(compared(dir, &["a", "c", "--fail-on", "flipped"]).1, 0, "pinned stays the best");
    let (back, code) = compared(dir, &["c", "a", "--fail-on", "worse"]);
    assert!(back.starts_with("1 scenario, 1 better: quick under latest loses ") && code == 0, "{back}");

    // The order of scenarios and threads changes no byte.
    let page = |arguments: &[&str]| cutover(dir, &[&["compare", "a", "c"], arguments].concat()).stdout;
    assert_eq!(page(&["--format", "markdown"]), page(&["--format", "markdown"]));
    assert!(line(&page(&["--format", "markdown"])).contains("```diff --set of quick + --set gateway.lag"));
}

#[test]
fn a_known_change_lies_in_its_interval_paired_and_unpaired() {
    let dir = folder(QUICK);
    let dir = dir.path();
    // Retries make the counts uncertain, so that they are estimated and their first attempts still known.
    let predict = |arguments: &[&str], strategy: &str| -> f64 {
        let all = [&["check", "quick.toml", "--predict", "--format", "json"], arguments].concat();
        let told: Value = serde_json::from_slice(&cutover(dir, &all).stdout).unwrap();
        let strategies = told["scenarios"][0]["strategies"].as_array().unwrap().clone();
        let found = strategies.iter().find(|one| one["name"] == strategy).unwrap();
        found["first_attempts"]["incompatible"].as_f64().unwrap()
    };
    run(dir, "a", &[]);
    run(dir, "b", &["--set", SLOWER]);
    run(dir, "c", &["--set", SLOWER, "--seed", "2"]);
    for strategy in ["latest", "alias"] {
        let change = predict(&["--set", SLOWER], strategy) - predict(&[], strategy);
        assert!(change > 50.0, "{change}");
        for (other, paired) in [("b", true), ("c", false)] {
            let told = json(dir, "a", other);
            let strategies = told["scenarios"][0]["strategies"].as_array().unwrap().clone();
            let found = &strategies.iter().find(|one| one["name"] == strategy).unwrap()["metrics"];
            // Every request is tried once: as many are lost. `lost` is estimated, `incompatible` known.
            let (low, high) = (found["lost"]["ci_low"].as_f64().unwrap(), found["lost"]["ci_high"].as_f64().unwrap());
            assert!(low < change && change < high && high - low < change, "{strategy}: {low} to {high} for {change}");
            assert_eq!(found["lost"]["paired"], paired);
            assert_eq!(found["lost"]["effect"], "worse");
            let exact = found["incompatible"]["difference"].as_f64().unwrap();
            assert!((exact - change).abs() < 1e-6 * change, "{exact} for {change}");
        }
    }
}

#[test]
fn other_seeds_and_other_traffic_are_not_paired_and_that_is_said() {
    let dir = folder(QUICK);
    let dir = dir.path();
    run(dir, "a", &[]);
    run(dir, "b", &["--seed", "2"]);
    run(dir, "c", &["--set", "source.web.arrivals.poisson=200/s"]);
    let (told, code) = compared(dir, &["a", "b", "--fail-on", "worse"]);
    assert!(told.contains("Unpaired (all scenarios): seeds differ, 1 before and 2 now"), "{told}");
    assert!(code == 0 && told.starts_with("1 scenario: nothing moved beyond chance"), "{told}");
    let (told, _) = compared(dir, &["a", "c"]);
    assert!(told.starts_with("1 scenario, 1 worse: quick under"), "{told}");
    assert!(told.contains("the seed is the same, but sources or the window changed"), "{told}");
    assert_eq!(json(dir, "a", "c")["scenarios"][0]["unpaired_because_of"], "traffic");
}

#[test]
fn a_changed_file_is_shown_and_a_strategy_that_is_gone_is_told() {
    let dir = folder(QUICK);
    let dir = dir.path();
    run(dir, "a", &[]);
    fs::write(
        dir.join("quick.toml"),
        QUICK.replace("nodes = 8", "nodes = 16").replace("pinned = { pinned = {} }\n", ""),
    )
    .unwrap();
    run(dir, "b", &["--replications", "12"]);
    let (told, code) = compared(dir, &["a", "b", "--fail-on", "flipped"]);
    assert!(told.contains("--- quick before +++ quick now @@") && told.contains("-nodes = 8 +nodes = 16"), "{told}");
    assert!(told.contains("Only before: quick has strategy pinned."), "{told}");
    assert!(told.contains("quick: 20 runs before, 12 now; the first 12 of both are paired."), "{told}");
    assert!(code == 1 && told.contains("instead of pinned"), "{told}");
    assert!(told.contains("+ --set replications=12"), "{told}");
}

#[test]
fn a_missed_objective_is_worse_and_flips() {
    let objective = "\n[objective.a]\nstrategies = [\"alias\"]\nmetric = \"incompatible\"\nat_most = 400\n";
    let dir = folder(&format!("{QUICK}{objective}"));
    let dir = dir.path();
    run(dir, "a", &[]);
    run(dir, "b", &["--set", SLOWER]);
    let (told, code) = compared(dir, &["a", "b", "--fail-on", "flipped"]);
    assert!(told.contains("a of quick under alias, met before, missed now"), "{told}");
    assert!(told.contains("Objective a of quick under alias: met before, missed now."), "{told}");
    assert_eq!(code, 1);
    let told = json(dir, "a", "b");
    let scenario = &told["scenarios"][0];
    assert_eq!((&scenario["worse"], &scenario["flipped"]), (&true.into(), &true.into()));
    assert_eq!(scenario["objectives"][0]["now"]["outcome"], "missed");
}

#[test]
fn folders_that_are_no_finished_run_are_refused_with_a_cure() {
    let dir = folder(&QUICK.replace("replications = 20", "replications = 3"));
    let dir = dir.path();
    run(dir, "a", &[]);
    let copy = |name: &str| {
        fs::create_dir_all(dir.join(name)).unwrap();
        for file in ["run.json", "replications.csv"] {
            fs::copy(dir.join("a").join(file), dir.join(name).join(file)).unwrap();
        }
        dir.join(name)
    };
    let refused = |name: &str, words: &str| {
        for pair in [["a", name], [name, "a"]] {
            let done = cutover(dir, &["compare", pair[0], pair[1]]);
            let told = line(&done.stderr);
            assert!(code(&done) == 2 && told.contains(words) && told.contains("; "), "{name}: {told}");
        }
    };
    let edited = |name: &str, edit: fn(&mut Value)| {
        let path = copy(name).join("run.json");
        let mut run: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        edit(&mut run);
        fs::write(path, run.to_string()).unwrap();
    };
    refused("nowhere", "there is no folder nowhere");
    refused("quick.toml", "quick.toml is not a folder");
    fs::remove_file(copy("unfinished").join("run.json")).unwrap();
    refused("unfinished", "unfinished holds no finished run");
    fs::write(copy("cut").join("run.json"), "{\"program\":").unwrap();
    refused("cut", "it is not JSON");
    fs::write(copy("other").join("run.json"), "[1]").unwrap();
    refused("other", "is not from `cutover run`");
    fs::remove_file(copy("half").join("replications.csv")).unwrap();
    refused("half", "it is not there, though run.json is");
    let rows = copy("changed").join("replications.csv");
    let text = fs::read_to_string(&rows).unwrap();
    fs::write(&rows, text.replacen(".0,", ".1,", 1)).unwrap();
    refused("changed", "by the hash in run.json");
    edited("sweep", |run| drop(run.as_object_mut().unwrap().remove("scenarios")));
    refused("sweep", "it is of a sweep");
    edited("typed", |run| run["seed"] = "one".into());
    refused("typed", "something in it is not as cutover writes it");
    edited("sure", |run| run["confidence"] = 1.5.into());
    refused("sure", "its confidence is no share");
    edited("renamed", |run| run["scenarios"][0]["name"] = "another".into());
    refused("renamed", "its scenario is not in run.json");
    edited("weights", |run| run["scenarios"][0]["strategies"][0]["strata"] = serde_json::json!({ "all": 0.5 }));
    refused("weights", "its weight is not the one in run.json");

    // Without the hash, every kind of damage to the rows.
    for (name, from, to, words) in [
        ("header", "stratum", "layer", "its columns do not begin with"),
        ("column", ",lost,", ",mislaid,", "it has no column lost"),
        ("order", "latest,0,", "latest,7,", "a replication or a stratum is missing before it"),
        ("number", ",all,1.0,", ",all,1.0,NaN", "a figure is no number from 0 up"),
        ("ragged", "latest,0,all", "latest,0,0,all", "found record with"),
    ] {
        edited(name, |run| drop(run.as_object_mut().unwrap().remove("files")));
        let rows = dir.join(name).join("replications.csv");
        let text = fs::read_to_string(&rows).unwrap();
        assert!(text.contains(from), "{name}");
        fs::write(&rows, text.replacen(from, to, 1)).unwrap();
        refused(name, words);
    }

    // An older program recorded no text; a newer one may tell of more.
    edited("older", |run| {
        let scenario = run["scenarios"][0].as_object_mut().unwrap();
        ["source", "overrides", "verdict", "hash"].iter().for_each(|key| drop(scenario.remove(*key)));
        run["version"] = "0.0.9".into();
    });
    let (told, _) = compared(dir, &["older", "a"]);
    assert!(
        told.contains("did not record the scenario's text") && told.contains("Written by cutover 0.0.9 before"),
        "{told}"
    );
    edited("newer", |run| {
        for strategy in run["scenarios"][0]["strategies"].as_array_mut().unwrap() {
            strategy["metrics"]["joy"] = serde_json::json!({ "mean": 1.0 });
        }
    });
    let (told, _) = compared(dir, &["a", "newer"]);
    assert!(told.contains("unknown to this program: joy."), "{told}");
}

#[test]
fn runs_without_a_scenario_in_common_are_refused() {
    let dir = folder(&QUICK.replace("replications = 20", "replications = 2"));
    let dir = dir.path();
    run(dir, "a", &[]);
    fs::copy(dir.join("quick.toml"), dir.join("other.toml")).unwrap();
    let done = cutover(dir, &["run", "other.toml", "--charts", "none", "--quiet", "-o", "b"]);
    assert_eq!(code(&done), 0);
    let refused = cutover(dir, &["compare", "a", "b"]);
    assert_eq!(code(&refused), 2);
    assert!(line(&refused.stderr).contains("no scenario in common (quick; other)"), "{}", line(&refused.stderr));
}

#[test]
fn junit_is_written_whatever_the_outcome_and_refused_where_it_cannot_be() {
    let objective = "\n[objective.a]\nstrategies = [\"alias\", \"pinned\"]\nmetric = \"incompatible\"\nat_most = 10\n";
    let dir = folder(&format!("{QUICK}{objective}"));
    let dir = dir.path();
    let all = |more: &[&str]| cutover(dir, &[&["run", "quick.toml", "--charts", "none", "-o", "out"], more].concat());
    let done = all(&["--junit", "gate.xml", "--threads", "1"]);
    assert_eq!(code(&done), 1, "the objective is missed");
    let xml = fs::read_to_string(dir.join("gate.xml")).unwrap();
    assert!(xml.contains("<testsuite name=\"quick\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\">"), "{xml}");
    let summary = line(&done.stdout);
    let failure = xml.split("<failure message=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(failure.starts_with("FAIL a: incompatible under alias is exactly"), "{failure}");
    assert!(summary.contains(failure), "{failure}\n{summary}");
    assert_eq!(code(&all(&["--junit", "out/gate.xml", "--threads", "2", "--quiet"])), 1);
    assert_eq!(xml, fs::read_to_string(dir.join("out/gate.xml")).unwrap(), "the same bytes on any number of threads");
    for (path, words) in [
        ("no/gate.xml", "does not exist"),
        ("out", "that is no file"),
        ("out/run.json", "that is a result's own place"),
        ("./out/summary.csv", "that is a result's own place"),
    ] {
        let refused = all(&["--junit", path]);
        assert!(code(&refused) == 2 && line(&refused.stderr).contains(words), "{path}: {}", line(&refused.stderr));
    }
    // What was there stays until there is a whole new one.
    assert_eq!(code(&all(&["--junit", "gate.xml", "--set", "gateway.nodes=none"])), 2);
    assert_eq!(xml, fs::read_to_string(dir.join("gate.xml")).unwrap());
}

#[test]
fn with_nothing_changed_but_the_seed_the_program_moves_nothing() {
    let dir = folder(&QUICK.replace("replications = 20", "replications = 12"));
    let dir = dir.path();
    let seeds: Vec<String> = (1..=10).map(|seed: u32| seed.to_string()).collect();
    seeds.iter().for_each(|seed| run(dir, seed, &["--seed", seed]));
    let told = |pair: &[String]| compared(dir, &[&pair[0], &pair[1]]).0;
    let moved: Vec<_> = seeds.windows(2).map(told).filter(|told| !told.contains("nothing moved")).collect();
    assert!(moved.len() <= 1, "{moved:?}");
}
