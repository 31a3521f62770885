//! Hosts, slow and obvious: one list of events, one record per attempt and per replica ever there, everything else found by scanning
//! those.
//!
//! It shares with the simulator what chance is made of (the random streams and their names, the laws, the sources' arrivals) and what
//! decides: the strategies' controllers and fleets. Every draw of an attempt is made when it begins, needed or not.

use crate::callers::{Person, Sessions, Wish};
use crate::causes::{ENDING, Facts, KEPT};
use crate::control::{Resource, Rollout};
use crate::faults::below;
use crate::replicas::{News, Phase, Replica};
use crate::watch::Watch;
use cutover::ids::{Contract, Qualifier, Version};
use cutover::platform::{Attempt, Causes, Course, Hosts, Outcome, Service};
use cutover::random::Seed;
use cutover::scenario::Scenario;
use cutover::source::{Producer, Source, Via};
use cutover::strategy::{Action, AliasTarget, Slip, Strategy};
use cutover::time::{Instant, Span};
use rand_distr::Distribution;
use std::collections::BTreeMap;

/// What happened in one replication.
pub struct Truth {
    pub attempts: Vec<Attempt>,
    pub replicas: Vec<Replica>,
    /// The greatest number of replicas there at any moment from t = 0 on.
    pub peak: u64,
    /// The least number available at any moment in [0, after).
    pub available_min: u64,
    pub actions: Vec<(Instant, Action)>,
    /// Why attempts were mismatched that count.
    pub causes: Causes,
    pub course: Course,
    pub mismatched_expected: f64,
    pub sessions: Sessions,
    /// Requests that were waiting to be tried again at the end, by arrival.
    pub unanswered: Vec<Instant>,
    /// What the scenario has put to the test.
    pub seldom: Seldom,
}

/// How often what is seldom happened.
#[derive(Clone, Copy, Default, Debug)]
pub struct Seldom {
    pub waited: u64,
    pub late_in_line: u64,
    pub killed: u64,
    pub crashed: u64,
    pub given_again: u64,
    pub nobody: u64,
    pub full: u64,
    pub waited_for_room: u64,
    pub waited_out: u64,
    pub moved_on: u64,
    pub kept: u64,
    pub kept_in_vain: u64,
    pub probes_failed: u64,
    pub withdrawn: u64,
    pub coincidences: u64,
}

/// An attempt with all its draws.
pub struct Try {
    pub wish: Wish,
    pub request: Instant,
    pub arrival: Instant,
    pub contract: Contract,
    pub version: Version,
    revision: usize,
    alias_view: usize,
    /// The balancer's node through which it came.
    pub node: usize,
    replica: Option<usize>,
    rejected: bool,
    crashes: bool,
    failure_bits: u64,
    service: Span,
    /// Since when its replica had taken requests.
    born: Instant,
    /// The version that it asks for, if not any.
    asked: Option<Version>,
    /// While it waits for room, how likely it is mismatched, by the version that will have some.
    waits: Option<Vec<(Version, f64)>>,
    /// When its caller gave up.
    pub gave_up: Option<Instant>,
    is_over: bool,
}

pub enum Event {
    Attempt(Wish),
    /// The rollout begins.
    Start,
    /// What its controller waited for on this turn is over.
    Turn(usize),
    /// A moment has come at which its controller wants to be woken.
    Rung,
    /// One of its alarms is looked at.
    Alarm(usize),
    /// Its fleet looks at the replicas.
    Fleet,
    /// An analysis may be due.
    Measure,
    /// So many replicas are wanted from now on.
    Scaling(u32),
    /// Something may be next for a replica.
    Replica(usize),
    /// A replica may be probed.
    Probe(usize),
    Completion(usize),
    GiveUp(usize),
    /// An attempt may wait for room no longer.
    WaitedOut(usize),
}

/// The order of what happens at one instant. What reaches a node of the balancer then, it hears before it chooses.
pub const COMPLETION: u8 = 0;
pub const CONTROL: u8 = 1;
pub const ARRIVAL: u8 = 2;
pub const EXPIRY: u8 = 3;

