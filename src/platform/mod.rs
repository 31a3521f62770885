//! The platform under simulation: a gateway, a function platform with versioned pools, and the requests through them.

mod adopted;
mod ahead;
mod answer;
mod attempt;
mod bins;
mod callers;
mod cells;
mod choose;
pub mod control;
mod error;
pub mod exact;
pub mod expected;
mod fate;
pub mod footprint;
pub mod index;
mod instance;
mod levels;
mod limits;
mod line;
mod odds;
mod pool;
mod reclaim;
mod request;
mod router;
mod simulation;
pub mod strata;
mod tally;
mod ways;

pub use adopted::Adopted;
pub use bins::Bins;
pub use callers::Sessions;
pub use cells::{Cell, Cells, Ends, Plain};
pub use choose::Choice;
pub use error::{Crowded, SimulationError};
pub use fate::{Fate, Given};
pub use footprint::Room;
pub use index::{Cast, ContractIx, Each, Grid, MOST_VERSIONS, VersionIx};
pub use levels::{Levels, PoolLevels};
pub use limits::{Limits, ScaleOut};
pub use pool::Pool;
pub use request::{Attempt, Observer, Outcome};
pub use router::Way;
pub use simulation::Simulation;
pub use tally::{MOST_LATENCY_BINS, Tally};

use crate::dist::Law;
use crate::idle::Idle;
use crate::ids::{Contract, Version};
use crate::source::Source;
use crate::time::{Instant, Span};
use crate::units::Share;

/// The service whose deployment is simulated, checked and complete.
#[derive(Clone, PartialEq, Debug)]
pub struct Service {
    /// What sends requests, in the order of the scenario.
    pub sources: Vec<Source>,
    /// What accepts them.
    pub gateway: Gateway,
    /// What runs the code.
    pub function: Function,
    /// The releases: version n at place n - 1.
    pub releases: Vec<Release>,
}

/// The fleet of nodes that accepts requests.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gateway {
    /// How many nodes; at least 1.
    pub nodes: u32,
    /// How long a node takes to adopt a new revision.
    pub lag: Law,
}

/// The function platform.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Function {
    /// How many invoker front-ends; at least 1.
    pub front_ends: u32,
    /// How long an update of `$LATEST` is in progress, the old code still serving.
    pub update_in_progress: Law,
    /// How long a front-end takes to learn that `$LATEST` has new code.
    pub latest_lag: Law,
    /// How long a front-end takes to learn that the alias has moved.
    pub alias_lag: Law,
    /// Which idle instance serves the next request.
    pub choose: Choice,
    /// Idle instances of the old version at the start of the warm-up.
    pub warm: u32,
    /// How much capacity there is.
    pub limits: Limits,
}

/// One release of the code, and how instances of it behave.
#[derive(Clone, PartialEq, Debug)]
pub struct Release {
    /// The event format that it speaks.
    pub contract: Contract,
    /// The contracts that it can read.
    pub accepts: Vec<Contract>,
    /// The contracts of the clients that can read its replies.
    pub replies: Vec<Contract>,
    /// How long it takes for one request.
    pub service: Law,
    /// What a cold start costs.
    pub cold: ColdStart,
    /// The share of requests that fail by themselves.
    pub errors: Share,
    /// The share of requests that crash their instance.
    pub crashes: Share,
    /// How long an incompatible request takes to fail, where that is not its service time.
    pub failure_time: Option<Law>,
    /// When an idle instance is reclaimed.
    pub idle: Idle,
    /// The age at which an instance is replaced, at once if idle, else when it is done; `None` for never.
    pub max_age: Option<Law>,
    /// After this span of running a request is ended, and its instance must be initialised again.
    pub timeout: Option<Span>,
}

/// What a cold start costs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum ColdStart {
    /// The request waits for the initialisation, then takes its service time.
    Init(Law),
    /// The request is busy at once, for a cold service time instead of the warm one; it waits for nothing. Other
    /// simulators (SimFaaS) model cold starts so.
    Service(Law),
}

/// The span of virtual time that is simulated: [-`warm_up`, `after`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// Simulated before t = 0, so that the platform is settled; not counted.
    pub warm_up: Span,
    /// Simulated and counted from t = 0 on.
    pub after: Span,
}

impl Service {
    /// Release `version`.
    ///
    /// # Panics
    /// If there is no such release; a checked scenario names none that does not exist.
    #[must_use]
    pub fn release(&self, version: Version) -> &Release {
        &self.releases[usize::from(version.0) - 1]
    }

    /// Whether any source has users, who come back.
    #[must_use]
    pub fn has_users(&self) -> bool {
        self.sources.iter().any(|source| matches!(source.arrivals, crate::source::Arrivals::Users(_)))
    }
}

impl Window {
    /// The first instant simulated.
    #[must_use]
    pub fn start(&self) -> Instant {
        Instant::ZERO.before(self.warm_up)
    }

    /// The instant at which the simulation stops.
    #[must_use]
    pub fn end(&self) -> Instant {
        Instant::ZERO + self.after
    }
}
