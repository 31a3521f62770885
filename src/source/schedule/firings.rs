//! When a schedule fires.

use crate::time::{Instant, Span};

/// The instants of a schedule.
#[derive(Clone, PartialEq, Debug)]
pub enum Firings {
    /// At `first`, and every so often after it.
    Every {
        /// The gap between two firings; above zero.
        every: Span,
        /// The first one.
        first: Instant,
    },
    /// At these, in order of time, all different.
    At(Vec<Instant>),
}

impl Firings {
    /// Firing `k`; [`Instant::END`] where there is none.
    pub(super) fn at(&self, k: u64) -> Instant {
        match self {
            Self::Every { every, first } => match k.checked_mul(every.ns()) {
                Some(ns) => *first + Span::from_ns(ns),
                None => Instant::END,
            },
            Self::At(instants) => {
                usize::try_from(k).ok().and_then(|k| instants.get(k)).copied().unwrap_or(Instant::END)
            }
        }
    }

    /// The last firing at or before `at`, whose jitter may still last; the first one if there is none.
    pub(super) fn last_before(&self, at: Instant) -> u64 {
        match self {
            Self::Every { every, first } => at.since(*first).ns() / every.ns(),
            Self::At(instants) => (instants.partition_point(|&instant| instant <= at) as u64).saturating_sub(1),
        }
    }

    /// The shortest gap between two firings; `None` for a single one.
    #[must_use]
    pub fn shortest_gap(&self) -> Option<Span> {
        match self {
            Self::Every { every, .. } => Some(*every),
            Self::At(instants) => instants.windows(2).map(|pair| pair[1].since(pair[0])).min(),
        }
    }
}