/// The simulation proper.
pub struct Model<'a> {
    pub service: &'a Service,
    pub hosts: Hosts,
    pub seed: Seed,
    pub end: Instant,
    /// The versions in the order of their turn.
    pub versions: Vec<Version>,
    events: BTreeMap<(Instant, u8, u64), Event>,
    sequence: u64,
    pub has_begun: bool,
    pub rollout: Rollout,
    pub watches: Vec<Watch>,
    pub tries: Vec<Try>,
    /// The attempts that wait for room, in the order in which they came.
    pub crowd: Vec<usize>,
    pub replicas: Vec<Replica>,
    /// News on their way to the balancer's nodes.
    pub news: Vec<News>,
    /// How often an endpoint has moved to the end of a line.
    pub moves: u64,
    /// The endpoints that a node knows of a version, in the order that a random choice counts them in.
    pub shelves: BTreeMap<(usize, Version), Vec<usize>>,
    pub people: BTreeMap<(usize, u32), Person>,
    pub sessions: Sessions,
    pub attempts: Vec<Attempt>,
    pub peak: u64,
    mismatched_expected: f64,
    pub seldom: Seldom,
}

impl Model<'_> {
    pub fn schedule(&mut self, at: Instant, rank: u8, event: Event) {
        self.events.insert((at, rank, self.sequence), event);
        self.sequence += 1;
    }

    fn happen(&mut self, event: Event, now: Instant) {
        match event {
            Event::Attempt(wish) => self.make(wish, now),
            Event::Replica(number) => self.go_on(number, now),
            Event::Probe(number) => self.probe(number, now),
            Event::Completion(number) => self.complete(number, now),
            Event::GiveUp(number) => self.give_up(number, now),
            Event::WaitedOut(number) => self.wait_no_longer(number, now),
            event => self.control(event, now),
        }
    }

    fn make(&mut self, mut wish: Wish, now: Instant) {
        let service = self.service;
        let kept_on = self.sends(&mut wish, now);
        let Wish { source: place, index, attempt, .. } = wish;
        let source = &service.sources[place];
        let attempt = u64::from(attempt);
        let seed = self.seed;
        let stream = |purpose| seed.stream(purpose, &source.name);

        let gateway_node = stream("node").below(service.gateway.nodes, index, attempt);
        let revision = self.rollout.gateway.view(gateway_node, now);
        let (shaped, qualifier) = self.rollout.gateway.values[revision];
        // Mappings stay as they are: there is no version on hosts that they could name.
        let (revision, shaped, qualifier) = match self.produced(place, now) {
            Some(contract) => (0, contract, self.rollout.gateway.values[0].1),
            None => (revision, shaped, qualifier),
        };
        let contract = wish.contract.unwrap_or_else(|| match source.clients {
            None => shaped,
            Some(_) => self.client(place, index, now),
        });
        let node = stream("front-end").below(self.hosts.balancer.nodes, index, attempt);
        self.spread(|news| news.node == node as usize && news.at <= now);
        let (mut alias_view, mut asked) = (0, None);
        // Whoever is kept on a version that is gone goes the way of all others.
        let kept = kept_on.filter(|&version| self.knows(node as usize, version));
        match (kept, qualifier) {
            (Some(version), _) => asked = Some(version),
            (None, Qualifier::Number(version)) => asked = Some(version),
            (None, Qualifier::Any) => {}
            (None, Qualifier::Alias) => {
                alias_view = self.rollout.alias.view(node, now);
                let target = self.rollout.alias.values[alias_view];
                let bits = stream("alias").bits(index, attempt);
                asked = Some(match target.additional {
                    Some((version, weight)) if weight.threshold().admits(bits) => version,
                    _ => target.primary,
                });
            }
            (None, Qualifier::Latest) => unreachable!("hosts have no $LATEST"),
        }
        self.seldom.kept += u64::from(kept_on.is_some());
        self.seldom.kept_in_vain += u64::from(kept_on.is_some() && kept.is_none());

        // The balancer gives it to one endpoint after the other until one takes requests. Where requests may wait, one that is full is
        // passed over, unless all are.
        let node = node as usize;
        let (mut tried, mut full) = (Vec::new(), 0);
        let mut taker = None;
        while tried.len() - full <= self.hosts.balancer.retries as usize {
            let key = attempt << 32 | tried.len() as u64;
            let Some(chosen) = self.choose(node, asked, &tried, |n| stream("choice").below(n, index, key)) else {
                break;
            };
            let is_open = self.replicas[chosen].is_open;
            if is_open && (self.has_room(chosen) || self.hosts.overflow.is_none()) {
                taker = Some(chosen);
                break;
            }
            full += usize::from(is_open);
            tried.push(chosen);
            if is_open && !self.is_room_for(asked) {
                break;
            }
        }
        let waits = taker.is_none() && full > 0;
        self.seldom.given_again += u64::from(taker.is_some() && !tried.is_empty());
        self.seldom.nobody += u64::from(taker.is_none() && !waits);
        let alias_view = match (kept, asked, taker) {
            (Some(_), ..) => KEPT,
            (None, None, Some(taker)) if !self.replicas[taker].is_wanted() && self.has_room(taker) => ENDING,
            _ => alias_view,
        };
        let met = taker.or(tried.last().copied()).map(|replica| self.replicas[replica].version);
        let version = met.or(asked).or(self.rollout.aim).unwrap_or(self.versions[0]);
        let number = self.tries.len();
        self.tries.push(Try {
            wish,
            request: wish.request.unwrap_or(now),
            arrival: now,
            contract,
            version,
            revision,
            alias_view,
            node,
            replica: None,
            rejected: false,
            crashes: false,
            failure_bits: stream("failure").bits(index, attempt),
            service: Span::ZERO,
            born: now,
            asked,
            waits: None,
            gave_up: None,
            is_over: false,
        });
        let is_full = taker.is_some_and(|taker| !self.has_room(taker));
        self.seldom.full += u64::from(is_full);
        if below(self.faults().refused(place, version, now), stream("refusal").bits(index, attempt)) {
            return self.turn_away(number, Outcome::Refused, now);
        }
        let is_found = kept.is_some() || asked.is_none();
        match taker {
            None if waits => self.wait(number, is_found, now),
            None => self.turn_away(number, Outcome::Refused, now),
            Some(_) if is_full => self.turn_away(number, Outcome::Throttled, now),
            Some(taker) => {
                if self.tries[number].request >= Instant::ZERO {
                    self.mismatched_expected += self.odds(&wish, version, is_found, now);
                }
                self.take(number, taker, now);
            }
        }
    }

    fn turn_away(&mut self, number: usize, outcome: Outcome, now: Instant) {
        self.write(number, now, outcome, false);
        self.follow(number, outcome, now);
    }

    fn has_room(&self, number: usize) -> bool {
        let replica = &self.replicas[number];
        replica.served.len() < self.hosts.concurrency as usize || replica.line.len() < self.hosts.queue as usize
    }

    /// Whether any replica of a version, or of all, takes requests and has room, known to the balancer or not.
    fn is_room_for(&self, version: Option<Version>) -> bool {
        let of = |replica: &Replica| replica.is_open && version.is_none_or(|version| version == replica.version);
        (0..self.replicas.len()).any(|number| of(&self.replicas[number]) && self.has_room(number))
    }

    /// An attempt waits for room; its odds of a mismatch are those of now, whoever will have it.
    fn wait(&mut self, number: usize, is_found: bool, now: Instant) {
        self.seldom.waited_for_room += 1;
        let wish = self.tries[number].wish;
        let wait = self.hosts.overflow.unwrap();
        let wait = self.source(wish.source).caller.timeout.map_or(wait, |timeout| wait.min(timeout));
        let odds = self.versions.iter().map(|&version| (version, self.odds(&wish, version, is_found, now)));
        self.tries[number].waits = Some(odds.collect());
        self.crowd.push(number);
        self.schedule(now + wait, CONTROL, Event::WaitedOut(number));
    }

    /// A replica takes who waits for room, as long as it has some.
    pub fn fill(&mut self, taker: usize, now: Instant) {
        let Replica { version, phase, is_open, .. } = self.replicas[taker];
        while phase == Phase::Ready && is_open && self.has_room(taker) {
            let fits = |&number: &usize| self.tries[number].asked.is_none_or(|asked| asked == version);
            let Some(place) = self.crowd.iter().position(fits) else { return };
            let number = self.crowd.remove(place);
            let attempt = &mut self.tries[number];
            let odds = attempt.waits.take().unwrap();
            self.seldom.moved_on += u64::from(attempt.version != version);
            attempt.version = version;
            if attempt.request >= Instant::ZERO {
                self.mismatched_expected += odds.iter().find(|&&(of, _)| of == version).unwrap().1;
            }
            self.take(number, taker, now);
        }
    }

    /// A replica takes an attempt.
    fn take(&mut self, number: usize, taker: usize, now: Instant) {
        let (service, seed) = (self.service, self.seed);
        let attempt = &mut self.tries[number];
        let Wish { source, index, attempt: made, known, .. } = attempt.wish;
        let stream = |purpose| seed.stream(purpose, &service.sources[source].name);
        let release = service.release(attempt.version);
        attempt.rejected = !release.accepts.contains(&attempt.contract);
        attempt.crashes = release.crashes.threshold().admits(stream("crash").bits(index, made.into()));
        let takes = |law: &cutover::dist::Law| law.sample(&mut stream("service").at(index, made.into()));
        let known = known.unwrap_or_else(|| takes(&release.service));
        attempt.service = release.failure_time.as_ref().filter(|_| attempt.rejected).map_or(known, takes);
        let replica = &mut self.replicas[taker];
        (attempt.replica, attempt.born) = (Some(taker), replica.opened);
        let (node, arrival) = (attempt.node, attempt.arrival);
        replica.line.push(number);
        self.seldom.waited += u64::from(replica.served.len() >= self.hosts.concurrency as usize);
        self.recounted(node, taker);
        self.serve(taker, now);
        if let Some(timeout) = self.source(self.tries[number].wish.source).caller.timeout {
            self.schedule(arrival + timeout, EXPIRY, Event::GiveUp(number));
        }
    }

    /// A replica serves who waits, as long as it has a seat free.
    fn serve(&mut self, taker: usize, now: Instant) {
        while self.replicas[taker].served.len() < self.hosts.concurrency as usize {
            let replica = &mut self.replicas[taker];
            if replica.line.is_empty() {
                return;
            }
            let number = replica.line.remove(0);
            let attempt = &self.tries[number];
            if attempt.gave_up.is_some() {
                // Nobody waits for it any more.
                self.seldom.late_in_line += 1;
                self.recounted(self.tries[number].node, taker);
                self.finish(number, Outcome::Expired, false, now);
            } else {
                replica.served.push(number);
                let settle = self.service.release(attempt.version).settle;
                let age = now.since(replica.opened);
                let slower = settle.filter(|settle| age < settle.over).map_or(1.0, |settle| {
                    1.0 + (settle.factor - 1.0) * (1.0 - age.ns() as f64 / settle.over.ns() as f64)
                });
                let takes = if slower > 1.0 {
                    Span::from_ns_f64(attempt.service.ns() as f64 * slower)
                } else {
                    attempt.service
                };
                self.schedule(now + takes, COMPLETION, Event::Completion(number));
            }
        }
    }

    fn complete(&mut self, number: usize, now: Instant) {
        if self.tries[number].is_over {
            return;
        }
        let attempt = &self.tries[number];
        let (taker, node) = (attempt.replica.unwrap(), attempt.node);
        let served = &mut self.replicas[taker].served;
        let seat = served.iter().position(|&other| other == number).unwrap();
        served.swap_remove(seat);
        self.recounted(node, taker);
        let attempt = &self.tries[number];
        let release = self.service.release(attempt.version);
        let fails = below(self.faults().fails(attempt.version, attempt.arrival, attempt.born), attempt.failure_bits);
        let crashes = attempt.crashes;
        let outcome = match () {
            () if attempt.rejected => Outcome::Incompatible,
            () if fails || crashes => Outcome::Failed,
            () if !release.replies.contains(&attempt.contract) => Outcome::Unreadable,
            () => Outcome::Served,
        };
        self.finish(number, outcome, crashes, now);
        if crashes {
            self.seldom.crashed += 1;
            self.crash(taker, now);
        } else {
            self.serve(taker, now);
            self.fill(taker, now);
            self.goes_if_idle(taker, now);
        }
    }

    /// All attempts that a replica has fail.
    pub fn lose_attempts(&mut self, taker: usize, how: Outcome, now: Instant) {
        let replica = &mut self.replicas[taker];
        let mut lost = std::mem::take(&mut replica.served);
        lost.append(&mut replica.line);
        for number in lost {
            self.seldom.killed += 1;
            self.recounted(self.tries[number].node, taker);
            let outcome = if self.tries[number].rejected { Outcome::Incompatible } else { how };
            self.finish(number, outcome, false, now);
        }
    }

    /// An attempt that a replica had is over.
    fn finish(&mut self, number: usize, outcome: Outcome, reset: bool, now: Instant) {
        self.tries[number].is_over = true;
        match self.tries[number].gave_up {
            Some(at) => self.write(number, at, Outcome::Expired, reset),
            None => {
                self.write(number, now, outcome, reset);
                self.answered(number, now);
                self.follow(number, outcome, now);
            }
        }
    }

    fn give_up(&mut self, number: usize, now: Instant) {
        if !self.tries[number].is_over {
            self.tries[number].gave_up = Some(now);
            self.follow(number, Outcome::Expired, now);
        }
    }

    /// An attempt has waited for room too long, if it still does.
    fn wait_no_longer(&mut self, number: usize, now: Instant) {
        if self.tries[number].waits.take().is_some() {
            self.seldom.waited_out += 1;
            self.crowd.retain(|&other| other != number);
            self.turn_away(number, Outcome::WaitedOut, now);
        }
    }

    fn write(&mut self, number: usize, end: Instant, outcome: Outcome, reset: bool) {
        let last = self.retries(number, outcome).is_none();
        let attempt = &self.tries[number];
        self.attempts.push(Attempt {
            source: attempt.wish.source as u32,
            index: attempt.wish.index,
            attempt: attempt.wish.attempt,
            request: attempt.request,
            arrival: attempt.arrival,
            revision: attempt.revision as u32,
            alias_view: attempt.alias_view as u32,
            contract: attempt.contract,
            version: attempt.version,
            cold_wait: None,
            cold: false,
            end,
            outcome,
            last,
            reset,
        });
    }

    /// All that happens before an event of `rank` at `until`; `each` is done after each.
    fn run(&mut self, until: Instant, rank: u8, mut each: impl FnMut(&Self, Instant)) {
        let mut previous = None;
        while let Some(entry) = self.events.first_entry() {
            let &(now, of, _) = entry.key();
            if (now, of) >= (until, rank) {
                return;
            }
            let event = entry.remove();
            self.spread(|news| news.at < now);
            self.seldom.coincidences += u64::from(of == ARRIVAL && previous == Some(now));
            previous = Some(now);
            self.happen(event, now);
            each(self, now);
        }
    }
}

