//! A selection: what was asked, and what it came to.

use crate::metrics::{Bound, Metric};

/// What is asked.
#[derive(Clone, PartialEq, Debug)]
pub struct Question {
    /// The metric that is to be best; it has a direction.
    pub metric: Metric,
    /// A difference that does not matter, in the metric's unit; above zero.
    pub indifference: f64,
    /// What a strategy must keep to in order to be chosen.
    pub constraints: Vec<Constraint>,
    /// How many replications of a strategy at most.
    pub most: u32,
}

/// What the mean of a metric must keep to.
#[derive(Clone, PartialEq, Debug)]
pub struct Constraint {
    /// The metric.
    pub metric: Metric,
    /// The bound, in the metric's unit.
    pub bound: Bound,
    /// How near the bound a mean may be taken either way, in the metric's unit; above zero.
    pub tolerance: f64,
}

impl Constraint {
    /// The bound's value.
    #[must_use]
    pub const fn at(&self) -> f64 {
        match self.bound {
            Bound::AtMost(at) | Bound::AtLeast(at) => at,
        }
    }
}

/// What was chosen, and why not the others.
#[derive(Clone, PartialEq, Debug)]
pub struct Selection {
    /// What was asked.
    pub question: Question,
    /// The probability of a wrong choice that was allowed: 1 less the confidence.
    pub risk: f64,
    /// What was decided.
    pub decision: Decision,
    /// Where each strategy stands, in the order of the scenario.
    pub standings: Vec<Standing>,
    /// How much worse each is than the strategy it was measured by; `None` where that does not matter.
    pub margins: Vec<Option<Margin>>,
    /// By strategy and constraint: whether it is kept; `None` where that was not decided.
    pub keeps: Vec<Vec<Option<bool>>>,
    /// Of each strategy, whether few of the events asked about were seen at first, so that exact bounds took their place.
    pub few: Vec<bool>,
    /// Replications of each strategy.
    pub runs: Vec<u32>,
    /// In which share of its rollouts the chosen strategy would have to do as badly as can be for the choice to be wrong;
    /// `None` where nothing says how badly that is.
    pub turns_at: Option<f64>,
    /// In which share of them it may, none of those that were run having done so; `None` where a rollout does not go wrong as a
    /// whole, or some did.
    pub unseen: Option<f64>,
    /// What it cost.
    pub cost: Cost,
}

impl Selection {
    /// From which share of rollouts that go wrong as a whole on the choice is wrong, and how many may, where the replications
    /// do not exclude it.
    #[must_use]
    pub fn unguarded(&self) -> Option<(f64, f64)> {
        self.turns_at.zip(self.unseen).filter(|(turns_at, unseen)| turns_at < unseen)
    }
}

/// What was decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// This strategy, by its place.
    Chosen(usize),
    /// No strategy is left: all break a constraint, or cannot be judged.
    Nobody,
    /// Not enough replications to decide; this one leads, by its place.
    Undecided(usize),
}

/// Where a strategy stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It is chosen.
    Chosen,
    /// Surely worse than this one, which keeps the constraints.
    Worse(usize),
    /// Not surely worse than the chosen one, which is at most the indifference worse than it.
    Close,
    /// Equal to the chosen one in every replication.
    Identical,
    /// It breaks this constraint.
    Breaks(usize),
    /// The metric of this key is absent in some replication, so it cannot be judged.
    Absent(String),
    /// The metric of this key was cut short by the window in some replication, so it is only known as "at least".
    CutShort(String),
    /// Not decided.
    Open,
}

impl Standing {
    /// As the files write it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Chosen => "chosen",
            Self::Worse(_) => "worse",
            Self::Close => "close",
            Self::Identical => "identical",
            Self::Breaks(_) => "breaks",
            Self::Absent(_) => "absent",
            Self::CutShort(_) => "cut-short",
            Self::Open => "open",
        }
    }
}

/// How much worse one strategy is than another: bounds that hold whenever one stops, in the metric's unit. Negative is
/// better.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Margin {
    /// The place of the other.
    pub than: usize,
    /// At least so much.
    pub low: f64,
    /// At most so much.
    pub high: f64,
}

/// What a selection cost, in replications of all strategies together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cost {
    /// Spent.
    pub spent: u64,
    /// As many for every strategy as for the one with most: what equal numbers, and the same looks, take at most.
    pub equal: u64,
    /// What two stages would have taken, after the same first ones; `None` where that is not defined.
    pub two_stage: Option<u64>,
}
