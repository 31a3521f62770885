//! `pinned`: every gateway revision carries the number of the version it asks for.
//!
//! A node moves its contract and its target together, so new requests never meet the wrong version — unless a route,
//! re-pointed by hand, was forgotten.

use super::{Action, Deployment, Script, Step};
use crate::ids::Qualifier;
use crate::units::Share;

/// One redeployment of the gateway, at 0, whose routes carry the new number.
#[derive(Clone, PartialEq, Debug)]
pub struct Pinned {
    /// Who writes the number into the routes.
    pub wiring: Wiring,
}

/// How routes get their new number.
#[derive(Clone, PartialEq, Debug)]
pub enum Wiring {
    /// A person re-points every source's route, and may forget one.
    ByHand(Forgetting),
    /// A template writes them all: no operator step, nothing forgotten.
    Template,
}

/// Which routes are forgotten.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Forgetting {
    /// Each source's route with this probability, once a replication.
    Chance(Share),
    /// Always these sources' (by their place in the scenario).
    Sources(Vec<usize>),
}

impl Pinned {
    pub(super) fn script(deployment: &Deployment) -> Script {
        let redeploy = Action::RedeployGateway { shape: deployment.to, qualifier: Qualifier::Number(deployment.to) };
        Script::new(vec![Step::Do(redeploy)])
    }
}
