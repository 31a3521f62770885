//! Where the routes of sources are pointed that a person re-points: a person may forget one, or mistake its number.

use crate::ids::{Qualifier, Version};
use crate::platform::{Fate, Service};
use crate::random::Seed;
use crate::strategy::{ByHand, Forgetting, Slip, Strategy};

/// How a source's route was re-pointed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Pointed {
    /// As it should be.
    #[default]
    Rightly,
    /// Not at all: it keeps what it asked for before.
    Forgotten,
    /// At another version in place of one.
    Instead {
        /// The version that it should ask for.
        of: Version,
        /// The version that it asks for.
        to: Version,
    },
}

impl Pointed {
    /// What a route asks for that is to ask for this.
    #[must_use]
    pub fn asks(self, wanted: Qualifier) -> Qualifier {
        match self {
            Self::Instead { of, to } if wanted == Qualifier::Number(of) => Qualifier::Number(to),
            _ => wanted,
        }
    }
}

/// How the route of each source is re-pointed, drawn once a replication.
pub(super) fn drawn(service: &Service, strategy: &Strategy, seed: Seed, fate: &Fate) -> Vec<Pointed> {
    let Some(by_hand) = strategy.rollout.by_hand() else { return vec![Pointed::Rightly; service.sources.len()] };
    let each = service.sources.iter().enumerate();
    let pointed = |(place, name)| {
        let slip = fate.of(place).slip.unwrap_or_else(|| slip(by_hand, place, name, seed));
        match slip {
            Slip::None => Pointed::Rightly,
            Slip::Forgotten => Pointed::Forgotten,
            Slip::Wrong => {
                let others = &by_hand.wrong.others;
                let which = seed.stream("wrong-version", name).below(others.len() as u32, 0, 0);
                Pointed::Instead { of: strategy.deployment.to, to: others[which as usize] }
            }
        }
    };
    each.map(|(place, source)| pointed((place, source.name.as_str()))).collect()
}

fn slip(by_hand: &ByHand, place: usize, name: &str, seed: Seed) -> Slip {
    let is_drawn = |purpose, chance: crate::units::Share| {
        !chance.is_zero() && chance.threshold().admits(seed.stream(purpose, name).bits(0, 0))
    };
    let is_forgotten = match &by_hand.forgetting {
        Forgetting::Sources(always) => always.contains(&place),
        Forgetting::Chance(chance) => is_drawn("forgotten-route", *chance),
    };
    match () {
        () if is_forgotten => Slip::Forgotten,
        () if is_drawn("wrong-route", by_hand.wrong.chance) => Slip::Wrong,
        () => Slip::None,
    }
}
