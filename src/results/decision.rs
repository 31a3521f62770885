//! Which strategy the figures favour, and how the others stand.

/// What the figures say of all strategies together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Decision {
    /// The places of all strategies in the one order of tables and charts: the favoured first, those that deploy nothing
    /// last.
    pub order: Vec<usize>,
    /// How each strategy stands, by its place.
    pub standings: Vec<Standing>,
    /// The place of the best after those that are favoured.
    pub runner_up: Option<usize>,
}

/// How a strategy stands beside the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// The one that the figures favour.
    Recommended,
    /// As good as the best: not told from it, or not relevantly worse.
    Alike,
    /// As good as the best in what users lose, with more near misses.
    Behind,
    /// As good as the best in what users lose, but stopped in some rollouts, which the best never is.
    Stopped,
    /// It loses more requests than the best.
    Refused,
    /// Not to be told: it was not compared, as after one run.
    Open,
    /// It brings nothing to anybody: it deploys nothing, or no request reached what it deploys.
    Baseline,
}

impl Standing {
    /// The standing as the files write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Recommended => "recommended",
            Self::Alike => "alike",
            Self::Behind => "behind",
            Self::Stopped => "stopped",
            Self::Refused => "refused",
            Self::Open => "open",
            Self::Baseline => "baseline",
        }
    }
}

impl Decision {
    /// The places of the strategies that stand so, in order.
    pub fn standing(&self, standing: Standing) -> impl Iterator<Item = usize> {
        self.order.iter().copied().filter(move |&place| self.standings[place] == standing)
    }

    /// The places of the strategies that the figures favour: the recommended one, or those that are alike.
    #[must_use]
    pub fn favoured(&self) -> Vec<usize> {
        let found = |&place: &usize| matches!(self.standings[place], Standing::Recommended | Standing::Alike);
        self.order.iter().copied().filter(found).collect()
    }
}
