//! The story of one request: what was done in its rollout, who learnt of it when, and which way it went.

use serde::Serialize;

/// One request of one replication.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Story {
    /// The scenario's name.
    pub scenario: String,
    /// The strategy's.
    pub strategy: String,
    /// Which replication, from 0, of which seed.
    pub replication: u64,
    /// See there.
    pub seed: u64,
    /// The request's source.
    pub source: String,
    /// Its number within its source.
    pub index: u64,
    /// What was done on the control plane.
    pub actions: Vec<Deed>,
    /// Who adopted what.
    pub adoptions: Vec<Adoption>,
    /// Its attempts, in order.
    pub attempts: Vec<Passage>,
    /// What would have had to be different; `None` where nothing went wrong.
    pub counterfactual: Option<String>,
    /// Attempts of its source just before its first one.
    pub before: Vec<Passage>,
    /// Those just after.
    pub after: Vec<Passage>,
}

/// One action on the control plane.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Deed {
    /// When, in seconds.
    pub at_s: f64,
    /// What.
    pub action: String,
}

/// One observer follows a change.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Adoption {
    /// When, in seconds.
    pub at_s: f64,
    /// Who: a node of the gateway, a front-end, a node of the balancer, a producer or a mapping.
    pub who: String,
    /// What it holds from then on.
    pub holds: String,
}

/// One attempt, from its arrival to its end.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Passage {
    /// Its source.
    pub source: String,
    /// Its request's number within its source.
    pub index: u64,
    /// Which attempt of that it is, from 0.
    pub attempt: u32,
    /// When it arrived.
    pub arrival_ns: i64,
    /// The gateway's node that it came through; `None` where its source passes none.
    pub node: Option<u32>,
    /// Which change that node, or its source's mapping, held.
    pub revision: u32,
    /// The contract that it was written in.
    pub contract: String,
    /// What was asked for.
    pub qualifier: String,
    /// The front-end that resolved that, or the balancer's node; `None` where a number was asked for on functions.
    pub front_end: Option<u32>,
    /// The version that it was sent to.
    pub version: String,
    /// The instance, or the replica, that it had; `None` where it reached none, or its batch's did.
    pub instance: Option<u64>,
    /// Whether it started that.
    pub cold: bool,
    /// How long it waited for it, its initialisation included.
    pub wait_ns: u64,
    /// How long it then took.
    pub service_ns: u64,
    /// When it ended.
    pub end_ns: i64,
    /// How.
    pub outcome: &'static str,
    /// Why it was mismatched; `None` where it was not.
    pub cause: Option<&'static str>,
}
