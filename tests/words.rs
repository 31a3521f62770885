//! What somebody new to cutover sees on the command line: the first file, the mistakes that everybody makes once, and what is
//! printed where.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A rollout of a few seconds.
const QUICK: &str = r#"
replications = 4
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

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("quick.toml"), QUICK).unwrap();
    folder
}

/// The command in `folder`, with an environment that says nothing about terminals.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cutover"));
    command.current_dir(folder).args(arguments).env("LC_ALL", "C.UTF-8");
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command
}

fn cutover(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn with_input(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = command(folder, arguments);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn the_first_file_is_to_be_filled_in_and_runs_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let new = cutover(folder.path(), &["new", "mine.toml"]);
    assert_eq!(stdout(&new), "mine.toml written; fill it in, then: cutover run mine.toml\n");
    let written = std::fs::read_to_string(folder.path().join("mine.toml")).unwrap();
    assert!(written.lines().count() <= 60 && written.contains("#   cutover run mine.toml"), "{written}");
    assert!(written.matches("assumed").count() >= 10, "what is to be replaced is marked");
    assert_eq!(code(&cutover(folder.path(), &["check", "mine.toml"])), 0);
    let run = cutover(folder.path(), &["run", "mine.toml", "--replications", "2", "--set", "window.after=8m"]);
    assert_eq!(code(&run), 0, "{}", stderr(&run));
    let again = cutover(folder.path(), &["new", "mine.toml"]);
    assert_eq!(code(&again), 2);
    assert!(stderr(&again).contains("choose another name, or remove that file first"), "{}", stderr(&again));
}

#[test]
fn a_scenario_is_written_around_a_log_and_says_what_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let log: String =
        (10..40).map(|s| format!("192.0.2.7 - - [31/Jan/2026:10:00:{s} +0000] \"GET /a HTTP/1.1\" 200 5\n")).collect();
    std::fs::write(folder.path().join("access.log"), log).unwrap();
    let new = cutover(folder.path(), &["new", "mine.toml", "--trace", "access.log"]);
    assert_eq!(code(&new), 0, "{}", stderr(&new));
    for piece in [
        "access.log: 30 requests, 2026-01-31 10:00:10 UTC to 2026-01-31 10:00:39 UTC",
        "read as combined",
        "repeated every",
    ] {
        assert!(stderr(&new).contains(piece), "{piece}: {}", stderr(&new));
    }
    let written = std::fs::read_to_string(folder.path().join("mine.toml")).unwrap();
    assert!(
        written.contains("trace = { file = \"access.log\", loop = true }") && !written.contains("poisson"),
        "{written}"
    );
    let check = cutover(folder.path(), &["check", "mine.toml"]);
    assert!(code(&check) == 0 && stdout(&check).contains("30 requests"), "{}", stdout(&check));
    // What the file leaves open is said, and can be written where it is missing.
    std::fs::write(folder.path().join("offsets.csv"), "offset_in_run,path\n0.5,/a\n1.5,/b\n").unwrap();
    let open = cutover(folder.path(), &["new", "open.toml", "--trace", "offsets.csv"]);
    assert_eq!(code(&open), 2);
    assert!(stderr(&open).contains("open.toml written; the trace leaves something open"), "{}", stderr(&open));
    let set = "source.web.arrivals.trace={file=\"offsets.csv\",time=\"offset_in_run\",unit=\"s\"}";
    assert_eq!(code(&cutover(folder.path(), &["check", "open.toml", "--set", set])), 0);
    let none = cutover(folder.path(), &["new", "none.toml", "--trace", "none.log"]);
    assert!(code(&none) == 2 && !folder.path().join("none.toml").exists(), "{}", stderr(&none));
}

