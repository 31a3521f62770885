//! The slow model's routing: who holds what when, found by scanning all changes, and everything that chance and the clock
//! decide about an attempt when it begins.

use crate::causes::{Facts, KEPT};
use crate::faults::{Faults, WHOLE, below};
use crate::kept::{Besides, Wanted};
use cutover::dist::Law;
use cutover::ids::{Contract, Qualifier, Version};
use cutover::platform::Course;
use cutover::platform::{ColdStart, Service};
use cutover::random::{Seed, Stream};
use cutover::source::{Clients, Producer, Source, Via};
use cutover::strategy::{
    Action, AliasTarget, Command, Controller, Delay, Forgetting, Provisioned, Slip, Strategy, View, Wake,
};
use cutover::time::{Instant, Span};
use cutover::units::Share;
use rand_distr::Distribution;
use std::collections::BTreeMap;

/// A caller's wish: an attempt to be made.
#[derive(Clone, Copy)]
pub struct Wish {
    pub source: usize,
    pub index: u64,
    pub attempt: u32,
    /// When the request arrived; `None` for a user's next request.
    pub request: Option<Instant>,
    /// When the caller began to wait for this attempt.
    pub since: Instant,
    /// How long the code takes, where the source knows.
    pub known: Option<Span>,
    /// The contract of an earlier attempt's client.
    pub contract: Option<Contract>,
    /// The version that its queue has bound it to, and how often its code has failed, where a queue tries it.
    pub bound: Option<Version>,
    pub failures: u8,
}

/// An attempt with all its draws and its whole route.
pub struct Try {
    pub wish: Wish,
    pub request: Instant,
    pub arrival: Instant,
    pub revision: usize,
    pub alias_view: usize,
    pub contract: Contract,
    pub version: Version,
    pub rejected: bool,
    pub failure_bits: u64,
    /// Whether it fails on the way.
    pub refused: bool,
    pub crashes: bool,
    /// Whether the function's timeout cuts the warm or the cold service short.
    pub cut: [bool; 2],
    /// Of a warm instance, and of one that is initialised.
    pub service: [Span; 2],
    /// The same before any timeout.
    pub drawn: [Span; 2],
    /// The wait for an initialisation; `None` where a cold start waits for nothing.
    pub init: Option<Span>,
    pub choice_bits: u64,
    /// How long the instance is kept after this attempt; `None` for ever.
    pub timeout: Option<Span>,
    /// When it got its instance.
    pub begun: Instant,
    /// When the caller gives up, if that is before the end.
    pub gives_up: Option<Instant>,
    pub initialised: bool,
}

/// The changes of one resource and who learns of them when.
pub struct Resource<T> {
    /// When each change was made.
    pub made: Vec<Instant>,
    /// What everybody holds from the beginning, then what each change brings.
    pub values: Vec<T>,
    /// When change k + 1 reaches each observer.
    pub reaches: Vec<Vec<Instant>>,
    observers: u32,
    lag: Law,
    stream: Stream,
}

impl<T> Resource<T> {
    pub fn new(initial: T, observers: u32, lag: Law, stream: Stream) -> Self {
        Self { made: Vec::new(), values: vec![initial], reaches: Vec::new(), observers, lag, stream }
    }

    fn change(&mut self, at: Instant, value: T) {
        let number = self.values.len() as u64;
        self.values.push(value);
        self.made.push(at);
        let reach = |who: u32| at + self.lag.sample(&mut self.stream.at(who.into(), number));
        self.reaches.push((0..self.observers).map(reach).collect());
    }

    /// The highest-numbered change that has reached the observer.
    fn view(&self, observer: u32, now: Instant) -> usize {
        (1..self.values.len()).filter(|&change| self.reaches[change - 1][observer as usize] <= now).max().unwrap_or(0)
    }

    fn instants(&self) -> impl Iterator<Item = Instant> {
        self.reaches.iter().flatten().copied()
    }

