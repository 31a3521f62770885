//! Levers: settings that nobody measured and that a rollout's figures hang on.
//!
//! A strategy names those of the platform without seeing their values, and brings its own.

use crate::text::key::{Described, Key};
use crate::units::Share;

/// What a rollout's figures hang on.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Levers {
    /// What its mismatches hang on; of equals, the one that a whole fleet waits for comes first.
    pub decisive: Vec<Lever>,
    /// What else enters its figures.
    pub further: Vec<Lever>,
}

/// A setting that may well be another in truth.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Lever {
    /// How long a gateway node takes to adopt a revision.
    GatewayLag,
    /// How many gateway nodes there are.
    GatewayNodes,
    /// How long a call of the control plane takes.
    Step,
    /// How many front-ends there are.
    FrontEnds,
    /// How long a front-end takes to run new code of `$LATEST`.
    LatestLag,
    /// How long a front-end takes to follow the alias.
    AliasLag,
    /// How long the mapping of a direct source takes.
    MappingLag,
    /// How long a node of the balancer takes to learn of an endpoint, or of a switch.
    EndpointLag,
    /// How long a replica takes to start.
    Startup,
    /// A share among the strategy's own settings.
    Own(OwnLever),
}

/// A lever of one strategy.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct OwnLever {
    /// The kind of the strategy.
    pub kind: &'static str,
    /// Its key, in the settings of the strategy.
    pub key: &'static str,
    /// What it is, in words.
    pub what: &'static str,
    /// Its value.
    pub value: Share,
    /// The ends of the range within which it may well lie, as written in a scenario.
    pub range: Option<(&'static str, &'static str)>,
}

impl Lever {
    /// The setting `key` of a strategy of this kind, which is `what` in words and has this value.
    pub(super) fn of_its_own(kind: &'static str, key: &Key<Share>, what: &'static str, value: Share) -> Self {
        let range = key.tries().map(|tries| (tries.low, tries.high));
        Self::Own(OwnLever { kind, key: key.name, what, value, range })
    }
}
