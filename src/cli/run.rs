//! `cutover run`: simulate scenarios, write the results, print the summary.

use super::progress::Progress;
use super::{Failure, note, paths, say};
use crate::experiment::precision::Goal;
use crate::experiment::results::Outcome;
use crate::experiment::{self, Journal, Key, Precision, Results, Settings};
use crate::report::chart::{self, ChartKind, Format as ChartFormat};
use crate::report::json::Timing;
use crate::report::{Folder, csv, gates, json, table};
use crate::scenario::{self, Options, Override, Scenario};
use clap::{Args, ValueEnum};
use globset::Glob;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Simulate scenarios and compare their strategies.
#[derive(Debug, Args)]
pub struct Run {
    /// Scenario files, or folders of them [default: scenarios]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The folder for results; only cutover's own files in it are replaced
    #[arg(short, long, value_name = "DIR", default_value = "output")]
    output: PathBuf,
    /// The seed of all chance; the same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true)]
    seed: u64,
    /// Replications of each strategy, instead of the scenarios' own number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    replications: Option<u32>,
    /// The confidence of every interval, as in 0.95 or 95%
    #[arg(long, value_name = "SHARE", value_parser = confidence, default_value = "0.95")]
    confidence: f64,
    /// Go on until this metric's interval is so narrow under every strategy, as in cold_start_share=5% (of the value) or
    /// incompatible_share=1e-6; may be given several times
    #[arg(long, value_name = "KEY=WIDTH", value_parser = super::precision::goal, conflicts_with = "replications")]
    precision: Vec<Goal>,
    /// Give a --precision up after so many replications
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(20..=100_000))]
    max_replications: u32,
    /// Threads to simulate on; the results do not depend on it [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Only the strategies whose name matches, as in 'alias*'
    #[arg(long, value_name = "GLOB")]
    only: Option<String>,
    /// Override a key of every scenario, as in gateway.nodes=64 or source.web.arrivals.poisson=400/s
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// The size of the charts: slide (1280x720), document (960x640), poster (3840x2160), or as in 1600x900
    #[arg(long, value_name = "WxH", default_value_t = chart::Size::SLIDE)]
    chart_size: chart::Size,
    /// How the summary is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Go on with the run that was interrupted in this folder: what it finished is not simulated again
    #[arg(long)]
    resume: bool,
    /// Exit with 1 also where an objective is undecided: its interval holds the bound
    #[arg(long)]
    undecided_fails: bool,
    /// Print no summary, progress or rates; errors only
    #[arg(long)]
    quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// A table for the terminal
    Text,
    /// A table for a document
    Markdown,
    /// The figures of run.json
    Json,
}

/// Reads a confidence: a share or per cent.
fn confidence(text: &str) -> Result<f64, String> {
    let (number, scale) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 100.0));
    let confidence = number.trim_end().parse::<f64>().unwrap_or(f64::NAN) / scale;
    if (0.5..=0.9999).contains(&confidence) {
        return Ok(confidence);
    }
    Err("write a share from 0.5 to 0.9999, such as 0.95 or 95%".to_owned())
}

impl Run {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let options = Options {
            overrides: self.overrides.iter().map(|text| Override::new(text)).collect(),
            replications: self.replications,
        };
        let mut scenarios = scenario::load(&paths(&self.paths), &options)?;
        if let Some(pattern) = &self.only {
            keep_only(&mut scenarios, pattern)?;
        }
        let settings = self.settings(&scenarios)?;
        let folder = Folder::open(&self.output).map_err(Failure::Output)?;
        let pictured = Pictured::all(&scenarios);
        folder.claim(&files(&pictured)).map_err(Failure::Output)?;
        let journal = self.journal(&folder, &scenarios)?;
        if !self.quiet {
            for scenario in &scenarios {
                scenario.notes.iter().for_each(|text| note(&format!("note: {}: {text}", scenario.name)));
            }
        }

        #[expect(clippy::disallowed_methods, reason = "wall-clock figures for stderr and run.json's timing")]
        let (began, started) = (Instant::now(), SystemTime::now());
        let journal = Arc::new(journal);
        let interrupted = interruption(&journal);
        let progress = Progress::new(experiment::jobs(&scenarios, settings.precision.as_ref()), self.quiet);
        let results = experiment::run(&scenarios, &settings, Some(&journal), &|requests| progress.finished(requests))?;
        let simulated = progress.done();
        interrupted.store(FINISHING, Ordering::SeqCst);
        let simulation_s = began.elapsed().as_secs_f64();