    pub fn settled(&self) -> Option<Instant> {
        self.reaches.last()?.iter().copied().max()
    }
}

/// What a controller sees.
struct Seen<'a>(Instant, &'a [bool]);

impl View for Seen<'_> {
    fn now(&self) -> Instant {
        self.0
    }

    fn is_in_alarm(&self, alarm: usize) -> bool {
        self.1[alarm]
    }
}

/// A source that is wired by itself.
struct Wires {
    producer: Resource<Contract>,
    mapping: Resource<Qualifier>,
    at: Span,
}

/// Who holds what, and where it leads.
pub struct Routing<'a> {
    pub service: &'a Service,
    pub gateway: Resource<(Contract, Qualifier)>,
    pub code: Resource<Version>,
    pub alias: Resource<AliasTarget>,
    /// Of each source that has its own: who writes what, and what it asks for.
    direct: Vec<Option<Wires>>,
    /// What became of each route that a person re-pointed.
    pub slips: Vec<Slip>,
    /// Which version each asks for if it is mistaken.
    mistaken: Vec<Version>,
    pub from: Version,
    pub to: Version,
    /// The versions in the order of their turn.
    pub versions: Vec<Version>,
    through: bool,
    taken_back: bool,
    /// Since when what was deployed was being taken back, or was not.
    backs: Vec<(Instant, bool)>,
    /// What took effect.
    actions: Vec<(Instant, Action)>,
    timed_out: bool,
    /// Whether the hook that is waited for fails.
    hook_fails: bool,
    /// Whether it has a director, and which of its deployments have begun when.
    planned: bool,
    pub begun: Vec<(Instant, Version)>,
    pauses: u64,
    /// When the controller wants to be woken whatever it waits for.
    pub rings: Vec<Instant>,
    stopped: Option<Instant>,
    ended: bool,
    /// How often what the controller waited for was forgotten.
    pub turn: usize,
    /// When anything was first done.
    first: Option<Instant>,
    controller: Controller,
    /// The control plane's delays so far.
    delays: Vec<Delay>,
    step: Law,
    pub seed: Seed,
    /// What is kept ready, how much of each version, and what is to happen besides.
    pub provisioned: Option<Provisioned>,
    pub wanted: BTreeMap<Version, Wanted>,
    pub besides: Vec<(Instant, Besides)>,
}

