//! `cutover run`: simulate scenarios, write the results, print the summary.

mod repeat;

use crate::cli::argument::appearance::{Appearance, Format, HowManyNotes};
use crate::cli::argument::charts::{self as asked, Charts};
use crate::cli::simulating::{Simulating, unwritten};
use crate::cli::{Failure, note, paths, say};
use crate::experiment::settings::Goal;
use crate::experiment::{self, Precision, Settings};
use crate::report::charts::{self, ChartKind, Format as ChartFormat};
use crate::report::files::json::Timing;
use crate::report::files::{Folder, csv, json, junit, single};
use crate::report::page;
use crate::report::text::look::Look;
use crate::report::text::{gates, table};
use crate::results::{Outcome, Results, ScenarioResults};
use crate::scenario::Scenario;
use crate::shown;
use clap::{Args, ValueEnum};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

const EXAMPLE: &str = "\
Examples:
  cutover run mine.toml              summary here, files and charts in output/
  cutover run mine.toml --set gateway.nodes=64 --only 'alias*'
  cutover run mine.toml --precision incompatible_share=5% --max-replications 400
  cutover run mine.toml --format markdown --quiet -o results/today
  cutover run mine.toml --junit gate.xml --undecided-fails
  generate | cutover run -           a scenario from standard input

Files: summary.csv, replications.csv, differences.csv, timeline.csv and more, charts/, run.json last.
Exit codes: 0 done; 1 an objective was missed; 2 refused before anything ran; 3 could not finish.";

/// Simulate scenarios and compare their strategies.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Run {
    /// Scenario files, folders of them, or - for standard input [default: scenarios]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The folder for results; only cutover's own files in it are replaced
    #[arg(short, long, value_name = "DIR", default_value = "output")]
    output: PathBuf,
    /// Replications of each strategy, instead of the scenarios' own number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    replications: Option<u32>,
    /// Go on until this metric's interval is so narrow under every strategy, as in cold_start_share=5% (of the value) or
    /// incompatible_share=1e-6; may be given several times
    #[arg(long, value_name = "KEY=WIDTH", value_parser = crate::cli::argument::precision::goal, conflicts_with = "replications")]
    precision: Vec<Goal>,
    /// Give a --precision up after so many replications
    #[arg(long, value_name = "N", default_value_t = 1000, requires = "precision", value_parser = clap::value_parser!(u32).range(20..=100_000))]
    max_replications: u32,
    /// The charts to write, by their names and with commas between them, or none [default: what the finding asks for]
    #[arg(long, value_name = "LIST|none", value_parser = asked::charts)]
    charts: Option<Charts>,
    /// The size of the charts: slide (1280x720), document (960x640), poster (3840x2160), or as in 1600x900
    #[arg(long, value_name = "WxH", default_value_t = charts::Size::SLIDE)]
    chart_size: charts::Size,
    /// The page that shows all of it to a reader
    #[arg(long, value_enum, default_value_t = Page::Html)]
    report: Page,
    /// How the summary is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// How many notes stand below a table
    #[arg(long, value_enum, default_value_t = HowManyNotes::Brief)]
    notes: HowManyNotes,
    /// A difference between strategies counts from this part of the better value on, as in 5% or 0.05
    #[arg(long, value_name = "SHARE", value_parser = crate::cli::simulating::relevant, default_value = "5%")]
    relevant: f64,
    /// Exit with 1 also where an objective is undecided: its interval holds the bound
    #[arg(long)]
    undecided_fails: bool,
    /// Also write the objectives as a JUnit file, for a pipeline to show
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    #[command(flatten)]
    pub common: Simulating,
}

/// Which page is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Page {
    /// report.html
    Html,
    /// No page
    None,
}