#[test]
fn a_scenario_may_come_from_standard_input() {
    let folder = folder();
    let run = with_input(folder.path(), &["run", "-", "-o", "piped", "--charts", "none"], QUICK);
    assert_eq!(code(&run), 0, "{}", stderr(&run));
    assert_eq!(code(&cutover(folder.path(), &["run", "quick.toml", "-o", "read", "--charts", "none"])), 0);
    let read = |folder_: &str| std::fs::read_to_string(folder.path().join(folder_).join("summary.csv")).unwrap();
    assert_eq!(read("piped"), read("read").replace("\nquick,", "\nstdin,"));

    // Every point of a sweep has the same content, although it can be read once.
    let sweep = with_input(folder.path(), &["sweep", "-", "--vary", "gateway.nodes=2,4", "--format", "json"], QUICK);
    let told: serde_json::Value = serde_json::from_slice(&sweep.stdout).unwrap();
    assert_eq!((&told["scenario"], told["points"].as_array().unwrap().len()), (&"stdin".into(), 2));

    // A trace lies where the command is given.
    std::fs::write(folder.path().join("t.csv"), "t_s\n-5\n1\n2\n").unwrap();
    let traced = QUICK.replace("{ poisson = \"100/s\" }", "{ trace = { file = \"t.csv\", time = \"t_s\" } }");
    let traced = with_input(folder.path(), &["check", "-"], &traced);
    assert!(stdout(&traced).starts_with("stdin: well-formed"), "{}{}", stdout(&traced), stderr(&traced));

    let wrong = with_input(folder.path(), &["check", "-"], &QUICK.replace("nodes", "nods"));
    assert_eq!(code(&wrong), 2);
    assert!(stderr(&wrong).contains("--> <stdin>:7:1"), "{}", stderr(&wrong));
    let twice = with_input(folder.path(), &["check", "-", "-"], QUICK);
    assert!(stderr(&twice).contains("a second scenario of the name `stdin`"), "{}", stderr(&twice));
}

#[test]
fn shells_complete_and_man_reads() {
    let folder = folder();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = cutover(folder.path(), &["completions", shell]);
        assert!(code(&script) == 0 && stdout(&script).contains("max-replications"), "{shell}");
    }
    let page = cutover(folder.path(), &["man"]);
    assert!(code(&page) == 0 && stdout(&page).contains(".TH cutover 1"), "{}", stdout(&page));
    assert_eq!(code(&cutover(folder.path(), &["man", "pages"])), 0);
    let run = std::fs::read_to_string(folder.path().join("pages/cutover-run.1")).unwrap();
    assert!(run.contains("\\-\\-precision") && run.contains("Exit codes"), "{run}");
    let refused = cutover(folder.path(), &["man", "quick.toml/pages"]);
    assert_eq!(code(&refused), 2);
    assert!(stderr(&refused).contains("move the file away that stands where a folder must be"), "{}", stderr(&refused));
}

#[test]
fn what_everybody_types_wrong_once_is_told_with_its_cure() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    for (arguments, cure) in [
        (&["rnu", "quick.toml"][..], "a similar subcommand exists: 'run'"),
        (&["quick.toml"], "to simulate a scenario, say so: cutover run quick.toml"),
        (&["run", "quik.toml"], "there is no such file"),
        (&["run", "empty"], "this folder holds no scenario"),
        (&["run"], "`cutover new FILE` writes a scenario to start from"),
        (&["run", "quick.toml", "--replication", "5"], "a similar argument exists: '--replications'"),
        (&["run", "quick.toml", "--set", "gateway.nods=3"], "did you mean `nodes`?"),
        (&["run", "quick.toml", "--set", "gateway.nodes", "3"], "write KEY=VALUE, such as `gateway.nodes=16`"),
        (&["run", "quick.toml", "--only", "alias"], "the strategies are latest, pinned"),
        (
            &["run", "quick.toml", "--precision", "p99=5%"],
            "write one of `latency_p99_ms`, `message_age_p99_s`, `answer_p99_ms`",
        ),
        (&["run", "quick.toml", "--format", "csv"], "[possible values: text, markdown, json]"),
        (&["run", "quick.toml", "-o", "quick.toml"], "quick.toml is not a folder; give another one with -o"),
        (
            &["sweep", "quick.toml", "--vary", "gateway.nodes=1..3", "--metric", "incompatible_shar"],
            "did you mean `incompatible_share`?",
        ),
        (&["sweep", "quick.toml"], "--vary <KEY=VALUES>"),
        (
            &["select", "quick.toml", "--metric", "latency_p99", "--indifference", "2ms"],
            "did you mean `latency_p99_ms`?",
        ),
        (
            &["run", "quick.toml", "--set", "strategy.canary={ alias = { shift = \"Canary20Percent5Minutes\" } }"],
            "write shift = { canary = { weight = \"20%\", bake = \"5m\" } }",
        ),
    ] {
        let output = cutover(folder.path(), arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(stderr(&output).contains(cure), "{arguments:?}: {}", stderr(&output));
        assert!(!folder.path().join("output").exists(), "{arguments:?}: nothing was run");
    }
    let alone = cutover(folder.path(), &[]);
    assert!(code(&alone) == 2 && stderr(&alone).contains("cutover new mine.toml"), "{}", stderr(&alone));
}

