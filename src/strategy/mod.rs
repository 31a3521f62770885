//! The shelf of strategies: how the new version goes live.
//!
//! A strategy answers with a [`Timetable`] of actions on the control plane. It sees nothing of the platform but how
//! long the control plane's calls take (guarantee G4), so it can neither read the traffic nor touch the calendar. To
//! add a strategy: one file here, with its keys and their reader, and its lines in this one.

mod alias;
pub(crate) mod deployment;
pub(crate) mod keys;
mod latest;
pub mod lever;
mod none;
mod pinned;
pub mod shift;

pub use alias::{Alias, GatewayMove};
pub use latest::{Latest, Order};
pub use lever::{Lever, Levers};
pub use pinned::{Forgetting, Pinned, Wiring};
pub use shift::Shift;

use crate::dist::Law;
use crate::ids::{Qualifier, Version};
use crate::text::shelf::Shelf;
use crate::time::{Instant, Span};
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
type Planned = (Deployment, Rollout);

/// The kinds of rollout as they are written.
const SHELF: Shelf<keys::Around, Planned> = Shelf {
    noun: "strategy",
    example: "{ latest = {} }",
    kinds: &[none::KIND, latest::KIND, pinned::KIND, alias::KIND],
};

/// What a strategy does to the control plane, and when.
#[derive(Clone, PartialEq, Debug)]
pub struct Timetable {
    /// What every route asks for before the deployment.
    pub qualifier: Qualifier,
    /// The actions on each resource, in order of time.
    pub actions: Vec<(Instant, Action)>,
}

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

/// What an alias names: a version, and perhaps a second one with a weight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AliasTarget {
    /// The version that takes what the other leaves.
    pub primary: Version,
    /// The second version and the share of requests it takes, each request drawn independently.
    pub additional: Option<(Version, Share)>,
}

/// How long the control plane takes; all that a strategy may ask. The calls are drawn by (action, ordinal), so that
/// two strategies that make the same call wait equally long.
pub trait ControlPlane {
    /// The duration of the `ordinal`-th call of this kind, from 0.
    fn call(&mut self, action: &'static str, ordinal: u64) -> Span;
    /// How long an update of `$LATEST` is in progress, the old code still serving.
    fn update_in_progress(&mut self) -> Span;
}

impl Rollout {
    /// What to do and when.
    pub fn timetable(&self, deployment: &Deployment, control: &mut impl ControlPlane) -> Timetable {
        match self {
            Self::None => none::timetable(deployment),
            Self::Latest(latest) => latest.timetable(deployment, control),
            Self::Pinned(pinned) => pinned.timetable(deployment),
            Self::Alias(alias) => alias.timetable(deployment, control),
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

    /// A control plane whose every call takes 5 s and whose updates take 20 s.
    pub(crate) struct Fixed;

    impl ControlPlane for Fixed {
        fn call(&mut self, _: &'static str, _: u64) -> Span {
            Span::from_s(5)
        }
        fn update_in_progress(&mut self) -> Span {
            Span::from_s(20)
        }
    }

    /// A deployment of version 2 over version 1.
    pub(crate) fn deployment() -> Deployment {
        Deployment { from: Version(1), to: Version(2), step: Law::Constant(Span::from_s(5)) }
    }

    pub(crate) fn seconds(timetable: &Timetable) -> Vec<f64> {
        timetable.actions.iter().map(|(at, _)| at.seconds()).collect()
    }
}
