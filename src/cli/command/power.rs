//! `cutover power`: what a guard can see.

use super::sweep::{chart_files, write};
use crate::cli::argument::appearance::Format as Printed;
use crate::cli::argument::vary::{Vary, vary};
use crate::cli::simulating::{Simulating, share, unwritten};
use crate::cli::{Failure, note, say};
use crate::experiment;
use crate::experiment::study::sweep::{self, Point};
use crate::metrics::{Kind, Metric};
use crate::report::charts;
use crate::report::files::json;
use crate::report::files::{self, Folder};
use crate::report::text;
use crate::report::text::look::Look;
use crate::results::Sweep as Results;
use crate::results::power::Solve;
use crate::scenario::{Options, Override, Scenario};
use crate::strategy::Strategy;
use clap::Args;
use std::path::PathBuf;

const EXAMPLE: &str = "\
For each size of a regression: how often the alarms stop the rollout, how soon, and what is lost until then; at size zero, how
often they do for nothing:

  cutover power scenarios/bad-release.toml --regress version.2.code.errors=0%..10%/6 --only 'canary*'

The first setting that catches one, without too many false alarms; each at as many replications:

  cutover power scenarios/bad-release.toml --regress version.2.code.errors=0% --solve alarm.errors.above=5%,10% --at 20% \\
      --catch 95% --false-alarms 5% --only 'canary*'";

/// See what alarms and hooks catch: how large a regression, how soon, and how often for nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Power {
    /// The scenario file, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The key that regresses and its sizes, the healthy one first, as in version.2.code.errors=0%..10%/6
    #[arg(long, value_name = "KEY=VALUES", value_parser = vary)]
    regress: Vary,
    /// A key of the alarm, hook or shift and its candidates, the preferred one first: which is the first that does?
    #[arg(long, value_name = "KEY=VALUES", value_parser = vary, requires = "at")]
    solve: Option<Vary>,
    /// The size that must be caught, with --solve
    #[arg(long, value_name = "VALUE", requires = "solve")]
    at: Option<String>,
    /// In which share of the rollouts it must be, at least; 99% takes 368 runs
    #[arg(long, value_name = "SHARE", value_parser = part, default_value = "99%", requires = "solve")]
    catch: f64,
    /// In which share of the rollouts a healthy version may be stopped, at most
    #[arg(long, value_name = "SHARE", value_parser = part, default_value = "1%", requires = "solve")]
    false_alarms: f64,
    /// The folder for results; only cutover's own files in it are replaced
    #[arg(short, long, value_name = "DIR", default_value = "output/power")]
    output: PathBuf,
    /// Replications of each strategy at each size
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=100_000), default_value_t = 200)]
    replications: u32,
    /// The size of the chart: slide (1280x720), document (960x640), poster (3840x2160), or as in 1600x900
    #[arg(long, value_name = "WxH", default_value_t = charts::Size::SLIDE)]
    chart_size: charts::Size,
    /// How the summary is printed
    #[arg(long, value_enum, default_value_t = Printed::Text)]
    format: Printed,
    #[command(flatten)]
    pub common: Simulating,
}

/// Reads a share above 0 and below 1, or per cent.
fn part(text: &str) -> Result<f64, String> {
    let part = share(text);
    if part > 0.0 && part < 1.0 {
        return Ok(part);
    }
    Err("write a share above 0 % and below 100 %, such as 99%".to_owned())
}

