//! The command as a script sees it: exit codes, files, what is said where.

use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// A rollout of a few seconds: `latest` breaks some requests, `pinned` none.
const QUICK: &str = r#"
replications = 12
window = { warm_up = "10s", after = "20s" }

[source.web]
arrivals = { poisson = "100/s" }

[gateway]
nodes = 8
lag = { uniform = ["0s", "4s"] }

[code]
service = { constant = "10ms" }

[function]
latest_lag = { uniform = ["0s", "4s"] }
idle = { constant = "5s" }

[strategy]
latest = { latest = { step = "1s" } }
pinned = { pinned = {} }
"#;

fn folder(scenario: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("quick.toml"), scenario).unwrap();
    folder
}

fn cutover(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cutover")).current_dir(folder).args(arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// What stands on stdout, as if it were one line.
fn told(output: &Output) -> String {
    text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn objective(strategy: &str, at_most: &str) -> String {
    format!(
        "{QUICK}\n[objective.a]\nstrategies = [\"{strategy}\"]\nmetric = \"incompatible_share\"\nat_most = \"{at_most}\"\n"
    )
}

#[test]
fn an_objective_that_is_met_exits_with_0_and_one_that_is_missed_with_1() {
    let run = |scenario: &str, arguments: &[&str]| {
        let folder = folder(scenario);
        let output = cutover(folder.path(), &[&["run", "quick.toml", "--notes", "all"], arguments].concat());
        assert!(folder.path().join("output/run.json").exists(), "the results are written whatever the outcome");
        output
    };
    let met = run(&objective("pinned", "0.1%"), &[]);
    assert_eq!(code(&met), 0, "{}", text(&met.stderr));
    assert!(told(&met).contains("PASS a: incompatible_share under pinned is exactly 0"), "{}", told(&met));

    let missed = run(&objective("latest", "0.1%"), &[]);
    assert_eq!(code(&missed), 1);
    assert!(told(&missed).contains("FAIL a: incompatible_share under latest is"), "{}", told(&missed));
    assert!(text(&missed.stderr).contains("error: objective missed: a of quick under latest"));
    assert_eq!(code(&run(&objective("latest", "0.1%"), &["--quiet"])), 1);

    // One replication decides nothing but what is known exactly.
    assert_eq!(code(&run(&objective("latest", "0.1%"), &["--replications", "1"])), 1);
    let undecided = ["--replications", "1", "--no-exact"];
    assert_eq!(code(&run(&objective("latest", "0.1%"), &undecided)), 0);
    let failed = run(&objective("latest", "0.1%"), &[&undecided[..], &["--undecided-fails"]].concat());
    assert_eq!(code(&failed), 1);
    assert!(text(&failed.stderr).contains("error: objective undecided: a of quick under latest"));
}

#[test]
fn a_confidence_widens_the_intervals() {
    let width = |confidence: &str| {
        let folder = folder(QUICK);
        let output = cutover(folder.path(), &["run", "quick.toml", "--quiet", "--confidence", confidence]);
        assert_eq!(code(&output), 0);
        let summary = std::fs::read_to_string(folder.path().join("output/summary.csv")).unwrap();
        let row = summary.lines().find(|line| line.starts_with("quick,latest,lost,")).unwrap();
        let cells: Vec<f64> = row.split(',').skip(4).take(3).map(|cell| cell.parse().unwrap()).collect();
        (cells[1] - cells[0], cells[2])
    };
    let (narrow, wide) = (width("0.9"), width("99%"));
    assert_eq!((narrow.1, wide.1), (0.9, 0.99));
    assert!(narrow.0 < wide.0 * 0.7, "{narrow:?} {wide:?}");
}

#[test]
fn a_precision_decides_how_many_replications_are_run() {
    let run = |arguments: &[&str]| {
        let folder = folder(QUICK);
        let output = cutover(folder.path(), &[&["run", "quick.toml", "--notes", "all"], arguments].concat());
        let rows = std::fs::read_to_string(folder.path().join("output/replications.csv")).unwrap_or_default();
        (output, rows.lines().filter(|line| line.starts_with("quick,latest,")).count())
    };
    let (wide, few) = run(&["--precision", "latency_mean_ms=50%"]);
    assert_eq!((code(&wide), few), (0, 20), "never fewer than 20");
    assert!(told(&wide).contains("Precision: latency_mean_ms to ± 50 % under every strategy, after 20 runs."));

    let (narrow, many) = run(&["--precision", "cold_starts=5%", "--precision", "requests=0.5%"]);
    assert_eq!(code(&narrow), 0);
    assert!(many > 20, "{many}");
    let row = text(&narrow.stdout).lines().find(|line| line.starts_with("latest ")).unwrap();
    assert!(row.contains('±'), "{row}");

    // Nothing is ever seen under `pinned`, so that no share of it can be known.
    let (open, most) = run(&["--precision", "lost_share=5%", "--max-replications", "35"]);
    assert_eq!((code(&open), most), (0, 35));
    let sentence = "Precision NOT reached in 35 runs: lost_share to ± 5 % is still open under pinned.";
    assert!(told(&open).contains(sentence), "{}", told(&open));

    for (arguments, cure) in [
        (&["--precision", "cold_start=5%"][..], "did you mean `cold_starts`?"),
        (&["--precision", "cold_starts.v3=5%"], "no strategy of quick runs that version"),
        (&["--precision", "cold_starts=5%", "--replications", "30"], "cannot be used with"),
        (&["--precision", "cold_starts=5%", "--max-replications", "10"], "20..=100000"),
    ] {
        let (refused, _) = run(arguments);
        assert_eq!(code(&refused), 2);
        assert!(text(&refused.stderr).contains(cure), "{}", text(&refused.stderr));
    }
}

#[test]
fn a_sweep_writes_a_row_a_point_and_goes_on_where_it_was() {
    let folder = folder(QUICK);
    let sweep = ["sweep", "quick.toml", "--vary", "gateway.nodes=1..9/3", "--vary", "function.front_ends=2,4"];
    let output = cutover(folder.path(), &sweep);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("quick: lost at 6 points; 12 runs each"), "{}", text(&output.stdout));
    let read = |name: &str| std::fs::read(folder.path().join("output/sweep").join(name)).unwrap();
    let table = read("sweep.csv");
    assert!(text(&table).starts_with("gateway.nodes,function.front_ends,strategy,metric,mean"));
    let rows = text(&table).lines().filter(|line| line.starts_with("5,4,latest,incompatible,")).count();
    assert_eq!(rows, 1);
    for name in ["run.json", "charts/quick-response.svg", "charts/quick-response.png"] {
        assert!(read(name).len() > 500, "{name}");
    }
    // The same figures as a run with these values.
    let keys = ["--set", "gateway.nodes=5", "--set", "function.front_ends=4"];
    assert_eq!(code(&cutover(folder.path(), &[&["run", "quick.toml", "--quiet"], &keys[..]].concat())), 0);
    let summary = std::fs::read_to_string(folder.path().join("output/summary.csv")).unwrap();
    let mean = |row: &str, place: usize| row.split(',').nth(place).unwrap().to_owned();
    let swept = text(&table).lines().find(|line| line.starts_with("5,4,latest,incompatible,")).unwrap();
    let run = summary.lines().find(|line| line.starts_with("quick,latest,incompatible,")).unwrap();
    assert_eq!(mean(swept, 4), mean(run, 3));
    // Resumed when nothing is left to resume, it ends with the same bytes.
    assert_eq!(code(&cutover(folder.path(), &[&sweep[..], &["--resume", "--quiet"]].concat())), 0);
    assert!(read("sweep.csv") == table);

    for (arguments, cure) in [
        (&["--vary", "gateway.nods=1,2"][..], "did you mean `nodes`?"),
        (&["--vary", "gateway.nodes=1,0"], "lies outside 1 to 100000"),
        (&["--vary", "gateway.nodes=9..1"], "the smaller first"),
        (&[], "--vary"),
        (&["--sensitivity", "--only", "latest"], "at least two strategies"),
    ] {
        let refused = cutover(folder.path(), &[&["sweep", "quick.toml"], arguments].concat());
        assert_eq!(code(&refused), 2);
        assert!(text(&refused.stderr).contains(cure), "{}", text(&refused.stderr));
    }
}

#[test]
fn a_sensitivity_ranks_what_nobody_measured() {
    let folder = folder(QUICK);
    let output = cutover(folder.path(), &["sweep", "quick.toml", "--sensitivity", "--replications", "10"]);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(said.contains("As it stands, pinned is best; its margin to latest is"), "{said}");
    let table = std::fs::read_to_string(folder.path().join("output/sweep/sensitivity.csv")).unwrap();
    // The lag of the gateway and the step decide how long `latest` is torn; how long instances are kept does not.
    let place = |key: &str| table.lines().position(|line| line.starts_with(key)).unwrap();
    assert!(place("gateway.lag,low") < place("function.idle,low"), "{table}");
    assert!(place("deployment.step,high") < place("function.idle,low"), "{table}");
    assert!(!table.contains("alias_lag"), "no strategy uses the alias");
    // At no forgotten route the verdict is as it stands.
    assert!(table.contains("strategy.pinned.pinned.forget,low,0%"), "{table}");
    assert!(folder.path().join("output/sweep/charts/quick-tornado.png").exists());
}

#[test]
fn a_warm_up_that_is_too_short_is_warned_of_with_its_cure() {
    let run = |warm_up: &str| {
        let folder = folder(&QUICK.replacen("\"10s\"", &format!("\"{warm_up}\""), 1).replacen("\"5s\"", "\"20s\"", 1));
        let output = cutover(folder.path(), &["run", "quick.toml", "--notes", "all"]);
        assert_eq!(code(&output), 0, "{}", text(&output.stderr));
        let run = std::fs::read(folder.path().join("output/run.json")).unwrap();
        let run: serde_json::Value = serde_json::from_slice(&run).unwrap();
        (told(&output), run["scenarios"][0]["warm_up"].clone())
    };
    let (short, told) = run("100ms");
    assert!(
        short.contains("Warm-up TOO SHORT: 9.54 instances at the end of its 100 ms, 14.8 had")
            && short.contains("; write warm_up = \"50s\"."),
        "{short}"
    );
    assert_eq!((&told["verdict"], &told["suggested_s"]), (&"too-short".into(), &50.0.into()), "{told}");
    let (cured, told) = run("50s");
    assert!(!cured.contains("Warm-up") && told["verdict"] == "enough", "{cured}\n{told}");
    let (found, told) = run("auto");
    assert!(found.contains("Warm-up: 50 s, found by pilot runs."), "{found}");
    assert_eq!((&told["verdict"], &told["auto"]), (&"enough".into(), &true.into()), "{told}");
}

#[test]
fn a_warm_up_is_found_whatever_is_asked_for_and_alike_for_every_point_of_a_sweep() {
    let folder = folder(&QUICK.replacen("\"10s\"", "\"auto\"", 1));
    let said = |arguments: &[&str]| {
        let output = cutover(folder.path(), arguments);
        assert_eq!(code(&output), 0, "{}", text(&output.stderr));
        text(&output.stderr).to_owned()
    };
    let note = "note: quick: warm_up = \"auto\" is 10 s, found by pilot runs";
    for arguments in [&["--threads", "1"][..], &["--only", "pin*"], &["--replications", "2"]] {
        let said = said(&[&["run", "quick.toml"], arguments].concat());
        assert_eq!(said.matches(note).count(), 1, "{arguments:?}: {said}");
    }
    let swept = said(&["sweep", "quick.toml", "--vary", "function.idle.constant=5s,30s", "--replications", "2"]);
    assert!(swept.contains("warm_up = \"auto\" is 50 s"), "{swept}");
    let run = std::fs::read(folder.path().join("output/sweep/run.json")).unwrap();
    let run: serde_json::Value = serde_json::from_slice(&run).unwrap();
    let lengths: Vec<_> = run["points"].as_array().unwrap().iter().map(|point| &point["warm_up_s"]).collect();
    assert_eq!(lengths, [&serde_json::json!(50.0), &serde_json::json!(50.0)]);
    let checked = cutover(folder.path(), &["check", "quick.toml"]);
    let about = "2 strategies x 12 replications, about 48,000 requests to simulate after t = 0, besides a warm-up that";
    assert!(text(&checked.stdout).contains(about), "{}", text(&checked.stdout));
}

#[test]
fn an_objective_is_not_met_by_luck_where_a_route_may_be_forgotten() {
    let forgetful = objective("pinned", "0.1%").replace("pinned = {}", "pinned = { forget = \"1%\" }");
    let folder = folder(&forgetful);
    // In twelve rollouts mostly none is forgotten; what that does is known all the same, exactly or by its stratum.
    for arguments in [&[][..], &["--no-exact"]] {
        let output = cutover(folder.path(), &[&["run", "quick.toml", "--notes", "all"], arguments].concat());
        let summary = told(&output);
        assert_eq!(code(&output), 1, "{summary}");
        assert!(summary.contains("FAIL a: incompatible_share under pinned is"), "{summary}");
        assert!(summary.contains("Go with pinned: it loses 17."), "{summary}");
        let rows = std::fs::read_to_string(folder.path().join("output/replications.csv")).unwrap();
        let pinned: Vec<_> = rows.lines().filter(|line| line.starts_with("quick,pinned,0,")).collect();
        let strata: Vec<_> = pinned.iter().map(|line| line.split(',').skip(3).take(2).collect::<Vec<_>>()).collect();
        assert_eq!(strata, [["none", "0.99"], ["forgotten:web", "0.01"]]);
        let latest = rows.lines().find(|line| line.starts_with("quick,latest,0,")).unwrap();
        assert!(latest.starts_with("quick,latest,0,all,1.0,"), "{latest}");
    }
}

#[test]
fn a_sweep_without_a_meaning_is_refused_with_a_cure() {
    let folder = folder(QUICK);
    for (arguments, reason) in [
        (&["--sensitivity", "--metric", "requests"][..], "neither less nor more of requests is better"),
        (&["--vary", "replications=2,3", "--replications", "4"], "drop one of them"),
    ] {
        let output = cutover(folder.path(), &[&["sweep", "quick.toml"], arguments].concat());
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(text(&output.stderr).contains(reason), "{}", text(&output.stderr));
        assert!(!folder.path().join("output").exists(), "nothing was run");
    }
    // Only a run shows that too few requests are served for a percentile.
    let arguments = ["sweep", "quick.toml", "--sensitivity", "--metric", "latency_p999_ms", "--replications", "2"];
    let output = cutover(folder.path(), &arguments);
    assert_eq!(code(&output), 3);
    assert!(text(&output.stderr).contains("no verdict on latency_p999_ms"), "{}", text(&output.stderr));
}

#[test]
fn simulating_twice_changes_no_byte() {
    let rows = |arguments: &[&str]| {
        let folder = folder(QUICK);
        let output = cutover(folder.path(), &[&["run", "quick.toml", "--quiet"], arguments].concat());
        assert_eq!(code(&output), 0, "{}", text(&output.stderr));
        std::fs::read(folder.path().join("output/replications.csv")).unwrap()
    };
    assert_eq!(rows(&[]), rows(&["--twice"]));
}

#[test]
fn a_pattern_of_any_depth_is_refused_with_words() {
    let folder = folder(QUICK);
    for braces in [51, 300, 3_000] {
        let pattern = "{".repeat(braces) + "latest" + &"}".repeat(braces);
        let output = cutover(folder.path(), &["run", "quick.toml", "--only", &pattern]);
        assert_eq!(code(&output), 2, "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("50 braces; write one like 'alias*'"), "{}", text(&output.stderr));
    }
    let pattern = "{".repeat(50) + "latest" + &"}".repeat(50);
    let output = cutover(folder.path(), &["run", "quick.toml", "--quiet", "--replications", "1", "--only", &pattern]);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
}

#[test]
fn exact_figures_are_told_without_a_run() {
    let folder = folder(QUICK);
    let json = cutover(folder.path(), &["check", "quick.toml", "--predict", "--format", "json"]);
    assert_eq!(code(&json), 0, "{}", text(&json.stderr));
    let scenarios: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let latest = &scenarios["scenarios"][0]["strategies"][0];
    // 100 a second; the gateway follows 1 s later, both after uniform lags of up to 4 s: in units of 4 s, a request is
    // ahead for (3/4)^3 / 6 and behind for that and 1/4.
    let ahead = 400.0 * 27.0 / 64.0 / 6.0;
    for (key, wanted) in [("mismatched_ahead", ahead), ("mismatched_behind", ahead + 100.0), ("handled", 2_000.0)] {
        assert!((latest["first_attempts"][key].as_f64().unwrap() - wanted).abs() < 1e-3, "{key}: {latest}");
    }
    assert_eq!((&latest["exact"], &latest["reasons"]), (&true.into(), &serde_json::json!([])));
    assert_eq!(latest["sources"][0]["first_attempts"], latest["first_attempts"]);
    // The last of 8 nodes.
    let mean = latest["rollout_duration_s"]["mean"].as_f64().unwrap();
    assert!(mean > 1.0 + 4.0 * 8.0 / 9.0 && mean < 5.0, "{mean}");

    let retries = ["--set", "source.web.retries.attempts=3"];
    let text_ = cutover(folder.path(), &[&["check", "quick.toml", "--predict"], &retries[..]].concat());
    let said = told(&text_);
    assert!(said.contains("pinned 0 0 0 0") && said.contains("the callers of web try again"), "{said}");
    assert_eq!(code(&cutover(folder.path(), &["check", "quick.toml", "--format", "json"])), 2);
    assert!(!folder.path().join("output").exists(), "nothing was run");
}

/// A version that fails, watched by an alarm that looks at closed periods of 5 s from t = 0 on.
const WATCHED: &str = r#"
replications = 12
window = { warm_up = "5s", after = "60s" }

[source.web]
arrivals = { constant = { rate = "20/s", first = "-5s" } }

[code]
accepts = [1, 2]
replies = [1, 2]
service = { constant = "1ms" }

[function]
alias_lag = { constant = "0s" }

[alarm.errors]
metric = "error_share"
above = "20%"
period = "5s"
phase = "0s"

[strategy]
watched = { alias = { gateway = "none", rollback_on = ["errors"] } }
blind = { alias = { gateway = "none" } }
"#;

#[test]
fn power_tells_what_an_alarm_catches_how_soon_and_how_often_for_nothing() {
    let folder = folder(WATCHED);
    let power = ["power", "quick.toml", "--regress", "version.2.code.errors=0%,100%", "--replications", "40"];
    let output = cutover(folder.path(), &power);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("left out, since nothing can stop them: blind"));
    let said = told(&output);
    assert!(
        said.contains(
            "watched is stopped from 100% on: in 40 of 40 rollouts (91.2 % to 100 %), 5 s after the first change"
        ),
        "{said}"
    );
    assert!(said.contains("with 100 requests lost") && said.contains("At 0% in 0 of 40 rollouts (0 % to"), "{said}");
    let table = std::fs::read_to_string(folder.path().join("output/power/power.csv")).unwrap();
    let lines: Vec<_> = table.lines().collect();
    assert!(lines[0].starts_with("scenario,strategy,key,value,replications,caught,caught_low,caught_high,detection_s"));
    assert_eq!(lines.len(), 3);
    assert!(lines[1].starts_with("quick,watched,version.2.code.errors,0%,40,0.0,0.0,"), "{table}");
    assert!(lines[2].starts_with("quick,watched,version.2.code.errors,100%,40,1.0,"), "{table}");
    assert!(lines[2].contains(",5.0,5.0,5.0,100.0,100.0,100.0"), "{table}");
    assert!(folder.path().join("output/power/charts/quick-power.png").exists());
    assert_eq!(code(&cutover(folder.path(), &[&power[..], &["--resume", "--quiet"]].concat())), 0);
}

#[test]
fn power_finds_the_first_setting_that_does_and_says_what_is_open() {
    let folder = folder(WATCHED);
    let solve = |catch| {
        let arguments = ["power", "quick.toml", "--regress", "version.2.code.errors=0%", "--at", "50%", "--solve"];
        let more = ["alarm.errors.above=90%,30%", "--catch", catch, "--false-alarms", "10%", "--replications", "40"];
        cutover(folder.path(), &[&arguments[..], &more].concat())
    };
    let output = solve("90%");
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let said = told(&output);
    assert!(said.contains("watched: alarm.errors.above = 30% is the first of those listed that catches"), "{said}");
    let table = std::fs::read_to_string(folder.path().join("output/power/solve.csv")).unwrap();
    let verdicts: Vec<_> = table.lines().skip(1).map(|row| row.rsplit(',').next().unwrap()).collect();
    assert_eq!(verdicts, ["fails", "does"]);
    let open = told(&solve("99%"));
    assert!(open.contains("Not decided: 30%; it takes 368 runs or more"), "{open}");
}

#[test]
fn power_without_a_guard_is_refused_with_a_cure() {
    let folder = folder(QUICK);
    for (arguments, cure) in [
        (&["--regress", "version.2.code.errors=0%,5%"][..], "`rollback_on`"),
        (&["--regress", "version.2.code.errors"], "no `=`"),
        (&["--regress", "version.2.code.errors=0%", "--catch", "90%"], "--solve"),
        (&["--regress", "version.2.code.errors=0%", "--solve", "gateway.nodes=1,2"], "--at"),
        (&["--regress", "version.2.code.errors=0%", "--catch", "100%"], "below 100 %"),
    ] {
        let output = cutover(folder.path(), &[&["power", "quick.toml"], arguments].concat());
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(text(&output.stderr).contains(cure), "{}", text(&output.stderr));
    }
}