impl Run {
    pub fn run(&self, appearance: Appearance) -> Result<(), Failure> {
        let options = self.common.options(self.replications);
        let scenarios = self.common.load(&paths(&self.paths), &[options])?.remove(0);
        let settings = self.settings(&scenarios)?;
        settings.fits(&scenarios)?;
        let folder = Folder::open(&self.output).map_err(Failure::Output)?;
        let names = scenarios.iter().map(|scenario| scenario.name.as_str());
        folder.claim(&files(Page::Html, names.map(|name| (name, ChartKind::ALL.to_vec())))).map_err(Failure::Output)?;
        self.junit.as_deref().map_or(Ok(()), |path| claim(path, &folder))?;
        let journal = self.common.journal(&folder, &scenarios)?;
        if !self.common.quiet {
            for scenario in &scenarios {
                scenario.notes.iter().for_each(|text| note(&format!("note: {}: {text}", scenario.name)));
            }
        }

        let jobs = experiment::jobs(&scenarios, settings.precision.as_ref());
        let (results, timing) = self
            .common
            .timed(&journal, jobs, |finished| experiment::run(&scenarios, &settings, Some(&journal), finished))?;
        self.write(&folder, (&scenarios, &results), timing.clone()).map_err(unwritten)?;
        if let Some(path) = &self.junit {
            let bytes = junit::junit(&results, self.undecided_fails);
            single::put(path, |file| file.write_all(&bytes)).map_err(|error| Failure::Unfinished(error.to_string()))?;
        }
        if !self.common.quiet {
            let without = results.scenarios.iter().flat_map(|scenario| asked::without(self.charts.as_ref(), scenario));
            without.for_each(|told| note(&told));
            say(&self.summary(&results, &folder, &appearance.look(self.notes)))?;
            Simulating::rate(&timing, &folder);
        }
        self.judge(&results)
    }

