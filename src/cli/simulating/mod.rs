//! What every command that simulates has in common: its arguments, its journal, Ctrl-C, and the time it takes.

mod progress;
pub mod reading;
pub mod signals;

use super::{Failure, note};
use crate::experiment::settings::RELEVANT;
use crate::experiment::{BatchError, Finished, Found, Journal, Key, Settings, warm_up};
use crate::report::files::Folder;
use crate::report::files::json::Timing;
use crate::scenario::{self, Options, Override, Scenario, WarmUp};
use crate::shown;
use crate::time::Span;
use crate::units::Bytes;
use clap::Args;
use globset::{Glob, GlobMatcher};
use progress::Progress;
use signals::{FINISHING, interruption};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// What every command that simulates takes.
#[derive(Debug, Args)]
pub struct Simulating {
    /// The seed of all chance; the same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true)]
    pub seed: u64,
    /// The confidence of every interval, as in 0.95 or 95%
    #[arg(long, value_name = "SHARE", value_parser = confidence, default_value = "0.95")]
    pub confidence: f64,
    /// Threads to simulate on; the results do not depend on it [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// The memory that may be taken, as in 8GiB; fewer threads simulate at once where it does not reach for all
    #[arg(long, value_name = "SIZE", value_parser = memory, default_value = "2GiB")]
    pub memory: Bytes,
    /// Only the strategies whose name matches, as in 'alias*'
    #[arg(long, value_name = "GLOB")]
    pub only: Option<String>,
    /// Override a key of every scenario, as in gateway.nodes=64 or event.0.chance=50%
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub overrides: Vec<String>,
    /// Go on with the run that was interrupted in this folder: what it finished is not simulated again
    #[arg(long)]
    pub resume: bool,
    /// Simulate every replication twice and end with 3 where they differ: a check of cutover and of the machine
    #[arg(long)]
    pub twice: bool,
    /// Estimate from the replications also what is known exactly: a check of both
    #[arg(long)]
    pub no_exact: bool,
    /// Print no summary, progress or rates; errors only
    #[arg(long)]
    pub quiet: bool,
}

/// Reads a confidence: a share or per cent.
fn confidence(text: &str) -> Result<f64, String> {
    let confidence = share(text);
    if (0.5..=0.9999).contains(&confidence) {
        return Ok(confidence);
    }
    Err("write a share from 0.5 to 0.9999, such as 0.95 or 95%".to_owned())
}

/// Reads the difference from which on two strategies count as different: a share or per cent.
pub fn relevant(text: &str) -> Result<f64, String> {
    let relevant = share(text);
    if (0.0..=1.0).contains(&relevant) {
        return Ok(relevant);
    }
    Err("write a share from 0 to 1, such as 5% or 0.05; 0 lets every difference count".to_owned())
}

/// A share or per cent; not a number where it is neither.
pub fn share(text: &str) -> f64 {
    let (number, scale) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 100.0));
    number.trim_end().parse::<f64>().unwrap_or(f64::NAN) / scale
}

/// Reads an amount of memory.
pub fn memory(text: &str) -> Result<Bytes, String> {
    let bytes = Bytes::parse(text).filter(|bytes| bytes.0 > 0);
    bytes.ok_or_else(|| "write a whole number of KiB, MiB or GiB, such as 8GiB".to_owned())
}

impl Simulating {
    /// What the command line changes in every scenario.
    pub fn options(&self, replications: Option<u32>) -> Options {
        let overrides = self.overrides.iter().map(|text| Override::new(text)).collect();
        Options { overrides, replications, memory: self.memory }
    }

    /// How the batch is run.
    pub fn settings(&self) -> Settings {
        Settings {
            seed: self.seed,
            confidence: self.confidence,
            threads: self.threads.map(usize::from),
            relevant: RELEVANT,
            memory: self.memory,
            precision: None,
            exact: !self.no_exact,
            twice: self.twice,
        }
    }

