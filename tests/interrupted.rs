//! Long work is safe: whatever ends a run, what it finished is kept, and the resumed run is the uninterrupted one to
//! the byte.
//!
//! The promise is for a hundred kills: `CUTOVER_KILLS=100 cargo test --release --test interrupted -- --nocapture`.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// About a second of work in 80 replications.
const SCENARIO: &str = r#"
replications = 40
window = { warm_up = "10s", after = "30s" }

[source.web]
arrivals = { poisson = "2000/s" }

[gateway]
nodes = 8
lag = { uniform = ["0s", "4s"] }

[code]
service = { constant = "10ms" }

[function]
idle = { uniform = ["3s", "5s"] }

[strategy]
latest = { latest = { step = "1s" } }
pinned = { pinned = { forget = "20%" } }
"#;

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self::of(SCENARIO)
    }

    fn of(scenario: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("long.toml"), scenario).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, output: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cutover"));
        command.current_dir(self.0.path()).args(["run", "long.toml", "-o", output]).args(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts a run and waits until its journal holds something.
    fn begun(&self, output: &str, arguments: &[&str]) -> Child {
        let mut child = self.run(output, arguments).spawn().unwrap();
        let journal = self.path(output).join(".cutover-journal");
        let mut left = 2_000;
        while !std::fs::metadata(&journal).is_ok_and(|file| file.len() > 10_000) {
            left -= 1;
            if left == 0 {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("no journal after four seconds");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        child
    }

    /// What a finished run must not leave behind.
    fn litter(&self, output: &str) -> Vec<String> {
        let names = [output.to_owned(), format!("{output}/charts")].into_iter().flat_map(|folder| {
            let entries = std::fs::read_dir(self.path(&folder)).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
        });
        let kept = [".cutover-files", ".cutover-lock"];
        names.filter(|name| name.starts_with(".cutover-") && !kept.contains(&name.as_str())).collect()
    }

    /// Every table, and run.json without its timing.
    fn results(&self, output: &str) -> BTreeMap<String, Vec<u8>> {
        let folder = self.path(output);
        let mut files = BTreeMap::new();
        for name in ["replications", "summary", "differences", "pairs", "timeline"] {
            let name = format!("{name}.csv");
            files.insert(name.clone(), std::fs::read(folder.join(&name)).unwrap());
        }
        let run = std::fs::read_to_string(folder.join("run.json")).unwrap();
        let mut run: serde_json::Value = serde_json::from_str(&run).unwrap();
        run.as_object_mut().unwrap().remove("timing").unwrap();
        files.insert("run.json".to_owned(), run.to_string().into_bytes());
        files
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[track_caller]
fn exits(output: &Output, code: i32, says: &str) {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(says), "{said}");
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn a_warm_up_that_was_found_is_found_again() {
    let place = Place::of(&SCENARIO.replacen("\"10s\"", "\"auto\"", 1));
    let whole = place.run("whole", &["--threads", "1"]).output().unwrap();
    exits(&whole, 0, "note: long: warm_up = \"auto\" is 10 s, found by pilot runs");
    let mut child = place.begun("parts", &["--threads", "1"]);
    child.kill().unwrap();
    child.wait().unwrap();
    let resumed = place.run("parts", &["--threads", "2", "--resume"]).output().unwrap();
    exits(&resumed, 0, "resuming: ");
    assert!(kept(text(&resumed.stderr)) > 0, "{}", text(&resumed.stderr));
    assert!(place.results("parts") == place.results("whole"));
}

/// The replications that the resumed run did not simulate again.
fn kept(said: &str) -> u32 {
    let word = said.split_once("resuming: ").unwrap_or_else(|| panic!("{said}")).1;
    word.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_run_killed_again_and_again_ends_as_if_it_had_not_been() {
    let kills: u32 = std::env::var("CUTOVER_KILLS").map_or(6, |kills| kills.parse().unwrap());
    let place = Place::new();
    exits(&place.run("whole", &[]).output().unwrap(), 0, "");
    let whole = place.results("whole");
    let (mut done, mut delay) = (0, 12_345_u64);
    let (mut runs, mut finished) = (0, 0);
    while done < kills {
        // Each round is one run, killed up to five times on its way.
        for _ in 0..5 {
            // Up to about the whole run's length, in an order without pattern.
            delay = (delay * 16_807) % 2_147_483_647;
            let mut child = place.run("parts", &["--resume", "--quiet"]).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(delay % 500));
            if child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                done += 1;
            } else {
                finished += 1;
            }
            child.wait().unwrap();
        }
        exits(&place.run("parts", &["--resume"]).output().unwrap(), 0, "");
        assert!(place.results("parts") == whole, "after {done} kills");
        assert_eq!(place.litter("parts"), [""; 0]);
        runs += 1;
        std::fs::remove_dir_all(place.path("parts")).unwrap();
    }
    println!("{done} kills in {runs} runs ({finished} times it had finished before): every result the same bytes");
}

#[test]
fn a_run_killed_while_it_writes_leaves_nothing_that_the_next_does_not_clean() {
    let kills: u64 = std::env::var("CUTOVER_KILLS").map_or(4, |kills| kills.parse().unwrap());
    let place = Place::new();
    exits(&place.run("whole", &["--replications", "3"]).output().unwrap(), 0, "");
    let whole = place.results("whole");
    let mut left = 0;
    for kill in 0..kills {
        let mut child = place.run("parts", &["--replications", "3", "--quiet"]).spawn().unwrap();
        // The first table has just been moved to its place; what remains is writing.
        let written = place.path("parts/replications.csv");
        while !written.exists() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(kill * 37 % 151));
        child.kill().unwrap();
        child.wait().unwrap();
        left += usize::from(!place.path("parts/run.json").exists());
        std::fs::write(place.path("parts/.cutover-mine42"), "precious").unwrap();
        exits(&place.run("parts", &["--replications", "3", "--resume"]).output().unwrap(), 0, "");
        assert!(place.results("parts") == whole);
        assert_eq!(place.litter("parts"), [".cutover-mine42"], "after kill {kill}, and what is somebody else's stays");
        std::fs::remove_dir_all(place.path("parts")).unwrap();
    }
    assert!(left > 0, "some run was killed before it had written everything");
}

#[test]
fn damage_is_said_and_costs_what_it_hit() {
    let place = Place::new();
    exits(&place.run("whole", &[]).output().unwrap(), 0, "");
    let mut child = place.begun("parts", &["--threads", "1"]);
    std::thread::sleep(Duration::from_millis(150));
    child.kill().unwrap();
    child.wait().unwrap();
    let journal = place.path("parts/.cutover-journal");
    let mut bytes = std::fs::read(&journal).unwrap();
    // The first record: its mark is the second in the file, after that of the head.
    let mark = b"\x89record\n";
    let marks: Vec<_> = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(mark)).collect();
    bytes[marks[1] + 100] ^= 1;
    std::fs::write(&journal, &bytes).unwrap();
    let resumed = place.run("parts", &["--resume"]).output().unwrap();
    let said = format!("1 record is damaged, at bytes {} to {}; what was lost is simulated again", marks[1], marks[2]);
    exits(&resumed, 0, &said);
    assert!(kept(text(&resumed.stderr)) as usize >= marks.len() - 3, "{}", text(&resumed.stderr));
    assert!(place.results("parts") == place.results("whole"));
}

#[test]
fn ctrl_c_ends_within_a_moment_and_keeps_what_is_finished() {
    let place = Place::new();
    let child = place.begun("out", &["--replications", "2000"]);
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    exits(&output, 3, "--resume goes on");
    assert!(!place.path("out").join("run.json").exists(), "a folder without run.json is unfinished");
    let other = place.run("out", &["--replications", "2000", "--resume", "--seed", "2"]).output().unwrap();
    exits(&other, 2, "with another seed");
    let mut again = place.run("out", &["--replications", "2000", "--resume"]).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(again.stderr.take().unwrap()).read_line(&mut said).unwrap();
    again.kill().unwrap();
    again.wait().unwrap();
    assert!(kept(&said) > 0, "{said}");
}

#[test]
fn two_runs_do_not_write_into_one_folder() {
    let place = Place::new();
    let mut first = place.begun("out", &["--replications", "2000"]);
    let second = place.run("out", &[]).output().unwrap();
    first.kill().unwrap();
    first.wait().unwrap();
    exits(&second, 2, "another run is writing to out");
    exits(&place.run("out", &[]).output().unwrap(), 0, "an unfinished run was here");
}

#[test]
fn a_full_disk_is_said_and_what_was_finished_is_kept() {
    let place = Place::new();
    exits(&place.run("whole", &[]).output().unwrap(), 0, "");
    // No file may grow beyond 100 KiB. The system would end the process without a word; it is to be as on a full disk.
    let limited = |place: &Path| {
        let program = env!("CARGO_BIN_EXE_cutover");
        let line = format!("ulimit -f 100; exec '{program}' run long.toml -o parts --resume");
        Command::new("bash").current_dir(place).args(["-c", &line]).output().unwrap()
    };
    let full = limited(place.0.path());
    exits(&full, 3, "go on with --resume");
    assert!(!place.path("parts").join("run.json").exists());
    let resumed = place.run("parts", &["--resume"]).output().unwrap();
    exits(&resumed, 0, "");
    assert!(kept(text(&resumed.stderr)) > 5, "{}", text(&resumed.stderr));
    assert!(place.results("parts") == place.results("whole"));
}
