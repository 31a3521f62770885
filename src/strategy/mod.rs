//! The shelf of strategies: how the new version goes live.
//!
//! A strategy is carried out by a [`Controller`], which is woken and answers with commands. It sees nothing of the platform but
//! what its [`View`] shows (guarantee G4), so it can neither read the traffic nor touch the calendar. To add a strategy: one
//! file here, with its keys and their reader, and its lines in this one.

mod alias;
mod argo_canary;
mod blue_green;
mod controller;
pub(crate) mod deployment;
pub mod fleet;
pub(crate) mod guard;
pub(crate) mod keys;
mod latest;
pub mod lever;
mod none;
mod pinned;
pub mod plan;
mod provisioned;
mod recreate;
mod rolling;
mod rollout;
mod script;

pub use alias::shift::{self, Shift};
pub use alias::{Alias, GatewayMove};
pub use argo_canary::ArgoCanary;
pub use blue_green::{BlueGreen, Switch};
pub use controller::{Command, Controller, Delay, View, Wake};
pub use fleet::{Fleet, Replacing, Wanted};
pub use guard::{
    Above, Alarm, Analysis, AtStart, AtTimeout, Counts, Guard, Hook, Hooks, Missing, Run, Then, Timeout, Watched,
};
pub use latest::{Latest, Order};
pub use lever::{Lever, Levers};
pub use pinned::{ByHand, Forgetting, Pinned, Slip, Wired, Wiring, Wrong};
pub use plan::{Director, Item, Plan, Stage, Task};
pub use provisioned::{Holder, Moves, Provisioned};
pub use recreate::Recreate;
pub use rolling::Rolling;
pub use rollout::Rollout;
pub use script::{Script, Step};

use crate::dist::Law;
use crate::ids::{Qualifier, Version};
use crate::text::shelf::Shelf;
use crate::units::Share;

/// How many versions a strategy may run.
const MOST_VERSIONS: usize = 8;

/// A named way of going live, with the deployment it carries out.
#[derive(Clone, PartialEq, Debug)]
pub struct Strategy {
    /// Its name in the scenario.
    pub name: String,
    /// What is deployed.
    pub deployment: Deployment,
    /// How.
    pub rollout: Rollout,
    /// Which alarms stop it, if any do.
    pub guard: Option<Guard>,
}

/// What a deployment replaces, by what.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Deployment {
    /// The version that serves before.
    pub from: Version,
    /// The version that is to serve afterwards; `from` itself where nothing is deployed.
    pub to: Version,
    /// How long one call of the control plane takes.
    pub step: Law,
    /// What is kept ready of the versions; `None` where nothing is.
    pub provisioned: Option<Provisioned>,
}

/// What runs the code under a strategy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum On {
    /// The function platform.
    Function,
    /// Hosts.
    Hosts,
}

/// What a strategy's settings say: what it deploys, and how.
type Planned = (Deployment, Option<Guard>, Rollout);

/// The kinds of rollout as they are written.
const SHELF: Shelf<keys::Around, Planned> = Shelf {
    noun: "strategy",
    example: "{ latest = {} }",
    kinds: &[
        none::KIND,
        latest::KIND,
        pinned::KIND,
        alias::KIND,
        rolling::KIND,
        recreate::KIND,
        blue_green::KIND,
        argo_canary::KIND,
        plan::keys::KIND,
    ],
};

/// One action on the control plane, at the instant from which observers may learn of it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Action {
    /// `$LATEST` runs this version.
    UpdateCode(Version),
    /// The alias names a version, or two.
    UpdateAlias(AliasTarget),
    /// The gateway gets a revision that shapes events in the contract of `shape` and asks for `qualifier`.
    RedeployGateway {
        /// Whose contract the revision writes.
        shape: Version,
        /// What its routes ask for; a forgotten route keeps what it asked for before.
        qualifier: Qualifier,
    },
    /// The mapping of a source that is wired by itself asks for something else.
    Rewire {
        /// The source's place in the scenario.
        source: usize,
        /// What it asks for.
        qualifier: Qualifier,
    },
    /// The fleet of hosts is told what is wanted.
    Replicas(Wanted),
    /// A version is to have so many environments that are kept ready.
    Provision {
        /// The version.
        version: Version,
        /// How many.
        environments: u32,
    },
}

/// What an action changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resource {
    /// The gateway's revision.
    Gateway,
    /// The code of `$LATEST`.
    Code,
    /// The alias; on hosts, the balancer's target.
    Alias,
    /// The mapping of the source at this place.
    Mapping(usize),
    /// The replicas of hosts, replaced in place.
    Replicas,
    /// The stacks of hosts.
    Stacks,
    /// The environments that are kept ready.
    Provisioned,
}

impl Action {
    /// What it changes.
    #[must_use]
    pub const fn resource(&self) -> Resource {
        match self {
            Self::RedeployGateway { .. } => Resource::Gateway,
            Self::UpdateCode(_) => Resource::Code,
            Self::UpdateAlias(_) => Resource::Alias,
            Self::Rewire { source, .. } => Resource::Mapping(*source),
            Self::Replicas(Wanted::Roll(_)) => Resource::Replicas,
            Self::Replicas(Wanted::Raise(..) | Wanted::Retire(..)) => Resource::Stacks,
            Self::Provision { .. } => Resource::Provisioned,
        }
    }
}

/// What an alias names: a version, and perhaps a second one with a weight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AliasTarget {
    /// The version that takes what the other leaves.
    pub primary: Version,
    /// The second version and the share of requests it takes, each request drawn independently.
    pub additional: Option<(Version, Share)>,
}

