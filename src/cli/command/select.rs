//! `cutover select`: the best strategy of one scenario, with a stated probability.

use crate::cli::argument::appearance::Format;
use crate::cli::argument::contest;
use crate::cli::simulating::{Simulating, unwritten};
use crate::cli::{Failure, note, say};
use crate::experiment::study::select;
use crate::metrics::Metric;
use crate::report::files::json::{self, Timing};
use crate::report::files::{self, Folder, csv};
use crate::report::text;
use crate::report::text::look::Look;
use crate::report::text::studies::selection::Report;
use crate::results::Results;
use crate::results::selection::{Constraint, Decision, Question, Selection};
use crate::scenario::Scenario;
use clap::Args;
use std::collections::BTreeSet;
use std::path::PathBuf;

const EXAMPLE: &str = "\
The strategy with the lowest p99, where 2 ms more or less do not matter:

  cutover select scenarios/lesson.toml --metric latency_p99_ms --indifference 2ms

the one that drains the old version first, of those under which next to nothing breaks; a share from 0.08 % to 0.12 %
may be taken either way:

  cutover select scenarios/lesson.toml --metric old_drained_s --indifference 5s \\
      --subject-to \"incompatible_share<=0.1%±0.02%\"

+- stands for ± where a keyboard has none. Files: selection.csv, replications.csv, summary.csv, run.json.
Exit codes: 0 done, also where nothing is chosen (1 with --undecided-fails); 2 refused; 3 could not finish.";

/// Choose the best strategy of a scenario with a stated probability, running more where the choice is hard.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Select {
    /// The scenario file, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The metric that is to be best: a column of replications.csv of which less, or more, is better
    #[arg(long, value_name = "KEY", value_parser = contest::goal)]
    metric: Metric,
    /// A difference in that metric that does not matter, in its unit, as in 2ms or 0.1%; the smaller, the more runs
    #[arg(long, value_name = "AMOUNT")]
    indifference: String,
    /// What a strategy must keep to, with a tolerance, as in "incompatible_share<=0.1%±0.02%" or
    /// "served>=200000+-1000"; may be given several times
    #[arg(long, value_name = "KEY<=VALUE±TOLERANCE", value_parser = contest::constraint)]
    subject_to: Vec<Constraint>,
    /// Give up after so many replications of a strategy
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(20..=100_000))]
    max_replications: u32,
    /// The folder for results; only cutover's own files in it are replaced
    #[arg(short, long, value_name = "DIR", default_value = "output/select")]
    output: PathBuf,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Exit with 1 where no strategy is chosen
    #[arg(long)]
    undecided_fails: bool,
    #[command(flatten)]
    pub common: Simulating,
}

/// The tables of a selection.
const TABLES: [&str; 3] = ["selection.csv", "replications.csv", "summary.csv"];

impl Select {
    pub fn run(&self, look: &Look) -> Result<(), Failure> {
        let (scenario, aside) = self.scenario()?;
        let question = self.question(&scenario)?;
        let folder = Folder::open(&self.output).map_err(Failure::Output)?;
        folder.claim(&written()).map_err(Failure::Output)?;
        let journal = self.common.journal(&folder, std::slice::from_ref(&scenario))?;
        if !self.common.quiet {
            scenario.notes.iter().for_each(|text| note(&format!("note: {}: {text}", scenario.name)));
        }
        let settings = self.common.settings();
        // At most: how many it takes is what is found out.
        let jobs = scenario.strategies.len() as u64 * u64::from(question.most);
        let ((results, selection), timing) = self
            .common
            .timed(&journal, jobs, |finished| select::run(&scenario, &question, &settings, Some(&journal), finished))?;
        let results = Results { seed: settings.seed, confidence: settings.confidence, scenarios: vec![results] };
        let report =
            Report { results: &results.scenarios[0], selection: &selection, seed: settings.seed, aside: &aside };
        write(&folder, &results, &report, &timing).map_err(unwritten)?;
        if !self.common.quiet {
            say(&match self.format {
                Format::Text => look.spelt(&text::studies::selection::text(&report)),
                Format::Markdown => text::studies::selection::markdown(&report),
                Format::Json => json::printed(&files::selection::figures(&report)),
            })?;
            Simulating::rate(&timing, &folder);
        }
        self.judge(&scenario, &selection)
    }

    /// The scenario with the strategies that compete, and the names of those that do not.
    fn scenario(&self) -> Result<(Scenario, Vec<String>), Failure> {
        if self.file.is_dir() {
            return Err(Failure::Refused(
                "a selection is made in one scenario: give its file, not a folder".to_owned(),
            ));
        }
        let mut points = self.common.load(std::slice::from_ref(&self.file), &[self.common.options(None)])?;
        let mut scenario = points.remove(0).remove(0);
        let aside = select::enter(&mut scenario);
        if scenario.strategies.len() < 2 {
            let (name, count) = (&scenario.name, ["no strategy", "one strategy"][scenario.strategies.len()]);
            return Err(Failure::Refused(format!(
                "there is nothing to choose in {name}: {count} of those asked for deploys something; give at least two"
            )));
        }
        Ok((scenario, aside))
    }

    fn question(&self, scenario: &Scenario) -> Result<Question, Failure> {
        let indifference = contest::indifference(&self.metric, &self.indifference)
            .map_err(|reason| Failure::Refused(format!("--indifference: {reason}")))?;
        let versions = scenario.versions();
        for constraint in &self.subject_to {
            if constraint.metric.version.is_some_and(|version| !versions.contains(&version)) {
                let (key, name) = (constraint.metric.key(), &scenario.name);
                return Err(Failure::Refused(format!(
                    "--subject-to {key}: no strategy of {name} runs that version; ask for another"
                )));
            }
        }
        let (metric, constraints) = (self.metric.clone(), self.subject_to.clone());
        Ok(Question { metric, indifference, constraints, most: self.max_replications })
    }

    /// Fails where nothing is chosen, if that is to count.
    fn judge(&self, scenario: &Scenario, selection: &Selection) -> Result<(), Failure> {
        match selection.decision {
            Decision::Chosen(_) => Ok(()),
            _ if !self.undecided_fails => Ok(()),
            Decision::Nobody => Err(Failure::Missed(format!("no strategy of {} is left to be chosen", scenario.name))),
            Decision::Undecided(_) => {
                Err(Failure::Missed(format!("the best strategy of {} is undecided", scenario.name)))
            }
        }
    }
}

/// Every file of a selection, `run.json` apart.
fn written() -> BTreeSet<String> {
    TABLES.into_iter().map(str::to_owned).collect()
}

/// Writes every file, `run.json` last.
fn write(
    folder: &Folder,
    results: &Results,
    report: &Report<'_>,
    timing: &Timing,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut writing = folder.begin(&written())?;
    let tables = [files::selection::csv(report), csv::replications(results), csv::summary(results)];
    for (name, bytes) in TABLES.into_iter().zip(tables) {
        writing.write(name, &bytes)?;
    }
    let run = files::selection::run(report, writing.hashes(), timing);
    writing.finish(&run)?;
    Ok(())
}
