//! Pools: the idle instances of one version, which of them serves next, and which is reclaimed when.
//!
//! Idle instances stand in a line in the order in which they became idle. That order serves three purposes: the most
//! and the least recently used stand at its ends, and the instances whose idleness must be looked at next stand in
//! front of all others. An instance is looked at only when it has been idle for the policy's least span: its timeout
//! is drawn then, and either it is over or the calendar gets a deadline. Most idle periods end before, so that they
//! cost neither a draw nor an event; one timer a pool watches the first instance not yet looked at.

use super::instance::{Instance, Instances, State, timer};
use super::kept::Kept;
use super::line::Line;
use crate::engine::{Calendar, Rank};
use crate::idle::Idle;
use crate::ids::Version;
use crate::platform::service::Choice;
use crate::random::Draw;
use crate::stats::Level;
use crate::time::Instant;
use std::collections::BinaryHeap;

/// The instances of one version.
#[derive(Clone, Debug)]
pub struct Pool {
    /// The version.
    pub version: Version,
    /// Instances in any state. Idle are those neither starting nor busy: a request then moves one level, not two.
    pub alive: Level,
    /// Instances being started.
    pub starting: Level,
    /// Instances serving a request.
    pub busy: Level,
    /// Instances started since the beginning, those warm from the start included.
    pub created: u64,
    /// Instances gone since the beginning.
    pub gone: u64,
    /// When the pool was last left without an instance.
    pub emptied: Option<Instant>,
    policy: Idle,
    line: Line,
    /// When the pool's timer fires; [`Instant::END`] when it is not set.
    timer: Instant,
    index: Index,
    /// Whether the next instance stands at an end of the line: there is neither an index nor anything that is kept ready.
    is_plain: bool,
    /// The environments that are kept ready, where the strategy has any.
    pub kept: Option<Box<Kept>>,
}

/// What a choice needs beside the line.
#[derive(Clone, Debug)]
enum Index {
    Latest,
    Oldest,
    /// Idle instances by creation; entries of instances reclaimed meanwhile are skipped.
    Newest(BinaryHeap<(u64, u32)>),
    /// Idle instances in any order, each knowing its place.
    Random(Vec<u32>),
}

/// What looking at an idle instance found.
pub enum Ripe {
    /// Its time is over.
    Over,
    /// It will be over at this instant.
    At(Instant),
    /// It never ends.
    Never,
}

impl Pool {
    /// An empty pool; `keeps`: whether environments may be kept ready.
    #[must_use]
    pub fn new(version: Version, policy: Idle, choice: Choice, keeps: bool) -> Self {
        Self {
            version,
            starting: Level::default(),
            busy: Level::default(),
            alive: Level::default(),
            created: 0,
            gone: 0,
            emptied: None,
            policy,
            line: Line::default(),
            timer: Instant::END,
            is_plain: matches!(choice, Choice::MostRecent | Choice::LeastRecent) && !keeps,
            kept: keeps.then(Box::default),
            index: match choice {
                Choice::MostRecent => Index::Latest,
                Choice::LeastRecent => Index::Oldest,
                Choice::Newest => Index::Newest(BinaryHeap::new()),
                Choice::Random => Index::Random(Vec::new()),
            },
        }
    }

    /// How many instances are idle that are not kept ready.
    #[must_use]
    pub fn idle(&self) -> u64 {
        self.line.len() as u64
    }

    /// How many requests are at work, and environments that are kept ready whether they are or not.
    #[must_use]
    pub fn at_work(&self) -> u64 {
        let busy = self.starting.count() + self.busy.count();
        self.kept.as_ref().map_or(busy, |kept| busy - kept.busy() + kept.reserved())
    }