        let timing = Timing {
            started_unix_s: started.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            simulation_s,
            requests_simulated: simulated,
            threads: self.threads.map_or_else(rayon::current_num_threads, usize::from),
            host: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
            charts: BTreeMap::new(),
        };
        write(&folder, &results, timing, &pictured, self.chart_size).map_err(|error| {
            Failure::Unfinished(format!("{error}; every replication is kept: --resume only writes the files"))
        })?;
        if self.quiet {
            return self.judge(&results);
        }
        say(&self.summary(&results, &folder))?;
        note(&format!(
            "{simulated} requests simulated in {simulation_s:.2} s ({:.1} million a second); results in {}",
            simulated as f64 / simulation_s.max(1e-9) / 1e6,
            folder.path().display()
        ));
        self.judge(&results)
    }

    /// How the batch is run.
    fn settings(&self, scenarios: &[Scenario]) -> Result<Settings, Failure> {
        for goal in &self.precision {
            let versions = |scenario: &Scenario| {
                let deployments = scenario.strategies.iter().map(|strategy| &strategy.deployment);
                deployments.flat_map(|deployment| [deployment.from, deployment.to]).collect::<BTreeSet<_>>()
            };
            let unknown = |version| scenarios.iter().find(|scenario| !versions(scenario).contains(&version));
            if let Some(scenario) = goal.metric.version.and_then(unknown) {
                let (key, name) = (goal.metric.key(), &scenario.name);
                return Err(Failure::Refused(format!(
                    "--precision {key}: no strategy of {name} runs that version; ask for another, or for this scenario alone"
                )));
            }
        }
        let precision = Precision { goals: self.precision.clone(), most: self.max_replications };
        Ok(Settings {
            seed: self.seed,
            confidence: self.confidence,
            threads: self.threads.map(usize::from),
            precision: (!precision.goals.is_empty()).then_some(precision),
        })
    }

    /// The journal of this run: a new one, or the one to go on with.
    fn journal(&self, folder: &Folder, scenarios: &[Scenario]) -> Result<Journal, Failure> {
        let key = Key::new(scenarios, self.seed, build());
        let path = folder.journal();
        if path.exists() && !self.resume && !self.quiet {
            note("note: an unfinished run was here; starting over, without --resume");
        }
        let journal = if self.resume { Journal::resume(&path, &key) } else { Journal::create(&path, &key) };
        let journal = journal.map_err(|error| Failure::Refused(error.to_string()))?;
        folder.reopen().map_err(Failure::Output)?;
        if self.resume && !self.quiet {
            note(&match journal.kept() {
                0 => "note: nothing to resume here: starting from the beginning".to_owned(),
                kept => format!("resuming: {kept} replications are kept"),
            });
        }
        Ok(journal)
    }

    /// Fails where an objective is missed, or undecided if that is to count.
    fn judge(&self, results: &Results) -> Result<(), Failure> {
        let all = |outcome| -> Vec<String> {
            results.scenarios.iter().flat_map(|scenario| gates::with_outcome(scenario, outcome)).collect()
        };
        let undecided = if self.undecided_fails { all(Outcome::Undecided) } else { Vec::new() };
        let failed: Vec<_> = [("missed", all(Outcome::Missed)), ("undecided", undecided)]
            .into_iter()
            .filter(|(_, objectives)| !objectives.is_empty())
            .map(|(word, objectives)| format!("{word}: {}", objectives.join(", ")))
            .collect();
        if failed.is_empty() { Ok(()) } else { Err(Failure::Missed(format!("objective {}", failed.join("; ")))) }
    }

    fn summary(&self, results: &Results, folder: &Folder) -> String {
        let print = match self.format {
            Format::Json => return String::from_utf8_lossy(&json::text(&json::figures(results))).into_owned(),
            Format::Text => table::text,
            Format::Markdown => table::markdown,
        };
        let tables: Vec<_> = results
            .scenarios
            .iter()
            .map(|scenario| {
                let chart = chart_path(&scenario.name, ChartKind::Comparison, ChartFormat::Svg);
                let chart = folder.path().join(chart).display().to_string();
                print(scenario, results.seed, results.confidence, Some(&chart))
            })
            .collect();
        tables.join("\n")
    }
}

/// Past simulating: what remains takes a moment and is not interrupted, so that the folder is left whole.
const FINISHING: bool = true;

/// A hash of this very program: results of two builds are never mixed, even if both have the same version.
fn build() -> String {
    let program = std::env::current_exe().and_then(std::fs::read);
    // Where a program cannot read itself, its version must do.
    program.map_or_else(|_| String::new(), |bytes| blake3::hash(&bytes).to_string())
}

/// Makes Ctrl-C (or the system's request to end) end a simulation with its exit code and a word, until told that it is
/// finishing. What is finished is kept.
fn interruption(journal: &Arc<Journal>) -> Arc<AtomicBool> {
    let finishing = Arc::new(AtomicBool::new(!FINISHING));
    let seen = Arc::clone(&finishing);
    let journal = Arc::clone(journal);
    // Where no handler can be set, the signal ends the process by itself, with everything kept as well.
    let _ = ctrlc::set_handler(move || {
        if seen.load(Ordering::SeqCst) != FINISHING {
            let _closed = journal.close();
            note("interrupted; what was finished is kept: the same command with --resume goes on");
            std::process::exit(3);
        }
    });
    finishing
}

