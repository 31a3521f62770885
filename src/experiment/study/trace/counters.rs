//! Figures over time: who has followed, and how much there is of what.

use super::{Teller, told};
use crate::experiment::replicate::Replication;
use crate::ids::Version;
use crate::platform::PoolLevels;
use crate::platform::control::{Control, Propagation};
use crate::results::trace::Counter;
use crate::source::Via;
use crate::strategy::{AliasTarget, On};
use crate::time::{Instant, Span};

/// By how much a share in percent must have changed to be told again, unless it then stays for [`STAYS`].
const STEP: f64 = 0.1;
const STAYS: Span = Span::from_s(1);

impl Teller<'_> {
    /// How many nodes, front-ends and nodes of the balancer have followed each change.
    pub(super) fn followed(&self, control: &Control) -> Vec<Counter> {
        let (on, changes) = (self.strategy.on(), &control.changes);
        let service = &self.scenario.service;
        let (followers, _) = service.followers(on);
        let follower = if on == On::Hosts { "balancer nodes" } else { "front-ends" };
        let mut all = Vec::new();
        if service.sources.iter().any(|source| source.via == Via::Gateway) {
            for (place, revision) in changes.revisions.iter().enumerate().skip(1) {
                let asks = told::named(Some(revision.qualifier), on);
                let name = format!("gateway nodes on revision {place}: {}, asks for {asks}", revision.contract);
                let held = |change: usize| f64::from(u8::from(change == place));
                all.push(self.share(name, &control.gateway, service.gateway.nodes, &held));
            }
        }
        for (_, version) in self.cast.versions().skip(1) {
            if changes.latest.contains(&version) {
                let held = |change: usize| f64::from(u8::from(changes.latest[change] == version));
                all.push(self.share(format!("{follower} whose $LATEST is {version}"), &control.code, followers, &held));
            }
            if changes.targets.iter().any(|target| weight(target, version) > 0.0) {
                let name = match on {
                    On::Hosts => format!("weight of {version} at the balancer, as its nodes have it"),
                    On::Function => format!("weight of {version} under live, as front-ends see it"),
                };
                let held = |change: usize| weight(&changes.targets[change], version);
                all.push(self.share(name, &control.alias, followers, &held));
            }
        }
        all
    }

    /// The mean over observers of what each has of the change that it holds, in percent.
    fn share(&self, name: String, resource: &Propagation, observers: u32, held: &dyn Fn(usize) -> f64) -> Counter {
        let adoptions = resource.adoptions();
        let mut holds = vec![0_usize; observers as usize];
        // Whole numbers by change, so that no sum depends on the order of additions.
        let changes = adoptions.iter().map(|adoption| adoption.change as usize).max().unwrap_or(0) + 1;
        let mut holders = vec![0_u32; changes];
        holders[0] = observers;
        let mean = |holders: &[u32]| {
            let sum: f64 = holders.iter().enumerate().map(|(change, &of)| f64::from(of) * held(change)).sum();
            100.0 * sum / f64::from(observers)
        };
        let mut points = vec![(self.from, mean(&holders))];
        for (place, adoption) in adoptions.iter().enumerate() {
            let (holder, change) = (&mut holds[adoption.observer as usize], adoption.change as usize);
            holders[*holder] -= 1;
            holders[change] += 1;
            *holder = change;
            let next = adoptions.get(place + 1).map_or(Instant::END, |next| next.at);
            if next == adoption.at || adoption.at > self.until {
                continue;
            }
            let (value, (_, told)) = (mean(&holders), points[points.len() - 1]);
            if adoption.at <= self.from {
                points[0].1 = value;
            } else if (value - told).abs() >= STEP || (value.to_bits() != told.to_bits() && next > adoption.at + STAYS)
            {
                points.push((adoption.at, value));
            }
        }
        Counter { name, unit: "%", points }
    }

    /// How many events are in each queue, and how many instances, or ready replicas, there are of each version, bin by bin.
    pub(super) fn levels(&self, replication: &Replication) -> Vec<Counter> {
        let (levels, on) = (&replication.levels, self.strategy.on());
        let sources = &self.scenario.service.sources;
        let bin = self.scenario.bin;
        let mut all = Vec::new();
        if on == On::Function {
            for (place, source) in sources.iter().enumerate() {
                let Some(queue) = source.via.queue() else { continue };
                let name = format!("events in {} (mean of each {bin})", queue.name);
                let backlog = |bin: usize| levels.backlogs().get(bin * sources.len() + place).copied().unwrap_or(0);
                all.push(self.by_bin(name, replication, &backlog));
            }
        }
        for (place, version) in self.cast.versions() {
            let of = |bin: usize| levels.integrals_of(bin).get(place.number()).copied().unwrap_or_default();
            let (name, level): (_, fn(&PoolLevels) -> u128) = match on {
                On::Hosts => (format!("ready replicas of {version} (mean of each {bin})"), |levels| levels.idle),
                On::Function => (format!("instances of {version} (mean of each {bin})"), PoolLevels::alive),
            };
            all.push(self.by_bin(name, replication, &|bin| level(&of(bin))));
        }
        all
    }

    /// The mean over each bin of a level, by its integral over that.
    fn by_bin(&self, name: String, replication: &Replication, integral: &dyn Fn(usize) -> u128) -> Counter {
        let bins = replication.levels.bins();
        let mut points: Vec<(Instant, f64)> = Vec::new();
        for bin in 0..bins.len() {
            let (begins, ends) = (bins.edge(bin), bins.edge(bin + 1));
            if ends <= self.from || begins > self.until {
                continue;
            }
            let value = integral(bin) as f64 / ends.since(begins).ns() as f64;
            if points.last().is_none_or(|(_, told)| told.to_bits() != value.to_bits()) {
                points.push((begins.max(self.from), value));
            }
        }
        Counter { name, unit: "", points }
    }
}

/// Which part of the requests a target gives to a version.
fn weight(target: &AliasTarget, version: Version) -> f64 {
    let second = target.additional.map_or(0.0, |(_, weight)| weight.as_f64());
    let first = if target.primary == version { 1.0 - second } else { 0.0 };
    let is_second = target.additional.is_some_and(|(second, _)| second == version);
    first + if is_second { second } else { 0.0 }
}