#[test]
fn results_are_not_strewn_into_projects_and_homes() {
    let folder = folder();
    std::fs::write(folder.path().join("go.mod"), "").unwrap();
    std::fs::create_dir(folder.path().join("me")).unwrap();
    for (place, whose) in
        [(".", "that is a project, it holds go.mod"), ("me/../me/.", "that is a home folder"), ("/", "the root")]
    {
        let mut command = command(folder.path(), &["run", "quick.toml", "-o", place]);
        let output = command.env("HOME", folder.path().join("me")).output().unwrap();
        assert_eq!(code(&output), 2);
        let said = stderr(&output);
        assert!(said.contains(whose) && said.contains("write -o output"), "{said}");
    }
    assert_eq!(std::fs::read_dir(folder.path().join("me")).unwrap().count(), 0);
    assert_eq!(code(&cutover(folder.path(), &["run", "quick.toml", "-o", "output", "--quiet"])), 0);
}

#[test]
fn nothing_that_is_typed_moves_the_terminal() {
    let folder = folder();
    let odd = "x\u{1b}[31m\u{7}\ny";
    let at = folder.path().join(odd);
    std::fs::create_dir(&at).unwrap();
    std::fs::write(at.join("quick.toml"), QUICK).unwrap();
    std::fs::write(at.join("bad.toml"), "nods = 1 # \u{1b}[31m\u{7}\n").unwrap();
    std::fs::write(at.join("file"), "").unwrap();
    let inside = |name: &str| format!("{odd}/{name}");
    let option = format!("--{odd}");
    for arguments in [
        vec!["run", odd],
        vec!["run", &inside("none.toml")],
        vec!["check", &inside("bad.toml")],
        vec!["check", &inside("file")],
        vec!["run", "quick.toml", "-o", &inside("output")],
        vec!["run", "quick.toml", "-o", &inside("file")],
        vec!["run", "quick.toml", "--only", odd],
        vec!["run", "quick.toml", "--only", &format!("[{odd}")],
        vec!["run", "quick.toml", "--set", odd],
        vec!["run", "quick.toml", "--set", &format!("gateway.nodes={odd}")],
        vec!["run", "quick.toml", "--precision", &format!("{odd}=5%")],
        vec!["run", "quick.toml", "--chart-size", odd],
        vec!["sweep", "quick.toml", "--vary", &format!("{odd}=1,2")],
        vec!["new", &inside("new.toml")],
        vec!["new", &inside("none/new.toml")],
        vec!["man", &inside("file")],
        vec![odd],
        vec!["run", &option],
    ] {
        let output = cutover(folder.path(), &arguments);
        for said in [stdout(&output), stderr(&output)] {
            let wrong = said.chars().any(|letter| letter.is_control() && letter != '\n');
            assert!(!wrong && !said.contains("\u{7}") && !said.contains("\ny"), "{arguments:?}: {said:?}");
        }
    }
}

#[test]
fn names_are_as_files_have_them_and_differ_on_every_disk() {
    let folder = tempfile::tempdir().unwrap();
    let check = |files: &[&str]| {
        let at = tempfile::tempdir_in(folder.path()).unwrap();
        for file in files {
            let path = at.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, QUICK).unwrap();
        }
        let output = cutover(folder.path(), &["check", at.path().to_str().unwrap()]);
        (code(&output), stdout(&output).to_owned() + stderr(&output))
    };
    let (ok, said) = check(&["2024-08-01_Orders.v2.toml", "Team/A.toml"]);
    assert!(ok == 0 && said.contains("2024-08-01_Orders.v2: well-formed") && said.contains("Team/A: well"), "{said}");
    let (refused, said) = check(&["My Orders.toml"]);
    assert!(refused == 2 && said.contains("beginning with a letter or digit"), "{said}");
    let (refused, said) = check(&["a/b.toml", "a-b.toml"]);
    assert!(refused == 2 && said.contains("both become `a-b` in file names") && said.contains("rename one"), "{said}");
    let (refused, said) = check(&["Web.toml", "web.toml"]);
    assert!(
        refused == 2 && said.contains("do not tell large letters from small") && said.contains("rename one"),
        "{said}"
    );
}

