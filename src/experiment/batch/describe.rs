//! A scenario in words, for the heads of tables and charts.

use crate::ids::Version;
use crate::scenario::Scenario;
use crate::source::{Arrivals, Firings, Source};
use crate::strategy::{Action, AliasTarget, Deployment, On, Wanted};
use crate::time::Span;
use crate::units::{Rate, grouped};

/// The traffic, as in `200 req/s`, or source by source.
pub(in crate::experiment) fn traffic(scenario: &Scenario) -> String {
    let sources = &scenario.service.sources;
    let words: Vec<_> = sources
        .iter()
        .map(|source| {
            let arrivals = arrivals(&source.arrivals);
            if sources.len() == 1 { arrivals } else { format!("{} {arrivals}", source.name) }
        })
        .collect();
    match words.len() {
        0..=4 => words.join("; "),
        n => format!("{}; and {} more sources", words[..3].join("; "), n - 3),
    }
}

fn arrivals(arrivals: &Arrivals) -> String {
    let or_none = |rate: Option<Rate>| rate.map_or_else(|| "no requests".to_owned(), |rate| rate.to_string());
    match arrivals {
        Arrivals::Constant(constant) => format!("{}, evenly spaced", constant.rate),
        Arrivals::Poisson(poisson) => poisson.rate.to_string(),
        Arrivals::Diurnal(diurnal) => format!("{} on average, at most {}", diurnal.mean, diurnal.peak),
        Arrivals::Profile(profile) => {
            let (low, high) = profile.extremes();
            format!("from {} to {}", or_none(low), or_none(high))
        }
        Arrivals::Bursty(bursty) => {
            format!(
                "{}, in bursts of {} {}",
                or_none(bursty.quiet.rate),
                bursty.burst.lasts,
                or_none(bursty.burst.rate)
            )
        }
        Arrivals::Schedule(schedule) => {
            let n = u64::from(schedule.batch);
            let requests = format!("{} request{}", grouped(n as f64, 0), if n == 1 { "" } else { "s" });
            match &schedule.firings {
                Firings::Every { every, .. } => format!("{requests} every {every}"),
                Firings::At(instants) if instants.len() == 1 => format!("{requests} at once"),
                Firings::At(instants) => format!("{requests} at each of {} instants", instants.len()),
            }
        }
        Arrivals::Users(users) => {
            format!("{} users, {} between requests", grouped(f64::from(users.count), 0), users.think)
        }
        Arrivals::Trace(trace) => {
            let about = if trace.period.is_some() { "about " } else { "" };
            format!("{about}{} recorded requests", grouped(trace.requests, 0))
        }
    }
}

/// Whether the versions of the first deployment read each other's events.
pub(in crate::experiment) fn compatibility(scenario: &Scenario) -> String {
    let deploying = scenario.strategies.iter().find(|strategy| strategy.rollout.deploys());
    let Some(&Deployment { from, to, .. }) = deploying.map(|strategy| &strategy.deployment) else {
        return "no deployment".to_owned();
    };
    let release = |version: Version| scenario.service.release(version);
    if release(from).contract == release(to).contract {
        return format!("{to} keeps the event format of {from}");
    }
    let reads = |reader, writer| release(reader).accepts(release(writer).contract);
    match (reads(to, from), reads(from, to)) {
        (true, true) => format!("{from} and {to} read each other's events"),
        (true, false) => format!("{to} reads {from} events, {from} cannot read {to} events"),
        (false, true) => format!("{to} cannot read {from} events, {from} reads {to} events"),
        (false, false) => format!("{from} and {to} cannot read each other's events"),
    }
}

/// What an action does, in a word or two.
pub(in crate::experiment) fn action(action: &Action, on: On, sources: &[Source]) -> String {
    // What an alias is to functions, the balancer's target is to hosts.
    let alias = if on == On::Hosts { "traffic" } else { "alias" };
    match action {
        Action::UpdateCode(version) => format!("$LATEST {version}"),
        Action::UpdateAlias(AliasTarget { primary, additional: None }) => format!("{alias} {primary}"),
        Action::UpdateAlias(AliasTarget { additional: Some((version, weight)), .. }) => {
            format!("{alias} {weight} {version}")
        }
        Action::RedeployGateway { .. } => "gateway".to_owned(),
        Action::Rewire { source, .. } => format!("mapping {}", sources[*source].name),
        Action::Provision { version, environments } => format!("{version} keeps {environments} ready"),
        Action::Replicas(Wanted::Roll(version)) => format!("replicas {version}"),
        Action::Replicas(Wanted::Raise(version, _)) => format!("stack {version}"),
        Action::Replicas(Wanted::Retire(version, Span::ZERO)) => format!("{version} ends"),
        Action::Replicas(Wanted::Retire(version, kept)) => format!("{version} ends {kept} later"),
    }
}