    /// The journal of this run: a new one, or the one to go on with.
    pub fn journal(&self, folder: &Folder, scenarios: &[Scenario]) -> Result<Arc<Journal>, Failure> {
        let build = build();
        if let (Err(error), true) = (&build, self.resume) {
            return Err(Failure::Refused(format!(
                "--resume: which build of cutover this is cannot be told, so that the results of two might be mixed: \
                 {error}; make the program readable, or start over without --resume"
            )));
        }
        let key = Key::new(scenarios, self.seed, build.ok());
        let path = folder.journal();
        if path.exists() && !self.resume && !self.quiet {
            note("note: an unfinished run was here; starting over, without --resume");
        }
        if key.build.is_none() && !self.quiet {
            note("note: this program cannot be read, so that this run cannot be resumed should it be interrupted");
        }
        let journal = if self.resume { Journal::resume(&path, &key) } else { Journal::create(&path, &key) };
        let journal = journal.map_err(|error| Failure::Refused(error.to_string()))?;
        folder.reopen().map_err(Failure::Output)?;
        if self.resume {
            self.tell_found(&journal);
        }
        Ok(Arc::new(journal))
    }

    /// Says what there is to resume; of damage also where nothing else is said.
    fn tell_found(&self, journal: &Journal) {
        for damage in journal.found().to_string().lines() {
            note(&format!("warning: {}: {damage}", shown::path(journal.path())));
        }
        if self.quiet {
            return;
        }
        note(&match (journal.found(), journal.kept()) {
            (Found::Nothing, _) => "note: nothing to resume here: starting from the beginning".to_owned(),
            (_, 0) => "note: no replication is kept of the run that ended here: starting from the beginning".to_owned(),
            (_, kept) => format!("resuming: {kept} replications are kept"),
        });
    }

    /// Loads the scenarios in `paths` once for each of `points`, and leaves the strategies that are asked for. Where a
    /// scenario's warm-up is `auto`, pilot runs find it; all points get the longest, so that they face the same chance.
    pub fn load(&self, paths: &[PathBuf], points: &[Options]) -> Result<Vec<Vec<Scenario>>, Failure> {
        let loaded = points.iter().map(|options| scenario::load(paths, options));
        let mut loaded: Vec<_> = loaded.collect::<Result<_, _>>()?;
        let mut found: BTreeMap<String, Span> = BTreeMap::new();
        // With all strategies, so that the length does not depend on --only.
        for scenario in loaded.iter().flatten().filter(|scenario| scenario.warm_up == WarmUp::Open) {
            if self.keeps_any(scenario)? {
                let length = warm_up::find(scenario, &self.settings())?;
                let longest = found.entry(scenario.name.clone()).or_default();
                *longest = length.max(*longest);
            }
        }
        if found.is_empty() {
            loaded.iter_mut().try_for_each(|scenarios| self.keep_only(scenarios))?;
            return Ok(loaded);
        }
        for (name, length) in &found {
            if !self.quiet {
                note(&format!("note: {name}: warm_up = \"auto\" is {length}, found by pilot runs"));
            }
        }
        let again = |options| {
            let mut scenarios = scenario::load_with(paths, options, &found)?;
            self.keep_only(&mut scenarios)?;
            Ok(scenarios)
        };
        points.iter().map(again).collect()
    }

    /// Whether any of a scenario's strategies is asked for.
    fn keeps_any(&self, scenario: &Scenario) -> Result<bool, Failure> {
        let Some(pattern) = &self.only else { return Ok(true) };
        let glob = matcher(pattern)?;
        Ok(scenario.strategies.iter().any(|strategy| glob.is_match(&strategy.name)))
    }

    /// Drops the strategies that are not asked for, and the scenarios left with none.
    pub fn keep_only(&self, scenarios: &mut Vec<Scenario>) -> Result<(), Failure> {
        self.only.as_deref().map_or(Ok(()), |pattern| keep_only(scenarios, pattern))
    }

