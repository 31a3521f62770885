//! `cutover compare`: two output folders, and what moved between them.

use crate::cli::argument::appearance::{Appearance, Format, HowManyNotes};
use crate::cli::{Failure, say};
use crate::experiment::study;
use crate::report::files::{comparison, json, read};
use crate::report::text::studies::comparison::{markdown, text};
use crate::results::comparison::{Comparison, Recorded, ScenarioComparison};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

const EXAMPLE: &str = "\
Examples:
  cutover compare baseline output
  cutover compare baseline output --fail-on worse
  cutover compare baseline output --format markdown --fail-on worse,flipped > comment.md

The folders are what `cutover run -o FOLDER` wrote. With the same seed and the same traffic,
replications are compared one by one; else the runs are independent, and the answer says so.
With nothing changed, something is said to have moved in at most 5 % of comparisons, or what the
confidence of the runs leaves.

Exit codes: 0 compared; 1 compared, and --fail-on holds; 2 refused; 3 could not finish.";

/// Compare two runs: what changed in the scenarios, which figures moved beyond chance, which verdicts flipped.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Compare {
    /// The folder of the run before: the last release, yesterday's assumptions
    #[arg(value_name = "RUN_A")]
    before: PathBuf,
    /// The folder of the run now
    #[arg(value_name = "RUN_B")]
    after: PathBuf,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Exit with 1 where this holds of a scenario; several with commas between them
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',')]
    fail_on: Vec<FailOn>,
    /// How much stands below the answer
    #[arg(long, value_enum, default_value_t = HowManyNotes::Brief)]
    notes: HowManyNotes,
    /// A difference counts from this part of the better value on, as in 5% or 0.05
    #[arg(long, value_name = "SHARE", value_parser = crate::cli::simulating::relevant, default_value = "5%")]
    relevant: f64,
}

/// What makes a comparison fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum FailOn {
    /// A figure is worse beyond chance and by enough to count, or an objective that was met is missed
    Worse,
    /// Other strategies are favoured, or an objective that was met is missed or undecided
    Flipped,
}

impl Compare {
    pub fn run(&self, appearance: Appearance) -> Result<(), Failure> {
        let (before, after) = (self.read(&self.before)?, self.read(&self.after)?);
        let found = study::compare::compare(&before, &after, self.relevant);
        if found.scenarios.is_empty() {
            let names =
                |run: &Recorded| run.scenarios.iter().map(|one| one.name.clone()).collect::<Vec<_>>().join(", ");
            return Err(Failure::Refused(format!(
                "the two runs have no scenario in common ({}; {}); compare runs of the same scenario files",
                names(&before),
                names(&after)
            )));
        }
        let look = appearance.look(self.notes);
        say(&match self.format {
            Format::Text => text(&found, &look),
            Format::Markdown => look.spelt(&markdown(&found, &look)),
            Format::Json => json::printed(&comparison::comparison(&found)),
        })?;
        self.judge(&found)
    }

    fn read(&self, folder: &Path) -> Result<Recorded, Failure> {
        read::read(folder).map_err(|error| Failure::Refused(error.to_string()))
    }

    /// Fails where what was asked about holds.
    fn judge(&self, found: &Comparison) -> Result<(), Failure> {
        let holds = |wanted: FailOn, holds: fn(&ScenarioComparison) -> bool, word: &str| {
            let names: Vec<_> = found.scenarios.iter().filter(|one| holds(one)).map(|one| one.name.as_str()).collect();
            (self.fail_on.contains(&wanted) && !names.is_empty()).then(|| format!("{word}: {}", names.join(", ")))
        };
        let failed: Vec<_> = [
            holds(FailOn::Worse, ScenarioComparison::worse, "worse"),
            holds(FailOn::Flipped, ScenarioComparison::flipped, "flipped"),
        ]
        .into_iter()
        .flatten()
        .collect();
        if failed.is_empty() { Ok(()) } else { Err(Failure::Missed(failed.join("; "))) }
    }
}
