//! The platform under simulation: a gateway, a function platform with versioned pools, and the requests through them.
//!
//! From below: [`service`] says what there is; [`control`] changes it and knows who has learnt of what; [`way`] finds where a
//! request goes and with which odds, [`exact`] the same before a lag is drawn; [`function`] has the instances; [`watch`] counts;
//! [`simulation`] lets it all happen. [`chance`] is what is decided once a rollout.

pub mod chance;
pub mod control;
mod error;
pub mod exact;
pub mod footprint;
pub mod function;
pub mod hosts;
pub mod index;
pub mod observer;
pub mod overflow;
pub mod queue;
pub mod record;
pub mod room;
pub mod service;
pub mod simulation;
pub mod stream;
pub mod watch;
pub mod way;

pub use chance::fate::{Fate, Given};
pub use chance::strata;
pub use control::Course;
pub use error::SimulationError;
pub use function::pool::Pool;
pub use index::{Cast, ContractIx, Each, Grid, MOST_VERSIONS, VersionIx};
pub use observer::Observer;
pub use record::{Attempt, Outcome, Way};
pub use room::{Crowded, Room};
pub use service::{Balancer, Choice, Choose, Ending, Hosts, Probe, Settle};
pub use service::{ColdStart, Function, Gateway, Limits, Prices, Release, ScaleOut, Service, Window};
pub use simulation::Simulation;
pub use simulation::callers::Sessions;
pub use watch::adopted::Adopted;
pub use watch::bill::Bill;
pub use watch::bins::Bins;
pub use watch::causes::{Blame, Causes};
pub use watch::cells::{Cell, Cells, Ends, Plain};
pub use watch::levels::{Levels, PoolLevels};
pub use watch::tally::{MOST_LATENCY_BINS, Tally};
pub use way::expected;