impl Power {
    pub fn run(&self, look: &Look) -> Result<(), Failure> {
        if self.file.is_dir() {
            return Err(Failure::Refused("power is about one scenario: give its file, not a folder".to_owned()));
        }
        if self.solve.as_ref().is_some_and(|solve| solve.key == self.regress.key) {
            return Err(Failure::Refused(
                "--solve: the key that regresses is no setting; give one of an alarm".to_owned(),
            ));
        }
        if self.at.as_ref().is_some_and(|at| self.regress.values.first() == Some(at)) {
            return Err(Failure::Refused(
                "--at: this is the healthy size, the first of --regress; give a larger".to_owned(),
            ));
        }
        let points = self.points()?;
        let folder = Folder::open(&self.output).map_err(Failure::Output)?;
        folder.claim(&chart_files(&points[0].scenario.name, self.tables(), CHART)).map_err(Failure::Output)?;
        let scenarios: Vec<Scenario> = points.iter().map(|point| point.scenario.clone()).collect();
        let journal = self.common.journal(&folder, &scenarios)?;
        let (settings, jobs) = (self.common.settings(), experiment::jobs(&scenarios, None));
        let (points, timing) =
            self.common.timed(&journal, jobs, |finished| sweep::run(&points, &settings, Some(&journal), finished))?;

        let metric = Metric { kind: Kind::RolledBack, version: None };
        let keys = self.solve.iter().chain([&self.regress]).map(|vary| vary.key.clone()).collect();
        let sweep = Results { seed: settings.seed, confidence: settings.confidence, keys, metric, points };
        let solve = self.solved(&sweep);
        let tables = match (&solve, sweep.points.first()) {
            (Some(solve), Some(first)) => vec![("solve.csv", files::power::solve(&first.results, solve))],
            _ => vec![("power.csv", files::power::csv(&sweep))],
        };
        let title = text::studies::power::title(&sweep, solve.as_ref());
        let draw = |format| charts::draw_power(&sweep, &title, format, self.chart_size);
        write(&folder, &sweep, (&tables, CHART, &draw), timing.clone()).map_err(unwritten)?;
        if !self.common.quiet {
            say(&match self.format {
                Printed::Text => look.spelt(&text::studies::power::text(&sweep, solve.as_ref())),
                Printed::Markdown => text::studies::power::markdown(&sweep, solve.as_ref()),
                Printed::Json => json::printed(&files::power::figures(&sweep, solve.as_ref())),
            })?;
            Simulating::rate(&timing, &folder);
        }
        Ok(())
    }

    const fn tables(&self) -> &'static [&'static str] {
        if self.solve.is_some() { &["solve.csv"] } else { &["power.csv"] }
    }

    /// What came of the candidates, if there are any.
    fn solved(&self, sweep: &Results) -> Option<Solve> {
        // Each bound errs on one side.
        let error = (1.0 - sweep.confidence) / 2.0;
        let needs = |clean: f64| experiment::needed_runs(clean, error).unwrap_or(u64::MAX);
        let mut solve = Solve {
            key: self.solve.as_ref()?.key.clone(),
            regressed: self.regress.key.clone(),
            at: self.at.clone()?,
            catch: self.catch,
            false_alarms: self.false_alarms,
            needs: needs(self.catch).max(needs(1.0 - self.false_alarms)),
            candidates: Vec::new(),
        };
        solve.judge(sweep);
        Some(solve)
    }

    /// Every point, loaded and checked before anything runs, with the strategies that something may stop.
    fn points(&self) -> Result<Vec<Point>, Failure> {
        let grid = self.grid();
        let options = |values: &Vec<String>| -> Options {
            let mut options = self.common.options(Some(self.replications));
            let written = |vary: &Vary, value: &String| format!("{}={value}", vary.key);
            if let (Some(solve), Some(candidate)) = (&self.solve, values.first()) {
                options.overrides.push(Override::tried(&written(solve, candidate)));
            }
            options.overrides.extend(values.last().map(|size| Override::regressed(&written(&self.regress, size))));
            options
        };
        let options: Vec<_> = grid.iter().map(options).collect();
        let loaded = self.common.load(std::slice::from_ref(&self.file), &options)?;
        let mut points = Vec::new();
        for (values, mut scenario) in grid.into_iter().zip(loaded.into_iter().flatten()) {
            let (watched, aside): (Vec<_>, Vec<_>) =
                scenario.strategies.into_iter().partition(Strategy::may_be_stopped);
            scenario.strategies = watched;
            if scenario.strategies.is_empty() {
                let cure = "name alarms in a strategy's `rollback_on`, or give it `hooks`";
                return Err(Failure::Refused(format!("{}: nothing can stop any strategy; {cure}", scenario.name)));
            }
            if points.is_empty() && !aside.is_empty() && !self.common.quiet {
                let names: Vec<&str> = aside.iter().map(|strategy| strategy.name.as_str()).collect();
                note(&format!("note: left out, since nothing can stop them: {}", names.join(", ")));
            }
            points.push(Point { values, scenario });
        }
        Ok(points)
    }

    /// The sizes; or each candidate, healthy and regressed.
    fn grid(&self) -> Vec<Vec<String>> {
        match (&self.solve, &self.at) {
            (Some(solve), Some(at)) => {
                let healthy = self.regress.values.first().cloned().unwrap_or_default();
                let pair = |value: &String| [vec![value.clone(), healthy.clone()], vec![value.clone(), at.clone()]];
                solve.values.iter().flat_map(pair).collect()
            }
            _ => self.regress.values.iter().map(|value| vec![value.clone()]).collect(),
        }
    }
}

const CHART: &str = "power";
