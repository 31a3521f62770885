//! Whether the warm-up is long enough, as pilot runs found.

use crate::time::Span;

/// What the check of a warm-up found.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct WarmUpCheck {
    /// Whether pilot runs chose the length: `warm_up = "auto"`.
    pub auto: bool,
    /// Whether the beginning is forgotten by t = 0.
    pub settled: Settled,
    /// Whether the figures below count every instance; only those busy or starting, where none is ever reclaimed.
    pub all_instances: bool,
    /// The mean number of instances in the last tenth of the warm-up.
    pub instances: f64,
    /// What it is where the platform had been at work for long before the warm-up.
    pub instances_settled: f64,
    /// The interval (99.9 %) of the first less the second.
    pub difference: (f64, f64),
    /// How many pairs of pilot runs that rests on.
    pub pairs: u64,
    /// A length that is enough; `None` where this one is, or none was found.
    pub enough: Option<Span>,
}

/// Whether the beginning of a warm-up is forgotten by t = 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settled {
    /// Yes: it changes the level by less than 2 %, for sure.
    Yes,
    /// No: it changes the level for sure, and by more than 2 % as far as can be told.
    No,
    /// Neither is shown; nothing is to be said.
    Open,
}
