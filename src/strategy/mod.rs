//! The shelf of strategies: how the new version goes live.
//!
//! A strategy is carried out by a [`Controller`], which is woken and answers with commands. It sees nothing of the platform but
//! what its [`View`] shows (guarantee G4), so it can neither read the traffic nor touch the calendar. To add a strategy: one
//! file here, with its keys and their reader, and its lines in this one.

mod alias;
mod controller;
pub(crate) mod deployment;
pub(crate) mod guard;
pub(crate) mod keys;
mod latest;
pub mod lever;
mod none;
mod pinned;
mod script;
pub mod shift;

pub use alias::{Alias, GatewayMove};
pub use controller::{Command, Controller, Delay, View, Wake};
pub use guard::{Above, Alarm, AtStart, Counts, Guard, Guarded, Missing, Watched};
pub use latest::{Latest, Order};
pub use lever::{Lever, Levers};
pub use pinned::{Forgetting, Pinned, Wiring};
pub use script::{Script, Step};
pub use shift::Shift;

use crate::dist::Law;
use crate::ids::{Qualifier, Version};
use crate::text::shelf::Shelf;
use crate::units::Share;

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
}

/// The kinds of rollout.
#[derive(Clone, PartialEq, Debug)]
pub enum Rollout {
    /// Nothing is deployed.
    None,
    /// Every source asks for `$LATEST`.
    Latest(Latest),
    /// Every source asks for a published number.
    Pinned(Pinned),
    /// Every source asks for the alias.
    Alias(Alias),
}

/// What a strategy's settings say: what it deploys, and how.
type Planned = (Deployment, Option<Guard>, Rollout);

/// The kinds of rollout as they are written.
const SHELF: Shelf<keys::Around, Planned> = Shelf {
    noun: "strategy",
    example: "{ latest = {} }",
    kinds: &[none::KIND, latest::KIND, pinned::KIND, alias::KIND],
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
}

/// What an action changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resource {
    /// The gateway's revision.
    Gateway,
    /// The code of `$LATEST`.
    Code,
    /// The alias.
    Alias,
}

impl Action {
    /// What it changes.
    #[must_use]
    pub const fn resource(&self) -> Resource {
        match self {
            Self::RedeployGateway { .. } => Resource::Gateway,
            Self::UpdateCode(_) => Resource::Code,
            Self::UpdateAlias(_) => Resource::Alias,
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
        match &self.guard {
            Some(guard) => Controller::Guarded(Box::new(Guarded::new(guard, &self.rollout, &self.deployment))),
            None => Controller::Script(self.rollout.script(&self.deployment)),
        }
    }

    /// The alarms that stop it.
    #[must_use]
    pub fn alarms(&self) -> &[Alarm] {
        self.guard.as_ref().map_or(&[], |guard| &guard.alarms)
    }
}

impl Rollout {
    /// What every route asks for before the deployment.
    #[must_use]
    pub const fn qualifier(&self, deployment: &Deployment) -> Qualifier {
        match self {
            Self::None | Self::Pinned(_) => Qualifier::Number(deployment.from),
            Self::Latest(_) => Qualifier::Latest,
            Self::Alias(_) => Qualifier::Alias,
        }
    }

    /// What is done step by step, whatever happens.
    #[must_use]
    pub fn script(&self, deployment: &Deployment) -> Script {
        match self {
            Self::None => Script::new(Vec::new()),
            Self::Latest(latest) => latest.script(deployment),
            Self::Pinned(_) => Pinned::script(deployment),
            Self::Alias(alias) => alias.script(deployment),
        }
    }

    /// What its figures hang on.
    #[must_use]
    pub fn levers(&self) -> Levers {
        match self {
            Self::None => Levers::default(),
            Self::Latest(_) => Latest::levers(),
            Self::Pinned(pinned) => pinned.levers(),
            Self::Alias(alias) => alias.levers(),
        }
    }

    /// Whether it deploys anything.
    #[must_use]
    pub const fn deploys(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Which routes a person may forget to re-point; `None` where nobody re-points routes.
    #[must_use]
    pub const fn forgetting(&self) -> Option<&Forgetting> {
        match self {
            Self::Pinned(Pinned { wiring: Wiring::ByHand(forgetting) }) => Some(forgetting),
            _ => None,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::time::Span;

    /// A deployment of version 2 over version 1.
    pub(crate) fn deployment() -> Deployment {
        Deployment { from: Version(1), to: Version(2), step: Law::Constant(Span::from_s(5)) }
    }
}
