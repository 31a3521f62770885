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

fn objective(strategy: &str, at_most: &str) -> String {
    format!(
        "{QUICK}\n[objective.a]\nstrategies = [\"{strategy}\"]\nmetric = \"incompatible_share\"\nat_most = \"{at_most}\"\n"
    )
}

#[test]
fn an_objective_that_is_met_exits_with_0_and_one_that_is_missed_with_1() {
    let run = |scenario: &str, arguments: &[&str]| {
        let folder = folder(scenario);
        let output = cutover(folder.path(), &[&["run", "quick.toml"], arguments].concat());
        assert!(folder.path().join("output/run.json").exists(), "the results are written whatever the outcome");
        output
    };
    let met = run(&objective("pinned", "0.1%"), &[]);
    assert_eq!(code(&met), 0, "{}", text(&met.stderr));
    assert!(text(&met.stdout).contains("Objective a met: incompatible_share under pinned is 0.00 %"));

    let missed = run(&objective("latest", "0.1%"), &[]);
    assert_eq!(code(&missed), 1);
    assert!(text(&missed.stdout).contains("Objective a missed: incompatible_share under latest is"));
    assert!(text(&missed.stderr).contains("error: objective missed: a of quick under latest"));
    assert_eq!(code(&run(&objective("latest", "0.1%"), &["--quiet"])), 1);

    // One replication has no interval: nothing is decided.
    let undecided = ["--replications", "1"];
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
        let row = summary.lines().find(|line| line.starts_with("quick,latest,incompatible,")).unwrap();
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
        let output = cutover(folder.path(), &[&["run", "quick.toml"], arguments].concat());
        let rows = std::fs::read_to_string(folder.path().join("output/replications.csv")).unwrap_or_default();
        (output, rows.lines().filter(|line| line.starts_with("quick,latest,")).count())
    };
    let (wide, few) = run(&["--precision", "latency_mean_ms=50%"]);
    assert_eq!((code(&wide), few), (0, 20), "never fewer than 20");
    assert!(text(&wide.stdout).contains("Precision: latency_mean_ms to ± 50 % under every strategy, after 20 runs."));

    let (narrow, many) = run(&["--precision", "cold_starts=5%", "--precision", "requests=0.5%"]);
    assert_eq!(code(&narrow), 0);
    assert!(many > 20 && many.is_multiple_of(10), "{many}: looks every 10");
    let row = text(&narrow.stdout).lines().find(|line| line.starts_with("latest ")).unwrap();
    assert!(row.contains('±'), "{row}");

    // Nothing is ever seen under `pinned`, so that no share of it can be known.
    let (open, most) = run(&["--precision", "incompatible_share=5%", "--max-replications", "35"]);
    assert_eq!((code(&open), most), (0, 35));
    let sentence =
        "Precision NOT reached in 35 runs: incompatible_share to ± 5 % is still open under latest and pinned.";
    assert!(text(&open.stdout).contains(sentence), "{}", text(&open.stdout));

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
