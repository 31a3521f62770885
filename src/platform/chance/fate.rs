//! What chance decides once a rollout, taken as given: which routes are forgotten, when sources burst, and which events happen.

use crate::source::Bursts;
use crate::strategy::Slip;

/// What is taken as given, by source, event and hook; everything else is drawn.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fate {
    sources: Vec<Given>,
    events: Vec<Given>,
    hooks: Vec<Given>,
}

/// A thing of which something may be given, by its place in the scenario.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Thing {
    /// A source.
    Source(usize),
    /// An event.
    Event(usize),
    /// A run of a hook.
    Hook(usize),
}

/// What is taken as given of one of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Given {
    /// What becomes of its route, where the strategy leaves that to chance.
    pub slip: Option<Slip>,
    /// When it bursts.
    pub bursts: Option<Bursts>,
    /// Whether it happens; of a hook: whether it fails.
    pub happens: Option<bool>,
}

impl Fate {
    /// What is given of a source, by its place in the scenario.
    #[must_use]
    pub fn of(&self, source: usize) -> Given {
        self.sources.get(source).copied().unwrap_or_default()
    }

    /// Whether an event happens, by its place in the scenario; `None` where that is drawn.
    #[must_use]
    pub fn event(&self, event: usize) -> Option<bool> {
        self.events.get(event)?.happens
    }

    /// Whether a run of a hook fails, by its number; `None` where that is drawn.
    #[must_use]
    pub fn hook(&self, run: usize) -> Option<bool> {
        self.hooks.get(run)?.happens
    }

    /// Takes something more as given.
    pub fn give(&mut self, thing: Thing, change: impl FnOnce(&mut Given)) {
        let (list, place) = match thing {
            Thing::Source(place) => (&mut self.sources, place),
            Thing::Event(place) => (&mut self.events, place),
            Thing::Hook(place) => (&mut self.hooks, place),
        };
        if list.len() <= place {
            list.resize(place + 1, Given::default());
        }
        change(&mut list[place]);
    }

    /// The same as far as the requests that are sent depend on it: no forgotten route, event or hook moves any.
    #[must_use]
    pub fn traffic(&self) -> Self {
        let only = |given: &Given| Given { bursts: given.bursts, ..Given::default() };
        let sources: Vec<_> = self.sources.iter().map(only).collect();
        if sources.iter().all(|given| *given == Given::default()) {
            Self::default()
        } else {
            Self { sources, ..Self::default() }
        }
    }
}
