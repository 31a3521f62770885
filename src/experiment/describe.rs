//! A scenario in words, for the heads of tables and charts.

use crate::idle::Idle;
use crate::ids::Version;
use crate::scenario::Scenario;
use crate::source::Arrivals;
use crate::strategy::{Action, AliasTarget, Deployment, Rollout};
use crate::units::grouped;

/// The traffic, as in `200 req/s`, or source by source.
pub(super) fn traffic(scenario: &Scenario) -> String {
    let sources = &scenario.service.sources;
    let words: Vec<_> = sources
        .iter()
        .map(|source| {
            let arrivals = match &source.arrivals {
                Arrivals::Constant(constant) => format!("{}, evenly spaced", constant.rate),
                Arrivals::Poisson(poisson) => poisson.rate.to_string(),
                Arrivals::Trace(trace) => format!("{} recorded requests", grouped(trace.len() as f64, 0)),
                Arrivals::Users(users) => {
                    format!("{} users, {} between requests", grouped(f64::from(users.count), 0), users.think)
                }
            };
            if sources.len() == 1 { arrivals } else { format!("{} {arrivals}", source.name) }
        })
        .collect();
    match words.len() {
        0..=4 => words.join("; "),
        n => format!("{}; and {} more sources", words[..3].join("; "), n - 3),
    }
}

/// Whether the versions of the first deployment read each other's events.
pub(super) fn compatibility(scenario: &Scenario) -> String {
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
pub(super) fn action(action: &Action) -> String {
    match action {
        Action::UpdateCode(version) => format!("$LATEST {version}"),
        Action::UpdateAlias(AliasTarget { primary, additional: None }) => format!("alias {primary}"),
        Action::UpdateAlias(AliasTarget { additional: Some((version, weight)), .. }) => {
            format!("alias {weight} {version}")
        }
        Action::RedeployGateway { .. } => "gateway".to_owned(),
    }
}

/// The lags and laws behind the verdict that nobody measured.
pub(super) fn assumptions(scenario: &Scenario) -> Vec<String> {
    let (service, function) = (&scenario.service, &scenario.service.function);
    let uses = |kind: fn(&Rollout) -> bool| scenario.strategies.iter().any(|strategy| kind(&strategy.rollout));
    let mut assumptions = Vec::new();
    if uses(Rollout::deploys) {
        assumptions.push(format!("gateway {}", service.gateway.lag));
    }
    if uses(|rollout| matches!(rollout, Rollout::Latest(_))) {
        assumptions.push(format!("$LATEST {}", function.latest_lag));
    }
    if uses(|rollout| matches!(rollout, Rollout::Alias(_))) {
        assumptions.push(format!("alias {}", function.alias_lag));
    }
    if let Some(clients) = service.sources.iter().find_map(|source| source.clients) {
        assumptions.push(format!("half of the old clients gone every {}", clients.half_life));
    }
    if let Some(strategy) = scenario.strategies.first() {
        assumptions.push(match &service.release(strategy.deployment.from).idle {
            Idle::After(law) => format!("idle instances kept {law}"),
            Idle::Curve(curve) => format!("idle instances kept {curve}"),
            Idle::Never => "idle instances kept for ever".to_owned(),
        });
    }
    assumptions
}
