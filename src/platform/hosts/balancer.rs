//! The load balancer: its nodes, what each knows of endpoints, and how they choose.

use super::group::{Group, Slot};
use super::replica::Replica;
use crate::dist::Law;
use crate::ids::Version;
use crate::platform::index::{Cast, Each, MOST_VERSIONS, VersionIx};
use crate::platform::service::{self, Choose};
use crate::random::{Seed, Stream};
use crate::time::Instant;
use rand_distr::Distribution;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// All nodes.
#[derive(Clone, Debug)]
pub struct Balancer {
    choose: Choose,
    lag: Law,
    lags: Each<Version, Stream>,
    nodes: Vec<Node>,
    /// How many versions have had replicas: those beyond need not be looked at.
    versions: usize,
}

/// What one node knows.
#[derive(Clone, Debug)]
struct Node {
    /// By replica.
    slots: Vec<Slot>,
    /// The endpoints of each version that it knows.
    groups: Each<Version, Group>,
    /// What will reach it, the first on top: when, which replica, and how often it had been told of by then.
    news: BinaryHeap<Reverse<(Instant, u32, u32)>>,
    /// How often an endpoint has moved to the end of a line.
    moves: u64,
}

impl Balancer {
    /// Nobody is known.
    pub(super) fn new(settings: service::Balancer, cast: &Cast, seed: Seed) -> Self {
        let group = || Each::from_fn(|_| Group::new(settings.choose));
        let node = || Node { slots: Vec::new(), groups: group(), news: BinaryHeap::new(), moves: 0 };
        Self {
            choose: settings.choose,
            lag: settings.lag,
            lags: Each::from_fn(|place| lags(cast.version(place), seed)),
            nodes: (0..settings.nodes).map(|_| node()).collect(),
            versions: 0,
        }
    }

    pub(super) fn change_to(&mut self, cast: &Cast, seed: Seed) {
        for place in VersionIx::first(MOST_VERSIONS).skip(1) {
            self.lags[place] = lags(cast.version(place), seed);
        }
    }

    /// What one more replica takes of memory.
    pub(super) const fn bytes(&self) -> usize {
        Self::slots(self.nodes.len())
    }

    /// What so many nodes take for it.
    pub(in crate::platform) const fn slots(nodes: usize) -> usize {
        nodes * (size_of::<Slot>() + size_of::<(Instant, u32, u32)>()) * 9 / 8
    }

    /// One more replica, which nobody knows.
    pub(super) fn join(&mut self, version: VersionIx) {
        self.versions = self.versions.max(version.number() + 1);
        self.nodes.iter_mut().for_each(|node| node.slots.push(Slot::new(version)));
    }

    /// All nodes know a replica from the beginning.
    pub(super) fn know(&mut self, replica: u32) {
        self.nodes.iter_mut().for_each(|node| node.learn(replica, 1));
    }

    /// The nodes begin to learn of an endpoint, each after a lag of its own.
    pub(super) fn tell(&mut self, number: u32, replica: &Replica, now: Instant) {
        let stream = self.lags[replica.version];
        for (node, place) in self.nodes.iter_mut().zip(0_u64..) {
            let ordinal = replica.ordinal << 32 | u64::from(replica.told);
            let at = now + self.lag.sample(&mut stream.at(place, ordinal));
            node.news.push(Reverse((at, number, replica.told)));
        }
    }

    /// Which endpoint a node chooses at `now` among those that it knows, of one version or of all, but for those that it has tried;
    /// `None` if it knows no other. `draw` draws a number below another. The endpoint gets the request, or is passed over.
    pub fn choose(
        &mut self,
        node: u32,
        version: Option<VersionIx>,
        tried: &[u32],
        now: Instant,
        draw: impl FnOnce(u32) -> u32,
    ) -> Option<u32> {
        let is_random = self.choose == Choose::Random;
        let node = &mut self.nodes[node as usize];
        node.hear(|at| at <= now);
        tried.iter().for_each(|&replica| node.set_aside(replica));
        let chosen = node.chosen(is_random, version, self.versions, draw);
        tried.iter().for_each(|&replica| node.put_back(replica));
        chosen.inspect(|&chosen| {
            // Who is chosen for having fewest moves when it gets the request.
            if self.choose != Choose::LeastConnections {
                node.shift(chosen, 0);
            }
        })
    }