    /// Simulates with progress, so that Ctrl-C ends it at any moment, and tells how long it took.
    pub fn timed<T>(
        &self,
        journal: &Arc<Journal>,
        jobs: u64,
        work: impl FnOnce(Finished<'_>) -> Result<T, BatchError>,
    ) -> Result<(T, Timing), Failure> {
        #[expect(clippy::disallowed_methods, reason = "wall-clock figures for stderr and run.json's timing")]
        let (began, started) = (Instant::now(), SystemTime::now());
        let interrupted = interruption(journal);
        let progress = Progress::new(jobs, self.quiet);
        let announced = AtomicBool::new(self.quiet);
        let result = work(&|done| {
            progress.finished(done);
            announce_size(journal, jobs, &announced);
        })?;
        let [requests_simulated, requests_of_strata] = progress.done();
        interrupted.store(FINISHING, Ordering::SeqCst);
        let timing = Timing {
            started_unix_s: started.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            simulation_s: began.elapsed().as_secs_f64(),
            requests_simulated,
            requests_of_strata,
            threads: self.threads.map_or_else(rayon::current_num_threads, usize::from),
            host: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
            charts: BTreeMap::new(),
        };
        Ok((result, timing))
    }

    /// Says on stderr how fast it went.
    pub fn rate(timing: &Timing, folder: &Folder) {
        let simulated = timing.requests_simulated + timing.requests_of_strata;
        let seconds = timing.simulation_s;
        note(&format!(
            "{simulated} requests simulated in {seconds:.2} s ({:.1} million a second); results in {}",
            simulated as f64 / seconds.max(1e-9) / 1e6,
            shown::path(folder.path())
        ));
    }
}

/// Says once, where it is worth knowing, how large the journal will grow.
fn announce_size(journal: &Journal, jobs: u64, announced: &AtomicBool) {
    const LARGE: u64 = 1 << 30;
    let size = journal.expected_size(jobs).filter(|&size| size >= LARGE && !announced.load(Ordering::Relaxed));
    if let Some(size) = size.filter(|_| !announced.swap(true, Ordering::Relaxed)) {
        let (path, gib) = (shown::path(journal.path()), size as f64 / LARGE as f64);
        note(&format!("note: until the run has ended, {path} will take up to about {gib:.1} GiB"));
    }
}

/// What is said where the files of a finished simulation could not be written.
pub fn unwritten(error: impl std::fmt::Display) -> Failure {
    Failure::Unfinished(format!("{error}; every replication is kept: --resume only writes the files"))
}

/// A hash of this very program: results of two builds are never mixed, even if both have the same version.
fn build() -> io::Result<String> {
    // What runs, where the system tells; its file may have been replaced since.
    let program = match File::open("/proc/self/exe") {
        Err(error) if error.kind() == io::ErrorKind::NotFound => File::open(std::env::current_exe()?),
        program => program,
    };
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(program?)?;
    Ok(hasher.finalize().to_string())
}

/// How many braces a pattern may open: the crate that reads it gives up with a panic at some depth.
const MOST_BRACES: usize = 50;
/// How long it may be.
const LONGEST_PATTERN: usize = 4_000;

/// What `--only` asks for.
fn matcher(pattern: &str) -> Result<GlobMatcher, Failure> {
    if pattern.len() > LONGEST_PATTERN || pattern.matches('{').count() > MOST_BRACES {
        return Err(Failure::Refused(format!(
            "--only: the pattern has more than {LONGEST_PATTERN} letters or {MOST_BRACES} braces; write one like 'alias*'"
        )));
    }
    let glob = Glob::new(pattern)
        .map_err(|error| Failure::Refused(format!("--only: {}; write a pattern like 'alias*'", error.kind())))?;
    Ok(glob.compile_matcher())
}

/// Drops the strategies that do not match, and the scenarios left with none.
fn keep_only(scenarios: &mut Vec<Scenario>, pattern: &str) -> Result<(), Failure> {
    let glob = matcher(pattern)?;
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
            "--only '{}' matches no strategy; the strategies are {}",
            shown::words(pattern),
            names.join(", ")
        )));
    }
    Ok(())
}
