//! From one document to one checked scenario.

use super::tables::{hosts, objective, platform, prices, release, title, window};
use super::{Scenario, WarmUp, foreseen};
use crate::faults::{Errors, keys as faults};
use crate::platform::Service;
use crate::source::{self, Arrivals, Source, Via};
use crate::strategy::guard::{analysis, keys as guard};
use crate::strategy::{Holder, On, Rollout, Wired, deployment, keys as strategy};
use crate::text::diagnostic::{Diagnostic, Place, Text};
use crate::text::document;
use crate::text::log::{Checked, Log, Refused};
use crate::text::overrides::Change;
use crate::text::reader::Table;
use crate::time::Span;
use crate::units::Bytes;
use std::path::Path;
use std::sync::Arc;

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
        document.faults.extend(change.apply(&mut document.root).err());
    }
    let log = Log::new(document.faults, document.damage);
    let read = scenario(Table::root(&file.text, &document.root, &log), file).and_then(|(mut scenario, sources)| {
        scenario.replications = changes.replications.unwrap_or(scenario.replications);
        cut_short(&scenario, &log);
        young(&scenario, &log);
        provision(&mut scenario, &log);
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
            hasher.update(trace.hash().as_bytes());
        }
    }
    hasher.finalize().to_string()
}

/// Notes where instances are younger at t = 0 than what their errors hang on.
fn young(scenario: &Scenario, log: &Log) {
    let ages = scenario.service.releases.iter().filter_map(|release| match &release.errors {
        Errors::ByInstanceAge(trend) => Some(trend.reaches()),
        _ => None,
    });
    if let Some(age) = ages.max().filter(|&age| scenario.window.warm_up < age) {
        let warm_up = scenario.window.warm_up;
        log.note(format!(
            "errors go by the age of an instance up to {age}, and at t = 0 none is older than the warm-up, {warm_up}; write a longer \
             `window.warm_up` if yours are"
        ));
    }
}

/// Has strategies keep environments ready, and notes which cannot.
fn provision(scenario: &mut Scenario, log: &Log) {
    let Some(provisioned) = scenario.service.function.provisioned else { return };
    let without = scenario.strategies.iter_mut().filter(|strategy| strategy.on() == On::Function);
    let without: Vec<&str> =
        without.filter_map(|strategy| (!strategy.provision(&provisioned)).then_some(strategy.name.as_str())).collect();
    if !without.is_empty() {
        let (verb, holder) = match (&without[..], provisioned.on) {
            ([_], Holder::Version) => ("has", "a published version"),
            ([_], Holder::Alias) => ("has", "the alias"),
            (_, Holder::Version) => ("have", "a published version"),
            (_, Holder::Alias) => ("have", "the alias"),
        };
        let names = without.join(", ");
        log.note(format!("{names} {verb} no environments that are kept ready: requests do not ask for {holder}"));
    }
}

/// Notes which plans outlast the window.
fn cut_short(scenario: &Scenario, log: &Log) {
    for strategy in &scenario.strategies {
        let Rollout::Plan(plan) = &strategy.rollout else { continue };
        if plan.least() >= scenario.window.after {
            let (name, least) = (&strategy.name, plan.least());
            log.note(format!(
                "the plan of {name} takes at least {least}; write a longer `window.after` to see it through"
            ));
        }
    }
}

/// The scenario, and where its sources are written.
fn scenario(mut root: Table, file: &File) -> Checked<(Scenario, Vec<Place>)> {
    let title = root.written(&title::TITLE);
    let replications = root.read(&title::REPLICATIONS);
    let (window, warm_up) = window::window(&mut root, file.warm_up);
    let bin = window::bin(&mut root, window);

    let table = root.section(&source::keys::SOURCES);
    let names = source::keys::names(&table);
    let around = source::keys::Around {
        window: window.map(|window| (window.start(), window.end())),
        warm_up_open: warm_up != WarmUp::Written,
        queues: source::keys::queues(&root.section(&source::keys::QUEUES), &root.section(&source::keys::STREAMS)),
        folder: file.folder.to_owned(),
    };
    let sources = source::keys::sources(&table, &around);

    let gateway = platform::gateway(&mut root);
    let (mut code, mut function_table) = (root.section(&release::CODE), root.section(&platform::FUNCTION));
    let (has_function, has_hosts) = (root.has(&platform::FUNCTION), root.has(&hosts::HOSTS));
    let mut hosts_table = root.section(&hosts::HOSTS);
    let versions = root.section(&release::VERSIONS);
    let function = platform::function(&mut function_table);
    let replay_durations = sources.as_ref().map(|sources| sources.replay_durations).map_err(|&refused| refused);
    let releases = release::releases(&mut code, (&mut function_table, &mut hosts_table), &versions, replay_durations);
    let hosts = if has_hosts { hosts::hosts(&mut hosts_table).map(Some) } else { Ok(None) };
    code.finish();
    function_table.finish();
    hosts_table.finish();
    let prices = prices::prices(&mut root);

    let inherited = deployment::deployment(&mut root, release::highest(&versions));
    let front_ends = function.as_ref().map_or(1, |function| function.front_ends);
    let usual = if has_hosts && !has_function { On::Hosts } else { On::Function };
    let alarms = guard::alarms(&root.section(&guard::ALARMS));
    let analyses = analysis::analyses(&root.section(&analysis::ANALYSES));
    let wired = sources.as_ref().map_or_else(|_| Wired::default(), |sources| wired(&sources.list));
    let queues = sources.as_ref().is_ok_and(|sources| sources.list.iter().any(|source| source.via.queue().is_some()));
    let around = strategy::Around {
        inherited,
        sources: names,
        wired,
        queues,
        front_ends,
        hosts: has_hosts,
        usual,
        alarms,
        analyses,
    };
    let strategies = strategy::strategies(&root.section(&strategy::STRATEGIES), &around);
    let known = strategies.as_deref().map_err(|&refused| refused);
    let objectives = objective::objectives(&root.section(&objective::OBJECTIVES), known);
    let end = window.map(|window| window.end());
    let around =
        faults::Around { sources: &around.sources, highest: release::highest(&versions), end, hosts: has_hosts };
    let events = faults::events(&mut root, &around);
    root.finish();

    let sources = sources?;
    let (events, scalings) = events?;
    let scenario = Scenario {
        name: file.name.clone(),
        title: title?.unwrap_or_else(|| file.name.clone()),
        replications: replications?,
        window: window?,
        warm_up,
        bin: bin?,
        service: Service {
            sources: sources.list,
            gateway: gateway?,
            function: function?,
            hosts: hosts?,
            releases: releases?,
            events,
            scalings,
            prices: prices?,
        },
        strategies: strategies?,
        objectives: objectives?,
        hash: String::new(),
        source: file.text.content.clone(),
        overrides: Vec::new(),
        notes: Vec::new(),
    };
    Ok((scenario, sources.places))
}

/// How these sources are wired.
fn wired(sources: &[Source]) -> Wired {
    let direct = |(_, source): &(usize, &Source)| source.via != Via::Gateway;
    Wired {
        gateway: sources.iter().any(|source| source.via == Via::Gateway),
        direct: sources.iter().enumerate().filter(direct).map(|(place, _)| place).collect(),
    }
}
