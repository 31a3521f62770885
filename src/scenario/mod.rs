//! Scenarios: what a user writes, checked and complete.

use crate::platform::{Service, Window};
use crate::strategy::Strategy;
use crate::time::Span;

/// A checked scenario, ready to be simulated.
#[derive(Clone, PartialEq, Debug)]
pub struct Scenario {
    /// Its path under the folder it was found in, without `.toml`.
    pub name: String,
    /// What it is about, in prose.
    pub title: String,
    /// How many independent replications of each strategy.
    pub replications: u32,
    /// What is simulated and what is counted.
    pub window: Window,
    /// The width of a timeline bin.
    pub bin: Span,
    /// The service whose deployment is simulated.
    pub service: Service,
    /// The strategies to compare, in the order of the scenario.
    pub strategies: Vec<Strategy>,
    /// The hash of everything the figures follow from: the file, the overrides, the traces; hexadecimal BLAKE3.
    pub hash: String,
    /// What a user should know though it is no mistake: for instance trace rows outside the window.
    pub notes: Vec<String>,
}
