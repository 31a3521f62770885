//! What was assumed and could be measured: what it is, where it comes from, and what becomes of the strategies at the ends of the
//! range in which it may well lie.

/// The assumptions of a scenario.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct WhatIf {
    /// What strategies lose by mismatches as the scenario stands, by their places: exact means; `None` where there is none
    /// without a simulation.
    pub base: Vec<Option<f64>>,
    /// What was assumed.
    pub assumed: Vec<Assumed>,
}

/// One thing that was assumed.
#[derive(Clone, PartialEq, Debug)]
pub struct Assumed {
    /// The key.
    pub key: String,
    /// What it is, in words.
    pub about: &'static str,
    /// What holds where it is not written, as it is written; empty where it must be.
    pub default: &'static str,
    /// Where that comes from, in words; empty where it says that something is off.
    pub origin: String,
    /// The ends of its range; none where they were not looked at.
    pub ends: Vec<End>,
}

/// One end of a range.
#[derive(Clone, PartialEq, Debug)]
pub struct End {
    /// The value, as it is written.
    pub value: &'static str,
    /// As [`WhatIf::base`], there.
    pub means: Vec<Option<f64>>,
}
