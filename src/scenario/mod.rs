//! Scenarios: what a user writes, checked and complete.
//!
//! A file is parsed into a tree that knows its places, and readers walk it by hand, one file for each part of the
//! format, so that every mistake is reported at once, underlined, with its reason and cure.

mod check;
mod foreseen;
mod load;
mod page;
mod schema;
mod stdin;
pub(crate) mod tables;

pub use crate::text::{Diagnostic, Diagnostics, Override, metric_of, suggestion};
pub use foreseen::{Foreseen, MEMORY};
pub use load::{Options, load, load_with};
pub use page::page;
pub use schema::schema;
pub use tables::objective::{Objective, amount};

use crate::ids::Version;
use crate::platform::{Service, Window};
use crate::strategy::Strategy;
use crate::time::Span;
use std::collections::BTreeSet;

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
    /// Where the length of the warm-up comes from.
    pub warm_up: WarmUp,
    /// The width of a timeline bin.
    pub bin: Span,
    /// The service whose deployment is simulated.
    pub service: Service,
    /// The strategies to compare, in the order of the scenario.
    pub strategies: Vec<Strategy>,
    /// What strategies must reach, in the order of the scenario.
    pub objectives: Vec<Objective>,
    /// The hash of everything the figures follow from: the file, the overrides, the traces; hexadecimal BLAKE3.
    pub hash: String,
    /// The text of its file, as it was read.
    pub source: String,
    /// What the command line changed, as it was typed: `gateway.nodes=64`; `replications=30` for `--replications 30`.
    pub overrides: Vec<String>,
    /// What a user should know though it is no mistake: for instance trace rows outside the window.
    pub notes: Vec<String>,
}

impl Scenario {
    /// The versions that its strategies run.
    #[must_use]
    pub fn versions(&self) -> BTreeSet<Version> {
        self.strategies.iter().flat_map(Strategy::versions).collect()
    }
}

/// Where the length of a warm-up comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum WarmUp {
    /// The scenario writes it, or leaves it to the default.
    #[default]
    Written,
    /// The scenario writes `auto`, and nobody has looked for it yet: the window's is a stand-in.
    Open,
    /// The scenario writes `auto`, and pilot runs have found it.
    Found,
}
