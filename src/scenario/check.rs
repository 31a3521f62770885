//! From one document to one checked scenario.

use super::diagnostic::{Diagnostic, Place, Text};
use super::document;
use super::log::{Checked, Log, Refused};
use super::overrides::Change;
use super::reader::{Item, Table};
use super::{Scenario, deployment, foreseen, objective, platform, release, source, strategy, window};
use crate::platform::Service;
use crate::source::Arrivals;
use crate::time::Span;
use crate::units::Bytes;
use std::path::Path;
use std::sync::Arc;

/// How many replications where none are written.
pub(super) const DEFAULT_REPLICATIONS: u32 = 40;
/// How many replications a scenario may ask for.
pub(super) const MOST_REPLICATIONS: u32 = 100_000;
/// How long a title may be: a line of a report.
pub(super) const LONGEST_TITLE: usize = 200;

/// A scenario file, read but not understood.
pub(super) struct File<'a> {
    pub name: String,
    pub text: Arc<Text>,
    /// The folder it lies in.
    pub folder: &'a Path,
    /// The length that was found for its warm-up, should it ask for one.
    pub warm_up: Option<Span>,
}

/// What the command line changes in every scenario.
pub(super) struct Changes<'a> {
    pub overrides: &'a [Change],
    pub replications: Option<u32>,
    pub memory: Bytes,
}

/// Checks one file; `hasher` has seen all that its figures follow from but its traces.
pub(super) fn check(file: &File, changes: &Changes, hasher: blake3::Hasher) -> Result<Scenario, Vec<Diagnostic>> {
    let mut document = document::parse(&file.text);
    for change in changes.overrides {
        change.apply(&mut document.root);
    }
    let log = Log::new(document.faults, document.damage);
    let read = scenario(Table::root(&file.text, &document.root, &log), file).and_then(|(mut scenario, sources)| {
        scenario.replications = changes.replications.unwrap_or(scenario.replications);
        foreseen::fits(&scenario, changes.memory, (&sources, &Place::whole(&file.text)), &log)?;
        Ok(scenario)
    });
    let notes = log.close()?;
    let mut scenario = read.map_err(|Refused| {
        // Every refusal says why; one that did not must not pass for a scenario left out on purpose.
        let cure = "this is a mistake of cutover's own; please report it with the file";
        vec![Diagnostic::about(file.text.name.as_str(), "refused without a reason", cure)]
    })?;
    scenario.notes = notes;
    scenario.hash = hash(&scenario.service, hasher);
    Ok(scenario)
}

fn hash(service: &Service, mut hasher: blake3::Hasher) -> String {
    for source in &service.sources {
        if let Arrivals::Trace(trace) = &source.arrivals {
            hasher.update(trace.hash.as_bytes());
        }
    }
    hasher.finalize().to_string()
}

/// The scenario, and where its sources are written.
fn scenario(mut root: Table, file: &File) -> Checked<(Scenario, Vec<Place>)> {
    let title = root.or("title", file.name.clone(), title);
    let replications = root.or("replications", DEFAULT_REPLICATIONS, |item| item.whole(1..=MOST_REPLICATIONS));
    let (window, warm_up) = window::window(&mut root, file.warm_up);
    let bin = window::bin(&mut root, window);

    let table = root.section("source");
    let names = source::names(&table);
    let sources = source::sources(&table, &source::Around { window, warm_up, folder: file.folder });

    let gateway = platform::gateway(&mut root);
    let (mut code, mut function_table) = (root.section("code"), root.section("function"));
    let versions = root.section("version");
    let function = platform::function(&mut function_table);
    let replay_durations = sources.as_ref().map(|sources| sources.replay_durations).map_err(|&refused| refused);
    let releases = release::releases(&mut code, &mut function_table, &versions, replay_durations);
    code.finish();
    function_table.finish();

    let inherited = deployment::deployment(&mut root, release::highest(&versions));
    let front_ends = function.as_ref().map_or(1, |function| function.front_ends);
    let around = strategy::Around { inherited, sources: names, front_ends };
    let strategies = strategy::strategies(&root.section("strategy"), &around);
    let known = strategies.as_deref().map_err(|&refused| refused);
    let objectives = objective::objectives(&root.section("objective"), known);
    root.finish();

    let sources = sources?;
    let scenario = Scenario {
        name: file.name.clone(),
        title: title?,
        replications: replications?,
        window: window?,
        warm_up,
        bin: bin?,
        service: Service { sources: sources.list, gateway: gateway?, function: function?, releases: releases? },
        strategies: strategies?,
        objectives: objectives?,
        hash: String::new(),
        notes: Vec::new(),
    };
    Ok((scenario, sources.places))
}

fn title(item: &Item) -> Checked<String> {
    let title = item.text("Orders API v1 -> v2")?;
    if title.trim().is_empty() || title.contains(char::is_control) || title.chars().count() > LONGEST_TITLE {
        let cure = format!("write one line of at most {LONGEST_TITLE} characters, or drop `title`");
        return Err(item.refuse("a title is one line of text and not empty", cure));
    }
    Ok(title.to_owned())
}