impl<'a> Routing<'a> {
    pub fn new(service: &'a Service, strategy: &Strategy, seed: Seed) -> Self {
        let (from, to) = (strategy.deployment.from, strategy.deployment.to);
        let contract = |version| service.release(version).contract;
        let slip = |(place, source): (usize, &Source)| {
            let Some(by_hand) = strategy.rollout.by_hand() else { return Slip::None };
            let drawn = |purpose, chance: Share| {
                below(chance.threshold().parts(), seed.stream(purpose, &source.name).bits(0, 0))
            };
            let forgotten = match &by_hand.forgetting {
                Forgetting::Sources(always) => always.contains(&place),
                Forgetting::Chance(chance) => drawn("forgotten-route", *chance),
            };
            let wrong = drawn("wrong-route", by_hand.wrong.chance);
            if forgotten {
                Slip::Forgotten
            } else if wrong {
                Slip::Wrong
            } else {
                Slip::None
            }
        };
        let mistaken = |source: &Source| match strategy.rollout.by_hand().map(|by_hand| &by_hand.wrong.others[..]) {
            None | Some([]) => to,
            Some(others) => {
                others[seed.stream("wrong-version", &source.name).below(others.len() as u32, 0, 0) as usize]
            }
        };
        let wires = |source: &Source| match source.via {
            Via::Gateway => None,
            Via::Direct(Producer { at, lag }) | Via::Queue(Producer { at, lag }, _) => Some(Wires {
                producer: Resource::new(contract(from), 1, lag, seed.stream("producer-lag", &source.name)),
                mapping: Resource::new(
                    strategy.rollout.qualifier(&strategy.deployment),
                    1,
                    service.function.mapping_lag,
                    seed.stream("mapping-lag", &source.name),
                ),
                at,
            }),
        };
        let function = &service.function;
        let nodes = seed.stream("lag", "node");
        let front_ends = seed.stream("lag", "front-end");
        let initial = (contract(from), strategy.rollout.qualifier(&strategy.deployment));
        let target = AliasTarget { primary: from, additional: None };
        let mut routing = Self {
            gateway: Resource::new(initial, service.gateway.nodes, service.gateway.lag, nodes),
            code: Resource::new(from, function.front_ends, function.latest_lag, front_ends),
            alias: Resource::new(target, function.front_ends, function.alias_lag, front_ends),
            direct: service.sources.iter().map(wires).collect(),
            slips: service.sources.iter().enumerate().map(slip).collect(),
            mistaken: service.sources.iter().map(mistaken).collect(),
            service,
            from,
            to,
            versions: strategy.versions(),
            through: false,
            taken_back: false,
            backs: Vec::new(),
            actions: Vec::new(),
            timed_out: false,
            hook_fails: false,
            planned: strategy.reacts(),
            begun: Vec::new(),
            pauses: 0,
            rings: Vec::new(),
            stopped: None,
            ended: false,
            turn: 0,
            first: None,
            controller: strategy.controller(),
            delays: Vec::new(),
            step: strategy.deployment.step,
            seed,
            provisioned: strategy.deployment.provisioned,
            wanted: BTreeMap::new(),
            besides: Vec::new(),
        };
        if !routing.planned {
            routing.producers_follow(Instant::ZERO, to);
        }
        routing
    }

    /// The producers of sources that are wired by themselves are to write the contract of a version.
    fn producers_follow(&mut self, now: Instant, version: Version) {
        let contract = self.service.release(version).contract;
        for wires in self.direct.iter_mut().flatten() {
            wires.producer.change(now + wires.at, contract);
        }
    }

    /// Wakes the controller and does what it commands; answers when it is to be woken again.
    pub fn wake(&mut self, why: Wake, alarms: &[bool], now: Instant) -> Vec<Instant> {
        let (mut commands, mut wakes) = (Vec::new(), Vec::new());
        let why = if why == Wake::Over && std::mem::take(&mut self.hook_fails) { Wake::Failed } else { why };
        self.controller.wake(why, &Seen(now, alarms), &mut commands);
        for command in commands {
            if let Command::Do(action) = command {
                self.first = self.first.or(Some(now));
                let forgotten =
                    matches!(action, Action::Rewire { source, .. } if self.slips[source] == Slip::Forgotten);
                self.actions.extend((!forgotten).then_some((now, action)));
            }
            match command {
                Command::Do(Action::RedeployGateway { shape, qualifier }) => {
                    self.gateway.change(now, (self.service.release(shape).contract, qualifier));
                }
                Command::Do(Action::UpdateCode(version)) => self.code.change(now, version),
                Command::Do(Action::UpdateAlias(target)) => self.alias.change(now, target),
                Command::Do(Action::Rewire { source, qualifier }) => {
                    if self.slips[source] != Slip::Forgotten {
                        self.direct[source].as_mut().unwrap().mapping.change(now, qualifier);
                    }
                }
                Command::Do(Action::Provision { version, environments }) => self.provision(version, environments, now),
                Command::WhenThere => wakes.push(self.provisioned_at(now)),
                Command::Do(Action::Replicas(_)) => unreachable!("there are no replicas"),
                Command::WakeIn(span) => wakes.push(now + span),
                Command::Delay(delay) => {
                    let ordinal = self.delays.iter().filter(|&&other| other == delay).count();
                    self.delays.push(delay);
                    let in_progress = delay == Delay::UpdateInProgress;
                    let law = if in_progress { self.service.function.update_in_progress } else { self.step };
                    let stream = self.seed.stream("control-plane", delay.name());
                    wakes.push(now + law.sample(&mut stream.at(ordinal as u64, 0)));
                }
                Command::Next => (self.first, self.taken_back) = (None, false),
                Command::Begin(version) => {
                    self.begun.push((now, version));
                    self.producers_follow(now, version);
                    self.besides.push((now, Besides::Warm(version)));
                }
                Command::Pause(law) => {
                    let stream = self.seed.stream("control-plane", "pause");
                    wakes.push(now + law.sample(&mut stream.at(self.pauses, 0)));
                    self.pauses += 1;
                }
                Command::Hook(run) => {
                    let at = run.number as u64;
                    let bits = self.seed.stream("hook", "fails").bits(at, 0);
                    self.hook_fails = below(run.hook.fails.threshold().parts(), bits);
                    wakes.push(now + run.hook.takes.sample(&mut self.seed.stream("hook", "takes").at(at, 0)));
                }
                Command::WhenSettled => {
                    let all = self.gateway.instants().chain(self.code.instants()).chain(self.alias.instants());
                    let mappings = self.direct.iter().flatten().flat_map(|wires| wires.mapping.instants());
                    wakes.push(all.chain(mappings).max().unwrap_or(now).max(now));
                }
                Command::RingAt(at) => self.rings.push(at),
                Command::Through => self.through = true,
                Command::Forget => {
                    self.hook_fails = false;
                    self.turn += 1;
                    wakes.clear();
                }
                Command::TakeBack => self.taken_back = true,
                Command::TimedOut => {
                    (self.timed_out, self.through, self.hook_fails) = (true, false, false);
                    self.turn += 1;
                    wakes.clear();
                }
                Command::Stopped => {
                    (self.stopped, self.through, self.taken_back) = (Some(now), false, true);
                    self.hook_fails = false;
                    self.turn += 1;
                    wakes.clear();
                }
                Command::End => self.ended = true,
            }
            self.backs.push((now, self.taken_back));
        }
        wakes
    }