    /// How the batch is run.
    fn settings(&self, scenarios: &[Scenario]) -> Result<Settings, Failure> {
        for goal in &self.precision {
            let unknown = |version| scenarios.iter().find(|scenario| !scenario.versions().contains(&version));
            if let Some(scenario) = goal.metric.version.and_then(unknown) {
                let (key, name) = (goal.metric.key(), &scenario.name);
                return Err(Failure::Refused(format!(
                    "--precision {key}: no strategy of {name} runs that version; ask for another, or for this scenario alone"
                )));
            }
        }
        let precision = Precision { goals: self.precision.clone(), most: self.max_replications };
        let precision = (!precision.goals.is_empty()).then_some(precision);
        Ok(Settings { precision, relevant: self.relevant, ..self.common.settings() })
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

    /// Writes every file of a run, `run.json` last.
    fn write(
        &self,
        folder: &Folder,
        (scenarios, results): (&[Scenario], &Results),
        mut timing: Timing,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let charts = |scenario| asked::chosen(self.charts.as_ref(), scenario);
        let chosen: Vec<_> = results.scenarios.iter().map(|scenario| (scenario, charts(scenario))).collect();
        let names = chosen.iter().map(|(scenario, kinds)| (scenario.name.as_str(), kinds.clone()));
        let mut writing = folder.begin(&files(self.report, names))?;
        for (name, bytes) in csv::FILES {
            writing.write(name, &bytes(results))?;
        }
        let tables = writing.hashes().clone();
        let draw = |(scenario, kind, format): (&ScenarioResults, ChartKind, ChartFormat)| {
            let bytes = charts::draw(scenario, results.confidence, kind, format, self.chart_size)?;
            Ok((chart_path(&scenario.name, kind, format), bytes))
        };
        let pictures = chosen.iter().flat_map(|(scenario, kinds)| {
            kinds.iter().flat_map(move |&kind| ChartFormat::ALL.map(|format| (*scenario, kind, format)))
        });
        let drawn: Vec<_> = pictures.par_bridge().map(draw).collect::<Result<_, charts::ChartError>>()?;
        for (path, bytes) in drawn {
            writing.write(&path, &bytes)?;
        }
        if self.report == Page::Html {
            writing.write(PAGE, &page::page(results, &self.told(scenarios, results))?)?;
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

    fn summary(&self, results: &Results, folder: &Folder, look: &Look) -> String {
        let print = match self.format {
            Format::Json => return json::printed(&json::figures(results)),
            Format::Text => table::text,
            Format::Markdown => table::markdown,
        };
        let tables: Vec<_> = results
            .scenarios
            .iter()
            .map(|scenario| {
                let first = asked::chosen(self.charts.as_ref(), scenario).into_iter().next();
                let chart = first.map(|kind| chart_path(&scenario.name, kind, ChartFormat::Svg));
                let chart = chart.map(|chart| shown::path(&folder.path().join(chart)));
                print(scenario, results.seed, results.confidence, chart.as_deref(), look)
            })
            .collect();
        tables.join("\n")
    }
}

/// The name of the page.
const PAGE: &str = "report.html";

/// Makes sure, before anything runs, that a JUnit file can be written and takes the place of no result.
fn claim(path: &Path, folder: &Folder) -> Result<(), Failure> {
    junit::claim(path).map_err(|error| Failure::Refused(error.to_string()))?;
    let name = path.file_name().unwrap_or_default();
    let taken = csv::FILES.iter().map(|&(name, _)| name).chain(["run.json", PAGE]).any(|taken| taken == name);
    let hidden = name.to_string_lossy().starts_with(".cutover");
    let beside = path.parent().and_then(|parent| parent.canonicalize().ok()) == folder.path().canonicalize().ok();
    if (taken || hidden) && beside {
        let path = shown::path(path);
        return Err(Failure::Refused(format!("--junit {path}: that is a result's own place; name another file")));
    }
    Ok(())
}

fn chart_path(scenario: &str, kind: ChartKind, format: ChartFormat) -> String {
    format!("charts/{}", charts::file_name(scenario, kind, format))
}

/// Every file of a run of scenarios with these charts, `run.json` apart.
fn files<'a>(page: Page, charts: impl Iterator<Item = (&'a str, Vec<ChartKind>)>) -> BTreeSet<String> {
    let of = |(name, kinds): (&str, Vec<ChartKind>)| {
        let pictures = kinds.into_iter().flat_map(|kind| ChartFormat::ALL.map(|format| chart_path(name, kind, format)));
        pictures.collect::<Vec<_>>()
    };
    let page = (page == Page::Html).then(|| PAGE.to_owned());
    csv::FILES.iter().map(|&(name, _)| name.to_owned()).chain(page).chain(charts.flat_map(of)).collect()
}

#[cfg(test)]
mod tests {
    use crate::cli::Cli;
    use clap::Parser;

    #[test]
    fn what_would_have_no_effect_is_refused() {
        let parse = |arguments: &[&str]| Cli::try_parse_from([&["cutover", "run"], arguments].concat());
        let alone = parse(&["--max-replications", "30"]).unwrap_err().to_string();
        assert!(alone.contains("--precision"), "{alone}");
        assert!(parse(&["--max-replications", "30", "--precision", "served=1%"]).is_ok());
        assert!(parse(&[]).is_ok());
    }

    #[test]
    fn a_number_out_of_range_is_refused_with_the_range_or_as_no_number() {
        for (flag, value, reason) in [
            ("--threads", "0", "0 is not in 1..=1024"),
            ("--replications", "0", "0 is not in 1..=100000"),
            ("--confidence", "95", "write a share from 0.5 to 0.9999"),
            ("--relevant", "5", "write a share from 0 to 1, such as 5% or 0.05"),
            ("--chart-size", "big", "write slide (1280x720), document (960x640), poster (3840x2160), or a width and"),
            ("--chart-size", "200x100", "200x100 pixels: the width may be 640 to 4096, the height 400 to 4096"),
            ("--seed", "-1", "invalid value '-1' for '--seed <N>'"),
        ] {
            let refused = Cli::try_parse_from(["cutover", "run", flag, value]).unwrap_err().to_string();
            assert!(refused.contains(reason), "{flag} {value}: {refused}");
        }
    }
}