    /// A node has chosen an endpoint in vain.
    pub fn pass_over(&mut self, node: u32, replica: u32) {
        if self.choose == Choose::LeastConnections {
            self.nodes[node as usize].shift(replica, 0);
        }
    }

    /// Whether a node knows an endpoint of a version at `now`.
    pub fn knows(&mut self, node: u32, version: VersionIx, now: Instant) -> bool {
        let node = &mut self.nodes[node as usize];
        node.hear(|at| at <= now);
        !node.groups[version].is_empty()
    }

    /// A request that came through a node is given to a replica.
    pub fn connect(&mut self, node: u32, replica: u32) {
        if self.choose == Choose::LeastConnections {
            self.nodes[node as usize].shift(replica, 1);
        }
    }

    /// It has ended at `now`. What reaches a node at that instant, it hears later.
    pub fn disconnect(&mut self, node: u32, replica: u32, now: Instant) {
        if self.choose == Choose::LeastConnections {
            let node = &mut self.nodes[node as usize];
            node.hear(|at| at < now);
            node.shift(replica, -1);
        }
    }
}

fn lags(version: Version, seed: Seed) -> Stream {
    seed.stream("endpoint-lag", &version.to_string())
}

impl Node {
    /// Learns of all that has reached it by a moment.
    fn hear(&mut self, is_due: impl Fn(Instant) -> bool) {
        while let Some(&Reverse((_, replica, told))) = self.news.peek().filter(|Reverse((at, ..))| is_due(*at)) {
            self.news.pop();
            self.learn(replica, told);
        }
    }

    /// Learns of a replica what was told of it the `told`-th time, unless it knows more.
    fn learn(&mut self, replica: u32, told: u32) {
        let slot = &mut self.slots[replica as usize];
        if told <= slot.told {
            return;
        }
        let (was_listed, is_listed) = (slot.told % 2 == 1, told % 2 == 1);
        slot.told = told;
        let group = &mut self.groups[slot.version];
        match (was_listed, is_listed) {
            (false, true) => {
                self.moves += 1;
                group.enter(replica, self.moves, &mut self.slots);
            }
            (true, false) => group.leave(replica, &mut self.slots),
            (true, true) | (false, false) => {}
        }
    }

    /// Which endpoint it chooses, of so many versions.
    fn chosen(
        &self,
        is_random: bool,
        version: Option<VersionIx>,
        versions: usize,
        draw: impl FnOnce(u32) -> u32,
    ) -> Option<u32> {
        let wanted = |place: VersionIx| version.is_none_or(|version| version == place);
        let groups = || VersionIx::first(versions).filter(|&place| wanted(place)).map(|place| &self.groups[place]);
        if !is_random {
            return groups().filter_map(|group| group.first(&self.slots)).min().map(|(.., replica)| replica);
        }
        let all: u32 = groups().map(Group::len).sum();
        let mut place = (all > 0).then(|| draw(all))?;
        groups().find_map(|group| {
            let found = group.nth(place);
            place = place.wrapping_sub(group.len());
            found
        })
    }

    /// An endpoint is not to be chosen for the moment.
    fn set_aside(&mut self, replica: u32) {
        let version = self.slots[replica as usize].version;
        self.groups[version].leave(replica, &mut self.slots);
    }

    /// It comes back, to the end of its line.
    fn put_back(&mut self, replica: u32) {
        self.moves += 1;
        let version = self.slots[replica as usize].version;
        self.groups[version].enter(replica, self.moves, &mut self.slots);
    }

    /// An endpoint has so many more requests, and goes to the end of their line.
    fn shift(&mut self, replica: u32, more: i32) {
        let slot = &mut self.slots[replica as usize];
        let requests = slot.requests.saturating_add_signed(more);
        if slot.told.is_multiple_of(2) {
            slot.requests = requests;
            return;
        }
        self.moves += 1;
        let version = slot.version;
        self.groups[version].shift(replica, requests, self.moves, &mut self.slots);
    }
}