    /// Whether alarms are still looked at.
    pub fn is_watching(&self) -> bool {
        !self.ended && self.stopped.is_none()
    }

    /// What the rollout came to by `end`.
    pub fn course(&self, end: Instant) -> Course {
        let resources = [self.gateway.settled(), self.code.settled(), self.alias.settled()];
        let mappings = self.direct.iter().flatten().map(|wires| wires.mapping.settled());
        let last = resources.into_iter().chain(mappings).flatten().max().filter(|&at| at <= end && self.through);
        Course {
            settled: last.filter(|_| !self.taken_back),
            taken_back: self.taken_back,
            stopped: self.stopped,
            timed_out: self.timed_out,
            overdue: None,
            detection: self.stopped.and_then(|stopped| Some(stopped.since(self.first?))),
            rollback: self.stopped.and_then(|stopped| Some(last?.since(stopped))),
        }
    }

    /// What shapes the events of the source's requests that come through a node, and what they ask for; and the number of that change.
    fn shape(&self, source: usize, node: u32, now: Instant) -> (usize, Contract, Qualifier) {
        let (change, contract, asked) = match &self.direct[source] {
            Some(wires) => {
                let change = wires.mapping.view(0, now);
                let asked = wires.mapping.values[change];
                (change, wires.producer.values[wires.producer.view(0, now)], asked)
            }
            None => {
                let revision = self.gateway.view(node, now);
                let (contract, _) = self.gateway.values[revision];
                let known = if self.slips[source] == Slip::Forgotten { 0 } else { revision };
                (revision, contract, self.gateway.values[known].1)
            }
        };
        let is_wrong = self.slips[source] == Slip::Wrong && asked == Qualifier::Number(self.to);
        (change, contract, if is_wrong { Qualifier::Number(self.mistaken[source]) } else { asked })
    }