#[test]
fn colour_and_letters_are_those_that_can_be_read() {
    let folder = folder();
    let run = |arguments: &[&str], (name, value): (&str, &str)| {
        let arguments = [&["run", "quick.toml", "--charts", "none", "--replications", "12"], arguments].concat();
        let output = command(folder.path(), &arguments).env(name, value).output().unwrap();
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        stdout(&output).to_owned()
    };
    let (usual, bold) = (("CLICOLOR", "1"), "\u{1b}[1m");
    let plain = run(&[], usual);
    assert!(plain.contains('±') && !plain.contains('\u{1b}'), "into a pipe: {plain}");
    assert!(run(&["--color", "always"], usual).contains(bold));
    assert!(run(&[], ("CLICOLOR_FORCE", "1")).contains(bold));
    assert!(!run(&["--color", "never"], ("CLICOLOR_FORCE", "1")).contains(bold));
    for (arguments, variable) in [(&["--ascii"][..], usual), (&[], ("LC_ALL", "C"))] {
        let said = run(arguments, variable);
        assert!(said.is_ascii() && said.contains("+-"), "{said}");
    }
    assert!(run(&["--format", "markdown"], ("LC_ALL", "C")).contains('±'), "a document is not a terminal");
    assert!(run(&["--notes", "all"], usual).lines().count() > plain.lines().count());
}

#[test]
fn charts_are_those_that_are_asked_for() {
    let folder = folder();
    let run = |list: &str| {
        let output = cutover(folder.path(), &["run", "quick.toml", "--charts", list]);
        let charts = std::fs::read_dir(folder.path().join("output/charts")).into_iter().flatten();
        let mut charts: Vec<_> = charts.map(|chart| chart.unwrap().file_name().into_string().unwrap()).collect();
        charts.sort();
        (output, charts)
    };
    let (output, charts) = run("traffic,sessions");
    assert_eq!((code(&output), charts), (0, vec!["quick-traffic.png".to_owned(), "quick-traffic.svg".to_owned()]));
    assert!(stdout(&output).contains("Next: output/charts/quick-traffic.svg"), "{}", stdout(&output));
    assert!(stderr(&output).contains("note: quick: nothing to show in a chart of sessions"), "{}", stderr(&output));
    let (output, charts) = run("none");
    assert_eq!((code(&output), charts.len()), (0, 0));
    assert!(!stdout(&output).contains("Next:"), "{}", stdout(&output));
    let (output, _) = run("trafic");
    assert!(code(&output) == 2 && stderr(&output).contains("did you mean `traffic`?"), "{}", stderr(&output));
}

#[test]
fn a_sweep_is_printed_in_every_format_and_drawn_in_every_size() {
    let folder = folder();
    let sweep = |arguments: &[&str]| {
        let output = cutover(folder.path(), &[&["sweep", "quick.toml"], arguments].concat());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        stdout(&output).to_owned()
    };
    let grid = ["--vary", "gateway.nodes=2,4", "--chart-size", "640x400", "--metric", "cold_starts"];
    let document = sweep(&[&grid[..], &["--format", "markdown"]].concat());
    assert!(
        document.starts_with("## quick: cold_starts at 2 points") && document.contains("| gateway.nodes |"),
        "{document}"
    );
    let chart = std::fs::read_to_string(folder.path().join("output/sweep/charts/quick-response.svg")).unwrap();
    assert!(chart.contains("640") && chart.contains("400"), "{}", &chart[..300]);
    let told: serde_json::Value = serde_json::from_str(&sweep(&[&grid[..], &["--format", "json"]].concat())).unwrap();
    let point = &told["points"][1];
    assert_eq!((&point["values"]["gateway.nodes"], &point["strategies"][0]["name"]), (&"4".into(), &"latest".into()));
    assert!(point["strategies"][0]["metrics"]["cold_starts"]["mean"].is_number(), "{told}");
    let hangs = sweep(&["--sensitivity", "--format", "json", "--replications", "2"]);
    let hangs: serde_json::Value = serde_json::from_str(&hangs).unwrap();
    assert!(hangs["assumptions"].as_array().is_some_and(|all| all.len() > 3), "{hangs}");
}
