//! What a strategy's timetable does in one replication: when each node and front-end holds what.

use super::plan::Plan;
use super::propagation::Propagation;
use super::{Fate, Release, Service};
use crate::dist::Law;
use crate::ids::{Contract, Qualifier, Version};
use crate::random::Seed;
use crate::strategy::{Action, AliasTarget, ControlPlane, Forgetting, Strategy};
use crate::time::{Instant, Span};
use crate::units::Threshold;
use rand_distr::Distribution;

/// The control plane of one replication, every lag and mistake drawn.
#[derive(Clone, Debug)]
pub struct Control {
    /// The gateway's nodes and the revisions they hold.
    pub gateway: Propagation,
    /// The revisions: what each writes and asks for.
    pub revisions: Vec<Revision>,
    /// The front-ends' view of `$LATEST`.
    pub code: Propagation,
    /// What `$LATEST` runs after each update.
    pub latest: Vec<Version>,
    /// The front-ends' view of the alias.
    pub alias: Propagation,
    /// What the alias names after each update.
    pub targets: Vec<AliasTarget>,
    /// Which sources' routes were forgotten.
    pub forgotten: Vec<bool>,
    /// What is done, and from when observers may learn of it, in order of time.
    pub actions: Vec<(Instant, Action)>,
}

/// An immutable revision of the gateway's configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Revision {
    /// The contract in which it shapes events.
    pub contract: Contract,
    /// What its routes ask for.
    pub qualifier: Qualifier,
}

/// The control plane's delays, drawn by (action, ordinal).
struct Calls<'a> {
    seed: Seed,
    step: &'a Law,
    update_in_progress: &'a Law,
}

impl ControlPlane for Calls<'_> {
    fn call(&mut self, action: &'static str, ordinal: u64) -> Span {
        self.step.sample(&mut self.seed.stream("control-plane", action).at(ordinal, 0))
    }

    fn update_in_progress(&mut self) -> Span {
        self.update_in_progress.sample(&mut self.seed.stream("control-plane", "update-in-progress").at(0, 0))
    }
}

impl Control {
    /// The control plane under `strategy`; `fate`: what is taken as given instead of drawn.
    #[must_use]
    pub fn new(service: &Service, strategy: &Strategy, seed: Seed, fate: &Fate) -> Self {
        let deployment = &strategy.deployment;
        let function = &service.function;
        let mut calls = Calls { seed, step: &deployment.step, update_in_progress: &function.update_in_progress };
        let timetable = strategy.rollout.timetable(deployment, &mut calls);

        let Plan { revisions, latest, targets, changes: [redeployments, updates, moves] } =
            Plan::new(service, strategy, &timetable);
        // A front-end's lags for code and alias are the same quantile of two laws: a slow front-end is slow for both.
        let front_ends = seed.stream("lag", "front-end");
        Self {
            gateway: Propagation::new(
                service.gateway.nodes,
                &redeployments,
                &service.gateway.lag,
                seed.stream("lag", "node"),
            ),
            code: Propagation::new(function.front_ends, &updates, &function.latest_lag, front_ends),
            alias: Propagation::new(function.front_ends, &moves, &function.alias_lag, front_ends),
            forgotten: forgotten(service, strategy, seed, fate),
            revisions,
            latest,
            targets,
            actions: timetable.actions,
        }
    }

    /// What the route of `source` asks for at a node that holds `revision`.
    #[must_use]
    pub fn route(&self, revision: usize, source: usize) -> Qualifier {
        let revision = if self.forgotten[source] { 0 } else { revision };
        self.revisions[revision].qualifier
    }

    /// When the last node or front-end adopts the last change of its resource.
    #[must_use]
    pub fn settled(&self) -> Option<Instant> {
        [&self.gateway, &self.code, &self.alias].into_iter().filter_map(|resource| resource.settled()).max()
    }

    /// The routes that a person re-pointed under `strategy`.
    #[must_use]
    pub fn operator_steps(&self, strategy: &Strategy) -> usize {
        match strategy.rollout.forgetting() {
            Some(_) => self.forgotten.iter().filter(|&&forgotten| !forgotten).count(),
            None => 0,
        }
    }
}

impl AliasTarget {
    /// The second version's threshold: a request goes there if its draw falls below. Never, where there is none.
    #[must_use]
    pub fn threshold(&self) -> Option<Threshold> {
        self.additional.map(|(_, weight)| weight.threshold())
    }
}

impl Release {
    /// Whether it can read events of `contract`.
    #[must_use]
    pub fn accepts(&self, contract: Contract) -> bool {
        self.accepts.contains(&contract)
    }
}

fn forgotten(service: &Service, strategy: &Strategy, seed: Seed, fate: &Fate) -> Vec<bool> {
    let sources = &service.sources;
    match strategy.rollout.forgetting() {
        None => vec![false; service.sources.len()],
        Some(Forgetting::Sources(always)) => (0..sources.len()).map(|place| always.contains(&place)).collect(),
        Some(Forgetting::Chance(chance)) => {
            let threshold = chance.threshold();
            let drawn = |name: &str| threshold.admits(seed.stream("forgotten-route", name).bits(0, 0));
            let each = sources.iter().enumerate();
            each.map(|(place, source)| fate.of(place).forgotten.unwrap_or_else(|| drawn(&source.name))).collect()
        }
    }
}
