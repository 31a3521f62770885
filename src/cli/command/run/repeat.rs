//! What the page has from the command line: how to repeat the run, what if it were otherwise, and one request of each strategy.

use super::Run;
use crate::cli::paths;
use crate::experiment::settings::RELEVANT;
use crate::experiment::study::explain::{First, Which, story};
use crate::experiment::study::what_if::what_if;
use crate::random::Seed;
use crate::report::page::{Beside, Told};
use crate::report::text::look::{Look, Notes};
use crate::report::text::studies;
use crate::results::{Results, ScenarioResults};
use crate::scenario::{self, Override, Scenario};
use crate::shown;
use crate::strategy::Strategy;
use rayon::prelude::*;
use std::path::PathBuf;

impl Run {
    /// What only the command line knows of a run.
    pub(super) fn told(&self, scenarios: &[Scenario], results: &Results) -> Told {
        let paths = paths(&self.paths);
        let of = |(scenario, results): (&Scenario, &ScenarioResults)| {
            let file = file_of(&paths, &scenario.name);
            let moved = |key: &str, value: &str| {
                let mut options = self.common.options(self.replications);
                options.overrides.push(Override::varied(&format!("{key}={value}")));
                let mut moved = scenario::load(std::slice::from_ref(&file), &options).ok()?;
                self.common.keep_only(&mut moved).ok()?;
                moved.pop()
            };
            let what_if = what_if(scenario, moved);
            Beside { file: quoted(&shown::path(&file)), what_if, stories: self.stories(scenario, results) }
        };
        let scenarios = scenarios.par_iter().zip(&results.scenarios).map(of).collect();
        let sets = self.common.overrides.iter().map(|text| format!(" --set {}", quoted(text))).collect();
        Told { command: self.command(), sets, scenarios }
    }

    /// The first request that each strategy loses in its first replication, if it loses any.
    fn stories(&self, scenario: &Scenario, results: &ScenarioResults) -> Vec<Option<String>> {
        const LOOK: Look = Look { colour: false, ascii: false, width: 100, notes: Notes::Brief };
        let of = |(place, strategy): (usize, &Strategy)| {
            if results.estimate(place, "lost").mean.is_none_or(|lost| lost <= 0.0) {
                return None;
            }
            let seed = Seed { seed: self.common.seed, replication: 0 };
            // What had to be given up has nothing to tell.
            let story = story(scenario, strategy, seed, Which::First(First::Lost)).ok().flatten()?;
            Some(studies::story::text(&story, &LOOK))
        };
        scenario.strategies.par_iter().enumerate().map(of).collect()
    }

    /// The command that repeats this run: what the figures follow from, and nothing else.
    fn command(&self) -> String {
        let mut words = vec!["cutover".to_owned(), "run".to_owned()];
        words.extend(paths(&self.paths).iter().map(|path| quoted(&shown::path(path))));
        let mut say = |flag: &str, value: String| words.extend([format!("--{flag}"), quoted(&value)]);
        let common = &self.common;
        common.overrides.iter().for_each(|text| say("set", text.clone()));
        common.only.iter().for_each(|glob| say("only", glob.clone()));
        self.replications.iter().for_each(|n| say("replications", n.to_string()));
        self.precision.iter().for_each(|goal| say("precision", goal.to_string()));
        if !self.precision.is_empty() {
            say("max-replications", self.max_replications.to_string());
        }
        if common.seed != 1 {
            say("seed", common.seed.to_string());
        }
        if common.confidence != 0.95 {
            say("confidence", common.confidence.to_string());
        }
        if self.relevant != RELEVANT {
            say("relevant", self.relevant.to_string());
        }
        if common.no_exact {
            words.push("--no-exact".to_owned());
        }
        words.join(" ")
    }
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,%+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// The file of a scenario, as one of these paths leads to it.
fn file_of(paths: &[PathBuf], name: &str) -> PathBuf {
    let inside = |path: &PathBuf| {
        if path.is_dir() {
            let file = path.join(format!("{name}.toml"));
            return file.exists().then_some(file);
        }
        (path.file_stem().is_some_and(|stem| stem.to_string_lossy() == name)).then(|| path.clone())
    };
    paths.iter().find_map(inside).unwrap_or_else(|| PathBuf::from("-"))
}
