//! One replication over time, as a viewer of traces shows it: what was done, who had followed, and where each attempt ran.

use crate::ids::{Contract, Version};
use crate::metrics::Cause;
use crate::time::{Instant, Span};

/// A stretch of one replication.
#[derive(Clone, PartialEq, Debug)]
pub struct Trace {
    /// The scenario's name.
    pub scenario: String,
    /// The strategy's.
    pub strategy: String,
    /// Which replication, from 0, of which seed.
    pub replication: u64,
    /// See there.
    pub seed: u64,
    /// Of attempts that arrive from then on, until then; what was done at either end is in it.
    pub from: Instant,
    /// See there.
    pub until: Instant,
    /// Whether the code ran on hosts, on replicas instead of instances.
    pub on_hosts: bool,
    /// What was done on the control plane, in order of time.
    pub actions: Vec<Mark>,
    /// Which producers and mappings of sources that are wired by themselves followed, in order of time.
    pub follows: Vec<Mark>,
    /// What changed over time.
    pub counters: Vec<Counter>,
    /// What sources are called.
    pub sources: Vec<String>,
    /// What may be asked for, in words.
    pub asked: Vec<String>,
    /// The versions that the strategy runs, the replaced one first.
    pub versions: Vec<Version>,
    /// Attempts, in the order in which they arrived.
    pub attempts: Vec<Passed>,
    /// Of how many attempts these are the ones that are kept.
    pub sample: Sample,
}

/// Something that happened.
#[derive(Clone, PartialEq, Debug)]
pub struct Mark {
    /// When.
    pub at: Instant,
    /// What.
    pub what: String,
}

/// A figure over time: each value holds until the next.
#[derive(Clone, PartialEq, Debug)]
pub struct Counter {
    /// What it counts.
    pub name: String,
    /// In which unit; empty where things are counted.
    pub unit: &'static str,
    /// Its values, in order of time; the first is that of the beginning.
    pub points: Vec<(Instant, f64)>,
}

/// One attempt, from its arrival to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Passed {
    /// The place of its source in [`Trace::sources`].
    pub source: usize,
    /// Its request's number within its source.
    pub index: u64,
    /// Which attempt of that it is, from 0.
    pub attempt: u32,
    /// When its request arrived, or was sent.
    pub request: Instant,
    /// When it arrived.
    pub arrival: Instant,
    /// What it ran on; `None` where it reached nothing.
    pub on: Option<Seat>,
    /// When it ended, or the end of the window.
    pub end: Instant,
    /// The gateway's node that it came through; `None` where its source passes none.
    pub node: Option<u32>,
    /// The front-end that resolved what it asked for, or the balancer's node.
    pub front_end: Option<u32>,
    /// Which change its node, or its source's mapping, held.
    pub revision: u32,
    /// The contract that it was written in.
    pub contract: Contract,
    /// The version that it was sent to.
    pub version: Version,
    /// The place of what it asked for in [`Trace::asked`].
    pub asked: usize,
    /// How it ended.
    pub outcome: &'static str,
    /// Whether a request that ends so is lost.
    pub lost: bool,
    /// Why it was mismatched; `None` where it was not.
    pub cause: Option<Cause>,
}

/// An instance or a replica that an attempt had.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seat {
    /// Its number.
    pub number: u64,
    /// From when on.
    pub from: Instant,
    /// For how long it was initialised for the attempt.
    pub cold: Option<Span>,
    /// For how long the attempt then waited in its line.
    pub line: Option<Span>,
}

impl Passed {
    /// Whether it was lost or mismatched.
    #[must_use]
    pub const fn went_wrong(&self) -> bool {
        self.lost || self.cause.is_some()
    }

    /// How long it waited before the code ran, initialisation included.
    #[must_use]
    pub fn wait(&self) -> Span {
        let Some(seat) = self.on else { return self.end.since(self.arrival) };
        let waited = seat.cold.unwrap_or_default() + seat.line.unwrap_or_default();
        (seat.from + waited).min(self.end).since(self.arrival)
    }
}

/// Attempts of the stretch, and how many of them are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sample {
    /// All.
    pub attempts: u64,
    /// Those that are kept.
    pub kept: u64,
    /// Those of requests that went wrong: an attempt was lost or mismatched.
    pub wrong: u64,
    /// Those of them that are kept.
    pub wrong_kept: u64,
}

impl Sample {
    /// Whether some are left out.
    #[must_use]
    pub const fn is_part(&self) -> bool {
        self.kept < self.attempts
    }
}