/// Drops the strategies that do not match, and the scenarios left with none.
fn keep_only(scenarios: &mut Vec<Scenario>, pattern: &str) -> Result<(), Failure> {
    let glob = Glob::new(pattern)
        .map_err(|error| Failure::Refused(format!("--only: {error}; write a pattern like 'alias*'")))?
        .compile_matcher();
    let names: BTreeSet<_> = scenarios
        .iter()
        .flat_map(|scenario| scenario.strategies.iter().map(|strategy| strategy.name.clone()))
        .collect();
    for scenario in &mut *scenarios {
        scenario.strategies.retain(|strategy| glob.is_match(&strategy.name));
    }
    scenarios.retain(|scenario| !scenario.strategies.is_empty());
    if scenarios.is_empty() {
        let names: Vec<_> = names.into_iter().collect();
        return Err(Failure::Refused(format!(
            "--only '{pattern}' matches no strategy; the strategies are {}",
            names.join(", ")
        )));
    }
    Ok(())
}

fn chart_path(scenario: &str, kind: ChartKind, format: ChartFormat) -> String {
    format!("charts/{}", chart::file_name(scenario, kind, format))
}

/// What must be known of a scenario to name its charts.
struct Pictured {
    name: String,
    deploys: bool,
}

impl Pictured {
    fn all(scenarios: &[Scenario]) -> Vec<Self> {
        let deploys = |scenario: &Scenario| scenario.strategies.iter().any(|strategy| strategy.rollout.deploys());
        scenarios.iter().map(|scenario| Self { name: scenario.name.clone(), deploys: deploys(scenario) }).collect()
    }
}

/// Every chart of these scenarios: the scenario's place, what and how.
fn charts(scenarios: &[Pictured]) -> impl Iterator<Item = (usize, ChartKind, ChartFormat)> {
    let kinds = scenarios.iter().enumerate().flat_map(|(place, scenario)| {
        ChartKind::ALL.into_iter().filter(|kind| kind.applies(scenario.deploys)).map(move |kind| (place, kind))
    });
    kinds.flat_map(|(scenario, kind)| ChartFormat::ALL.map(|format| (scenario, kind, format)))
}

/// Every file of a run of these scenarios, `run.json` apart.
fn files(scenarios: &[Pictured]) -> BTreeSet<String> {
    let charts = charts(scenarios).map(|(place, kind, format)| chart_path(&scenarios[place].name, kind, format));
    csv::FILES.iter().map(|&(name, _)| name.to_owned()).chain(charts).collect()
}

/// Writes every file of a run, `run.json` last.
fn write(
    folder: &Folder,
    results: &Results,
    mut timing: Timing,
    pictured: &[Pictured],
    size: chart::Size,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut writing = folder.begin(&files(pictured))?;
    for (name, bytes) in csv::FILES {
        writing.write(name, &bytes(results))?;
    }
    let tables = writing.hashes().clone();
    let draw = |(scenario, kind, format): (usize, ChartKind, ChartFormat)| {
        let bytes = chart::draw(&results.scenarios[scenario], results.confidence, kind, format, size)?;
        Ok((chart_path(&pictured[scenario].name, kind, format), bytes))
    };
    let drawn: Vec<_> = charts(pictured).par_bridge().map(draw).collect::<Result<_, chart::ChartError>>()?;
    for (path, bytes) in drawn {
        writing.write(&path, &bytes)?;
    }
    timing.charts = writing
        .hashes()
        .iter()
        .filter(|(name, _)| !tables.contains_key(*name))
        .map(|(n, h)| (n.clone(), h.clone()))
        .collect();
    let run = json::run(results, &tables, &timing);
    writing.finish(&run)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::cli::Cli;
    use clap::Parser;

    #[test]
    fn a_number_out_of_range_is_refused_with_the_range_or_as_no_number() {
        for (flag, value, reason) in [
            ("--threads", "0", "0 is not in 1..=1024"),
            ("--replications", "0", "0 is not in 1..=100000"),
            ("--confidence", "95", "write a share from 0.5 to 0.9999"),
            ("--chart-size", "big", "write slide (1280x720), document (960x640), poster (3840x2160), or a width and"),
            ("--chart-size", "200x100", "200x100 pixels: the width may be 640 to 4096, the height 400 to 4096"),
            ("--seed", "-1", "invalid value '-1' for '--seed <N>'"),
        ] {
            let refused = Cli::try_parse_from(["cutover", "run", flag, value]).unwrap_err().to_string();
            assert!(refused.contains(reason), "{flag} {value}: {refused}");
        }
    }
}
