//! The slow model's replicas: each with all that it has ever been, and what every node of the balancer knows of it.

use crate::faults::{below, either};
use crate::model::{self, CONTROL, Model};
use cutover::faults::{Event, Fails};
use cutover::ids::Version;
use cutover::platform::{Choose, Outcome};
use cutover::strategy::fleet::Seen;
use cutover::time::{Instant, Span};
use rand_distr::Distribution;

/// What a replica is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// It starts, or waits for that, or has started and is not found ready.
    Starting,
    Ready,
    /// It is to end, and serves as before.
    Stopping,
    /// It takes no more requests.
    Ending,
    Gone,
}

/// What is next for a replica.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    Started,
    Available,
    Told,
    Killed,
}

/// A replica from its creation to its end.
pub struct Replica {
    pub version: Version,
    /// How many of its version were created before it.
    ordinal: u64,
    /// Whether it was there from the beginning.
    pub from_beginning: bool,
    pub created: Instant,
    pub phase: Phase,
    next: Option<(Instant, Next)>,
    /// Whether it takes requests.
    pub is_open: bool,
    is_available: bool,
    /// Since when it has been ready.
    pub ready: Instant,
    /// When it took requests first after its last start.
    pub opened: Instant,
    /// When its probe runs next, a moment at which it does and before which it did not, and how many runs in succession have found
    /// that it is not what it is taken for.
    probe: Option<Instant>,
    clock: Instant,
    streak: u32,
    /// When its last start began, and how many there have been before it.
    begun: Instant,
    starts: u64,
    /// How many of the last starts failed in succession.
    failures: u32,
    /// When it began to end.
    ends: Instant,
    /// How often the balancer was told that it had come or would go, in turn.
    told: u64,
    /// What each node knows of it.
    known: Vec<Known>,
    /// The attempts that it serves. Their order is arbitrary, but the callers of a replica that is lost go on in it: a new one is put
    /// last; where one leaves, the last takes its place.
    pub served: Vec<usize>,
    /// Those that wait.
    pub line: Vec<usize>,
    /// What it did, from when to when.
    pub phases: Vec<(Phase, Instant, Instant)>,
    since: Instant,
}

#[derive(Clone, Copy, Default)]
struct Known {
    /// How often the balancer had been told by what the node has heard of.
    told: u64,
    /// When it last came to the end of its line, counting such moves.
    moved: u64,
}

impl Known {
    /// Whether the node takes it for an endpoint.
    const fn is_endpoint(self) -> bool {
        self.told % 2 == 1
    }
}

/// What a node will hear of a replica.
#[derive(Clone, Copy)]
pub struct News {
    pub at: Instant,
    pub node: usize,
    replica: usize,
    told: u64,
}

impl Replica {
    pub const fn is_wanted(&self) -> bool {
        matches!(self.phase, Phase::Starting | Phase::Ready)
    }

    pub fn enter(&mut self, phase: Phase, now: Instant) {
        self.phases.push((self.phase, self.since, now));
        (self.phase, self.since) = (phase, now);
    }

    /// The window ends.
    pub fn close(&mut self, end: Instant) {
        self.phases.push((self.phase, self.since, end));
    }
}

