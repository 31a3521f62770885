//! `cutover sweep`: one scenario with keys varied over lists and ranges, and how its figures respond.

use crate::cli::argument::appearance::Format as Printed;
use crate::cli::argument::vary::{Vary, grid, vary};
use crate::cli::simulating::{Simulating, unwritten};
use crate::cli::{Failure, note, say};
use crate::experiment::levers::{self, Assumption};
use crate::experiment::study::sensitivity::sensitivity;
use crate::experiment::study::sweep::{self, Point};
use crate::metrics::{Direction, Metric};
use crate::report::charts::{self, ChartError, Format};

use crate::report::files::json::{self, Timing};
use crate::report::files::{self, Folder};
use crate::report::text;
use crate::report::text::look::Look;
use crate::report::text::studies::sensitivity::Report;
use crate::results::Sweep as Results;
use crate::scenario::{self, Options, Override, Scenario};
use crate::shown;
use clap::Args;
use std::collections::BTreeSet;
use std::path::PathBuf;

const EXAMPLE: &str = "\
Values are a list, a range of even steps, or both; every combination is a point:

  cutover sweep scenarios/lesson.toml --vary gateway.nodes=8,32,128
  cutover sweep scenarios/lesson.toml --vary deployment.step=1s..30s/5 --only 'a*' \\
      --vary strategy.canary.alias.shift.canary.bake=1m,5m,15m

or ask what the verdict hangs on:

  cutover sweep scenarios/lesson.toml --sensitivity";

/// Vary keys of a scenario and see how its figures respond.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Sweep {
    /// The scenario file, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A key and its values, as in gateway.nodes=8,32 or deployment.step=1s..30s/5; several span a grid
    #[arg(long, value_name = "KEY=VALUES", value_parser = vary, required_unless_present = "sensitivity")]
    vary: Vec<Vary>,
    /// Move every assumption that nobody measured over its range, one at a time: what does the verdict hang on?
    #[arg(long, conflicts_with = "vary")]
    sensitivity: bool,
    /// The metric to show; sweep.csv has all [default: that of the first objective, else what breaks]
    #[arg(long, value_name = "KEY", value_parser = crate::scenario::metric_of)]
    metric: Option<Metric>,
    /// The folder for results; only cutover's own files in it are replaced
    #[arg(short, long, value_name = "DIR", default_value = "output/sweep")]
    output: PathBuf,
    /// Replications of each strategy at each point, instead of the scenario's own number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    replications: Option<u32>,
    /// The size of the chart: slide (1280x720), document (960x640), poster (3840x2160), or as in 1600x900
    #[arg(long, value_name = "WxH", default_value_t = charts::Size::SLIDE)]
    chart_size: charts::Size,
    /// How the summary is printed
    #[arg(long, value_enum, default_value_t = Printed::Text)]
    format: Printed,
    #[command(flatten)]
    pub common: Simulating,
}