impl Model<'_> {
    fn causes(&self, strategy: &Strategy) -> Causes {
        let written = |(_, of): &(Span, Resource<Contract>)| {
            of.made
                .iter()
                .zip(&of.reaches)
                .zip(&of.values[1..])
                .map(|((&at, reaches), &to)| (at, reaches[0], to))
                .collect()
        };
        let begun = vec![(Instant::ZERO, strategy.deployment.to)];
        let facts = Facts {
            service: self.service,
            versions: &self.versions,
            first: strategy.rollout.qualifier(&strategy.deployment),
            actions: &self.rollout.actions,
            begun: if strategy.reacts() { self.rollout.begun.clone() } else { begun },
            backs: &self.rollout.backs,
            slips: &vec![Slip::None; self.service.sources.len()],
            to: strategy.deployment.to,
            producers: self.rollout.producers.iter().map(|of| of.as_ref().map(written)).collect(),
            on_hosts: true,
        };
        let mut causes = Causes::default();
        for attempt in self.attempts.iter().filter(|attempt| attempt.handled() && attempt.request >= Instant::ZERO) {
            if self.service.release(attempt.version).contract != attempt.contract {
                causes.count(facts.cause(attempt));
            }
        }
        causes
    }
}

/// Simulates one replication of `strategy`.
pub fn simulate(scenario: &Scenario, strategy: &Strategy, seed: Seed) -> Truth {
    let service = &scenario.service;
    let (start, end) = (scenario.window.start(), scenario.window.end());
    let hosts = service.hosts.unwrap();
    let old = strategy.deployment.from;
    let initial = (service.release(old).contract, strategy.rollout.qualifier(&strategy.deployment));
    let target = AliasTarget { primary: old, additional: None };
    let gateway = Resource::new(initial, service.gateway.nodes, service.gateway.lag, seed.stream("lag", "node"));
    let alias = Resource::new(target, hosts.balancer.nodes, hosts.balancer.lag, seed.stream("lag", "front-end"));
    let producer = |source: &Source| match source.via {
        Via::Gateway => None,
        Via::Queue(..) => unreachable!("queues call functions"),
        Via::Direct(Producer { at, lag }) => {
            let stream = seed.stream("producer-lag", &source.name);
            Some((at, Resource::new(service.release(old).contract, 1, lag, stream)))
        }
    };
    let producers = service.sources.iter().map(producer).collect();
    let mut model = Model {
        service,
        hosts,
        seed,
        end,
        versions: strategy.versions(),
        events: BTreeMap::new(),
        sequence: 0,
        has_begun: false,
        rollout: Rollout::new(strategy, gateway, (alias, producers), hosts.replicas),
        watches: strategy.alarms().map(|(alarm, new)| Watch::new(alarm, new, seed, start)).collect(),
        tries: Vec::new(),
        crowd: Vec::new(),
        replicas: Vec::new(),
        news: Vec::new(),
        moves: 0,
        shelves: BTreeMap::new(),
        people: BTreeMap::new(),
        sessions: Sessions::default(),
        attempts: Vec::new(),
        peak: 0,
        mismatched_expected: 0.0,
        seldom: Seldom::default(),
    };
    model.send(start);
    for _ in 0..hosts.replicas {
        model.place_replica(old, start);
    }
    model.seat_users(start);
    if !strategy.reacts() {
        model.producers_follow(strategy.deployment.to, Instant::ZERO);
    }

    model.run(Instant::ZERO, CONTROL, |_, _| ());
    model.has_begun = true;
    for number in 0..model.replicas.len() {
        if model.replicas[number].phase == Phase::Ready {
            model.await_probe(number, Instant::ZERO);
        }
    }
    for scaling in &service.scalings {
        model.schedule(scaling.at, CONTROL, Event::Scaling(scaling.replicas));
    }
    model.schedule(Instant::ZERO, CONTROL, Event::Start);
    model.peak = model.peak.max(model.alive());
    let mut available_min = model.available();
    model.run(end, CONTROL, |model, now| {
        if now < end {
            available_min = available_min.min(model.available());
        }
    });

    for number in 0..model.tries.len() {
        let attempt = &model.tries[number];
        if attempt.waits.is_some() {
            model.write(number, end, Outcome::Waiting, false);
        } else if attempt.replica.is_some() && !attempt.is_over {
            let (end, outcome) = attempt.gave_up.map_or((end, Outcome::InFlight), |at| (at, Outcome::Expired));
            model.write(number, end, outcome, false);
        }
    }
    for replica in model.replicas.iter_mut().filter(|replica| replica.phase != Phase::Gone) {
        replica.close(end);
    }
    let waiting = model.events.values().filter_map(|event| match event {
        Event::Attempt(wish) if wish.attempt > 0 => wish.request,
        _ => None,
    });
    let unanswered = waiting.collect();
    let causes = model.causes(strategy);
    Truth {
        causes,
        course: model.rollout.course(end),
        actions: model.rollout.actions,
        attempts: model.attempts,
        replicas: model.replicas,
        peak: model.peak,
        available_min,
        mismatched_expected: model.mismatched_expected,
        sessions: model.sessions,
        unanswered,
        seldom: model.seldom,
    }
}
