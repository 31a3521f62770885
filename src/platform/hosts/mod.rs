//! Hosts: replicas, and the balancer that gives requests to them. What happens to requests stands in
//! [`simulation`](super::simulation); here is who is there, and who knows of whom.

mod balancer;
mod group;
mod readiness;
mod replica;

pub use balancer::Balancer;
pub use replica::{Phase, Replica};

use crate::dist::Law;
use crate::faults::Outages;
use crate::ids::Version;
use crate::platform::Service;
use crate::platform::index::{Cast, Each, VersionIx};
use crate::platform::room::{Crowded, MOST_REPLICAS, Room};
use crate::platform::service;
use crate::random::{Seed, Stream};
use crate::strategy::fleet::Seen;
use crate::time::{Instant, Span};
use crate::units::Threshold;
use rand_distr::Distribution;

/// The wait before a replica that could not start tries again, the first time; it doubles each time (Kubernetes' CrashLoopBackOff).
const BACK_OFF: Span = Span::from_s(10);
/// The longest such wait.
const LONGEST_BACK_OFF: Span = Span::from_s(300);
/// Who has taken requests for so long when it crashes has failed for the first time.
const WELL: Span = Span::from_s(600);

/// All replicas, and the balancer.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// What they are like.
    pub settings: service::Hosts,
    /// In order of creation.
    pub replicas: Vec<Replica>,
    /// What gives requests to them.
    pub balancer: Balancer,
    sets: Each<Version, Set>,
    /// The version that is to serve: whose lack of replicas it is when nobody is there.
    pub aim: VersionIx,
    /// How much room the replicas of a version have, those that take requests.
    rooms: Each<Version, u64>,
    /// The fewest that were available at once in [0, after), so far.
    pub least_available: u64,
    end: Instant,
}

/// The replicas of one version.
#[derive(Clone, Debug)]
struct Set {
    startup: Law,
    start: Stream,
    fails: Stream,
    probe: Stream,
    /// When its probes fail.
    outages: Outages,
    /// How many have been created.
    created: u64,
    seen: Seen,
}

/// What becomes of a replica at its next event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// Nothing: the event is an old one.
    None,
    /// It could not start, and tries again; or it is to be probed again.
    Later,
    /// It is ready.
    Ready,
    /// It is not ready any more.
    Unready,
    /// It has been ready for long enough.
    Available,
    /// It is told to end, and takes no more requests.
    Told,
    /// It is killed.
    Killed,
}

impl Hosts {
    /// No replicas yet; the window ends at `end`.
    #[must_use]
    pub fn new(settings: service::Hosts, service: &Service, cast: &Cast, seed: Seed, end: Instant) -> Self {
        Self {
            settings,
            replicas: Vec::new(),
            balancer: Balancer::new(settings.balancer, cast, seed),
            sets: Each::from_fn(|place| Set::new(service, cast.version(place), seed)),
            aim: VersionIx::FIRST,
            rooms: Each::default(),
            least_available: 0,
            end,
        }
    }

    /// Another strategy goes on, which replaces the same version; no other has had replicas. `outages`: when a version is broken.
    pub fn change_to(&mut self, service: &Service, cast: &Cast, seed: Seed, outages: impl Fn(Version) -> Outages) {
        for place in VersionIx::first(cast.versions_len()) {
            if place != VersionIx::FIRST {
                self.sets[place] = Set::new(service, cast.version(place), seed);
            }
            self.sets[place].outages = outages(cast.version(place));
        }
        self.balancer.change_to(cast, seed);
        self.least_available = self.available();
    }

    /// The replicas of a version.
    #[must_use]
    pub fn seen(&self, version: VersionIx) -> Seen {
        self.sets[version].seen
    }

    /// Whether some replica that a request for a version, or for any, may go to has room.
    #[must_use]
    pub fn has_room(&self, version: Option<VersionIx>) -> bool {
        match version {
            Some(version) => self.rooms[version] > 0,
            None => self.rooms.iter().any(|&rooms| rooms > 0),
        }
    }

    /// Whether a replica takes requests and has room for one.
    #[must_use]
    pub fn takes(&self, number: u32) -> bool {
        let replica = &self.replicas[number as usize];
        replica.is_open && replica.requests() < self.settings.rooms()
    }

    /// A replica has got an attempt.
    pub fn taken(&mut self, number: u32) {
        self.rooms[self.replicas[number as usize].version] -= 1;
    }

    /// A replica has one fewer.
    pub fn given_back(&mut self, number: u32) {
        let replica = &self.replicas[number as usize];
        self.rooms[replica.version] += u64::from(replica.is_open);
    }

