//! Results: everything that writers may see, as plain data. An experiment makes them; they know no scenario and no rule.

pub mod comparison;
mod decision;
mod difference;
mod estimate;
mod gate;
pub mod power;
mod scenario;
pub mod selection;
pub mod sensitivity;
pub mod story;
mod strategy;
pub mod sweep;
pub mod timeline;
pub mod trace;
mod warm_up;

pub use decision::{Decision, Standing};
pub use difference::{Best, Difference, Verdict};
pub use estimate::{Estimate, Method, Occurrence};
pub use gate::{Gate, Outcome, Reached, Rollouts};
pub use scenario::ScenarioResults;
pub use strategy::{Assumption, Pair, PlannedAction, Reach, Row, StrategyResults, Stratum, TooShort};
pub use sweep::Sweep;
pub use timeline::{Series, Timeline};
pub use warm_up::{Settled, WarmUpCheck};

/// The results of a batch.
#[derive(Clone, Debug)]
pub struct Results {
    /// The seed of the batch.
    pub seed: u64,
    /// The confidence of every interval, as a share.
    pub confidence: f64,
    /// One entry a scenario, in the order given.
    pub scenarios: Vec<ScenarioResults>,
}