impl Model<'_> {
    pub fn seen(&self, version: Version) -> Seen {
        let of = || self.replicas.iter().filter(|replica| replica.version == version);
        Seen {
            ready: of().filter(|replica| replica.phase == Phase::Ready).count() as u32,
            available: of().filter(|replica| replica.is_available).count() as u32,
            running: of().filter(|replica| replica.phase != Phase::Gone).count() as u32,
        }
    }

    pub fn available(&self) -> u64 {
        self.replicas.iter().filter(|replica| replica.is_available).count() as u64
    }

    pub fn alive(&self) -> u64 {
        self.replicas.iter().filter(|replica| replica.phase != Phase::Gone).count() as u64
    }

    fn new_replica(&mut self, version: Version, now: Instant) -> usize {
        let ordinal = self.replicas.iter().filter(|replica| replica.version == version).count() as u64;
        self.replicas.push(Replica {
            version,
            ordinal,
            from_beginning: false,
            created: now,
            phase: Phase::Starting,
            next: None,
            is_open: false,
            is_available: false,
            ready: now,
            opened: now,
            probe: None,
            clock: now,
            streak: 0,
            begun: now,
            starts: 0,
            failures: 0,
            ends: now,
            told: 0,
            known: vec![Known::default(); self.hosts.balancer.nodes as usize],
            served: Vec::new(),
            line: Vec::new(),
            phases: Vec::new(),
            since: now,
        });
        self.replicas.len() - 1
    }

    /// A replica that is there from the beginning, and known to everybody.
    pub fn place_replica(&mut self, version: Version, now: Instant) {
        let number = self.new_replica(version, now);
        let replica = &mut self.replicas[number];
        (replica.phase, replica.is_open, replica.is_available) = (Phase::Ready, true, true);
        (replica.from_beginning, replica.told) = (true, 1);
        if let Some(probe) = self.hosts.ready {
            let draw = self.seed.stream("probe", &version.to_string()).bits(replica.ordinal, 0);
            let period = u128::from(probe.period.ns());
            replica.clock = now + Span::from_ns((u128::from(draw) * period / (1 << 64)) as u64);
        }
        for node in 0..self.hosts.balancer.nodes as usize {
            self.hear(News { at: now, node, replica: number, told: 1 });
        }
    }

    /// A version is to have so many replicas.
    pub fn scale(&mut self, version: Version, wanted: u32, now: Instant) {
        let all = |model: &Self| {
            let of = model.replicas.iter().enumerate();
            let of = of.filter(|(_, replica)| replica.version == version && replica.is_wanted());
            of.map(|(number, _)| number).collect::<Vec<_>>()
        };
        while all(self).len() < wanted as usize {
            let number = self.new_replica(version, now);
            self.start(number, now);
            self.peak = if now >= Instant::ZERO { self.peak.max(self.alive()) } else { self.peak };
        }
        while all(self).len() > wanted as usize {
            // Who is not ready goes first, then who has been for the shortest time; of equal ones the youngest.
            let since = |number: usize| match &self.replicas[number] {
                ready if ready.phase == Phase::Ready => ready.ready,
                _ => Instant::END,
            };
            let number = all(self).into_iter().max_by_key(|&number| (since(number), number)).unwrap();
            self.withdraw(number, now);
            let replica = &mut self.replicas[number];
            replica.enter(Phase::Stopping, now);
            (replica.ends, replica.probe) = (now, None);
            self.expect(number, now + self.hosts.end.pre_stop.min(self.killed_after()), Next::Told);
        }
    }

    /// How long after the beginning of its end a replica is killed: a hook that takes all of the grace period is given 2 s more.
    fn killed_after(&self) -> Span {
        let end = self.hosts.end;
        if end.pre_stop >= end.grace { end.grace + Span::from_s(2) } else { end.grace }
    }

    fn expect(&mut self, number: usize, at: Instant, next: Next) {
        self.replicas[number].next = Some((at, next));
        self.schedule(at, CONTROL, model::Event::Replica(number));
    }

    /// A start begins at `at`.
    fn start(&mut self, number: usize, at: Instant) {
        let Replica { version, ordinal, starts, .. } = self.replicas[number];
        self.replicas[number].begun = at;
        let mut draw = self.seed.stream("startup", &version.to_string()).at(ordinal, starts);
        let takes = self.service.release(version).startup.sample(&mut draw);
        self.expect(number, at + takes, Next::Started);
    }

    /// The moment of a replica's next event may have come.
    pub fn go_on(&mut self, number: usize, now: Instant) {
        let replica = &mut self.replicas[number];
        let Some((_, next)) = replica.next.filter(|&(at, _)| at == now) else { return };
        replica.next = None;
        match next {
            Next::Started => self.started(number, now),
            Next::Available => {
                replica.is_available = true;
                self.fleet_changed(now);
            }
            Next::Told => {
                replica.is_open = false;
                replica.enter(Phase::Ending, now);
                let killed = replica.ends + self.killed_after();
                if !self.goes_if_idle(number, now) {
                    self.expect(number, killed, Next::Killed);
                }
            }
            Next::Killed => {
                self.lose_attempts(number, Outcome::Killed, now);
                self.goes_if_idle(number, now);
            }
        }
    }

    fn started(&mut self, number: usize, now: Instant) {
        let probe = self.hosts.ready;
        let replica = &mut self.replicas[number];
        let bits =
            self.seed.stream("start-fails", &replica.version.to_string()).bits(replica.ordinal, replica.starts + 1);
        replica.starts += 1;
        if self.hosts.start_fails.threshold().admits(bits) {
            let wait = waits(replica.failures);
            replica.failures += 1;
            return self.start(number, now + wait);
        }
        let Some(probe) = probe else { return self.become_ready(number, now) };
        (replica.clock, replica.streak) = (replica.begun + probe.delay, 0);
        self.await_probe(number, now);
        if self.replicas[number].probe == Some(now) {
            self.probe(number, now);
        }
    }

    /// The probe of a replica runs next at `from` or later. Where it is ready, and was when last probed, it is not run before its code
    /// may be broken.
    pub fn await_probe(&mut self, number: usize, from: Instant) {
        let Some(probe) = self.hosts.ready else { return };
        let replica = &self.replicas[number];
        let is_settled = replica.phase == Phase::Ready && replica.streak == 0;
        let breaks = |event: &&Event| event.fails == Fails::Version(replica.version) && event.at + event.lasts > from;
        let outages: Vec<&Event> = self.faults().happening().filter(breaks).collect();
        let mut run = replica.clock;
        while run < self.end && (run < from || is_settled && outages.iter().all(|event| run < event.at)) {
            run = run + probe.period;
        }
        self.replicas[number].probe = Some(run);
        self.schedule(run, CONTROL, model::Event::Probe(number));
    }

    /// The probe of a replica may run.
    pub fn probe(&mut self, number: usize, now: Instant) {
        let replica = &self.replicas[number];
        let (Some(probe), true) = (self.hosts.ready, replica.probe == Some(now)) else { return };
        let bits = self.seed.stream("probe", &replica.version.to_string());
        let bits = bits.bits(replica.ordinal, (now.ns() as u64).wrapping_add(1 << 63));
        let fails = below(either(self.faults().broken(replica.version, now)), bits);
        let replica = &mut self.replicas[number];
        self.seldom.probes_failed += u64::from(fails);
        let (is_taken_for, enough) = match replica.phase {
            Phase::Ready => (true, probe.failures),
            _ => (false, probe.successes),
        };
        replica.streak = if is_taken_for == fails { replica.streak + 1 } else { 0 };
        if replica.streak == enough {
            replica.streak = 0;
            if is_taken_for {
                self.seldom.withdrawn += 1;
                self.withdraw(number, now);
                self.replicas[number].enter(Phase::Starting, now);
                self.replicas[number].next = None;
                self.fleet_changed(now);
            } else {
                self.become_ready(number, now);
            }
        }
        self.await_probe(number, now + Span::from_ns(1));
    }

    fn become_ready(&mut self, number: usize, now: Instant) {
        let replica = &mut self.replicas[number];
        replica.enter(Phase::Ready, now);
        replica.opened = if replica.is_open { replica.opened } else { now };
        (replica.ready, replica.is_open) = (now, true);
        self.tell(number, now);
        self.replicas[number].is_available = self.hosts.min_ready == Span::ZERO;
        self.fleet_changed(now);
        if self.hosts.min_ready > Span::ZERO {
            self.expect(number, now + self.hosts.min_ready, Next::Available);
        }
        self.fill(number, now);
    }

    /// A replica is no endpoint any more, if it was.
    fn withdraw(&mut self, number: usize, now: Instant) {
        self.replicas[number].is_available = false;
        if self.replicas[number].phase == Phase::Ready {
            self.tell(number, now);
        }
    }

    /// A replica crashes. One that is wanted starts again.
    pub fn crash(&mut self, number: usize, now: Instant) {
        self.lose_attempts(number, Outcome::Failed, now);
        self.replicas[number].is_open = false;
        if self.replicas[number].is_wanted() {
            self.withdraw(number, now);
            let replica = &mut self.replicas[number];
            replica.probe = None;
            if now.since(replica.opened) >= Span::from_s(600) {
                replica.failures = 0;
            }
            let again = replica.failures > 0;
            let wait = if again { waits(replica.failures - 1) } else { Span::ZERO };
            replica.failures += 1;
            replica.enter(Phase::Starting, now);
            self.start(number, now + wait);
            self.fleet_changed(now);
        }
        self.goes_if_idle(number, now);
    }

    /// A replica that takes no more requests and has none goes; whether it does.
    pub fn goes_if_idle(&mut self, number: usize, now: Instant) -> bool {
        let replica = &mut self.replicas[number];
        let goes = replica.phase == Phase::Ending && replica.served.is_empty() && replica.line.is_empty();
        if goes {
            replica.enter(Phase::Gone, now);
            replica.next = None;
            self.fleet_changed(now);
        }
        goes
    }

    /// Every node begins to hear that a replica has come, or will go.
    fn tell(&mut self, number: usize, now: Instant) {
        let replica = &mut self.replicas[number];
        replica.told += 1;
        let (ordinal, told) = (replica.ordinal, replica.told);
        let stream = self.seed.stream("endpoint-lag", &replica.version.to_string());
        for node in 0..self.hosts.balancer.nodes as usize {
            let lag = self.hosts.balancer.lag.sample(&mut stream.at(node as u64, ordinal << 32 | told));
            self.news.push(News { at: now + lag, node, replica: number, told });
        }
    }

    /// News that are due are heard, in order of time.
    pub fn spread(&mut self, is_due: impl Fn(&News) -> bool) {
        while let Some(place) = (0..self.news.len())
            .filter(|&place| is_due(&self.news[place]))
            .min_by_key(|&place| (self.news[place].at, self.news[place].replica, self.news[place].told))
        {
            let news = self.news.remove(place);
            self.hear(news);
        }
    }

    fn hear(&mut self, News { node, replica, told, .. }: News) {
        let known = &mut self.replicas[replica].known[node];
        let was = known.is_endpoint();
        // Whoever knows more already hears nothing new.
        known.told = told.max(known.told);
        let is = known.is_endpoint();
        let version = self.replicas[replica].version;
        if is && !was {
            self.move_to_end(node, replica);
            self.shelves.entry((node, version)).or_default().push(replica);
        } else if was && !is {
            self.leave_shelf(node, replica);
        }
    }

    fn leave_shelf(&mut self, node: usize, replica: usize) {
        let shelf = self.shelves.get_mut(&(node, self.replicas[replica].version)).unwrap();
        let place = shelf.iter().position(|&other| other == replica).unwrap();
        shelf.swap_remove(place);
    }

    fn move_to_end(&mut self, node: usize, replica: usize) {
        self.moves += 1;
        self.replicas[replica].known[node].moved = self.moves;
    }

    /// The number of requests that a replica has through a node has changed.
    pub fn recounted(&mut self, node: usize, replica: usize) {
        if self.hosts.balancer.choose == Choose::LeastConnections {
            self.move_to_end(node, replica);
        }
    }

    /// Whether a node takes any replica of the version for an endpoint.
    pub fn knows(&self, node: usize, version: Version) -> bool {
        self.replicas.iter().any(|replica| replica.version == version && replica.known[node].is_endpoint())
    }

    /// The replica that a node chooses, of one version or of any, but for those that it has tried.
    pub fn choose(
        &mut self,
        node: usize,
        version: Option<Version>,
        tried: &[usize],
        draw: impl Fn(u32) -> u32,
    ) -> Option<usize> {
        let wanted = |&number: &usize| {
            let replica = &self.replicas[number];
            replica.known[node].is_endpoint()
                && version.is_none_or(|version| version == replica.version)
                && !tried.contains(&number)
        };
        let all = || (0..self.replicas.len()).filter(wanted);
        let moved = |number: usize| self.replicas[number].known[node].moved;
        let through = |number: usize| {
            let replica = &self.replicas[number];
            replica.served.iter().chain(&replica.line).filter(|&&attempt| self.tries[attempt].node == node).count()
        };
        let chosen = match self.hosts.balancer.choose {
            Choose::RoundRobin => all().min_by_key(|&number| moved(number))?,
            Choose::LeastConnections => all().min_by_key(|&number| (through(number), moved(number)))?,
            Choose::Random => {
                // In an order that is arbitrary: by version; a new endpoint is put last; where one leaves, the last takes its place. Those
                // that were tried step aside meanwhile.
                tried.iter().for_each(|&number| self.leave_shelf(node, number));
                let of = self.versions.iter().filter(|&&of| version.is_none_or(|version| version == of));
                let shelves = of.filter_map(|&version| self.shelves.get(&(node, version)));
                let all: Vec<usize> = shelves.flatten().copied().collect();
                let chosen = (!all.is_empty()).then(|| all[draw(all.len() as u32) as usize]);
                for &number in tried {
                    self.shelves.entry((node, self.replicas[number].version)).or_default().push(number);
                }
                chosen?
            }
        };
        self.move_to_end(node, chosen);
        Some(chosen)
    }
}

/// How long a replica waits before it starts again that has failed so often before.
fn waits(failures: u32) -> Span {
    (0..failures).fold(Span::from_s(10), |wait, _| (wait + wait).min(Span::from_s(300)))
}