impl Sweep {
    pub fn run(&self, look: &Look) -> Result<(), Failure> {
        if self.file.is_dir() {
            return Err(Failure::Refused("a sweep varies one scenario: give its file, not a folder".to_owned()));
        }
        let neither = |metric: &&Metric| self.sensitivity && metric.direction() == Direction::Neither;
        if let Some(metric) = self.metric.as_ref().filter(neither) {
            return Err(Failure::Refused(format!(
                "--sensitivity: neither less nor more of {} is better, so that there is no verdict on it; give a --metric \
                 such as latency_p99_ms",
                metric.key()
            )));
        }
        let (assumptions, points) = if self.sensitivity { self.ends()? } else { (Vec::new(), self.points()?) };
        let folder = Folder::open(&self.output).map_err(Failure::Output)?;
        let chart = if self.sensitivity { TORNADO } else { RESPONSE };
        folder.claim(&chart_files(&points[0].scenario.name, self.tables(), chart)).map_err(Failure::Output)?;
        let scenarios: Vec<Scenario> = points.iter().map(|point| point.scenario.clone()).collect();
        let journal = self.common.journal(&folder, &scenarios)?;
        let settings = self.common.settings();
        let jobs = crate::experiment::jobs(&scenarios, None);
        let (points, timing) =
            self.common.timed(&journal, jobs, |finished| sweep::run(&points, &settings, Some(&journal), finished))?;

        let usual = points.first().and_then(|point| text::studies::sweep::deciding(&point.results));
        let Some(metric) = self.metric.clone().or(usual) else { return Ok(()) };
        let keys = match self.sensitivity {
            true => assumptions.iter().map(|assumption| assumption.key.clone()).collect(),
            false => self.vary.iter().map(|vary| vary.key.clone()).collect(),
        };
        let results = Results { seed: settings.seed, confidence: settings.confidence, keys, metric, points };
        if self.sensitivity {
            self.hang((&folder, look), &assumptions, &results, &timing)?;
        } else {
            let tables = [("sweep.csv", files::sweep::csv(&results))];
            let draw = |format| charts::draw_response(&results, format, self.chart_size);
            write(&folder, &results, (&tables, RESPONSE, &draw), timing.clone()).map_err(unwritten)?;
            if !self.common.quiet {
                say(&match self.format {
                    Printed::Text => look.spelt(&text::studies::sweep::text(&results)),
                    Printed::Markdown => text::studies::sweep::markdown(&results),
                    Printed::Json => json::printed(&files::sweep::figures(&results)),
                })?;
            }
        }
        if !self.common.quiet {
            Simulating::rate(&timing, &folder);
        }
        Ok(())
    }

    /// The tables of this kind of sweep.
    const fn tables(&self) -> &'static [&'static str] {
        if self.sensitivity { &["sweep.csv", "sensitivity.csv"] } else { &["sweep.csv"] }
    }

    /// What the verdict hangs on, in place of how figures respond.
    fn hang(
        &self,
        (folder, look): (&Folder, &Look),
        assumptions: &[Assumption],
        sweep: &Results,
        timing: &Timing,
    ) -> Result<(), Failure> {
        let nothing = || {
            let key = sweep.metric.key();
            Failure::Unfinished(format!(
                "there is no verdict on {key} that could hang on anything: at some point fewer than two strategies have \
                 it; give another --metric"
            ))
        };
        let found = sensitivity(assumptions, &sweep.points, &sweep.metric).ok_or_else(nothing)?;
        let base = sweep.points.first().map(|point| &point.results).ok_or_else(nothing)?;
        let report =
            Report { base, metric: &sweep.metric, sensitivity: &found, seed: sweep.seed, confidence: sweep.confidence };
        let tables = [("sweep.csv", files::sweep::csv(sweep)), ("sensitivity.csv", files::sensitivity::csv(&report))];
        let draw = |format| charts::draw_tornado(&report, format, self.chart_size);
        write(folder, sweep, (&tables, TORNADO, &draw), timing.clone()).map_err(unwritten)?;
        if !self.common.quiet {
            say(&match self.format {
                Printed::Text => {
                    look.spelt(&(text::studies::sensitivity::text(&report) + &text::studies::sweep::warm_ups(sweep)))
                }
                Printed::Markdown => {
                    text::studies::sensitivity::markdown(&report) + "\n" + &text::studies::sweep::warm_ups(sweep)
                }
                Printed::Json => json::printed(&files::sensitivity::figures(&report)),
            })?;
        }
        Ok(())
    }

    /// The scenario as it stands, and each assumption's lower and upper end.
    fn ends(&self) -> Result<(Vec<Assumption>, Vec<Point>), Failure> {
        let varied = |varied: Option<String>| {
            let mut options = self.common.options(self.replications);
            options.overrides.extend(varied.map(|text| Override::varied(&text)));
            options
        };
        // Only to learn what is assumed.
        let mut bases = scenario::load(std::slice::from_ref(&self.file), &varied(None))?;
        self.common.keep_only(&mut bases)?;
        let base = bases.remove(0);
        if base.strategies.iter().filter(|strategy| strategy.rollout.deploys()).count() < 2 {
            let cure = "compare at least two strategies that deploy something";
            return Err(Failure::Refused(format!("--sensitivity: {} has no verdict; {cure}", base.name)));
        }
        let assumptions = levers::moved(&base);
        let mut values = vec![vec![String::new(); assumptions.len()]];
        let mut options = vec![varied(None)];
        for (place, assumption) in assumptions.iter().enumerate() {
            for value in [assumption.low, assumption.high] {
                let mut moved = vec![String::new(); assumptions.len()];
                value.clone_into(&mut moved[place]);
                values.push(moved);
                options.push(varied(Some(format!("{}={value}", assumption.key))));
            }
        }
        let scenarios = self.load(&options)?.into_iter();
        let points = values.into_iter().zip(scenarios).map(|(values, scenario)| Point { values, scenario });
        Ok((assumptions, points.collect()))
    }

    /// The scenario with each of these options.
    fn load(&self, points: &[Options]) -> Result<Vec<Scenario>, Failure> {
        let loaded = self.common.load(std::slice::from_ref(&self.file), points)?;
        Ok(loaded.into_iter().flatten().collect())
    }

    /// Every point, loaded and checked before anything runs.
    fn points(&self) -> Result<Vec<Point>, Failure> {
        if self.replications.is_some() && self.vary.iter().any(|vary| vary.key == "replications") {
            let reason = "replications cannot be varied and be given by --replications at once; drop one of them";
            return Err(Failure::Refused(format!("--vary: {reason}")));
        }
        let grid = grid(&self.vary).map_err(|reason| Failure::Refused(format!("--vary: {}", shown::words(&reason))))?;
        let options = |values: &Vec<String>| {
            let mut options = self.common.options(self.replications);
            let varied = self.vary.iter().zip(values);
            options.overrides.extend(varied.map(|(vary, value)| Override::varied(&format!("{}={value}", vary.key))));
            options
        };
        let scenarios = self.load(&grid.iter().map(options).collect::<Vec<_>>())?;
        let points: Vec<_> =
            grid.into_iter().zip(scenarios).map(|(values, scenario)| Point { values, scenario }).collect();
        if let (Some(point), false) = (points.first(), self.common.quiet) {
            point.scenario.notes.iter().for_each(|text| note(&format!("note: {}: {text}", point.scenario.name)));
        }
        Ok(points)
    }
}