    /// A replica takes no more requests.
    pub fn close(&mut self, number: u32) {
        let replica = &mut self.replicas[number as usize];
        if std::mem::take(&mut replica.is_open) {
            self.rooms[replica.version] -= self.settings.rooms() - replica.requests();
        }
    }

    /// A replica takes requests from now on, if it does not yet.
    fn open(&mut self, number: u32, now: Instant) {
        let replica = &mut self.replicas[number as usize];
        if !std::mem::replace(&mut replica.is_open, true) {
            replica.opened = now;
            self.rooms[replica.version] += self.settings.rooms() - replica.requests();
        }
    }

    fn available(&self) -> u64 {
        self.sets.iter().map(|set| u64::from(set.seen.available)).sum()
    }

    /// A new replica, which begins to start at `now`; answers its number.
    ///
    /// # Errors
    /// [`Crowded`], when there are too many, or they do not fit into memory.
    pub fn create(&mut self, version: VersionIx, now: Instant, room: &mut Room) -> Result<u32, Crowded> {
        let number = u32::try_from(self.replicas.len()).ok().filter(|&number| number < MOST_REPLICAS);
        let number = number.ok_or(Crowded::Replicas)?;
        room.take((size_of::<Replica>() + self.balancer.bytes()) as u64)?;
        let set = &mut self.sets[version];
        let mut replica = Replica::new(version, set.created, now);
        set.created += 1;
        set.seen.running += 1;
        replica.next = now + set.startup(&replica);
        self.replicas.push(replica);
        self.balancer.join(version);
        Ok(number)
    }

    /// A new replica that is there and known from the beginning.
    ///
    /// # Errors
    /// As [`Hosts::create`].
    pub fn create_ready(&mut self, version: VersionIx, now: Instant, room: &mut Room) -> Result<(), Crowded> {
        let number = self.create(version, now, room)?;
        let replica = &mut self.replicas[number as usize];
        (replica.phase, replica.ready, replica.is_available) = (Phase::Ready, Some(now), true);
        replica.next = Instant::END;
        replica.told = 1;
        let seen = &mut self.sets[version].seen;
        (seen.ready, seen.available) = (seen.ready + 1, seen.available + 1);
        self.balancer.know(number);
        self.open(number, now);
        self.probed_for_long(number, now);
        Ok(())
    }

    /// The time of a replica's next event has come: it goes on.
    pub fn go_on(&mut self, number: u32, now: Instant) -> Turn {
        let replica = &mut self.replicas[number as usize];
        if replica.next != now {
            return Turn::None;
        }
        replica.next = Instant::END;
        match replica.phase {
            Phase::Starting => self.started(number, now),
            Phase::Ready => {
                replica.is_available = true;
                self.sets[replica.version].seen.available += 1;
                Turn::Available
            }
            Phase::Stopping => {
                replica.phase = Phase::Ending;
                replica.next = replica.ends + self.settings.end.killed_after();
                self.close(number);
                Turn::Told
            }
            Phase::Ending => Turn::Killed,
            Phase::Probed | Phase::Gone => Turn::None,
        }
    }

    /// A start is over: it has failed, or the replica is to be probed.
    fn started(&mut self, number: u32, now: Instant) -> Turn {
        let replica = &mut self.replicas[number as usize];
        let set = &self.sets[replica.version];
        replica.starts += 1;
        if set.fails(replica, self.settings.start_fails.threshold()) {
            replica.begun = now + back_off(Some(replica.failures));
            replica.failures += 1;
            replica.next = replica.begun + set.startup(replica);
            return Turn::Later;
        }
        match self.settings.ready {
            Some(probe) => self.be_probed(probe, number, now),
            None => self.become_ready(number, now),
        }
    }

    fn become_ready(&mut self, number: u32, now: Instant) -> Turn {
        let replica = &mut self.replicas[number as usize];
        (replica.phase, replica.ready) = (Phase::Ready, Some(now));
        let seen = &mut self.sets[replica.version].seen;
        seen.ready += 1;
        replica.next = Instant::END;
        if self.settings.min_ready == Span::ZERO {
            replica.is_available = true;
            seen.available += 1;
        } else {
            replica.next = now + self.settings.min_ready;
        }
        self.open(number, now);
        self.tell(number, now);
        Turn::Ready
    }

    /// A replica is no longer wanted; answers whether it was yet to be ready.
    pub fn stop(&mut self, number: u32, now: Instant) -> bool {
        let was_starting = self.replicas[number as usize].phase.is_starting();
        self.withdraw(number, now);
        let replica = &mut self.replicas[number as usize];
        (replica.phase, replica.ends, replica.probe) = (Phase::Stopping, now, Instant::END);
        replica.next = now + self.settings.end.told_after();
        was_starting
    }

