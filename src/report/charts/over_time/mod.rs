//! Charts over time: a panel a strategy, all with the same axes.

pub mod backlog;
pub mod causes;
pub mod instances;
pub mod latency;
pub mod lost;
pub mod mismatches;
pub mod multiples;
pub mod plot;
pub mod replicas;
pub mod sessions;
pub mod spend;
pub mod traffic;