    /// Whether an environment that is kept ready is idle.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.idle() > 0)
    }

    /// Whether every instance ever created is where it is said to be.
    #[must_use]
    pub fn is_conserved(&self) -> bool {
        let kept = self.kept.as_ref().map_or(0, |kept| kept.idle());
        let alive = self.starting.count() + self.busy.count() + self.idle() + kept;
        alive == self.alive.count() && self.created == self.gone + alive
    }

    /// One more instance from `now` on.
    pub const fn create(&mut self, now: Instant) {
        self.created += 1;
        self.alive.begin(now);
    }

    /// The idle instance that serves next, taken from an end of the line; `None` if there is none. Where the pool is not
    /// [plain](Pool::is_plain), see [`Pool::pick`].
    #[inline(always)]
    pub fn take(&mut self) -> Option<u32> {
        if matches!(self.index, Index::Oldest) { self.line.pop_first() } else { self.line.pop_last() }
    }

    /// The idle instance that serves next: one that is kept ready, else any in the line.
    #[inline(never)]
    pub fn pick(&mut self, instances: &mut Instances, now: Instant, draw: Draw) -> Option<u32> {
        if let Some(kept) = self.kept.as_mut().and_then(|kept| kept.take(now)) {
            return Some(kept);
        }
        let place = match &mut self.index {
            Index::Latest | Index::Oldest => return self.take(),
            Index::Newest(heap) => loop {
                match heap.pop() {
                    Some((serial, place)) if !is_idle(instances, place, serial) => {}
                    found => break found.map(|(_, place)| place),
                }
            },
            Index::Random(places) => match u32::try_from(places.len()) {
                Ok(n @ 1..) => Some(places[draw.below(n) as usize]),
                _ => None,
            },
        }?;
        self.leave(instances, place);
        Some(place)
    }

    /// An instance becomes idle at `now`. Where the pool is not [plain](Pool::is_plain), see [`Pool::rest`].
    #[inline(always)]
    pub fn become_idle(&mut self, instance: &mut Instance, place: u32, now: Instant, calendar: &mut Calendar) {
        let version = instance.way.version;
        instance.condition.enter(State::Idle);
        instance.at = now;
        instance.position = self.line.join(place);
        if self.timer == Instant::END
            && let Some(at) = self.set_timer(now)
        {
            calendar.push(at, Rank::Expiry, timer(version));
        }
    }

    /// Whether the next instance stands at an end of the line.
    #[inline]
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// An instance becomes idle at `now`, or goes, where it was kept ready and nobody wants it any more.
    #[inline(never)]
    pub fn rest(&mut self, instances: &mut Instances, place: u32, now: Instant, calendar: &mut Calendar) {
        if !instances.is_kept(place) {
            self.become_idle(&mut instances.hot[place as usize], place, now, calendar);
            return self.enter_index(instances, place);
        }
        match self.kept.as_mut().is_some_and(|kept| kept.comes_back(place)) {
            true => {
                let instance = &mut instances.hot[place as usize];
                instance.condition.enter(State::Idle);
                instance.at = now;
            }
            false => self.retire(instances, place, now),
        }
    }

    /// Enters an instance that has become idle into the index.
    fn enter_index(&mut self, instances: &mut Instances, place: u32) {
        let idle = self.idle();
        match &mut self.index {
            Index::Latest | Index::Oldest => {}
            Index::Newest(heap) => {
                // Reclaimed instances leave entries behind: once they are the majority, drop them.
                if heap.len() as u64 > 2 * idle + 64 {
                    heap.retain(|&(serial, place)| is_idle(instances, place, serial));
                }
                heap.push((instances.rest[place as usize].serial, place));
            }
            Index::Random(places) => {
                instances.rest[place as usize].place = places.len() as u32;
                places.push(place);
            }
        }
        if self.line.is_mostly_gaps() {
            self.line.close_up(|place, position| instances.hot[place as usize].position = position);
        }
    }

    fn set_timer(&mut self, since: Instant) -> Option<Instant> {
        self.timer = since + self.policy.least()?;
        Some(self.timer)
    }

    /// The pool's timer has fired: the next instance that is due to be looked at. `None` when there is no more; the
    /// second value is then when the timer must be set again, if it must.
    #[must_use]
    pub fn ripen(&mut self, instances: &Instances, now: Instant) -> (Option<u32>, Option<Instant>) {
        self.timer = Instant::END;
        let Some(least) = self.policy.least() else { return (None, None) };
        let Some(place) = self.line.first_unseen() else { return (None, None) };
        let since = instances.hot[place as usize].at;
        if since + least > now {
            return (None, self.set_timer(since));
        }
        self.line.see();
        (Some(place), None)
    }

    /// Looks at an idle instance: draws the timeout of its idle period.
    #[must_use]
    pub fn look(&self, since: Instant, now: Instant, mut draw: Draw) -> Ripe {
        match self.policy.timeout(&mut draw) {
            None => Ripe::Never,
            Some(timeout) if since + timeout <= now => Ripe::Over,
            Some(timeout) => Ripe::At(since + timeout),
        }
    }

    /// Removes an idle instance for good.
    pub fn reclaim(&mut self, instances: &mut Instances, place: u32, now: Instant) {
        self.leave(instances, place);
        self.retire(instances, place, now);
    }

    /// Removes for good an instance that has just stopped being idle or busy.
    pub fn retire(&mut self, instances: &mut Instances, place: u32, now: Instant) {
        self.go(now);
        instances.remove(place);
    }

    /// A replica of hosts, which are busy while they end, is gone.
    pub fn lose(&mut self, now: Instant) {
        self.busy.end(now);
        self.go(now);
    }

    fn go(&mut self, now: Instant) {
        self.gone += 1;
        self.alive.end(now);
        if self.alive.count() == 0 {
            self.emptied = Some(now);
        }
    }

    /// Takes an instance out of the line, wherever it stands.
    fn leave(&mut self, instances: &mut Instances, place: u32) {
        self.line.leave(instances.hot[place as usize].position);
        if let Index::Random(places) = &mut self.index {
            let hole = instances.rest[place as usize].place as usize;
            places.swap_remove(hole);
            if let Some(&moved) = places.get(hole) {
                instances.rest[moved as usize].place = hole as u32;
            }
        }
    }
}

fn is_idle(instances: &Instances, place: u32, serial: u64) -> bool {
    instances.hot[place as usize].condition.state() == State::Idle && instances.rest[place as usize].serial == serial
}