const RESPONSE: &str = "response";
const TORNADO: &str = "tornado";

fn chart_path(scenario: &str, chart: &str, format: Format) -> String {
    format!("charts/{}-{chart}.{}", scenario.replace('/', "-"), format.extension())
}

/// Every file of a sweep, `run.json` apart.
pub(super) fn chart_files(scenario: &str, tables: &[&str], chart: &str) -> BTreeSet<String> {
    let charts = Format::ALL.map(|format| chart_path(scenario, chart, format));
    charts.into_iter().chain(tables.iter().map(|&name| name.to_owned())).collect()
}

/// The tables of a sweep by name, and its chart: what it is called and what draws it.
pub(super) type Content<'a> = (&'a [(&'a str, Vec<u8>)], &'a str, &'a dyn Fn(Format) -> Result<Vec<u8>, ChartError>);

/// Writes every file of a sweep, `run.json` last.
pub(super) fn write(
    folder: &Folder,
    sweep: &Results,
    (tables, chart, draw): Content<'_>,
    mut timing: Timing,
) -> Result<(), Box<dyn std::error::Error>> {
    let Some(name) = sweep.points.first().map(|point| point.results.name.clone()) else { return Ok(()) };
    let names: Vec<&str> = tables.iter().map(|(name, _)| *name).collect();
    let mut writing = folder.begin(&chart_files(&name, &names, chart))?;
    for (name, bytes) in tables {
        writing.write(name, bytes)?;
    }
    let hashes = writing.hashes().clone();
    for format in Format::ALL {
        let bytes = draw(format)?;
        let path = chart_path(&name, chart, format);
        timing.charts.insert(path.clone(), blake3::hash(&bytes).to_string());
        writing.write(&path, &bytes)?;
    }
    let run = files::sweep::run(sweep, &hashes, &timing);
    writing.finish(&run)?;
    Ok(())
}