    /// A replica crashes, and starts again if it is wanted; answers whether it is.
    pub fn crash(&mut self, number: u32, now: Instant) -> bool {
        if !self.replicas[number as usize].phase.is_wanted() {
            return false;
        }
        self.withdraw(number, now);
        let replica = &mut self.replicas[number as usize];
        // Who was well for long enough begins anew.
        if now.since(replica.opened) >= WELL {
            replica.failures = 0;
        }
        (replica.phase, replica.probe) = (Phase::Starting, Instant::END);
        replica.begun = now + back_off(replica.failures.checked_sub(1));
        replica.failures += 1;
        replica.next = replica.begun + self.sets[replica.version].startup(replica);
        true
    }

    /// A replica is gone.
    pub fn remove(&mut self, number: u32) {
        self.close(number);
        let replica = &mut self.replicas[number as usize];
        (replica.phase, replica.next) = (Phase::Gone, Instant::END);
        self.sets[replica.version].seen.running -= 1;
    }

    /// A replica is not ready any more.
    fn withdraw(&mut self, number: u32, now: Instant) {
        let replica = &mut self.replicas[number as usize];
        let seen = &mut self.sets[replica.version].seen;
        seen.available -= u32::from(std::mem::take(&mut replica.is_available));
        if replica.phase == Phase::Ready {
            seen.ready -= 1;
            self.tell(number, now);
        }
        if now >= Instant::ZERO && now < self.end {
            self.least_available = self.least_available.min(self.available());
        }
    }

    /// The balancer begins to learn that an endpoint has come, or is to go.
    fn tell(&mut self, number: u32, now: Instant) {
        let replica = &mut self.replicas[number as usize];
        replica.told += 1;
        self.balancer.tell(number, replica, now);
    }

    /// Which of the replicas of a version end first where fewer are wanted: those that are not ready, then those that have been ready
    /// for the shortest time; of equal ones the youngest (Kubernetes' replica set controller).
    pub fn surplus(&self, version: VersionIx, wanted: u32) -> Vec<u32> {
        let is_wanted = |replica: &Replica| replica.version == version && replica.phase.is_wanted();
        let all = self.replicas.iter().zip(0_u32..).filter(|(replica, _)| is_wanted(replica));
        let mut all: Vec<_> =
            all.map(|(replica, number)| (replica.ready.filter(|_| replica.is_ready()), number)).collect();
        all.sort_unstable_by_key(|&(ready, number)| (ready.map_or(Instant::END, |at| at), number));
        all.split_off(all.len().min(wanted as usize)).into_iter().rev().map(|(_, number)| number).collect()
    }

    /// How many replicas of a version are wanted.
    #[must_use]
    pub fn wanted(&self, version: VersionIx) -> u32 {
        self.replicas.iter().filter(|replica| replica.version == version && replica.phase.is_wanted()).count() as u32
    }

    /// Whether every replica is where it is said to be.
    #[must_use]
    pub fn is_conserved(&self) -> bool {
        let mut found = Each::<Version, Seen>::default();
        let mut created = Each::<Version, u64>::default();
        for replica in &self.replicas {
            let seen = &mut found[replica.version];
            created[replica.version] += 1;
            seen.running += u32::from(replica.phase != Phase::Gone);
            seen.ready += u32::from(replica.is_ready());
            seen.available += u32::from(replica.is_available);
        }
        self.sets.iter().zip(found.iter().zip(created.iter())).all(|(set, found)| (&set.seen, &set.created) == found)
    }
}

/// The wait before a start, doubled so often; none where there is nothing to wait for.
fn back_off(doubled: Option<u32>) -> Span {
    doubled.map_or(Span::ZERO, |times| Span::from_ns(BACK_OFF.ns() << times.min(16)).min(LONGEST_BACK_OFF))
}

impl Set {
    fn new(service: &Service, version: Version, seed: Seed) -> Self {
        let stream = |purpose| seed.stream(purpose, &version.to_string());
        let startup = service.release(version).startup;
        Self {
            startup,
            start: stream("startup"),
            fails: stream("start-fails"),
            probe: stream("probe"),
            outages: Outages::default(),
            created: 0,
            seen: Seen::default(),
        }
    }

    /// How long the start takes that a replica begins.
    fn startup(&self, replica: &Replica) -> Span {
        self.startup.sample(&mut self.start.at(replica.ordinal, replica.starts.into()))
    }

    /// Whether the start fails that a replica has just been through.
    fn fails(&self, replica: &Replica, chance: Threshold) -> bool {
        chance != Threshold::NONE && chance.admits(self.fails.bits(replica.ordinal, replica.starts.into()))
    }
}