    /// What was done, as far as the causes of mismatches hang on it; `first`: what everybody asks for in the beginning.
    pub fn facts(&self, first: Qualifier) -> Facts<'_> {
        let written = |wires: &Wires| {
            let Resource { made, values, reaches, .. } = &wires.producer;
            made.iter().zip(reaches).zip(&values[1..]).map(|((&made, reaches), &to)| (made, reaches[0], to)).collect()
        };
        Facts {
            service: self.service,
            versions: &self.versions,
            first,
            actions: &self.actions,
            begun: self.updates(),
            backs: &self.backs,
            slips: &self.slips,
            to: self.to,
            producers: self.direct.iter().map(|wires| wires.as_ref().map(written)).collect(),
            on_hosts: false,
        }
    }

    /// The first attempts of all requests that are known beforehand.
    pub fn wishes(&self, seed: Seed, start: Instant, end: Instant) -> Vec<(Instant, Wish)> {
        let mut wishes = Vec::new();
        for (source, of) in self.service.sources.iter().enumerate() {
            let mut feed = of.feed(seed, start, end, None);
            for index in 0.. {
                let at = feed.advance();
                if at >= end {
                    break;
                }
                let known = feed.service();
                wishes.push((
                    at,
                    Wish {
                        source,
                        index,
                        attempt: 0,
                        request: Some(at),
                        since: at,
                        known,
                        contract: None,
                        bound: None,
                        failures: 0,
                    },
                ));
            }
        }
        wishes
    }

    /// Whether versions can be asked for by number here, as a cookie does.
    pub fn askable(&self) -> bool {
        self.gateway.values.iter().all(|&(_, qualifier)| qualifier != Qualifier::Latest)
    }

    pub fn attempt(&self, wish: Wish, kept_on: Option<Version>, now: Instant, seed: Seed) -> Try {
        let Wish { source: place, index, attempt, .. } = wish;
        let (service, source) = (self.service, &self.service.sources[place]);
        let stream = |purpose| seed.stream(purpose, &source.name);
        let attempt = u64::from(attempt);
        let node = stream("node").below(service.gateway.nodes, index, attempt);
        let front_end = stream("front-end").below(service.function.front_ends, index, attempt);
        let (revision, shaped, qualifier) = self.shape(place, node, now);
        let contract = wish.contract.unwrap_or_else(|| match source.clients {
            None => shaped,
            Some(_) => self.client(place, index, now, seed),
        });
        let mut alias_view = 0;
        let version = match qualifier {
            Qualifier::Number(version) => version,
            Qualifier::Any => unreachable!("there is no balancer"),
            Qualifier::Latest => self.code.values[self.code.view(front_end, now)],
            Qualifier::Alias => {
                alias_view = self.alias.view(front_end, now);
                let target = self.alias.values[alias_view];
                let bits = stream("alias").bits(index, attempt);
                match target.additional {
                    Some((version, weight)) if weight.threshold().admits(bits) => version,
                    _ => target.primary,
                }
            }
        };
        let (version, alias_view) = kept_on.map_or((version, alias_view), |version| (version, KEPT));
        let release = service.release(version);
        let rejected = !release.accepts.contains(&contract);
        let takes = |law: &Law| law.sample(&mut stream("service").at(index, attempt));
        let warm = wish.known.unwrap_or_else(|| takes(&release.service));
        let (mut service, mut init) = ([warm, warm], None);
        match &release.cold {
            ColdStart::Init(law) => init = Some(law.sample(&mut stream("init").at(index, attempt))),
            ColdStart::Service(law) => service[1] = takes(law),
        }
        if rejected && let Some(law) = &release.failure_time {
            service = [takes(law); 2];
        }
        let longest = release.timeout.unwrap_or(Span::LONGEST);
        Try {
            wish,
            request: wish.request.unwrap_or(now),
            arrival: now,
            revision,
            alias_view,
            contract,
            version,
            rejected,
            failure_bits: stream("failure").bits(index, attempt),
            refused: below(self.faults().refused(place, version, now), stream("refusal").bits(index, attempt)),
            crashes: release.crashes.threshold().admits(stream("crash").bits(index, attempt)),
            cut: service.map(|service| service > longest),
            drawn: service,
            service: service.map(|service| service.min(longest)),
            init,
            choice_bits: stream("choice").bits(index, attempt),
            timeout: release.idle.timeout(&mut stream("idle").at(index, attempt)),
            begun: now,
            gives_up: None,
            initialised: false,
        }
    }

    /// What goes wrong by itself.
    pub fn faults(&self) -> Faults<'_> {
        Faults { service: self.service, seed: self.seed }
    }

    /// The contract in which a client of the source writes at `now`: the newest that it has updated to.
    pub fn client(&self, place: usize, index: u64, now: Instant, seed: Seed) -> Contract {
        let source = &self.service.sources[place];
        let bits = seed.stream("client", &source.name).bits(index, 0);
        let updated = |&&(since, _): &&(Instant, Version)| !source.clients.unwrap().is_old_since(since, now, bits);
        let updates = self.updates();
        let version = updates.iter().rev().find(updated).map_or(self.from, |&(_, version)| version);
        self.service.release(version).contract
    }

    /// What clients may have updated to, and since when.
    fn updates(&self) -> Vec<(Instant, Version)> {
        if self.planned { self.begun.clone() } else { vec![(Instant::ZERO, self.to)] }
    }

    /// The probabilities of the contracts in which a client writes.
    fn clients(&self, clients: &Clients, now: Instant) -> Vec<(f64, Contract)> {
        let contract = |version| self.service.release(version).contract;
        let mut shares = vec![contract(self.from)];
        shares.extend(self.updates().iter().map(|&(_, version)| contract(version)));
        let mut reached = vec![1.0];
        reached.extend(self.updates().iter().map(|&(since, _)| 1.0 - clients.old_share_since(since, now)));
        reached.push(0.0);
        // Who has got as far as one and not as far as the next.
        (0..shares.len()).map(|place| (reached[place] - reached[place + 1], shares[place])).collect()
    }

    /// The probability that an attempt at `now` is mismatched and let in.
    pub fn odds(&self, wish: Wish, kept_on: Option<Version>, let_in: &dyn Fn(Version) -> bool, now: Instant) -> f64 {
        let odds = |(part, version, contract): (f64, Version, Contract)| {
            let wrong = let_in(version) && self.service.release(version).contract != contract;
            let passes = 1.0 - self.faults().refused(wish.source, version, now) as f64 / WHOLE as f64;
            part * f64::from(u8::from(wrong)) * passes
        };
        self.ways(wish, kept_on, now).into_iter().map(odds).sum()
    }

    /// The probability that an attempt at `now` is mismatched which goes to `version`.
    pub fn odds_given(&self, wish: Wish, kept_on: Option<Version>, version: Version, now: Instant) -> f64 {
        let (mut all, mut wrong) = (0.0, 0.0);
        for (part, _, contract) in self.ways(wish, kept_on, now).into_iter().filter(|&(_, to, _)| to == version) {
            all += part;
            wrong += if self.service.release(version).contract == contract { 0.0 } else { part };
        }
        wrong / all
    }

    /// Every way that an attempt may go at `now`, of every node with every front-end: how likely it is, the version and the contract.
    fn ways(&self, wish: Wish, kept_on: Option<Version>, now: Instant) -> Vec<(f64, Version, Contract)> {
        let (service, source) = (self.service, &self.service.sources[wish.source]);
        let each = 1.0 / f64::from(service.gateway.nodes) / f64::from(service.function.front_ends);
        let mut ways = Vec::new();
        for node in 0..service.gateway.nodes {
            let (_, shaped, qualifier) = self.shape(wish.source, node, now);
            let contracts = match (wish.contract, source.clients) {
                (Some(contract), _) => vec![(1.0, contract)],
                (None, Some(clients)) => self.clients(&clients, now),
                (None, None) => vec![(1.0, shaped)],
            };
            for front_end in 0..service.function.front_ends {
                let versions = match (kept_on, qualifier) {
                    (Some(version), _) | (None, Qualifier::Number(version)) => vec![(1.0, version)],
                    (None, Qualifier::Any) => unreachable!("there is no balancer"),
                    (None, Qualifier::Latest) => vec![(1.0, self.code.values[self.code.view(front_end, now)])],
                    (None, Qualifier::Alias) => {
                        let target = self.alias.values[self.alias.view(front_end, now)];
                        match target.additional {
                            None => vec![(1.0, target.primary)],
                            Some((version, weight)) => {
                                vec![(weight.as_f64(), version), (1.0 - weight.as_f64(), target.primary)]
                            }
                        }
                    }
                };
                for &(a, contract) in &contracts {
                    for &(b, version) in &versions {
                        ways.push((a * b * each, version, contract));
                    }
                }
            }
        }
        ways
    }

    /// Whether some queue lets what it has taken over wait.
    pub fn hangs_together(&self) -> bool {
        self.service.sources.iter().filter_map(|source| source.via.queue()).any(|queue| !queue.is_plain())
    }

    /// The expected number of mismatched requests given the adoptions, where no limit turns anyone away: over every
    /// stretch between two of them, every node with every front-end. Users expect none: see [`Routing::odds`].
    pub fn mismatched_expected(&self, end: Instant) -> f64 {
        let service = self.service;
        if service.function.limits.any() || !service.events.is_empty() || self.hangs_together() {
            return 0.0;
        }
        let mut cuts: Vec<_> =
            self.gateway.instants().chain(self.code.instants()).chain(self.alias.instants()).collect();
        for wires in self.direct.iter().flatten() {
            cuts.extend(wires.producer.instants().chain(wires.mapping.instants()));
        }
        cuts.extend([Instant::ZERO, end]);
        cuts.retain(|&cut| cut >= Instant::ZERO && cut <= end);
        cuts.sort_unstable();
        cuts.dedup();
        let [old, new] = [self.from, self.to].map(|version| service.release(version).contract);
        let wrong = |version, contract| f64::from(u8::from(service.release(version).contract != contract));
        let mut sum = 0.0;
        for stretch in cuts.windows(2) {
            let (from, to) = (stretch[0], stretch[1]);
            let front_ends: Vec<_> = (0..service.function.front_ends)
                .map(|front_end| (self.code.view(front_end, from), self.alias.view(front_end, from)))
                .collect();
            for (place, source) in service.sources.iter().enumerate() {
                let requests = source.arrivals.expected(from, to).unwrap();
                let nodes = service.gateway.nodes;
                let pairs = nodes as usize * front_ends.len();
                let odds = |client: Option<Contract>| {
                    let mut sum = 0.0;
                    for node in 0..nodes {
                        let (_, shaped, qualifier) = self.shape(place, node, from);
                        let contract = client.unwrap_or(shaped);
                        for &(code, alias) in &front_ends {
                            sum += match qualifier {
                                Qualifier::Number(version) => wrong(version, contract),
                                Qualifier::Any => unreachable!("there is no balancer"),
                                Qualifier::Latest => wrong(self.code.values[code], contract),
                                Qualifier::Alias => {
                                    let target = &self.alias.values[alias];
                                    let primary = wrong(target.primary, contract);
                                    target.additional.map_or(primary, |(version, weight)| {
                                        primary + weight.as_f64() * (wrong(version, contract) - primary)
                                    })
                                }
                            };
                        }
                    }
                    sum / pairs as f64
                };
                sum += match source.clients {
                    None => odds(None) * requests,
                    Some(clients) => {
                        let decayed = source.arrivals.expected_decayed(from, to, clients.half_life).unwrap();
                        let from_old = clients.old.as_f64() * decayed;
                        odds(Some(old)) * from_old + odds(Some(new)) * (requests - from_old)
                    }
                };
            }
        }
        sum
    }
}