impl Strategy {
    /// What carries it out.
    #[must_use]
    pub fn controller(&self) -> Controller {
        let items = match &self.rollout {
            Rollout::Plan(plan) => plan.items.clone(),
            _ if self.reacts() => {
                vec![Item { at: None, task: Task::Deploy(Box::new(self.alone())) }]
            }
            rollout => return Controller::Script(rollout.script(&self.deployment)),
        };
        Controller::Director(Box::new(Director::new(items)))
    }

    /// The analyses of which its steps name some, by their place.
    #[must_use]
    pub fn analyses(&self) -> &[Analysis] {
        self.rollout.analyses()
    }

    /// The alarms that stop it, each with the version that then goes live.
    pub fn alarms(&self) -> impl Iterator<Item = (&Alarm, Version)> {
        let own = self.guard.iter().map(|guard| (guard, self.deployment.to));
        let of_stages = self.stages().filter_map(|stage| Some((stage.guard.as_ref()?, stage.deployment.to)));
        own.chain(of_stages).flat_map(|(guard, to)| guard.alarms.iter().map(move |alarm| (alarm, to)))
    }

    /// The hooks that are run, in the order of their turn.
    #[must_use]
    pub fn hooks(&self) -> Vec<Hook> {
        match &self.rollout {
            Rollout::Plan(plan) => plan.stages().flat_map(Stage::hooks).collect(),
            _ => self.alone().hooks(),
        }
    }

    /// What runs the code.
    #[must_use]
    pub fn on(&self) -> On {
        self.rollout.on()
    }

    /// What keeps its replicas, so many before anything is done; `None` where there are none.
    #[must_use]
    pub fn fleet(&self, replicas: u32) -> Option<Fleet> {
        self.rollout.fleet(replicas, &self.deployment)
    }

    /// The version that is to serve in the end; `None` where nothing is deployed, or a plan takes it back.
    #[must_use]
    pub fn brings(&self) -> Option<Version> {
        let stays = match &self.rollout {
            Rollout::Plan(plan) => plan.ends_deployed(),
            rollout => rollout.deploys(),
        };
        stays.then_some(self.deployment.to)
    }

    /// Whether an alarm, a hook or an analysis may stop it, or its time.
    #[must_use]
    pub fn may_be_stopped(&self) -> bool {
        let hooks = || self.hooks();
        self.alarms().next().is_some() || !hooks().is_empty() || !self.analyses().is_empty() || self.may_time_out()
    }

    /// Whether what it deploys may be taken back, by whatever or whomever.
    #[must_use]
    pub fn may_be_taken_back(&self) -> bool {
        let by_hand = |item: &Item| matches!(item.task, Task::RollBack);
        self.may_be_stopped() || matches!(&self.rollout, Rollout::Plan(plan) if plan.items.iter().any(by_hand))
    }

    /// Whether it, or an item of its plan, is given up after a while.
    #[must_use]
    pub fn may_time_out(&self) -> bool {
        let own = self.guard.iter();
        let of_stages = self.stages().filter_map(|stage| stage.guard.as_ref());
        own.chain(of_stages).any(|guard| guard.timeout.is_some())
    }

    /// The same where nothing ends it early; `None` for a plan.
    #[must_use]
    pub fn undisturbed(&self) -> Option<Self> {
        let is_plan = matches!(self.rollout, Rollout::Plan(_));
        let guard = self.guard.as_ref().map(Guard::undisturbed);
        let rollout = match self.rollout.clone() {
            Rollout::ArgoCanary(canary) => {
                let analyses = canary.analyses.iter().map(Analysis::succeeding).collect();
                Rollout::ArgoCanary(ArgoCanary { analyses, ..canary })
            }
            rollout => rollout,
        };
        (!is_plan).then(|| Self { guard, rollout, ..self.clone() })
    }

    /// Whether what it does depends on what happens: alarms may stop it, or it waits until all have followed, or until environments
    /// are ready.
    #[must_use]
    pub fn reacts(&self) -> bool {
        let is_stopped = self.guard.is_some() || !self.analyses().is_empty();
        is_stopped || matches!(self.rollout, Rollout::Plan(_)) || self.waits_for_provisioned()
    }

    /// What there is before it has done anything: strategies with the same have the same warm-up.
    #[must_use]
    pub fn begins_with(&self) -> (Version, On, Option<u32>) {
        let provisioned = self.deployment.provisioned.map(|provisioned| provisioned.environments);
        (self.deployment.from, self.on(), provisioned)
    }

    /// The versions that it runs, in the order of their turn, each once.
    #[must_use]
    pub fn versions(&self) -> Vec<Version> {
        let mut versions = vec![self.deployment.from];
        let stages = self.stages().map(|stage| stage.deployment.to);
        let mistaken = self.rollout.by_hand().into_iter().flat_map(ByHand::mistaken);
        for version in stages.chain(mistaken).chain([self.deployment.to]) {
            if !versions.contains(&version) {
                versions.push(version);
            }
        }
        versions
    }

    /// What it is as the only item of a plan.
    fn alone(&self) -> Stage {
        Stage { deployment: self.deployment, rollout: self.rollout.clone(), guard: self.guard.clone() }
    }

    fn stages(&self) -> impl Iterator<Item = &Stage> {
        let plan = match &self.rollout {
            Rollout::Plan(plan) => Some(plan),
            _ => None,
        };
        plan.into_iter().flat_map(Plan::stages)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A deployment of version 2 over version 1.
    pub(crate) fn deployment() -> Deployment {
        Deployment {
            from: Version(1),
            to: Version(2),
            step: Law::Constant(crate::time::Span::from_s(5)),
            provisioned: None,
        }
    }
}
