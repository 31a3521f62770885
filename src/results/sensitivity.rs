//! What a verdict hangs on: how far each assumption moves the margin of the best strategy.

pub mod what_if;

/// What became of a verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// The same strategy is best, for sure.
    Holds,
    /// It cannot be told from some other any more.
    Open,
    /// Another one is better, for sure.
    Turns,
}

impl Turn {
    /// As the files write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Open => "open",
            Self::Turns => "turns",
        }
    }
}

/// How far the best strategy is ahead of the next.
#[derive(Clone, PartialEq, Debug)]
pub struct Margin {
    /// The value of the assumption.
    pub value: String,
    /// The place of the strategy that comes closest, or is ahead.
    pub rival: usize,
    /// By how much the best is better than it; negative where it is worse. In the metric's unit.
    pub margin: f64,
    /// The paired interval of the margin, corrected for all pairs; `None` where not compared.
    pub interval: Option<(f64, f64)>,
    /// What became of the verdict.
    pub turn: Turn,
}

/// What an assumption does to the verdict.
#[derive(Clone, PartialEq, Debug)]
pub struct Effect {
    /// The key.
    pub key: String,
    /// At the lower end of its range.
    pub low: Margin,
    /// At the upper end.
    pub high: Margin,
}

/// What a verdict hangs on.
#[derive(Clone, PartialEq, Debug)]
pub struct Sensitivity {
    /// The place of the strategy that is best as the scenario stands.
    pub best: usize,
    /// Its margin there.
    pub base: Margin,
    /// What each assumption does: those that turn the verdict first, then those that leave it open, then those that do
    /// neither; among equals the strongest first.
    pub effects: Vec<Effect>,
}
