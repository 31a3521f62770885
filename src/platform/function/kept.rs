//! Environments of a version that are kept ready: provisioned concurrency. They serve before all others, and neither idle time nor
//! age takes them.

use crate::time::Instant;

/// Those of one version.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// How many are wanted.
    pub wanted: u32,
    /// Since when, as far as that is billed.
    pub since: Instant,
    /// When the first of them were asked for.
    pub first: Instant,
    /// How many there are.
    alive: u32,
    /// Those that are idle, the last to become so at the end.
    idle: Vec<u32>,
    /// Attempts from t = 0 on for which none was left.
    pub spilled: u64,
}

impl Kept {
    /// How many are idle.
    #[must_use]
    pub fn idle(&self) -> u64 {
        self.idle.len() as u64
    }

    /// How many have a request.
    #[must_use]
    pub fn busy(&self) -> u64 {
        u64::from(self.alive) - self.idle()
    }

    /// How much of the function's concurrency they take: what is wanted counts before it is there.
    #[must_use]
    pub fn reserved(&self) -> u64 {
        self.wanted.max(self.alive).into()
    }

    /// How many there are.
    #[must_use]
    pub const fn alive(&self) -> u32 {
        self.alive
    }

    /// One that serves next; where there are some and none is idle, the attempt spills over.
    pub(super) fn take(&mut self, now: Instant) -> Option<u32> {
        let taken = self.idle.pop();
        self.spilled += u64::from(taken.is_none() && self.alive > 0 && now >= Instant::ZERO);
        taken
    }

    /// One is done with its request; answers whether it stays.
    pub(super) fn comes_back(&mut self, place: u32) -> bool {
        let stays = self.alive <= self.wanted;
        match stays {
            true => self.idle.push(place),
            false => self.alive -= 1,
        }
        stays
    }

    /// One more is ready.
    pub fn add(&mut self, place: u32) {
        self.alive += 1;
        self.idle.push(place);
    }

    /// An idle one that nobody wants any more.
    pub fn surplus(&mut self) -> Option<u32> {
        if self.alive <= self.wanted {
            return None;
        }
        let place = self.idle.pop()?;
        self.alive -= 1;
        Some(place)
    }
}
