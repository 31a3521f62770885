//! What chance decides once a rollout, taken as given: which routes are forgotten, and when sources burst.

use crate::source::Bursts;

/// What is taken as given, by source; everything else is drawn.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fate(Vec<Given>);

/// What is taken as given of one source.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Given {
    /// Whether its route is forgotten, where the strategy leaves that to chance.
    pub forgotten: Option<bool>,
    /// When it bursts.
    pub bursts: Option<Bursts>,
}

impl Fate {
    /// What is given of a source, by its place in the scenario.
    #[must_use]
    pub fn of(&self, source: usize) -> Given {
        self.0.get(source).copied().unwrap_or_default()
    }

    /// Takes something more as given of a source.
    pub fn give(&mut self, source: usize, change: impl FnOnce(&mut Given)) {
        if self.0.len() <= source {
            self.0.resize(source + 1, Given::default());
        }
        change(&mut self.0[source]);
    }

    /// The same as far as requests depend on it: a forgotten route moves none.
    #[must_use]
    pub fn traffic(&self) -> Self {
        let bursts: Vec<_> = self.0.iter().map(|given| Given { forgotten: None, ..*given }).collect();
        if bursts.iter().all(|given| *given == Given::default()) { Self::default() } else { Self(bursts) }
    }
}
