//! The same model, slow and obvious: one list of events, one record per instance ever started, everything else derived
//! from those records afterwards.
//!
//! It shares with the simulator only what chance is made of: the random streams and their names, the laws, the
//! sources' arrivals and the strategies' timetables. Every draw of a request is made when the request is listed,
//! needed or not; every idle period has an event of its own; what an observer holds is found by scanning all changes.

use cutover::dist::Law;
use cutover::ids::{Contract, Qualifier, Version};
use cutover::platform::{Attempt, Choice, ColdStart, Outcome, Service};
use cutover::random::{Seed, Stream};
use cutover::scenario::Scenario;
use cutover::strategy::{Action, AliasTarget, ControlPlane, Forgetting, Strategy};
use cutover::time::{Instant, Span};
use rand_distr::Distribution;
use std::collections::BTreeMap;

/// What happened in one replication.
pub struct Truth {
    pub attempts: Vec<Attempt>,
    pub instances: Vec<Life>,
    /// The greatest number of instances alive at any moment from t = 0 on.
    pub peak: u64,
    pub settled: Option<Instant>,
    pub operator_steps: usize,
    pub mismatched_expected: f64,
    /// How many arrivals found another event at their very instant: the order of ranks was put to the test.
    pub coincidences: u64,
}

/// An instance from its start to its end.
pub struct Life {
    pub version: Version,
    /// Whether a request started it; the others are warm from the beginning.
    pub started_by_request: bool,
    pub began: Instant,
    /// When it was reclaimed.
    pub gone: Option<Instant>,
    /// What it did, from when to when.
    pub states: Vec<(State, Instant, Instant)>,
    state: State,
    since: Instant,
    request: Option<usize>,
    became_ready: Option<Instant>,
    /// Counts its idle periods, so that an expiry knows its own.
    period: u64,
    /// The order in which instances became idle.
    idle_order: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    Starting,
    Busy,
    Idle,
    Gone,
}

/// A request with all its draws and, because routing depends on nothing but the clock, its whole route.
struct Request {
    source: usize,
    index: u64,
    arrival: Instant,
    revision: usize,
    alias_view: usize,
    contract: Contract,
    version: Version,
    fails: bool,
    warm_service: Span,
    cold_service: Span,
    /// The wait for an initialisation; `None` where a cold start waits for nothing.
    init: Option<Span>,
    choice_bits: u64,
    /// How long the instance is kept after this request; `None` for ever.
    timeout: Option<Span>,
}

enum Event {
    Arrival(usize),
    Ready(usize),
    Completion(usize),
    /// The end of the instance's idle period of that number.
    Expiry(usize, u64),
}

/// Ranks in the order of guarantee G8. (Adoptions have no event here: `adopt_at <= now` gives them theirs.)
const COMPLETION: u8 = 0;
const ARRIVAL: u8 = 2;
const EXPIRY: u8 = 3;

/// The changes of one resource and who learns of them when.
struct Resource<T> {
    /// What everybody holds from the beginning, then what each change brings.
    values: Vec<T>,
    /// When change k + 1 reaches each observer.
    reaches: Vec<Vec<Instant>>,
}

impl<T> Resource<T> {
    fn new(initial: T, changes: Vec<(Instant, T)>, observers: u32, lag: &Law, stream: Stream) -> Self {
        let mut values = vec![initial];
        let mut reaches = Vec::new();
        for (number, (at, value)) in (1_u64..).zip(changes) {
            values.push(value);
            reaches.push((0..observers).map(|who| at + lag.sample(&mut stream.at(who.into(), number))).collect());
        }
        Self { values, reaches }
    }

    /// The highest-numbered change that has reached the observer.
    fn view(&self, observer: u32, now: Instant) -> usize {
        (1..self.values.len()).filter(|&change| self.reaches[change - 1][observer as usize] <= now).max().unwrap_or(0)
    }

    fn instants(&self) -> impl Iterator<Item = Instant> {
        self.reaches.iter().flatten().copied()
    }

    fn settled(&self) -> Option<Instant> {
        self.reaches.last()?.iter().copied().max()
    }
}

struct ControlCalls<'a>(&'a Service, &'a Strategy, Seed);

impl ControlPlane for ControlCalls<'_> {
    fn call(&mut self, action: &'static str, ordinal: u64) -> Span {
        self.1.deployment.step.sample(&mut self.2.stream("control-plane", action).at(ordinal, 0))
    }

    fn update_in_progress(&mut self) -> Span {
        let law = self.0.function.update_in_progress;
        law.sample(&mut self.2.stream("control-plane", "update-in-progress").at(0, 0))
    }
}

/// Who holds what, and where it leads.
struct Routing<'a> {
    service: &'a Service,
    gateway: Resource<(Contract, Qualifier)>,
    code: Resource<Version>,
    alias: Resource<AliasTarget>,
    forgotten: Vec<bool>,
    from: Version,
    to: Version,
}

impl<'a> Routing<'a> {
    fn new(service: &'a Service, strategy: &Strategy, seed: Seed) -> Self {
        let (from, to) = (strategy.deployment.from, strategy.deployment.to);
        let contract = |version| service.release(version).contract;
        let timetable = strategy.rollout.timetable(&strategy.deployment, &mut ControlCalls(service, strategy, seed));
        let (mut revisions, mut updates, mut moves) = (Vec::new(), Vec::new(), Vec::new());
        for (at, action) in timetable.actions {
            match action {
                Action::RedeployGateway { shape, qualifier } => revisions.push((at, (contract(shape), qualifier))),
                Action::UpdateCode(version) => updates.push((at, version)),
                Action::UpdateAlias(target) => moves.push((at, target)),
            }
        }
        let forgotten = |(place, source): (usize, &cutover::source::Source)| match strategy.rollout.forgetting() {
            None => false,
            Some(Forgetting::Sources(always)) => always.contains(&place),
            Some(Forgetting::Chance(chance)) => {
                chance.threshold().admits(seed.stream("forgotten-route", &source.name).bits(0, 0))
            }
        };
        let function = &service.function;
        let nodes = seed.stream("lag", "node");
        let front_ends = seed.stream("lag", "front-end");
        let initial = (contract(from), timetable.qualifier);
        let target = AliasTarget { primary: from, additional: None };
        Self {
            gateway: Resource::new(initial, revisions, service.gateway.nodes, &service.gateway.lag, nodes),
            code: Resource::new(from, updates, function.front_ends, &function.latest_lag, front_ends),
            alias: Resource::new(target, moves, function.front_ends, &function.alias_lag, front_ends),
            forgotten: service.sources.iter().enumerate().map(forgotten).collect(),
            service,
            from,
            to,
        }
    }

    /// What the source's route asks for at a node with that revision.
    fn qualifier(&self, source: usize, revision: usize) -> Qualifier {
        self.gateway.values[if self.forgotten[source] { 0 } else { revision }].1
    }

    /// All requests of the window, with everything that chance and the clock decide about them.
    fn requests(&self, seed: Seed, start: Instant, end: Instant) -> Vec<Request> {
        let mut requests = Vec::new();
        for (place, source) in self.service.sources.iter().enumerate() {
            let mut feed = source.feed(seed, start, end);
            for index in 0.. {
                let arrival = feed.advance();
                if arrival.at >= end {
                    break;
                }
                requests.push(self.request(place, index, arrival.at, arrival.service, seed));
            }
        }
        requests
    }

    fn request(&self, place: usize, index: u64, now: Instant, known: Option<Span>, seed: Seed) -> Request {
        let (service, source) = (self.service, &self.service.sources[place]);
        let stream = |purpose| seed.stream(purpose, &source.name);
        let node = stream("node").below(service.gateway.nodes, index, 0);
        let front_end = stream("front-end").below(service.function.front_ends, index, 0);
        let revision = self.gateway.view(node, now);
        let contract = match source.clients {
            None => self.gateway.values[revision].0,
            Some(clients) => {
                let old = clients.is_old(now, stream("client").bits(index, 0));
                service.release(if old { self.from } else { self.to }).contract
            }
        };
        let mut alias_view = 0;
        let version = match self.qualifier(place, revision) {
            Qualifier::Number(version) => version,
            Qualifier::Latest => self.code.values[self.code.view(front_end, now)],
            Qualifier::Alias => {
                alias_view = self.alias.view(front_end, now);
                let target = self.alias.values[alias_view];
                let bits = stream("alias").bits(index, 0);
                match target.additional {
                    Some((version, weight)) if weight.threshold().admits(bits) => version,
                    _ => target.primary,
                }
            }
        };
        let release = service.release(version);
        let accepted = release.accepts.contains(&contract);
        let takes = |law: &Law| law.sample(&mut stream("service").at(index, 0));
        let (mut warm_service, mut init) = (known.unwrap_or_else(|| takes(&release.service)), None);
        let mut cold_service = warm_service;
        match &release.cold {
            ColdStart::Init(law) => init = Some(law.sample(&mut stream("init").at(index, 0))),
            ColdStart::Service(law) => cold_service = takes(law),
        }
        if !accepted && let Some(law) = &release.failure_time {
            warm_service = takes(law);
            cold_service = warm_service;
        }
        Request {
            source: place,
            index,
            arrival: now,
            revision,
            alias_view,
            contract,
            version,
            fails: !accepted || release.errors.threshold().admits(stream("failure").bits(index, 0)),
            warm_service,
            cold_service,
            init,
            choice_bits: stream("choice").bits(index, 0),
            timeout: release.idle.timeout(&mut stream("idle").at(index, 0)),
        }
    }

    /// The expected number of mismatched requests given the adoptions: over every stretch between two of them, every
    /// node with every front-end.
    fn mismatched_expected(&self, end: Instant) -> f64 {
        let service = self.service;
        let mut cuts: Vec<_> =
            self.gateway.instants().chain(self.code.instants()).chain(self.alias.instants()).collect();
        cuts.extend([Instant::ZERO, end]);
        cuts.retain(|&cut| cut >= Instant::ZERO && cut <= end);
        cuts.sort_unstable();
        cuts.dedup();
        let [old, new] = [self.from, self.to].map(|version| service.release(version).contract);
        let wrong = |version, contract| f64::from(u8::from(service.release(version).contract != contract));
        let mut sum = 0.0;
        for stretch in cuts.windows(2) {
            let (from, to) = (stretch[0], stretch[1]);
            let revisions: Vec<_> = (0..service.gateway.nodes).map(|node| self.gateway.view(node, from)).collect();
            let front_ends: Vec<_> = (0..service.function.front_ends)
                .map(|front_end| (self.code.view(front_end, from), self.alias.view(front_end, from)))
                .collect();
            for (place, source) in service.sources.iter().enumerate() {
                let requests = source.arrivals.expected(from, to).unwrap();
                let pairs = (revisions.len() * front_ends.len()) as f64;
                let odds = |contract: &dyn Fn(usize) -> Contract| {
                    let mut sum = 0.0;
                    for &revision in &revisions {
                        let contract = contract(revision);
                        for &(code, alias) in &front_ends {
                            sum += match self.qualifier(place, revision) {
                                Qualifier::Number(version) => wrong(version, contract),
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
                    sum / pairs
                };
                sum += match source.clients {
                    None => odds(&|revision| self.gateway.values[revision].0) * requests,
                    Some(clients) => {
                        let decayed = source.arrivals.expected_decayed(from, to, clients.half_life).unwrap();
                        let from_old = clients.old.as_f64() * decayed;
                        odds(&|_| old) * from_old + odds(&|_| new) * (requests - from_old)
                    }
                };
            }
        }
        sum
    }
}

/// The simulation proper: the list of events and all instances there ever were.
struct Model<'a> {
    requests: &'a [Request],
    choose: Choice,
    end: Instant,
    events: BTreeMap<(Instant, u8, u64), Event>,
    sequence: u64,
    instances: Vec<Life>,
    became_idle: u64,
    /// Idle instances of each version in the order that a random choice counts them in. That order is arbitrary and
    /// the simulator documents it: a new idle instance is put last; where one leaves, the last takes its place.
    shelves: BTreeMap<Version, Vec<usize>>,
    attempts: Vec<Attempt>,
}

impl Model<'_> {
    fn schedule(&mut self, at: Instant, rank: u8, event: Event) {
        self.events.insert((at, rank, self.sequence), event);
        self.sequence += 1;
    }

    fn enter(&mut self, instance: usize, state: State, now: Instant) {
        let life = &mut self.instances[instance];
        life.states.push((life.state, life.since, now));
        (life.state, life.since) = (state, now);
    }

    fn start(&mut self, version: Version, now: Instant, state: State, request: Option<usize>) -> usize {
        self.instances.push(Life {
            version,
            started_by_request: request.is_some(),
            began: now,
            gone: None,
            states: Vec::new(),
            state,
            since: now,
            request,
            became_ready: None,
            period: 0,
            idle_order: 0,
        });
        self.instances.len() - 1
    }

    fn rest(&mut self, instance: usize, now: Instant, timeout: Option<Span>) {
        let life = &mut self.instances[instance];
        life.period += 1;
        life.idle_order = self.became_idle;
        let (version, period) = (life.version, life.period);
        self.became_idle += 1;
        self.shelves.entry(version).or_default().push(instance);
        if let Some(timeout) = timeout {
            self.schedule(now + timeout, EXPIRY, Event::Expiry(instance, period));
        }
    }

    fn leave_shelf(&mut self, instance: usize) {
        let shelf = self.shelves.get_mut(&self.instances[instance].version).unwrap();
        let place = shelf.iter().position(|&other| other == instance).unwrap();
        shelf.swap_remove(place);
    }

    fn idle_instance(&self, request: &Request) -> Option<usize> {
        let idle = || {
            (0..self.instances.len()).filter(|&instance| {
                let life = &self.instances[instance];
                life.version == request.version && life.state == State::Idle
            })
        };
        match self.choose {
            Choice::MostRecent => idle().max_by_key(|&instance| self.instances[instance].idle_order),
            Choice::LeastRecent => idle().min_by_key(|&instance| self.instances[instance].idle_order),
            Choice::Newest => idle().max(),
            Choice::Random => {
                let shelf = self.shelves.get(&request.version).filter(|shelf| !shelf.is_empty())?;
                let place = (u128::from(request.choice_bits) * shelf.len() as u128) >> 64;
                Some(shelf[place as usize])
            }
        }
    }

    fn happen(&mut self, now: Instant, event: Event) {
        match event {
            Event::Arrival(number) => {
                let requests = self.requests;
                let request = &requests[number];
                match (self.idle_instance(request), request.init) {
                    (Some(instance), _) => {
                        self.leave_shelf(instance);
                        self.enter(instance, State::Busy, now);
                        let life = &mut self.instances[instance];
                        (life.request, life.became_ready) = (Some(number), None);
                        self.schedule(now + request.warm_service, COMPLETION, Event::Completion(instance));
                    }
                    (None, Some(init)) => {
                        let instance = self.start(request.version, now, State::Starting, Some(number));
                        self.schedule(now + init, COMPLETION, Event::Ready(instance));
                    }
                    (None, None) => {
                        let instance = self.start(request.version, now, State::Busy, Some(number));
                        self.instances[instance].became_ready = Some(now);
                        self.schedule(now + request.cold_service, COMPLETION, Event::Completion(instance));
                    }
                }
            }
            Event::Ready(instance) => {
                self.enter(instance, State::Busy, now);
                let life = &mut self.instances[instance];
                life.became_ready = Some(now);
                let request = &self.requests[life.request.unwrap()];
                self.schedule(now + request.cold_service, COMPLETION, Event::Completion(instance));
            }
            Event::Completion(instance) => {
                self.record(instance, now, true);
                self.enter(instance, State::Idle, now);
                let timeout = self.requests[self.instances[instance].request.unwrap()].timeout;
                self.rest(instance, now, timeout);
            }
            Event::Expiry(instance, period) => {
                let life = &self.instances[instance];
                if life.state == State::Idle && life.period == period {
                    self.leave_shelf(instance);
                    self.enter(instance, State::Gone, now);
                    self.instances[instance].gone = Some(now);
                }
            }
        }
    }

    fn record(&mut self, instance: usize, end: Instant, finished: bool) {
        let life = &self.instances[instance];
        let request = &self.requests[life.request.unwrap()];
        let first = life.states.iter().all(|&(state, ..)| state == State::Starting) && life.started_by_request;
        self.attempts.push(Attempt {
            source: request.source as u32,
            index: request.index,
            arrival: request.arrival,
            revision: request.revision as u32,
            alias_view: request.alias_view as u32,
            contract: request.contract,
            version: request.version,
            cold_wait: life.became_ready.map(|ready| ready.since(request.arrival)),
            cold: first,
            end,
            outcome: match (finished, request.fails) {
                (false, _) => Outcome::InFlight,
                (true, true) => Outcome::Failed,
                (true, false) => Outcome::Served,
            },
        });
    }

    fn alive(&self) -> u64 {
        self.instances.iter().filter(|life| life.state != State::Gone).count() as u64
    }
}

/// Simulates one replication of `strategy`.
pub fn simulate(scenario: &Scenario, strategy: &Strategy, seed: Seed) -> Truth {
    let service = &scenario.service;
    let (start, end) = (scenario.window.start(), scenario.window.end());
    let routing = Routing::new(service, strategy, seed);
    let requests = routing.requests(seed, start, end);
    let mut model = Model {
        requests: &requests,
        choose: service.function.choose,
        end,
        events: BTreeMap::new(),
        sequence: 0,
        instances: Vec::new(),
        became_idle: 0,
        shelves: BTreeMap::new(),
        attempts: Vec::new(),
    };
    for (number, request) in requests.iter().enumerate() {
        // Requests are numbered source by source: at one instant the source written first is first.
        model.events.insert((request.arrival, ARRIVAL, number as u64), Event::Arrival(number));
    }
    let old = strategy.deployment.from;
    for ordinal in 0..service.function.warm {
        let instance = model.start(old, start, State::Idle, None);
        let mut draw = seed.stream("warm-idle", &old.to_string()).at(ordinal.into(), 0);
        let timeout = service.release(old).idle.timeout(&mut draw);
        model.rest(instance, start, timeout);
    }

    let (mut peak, mut coincidences) = (if start == Instant::ZERO { model.alive() } else { 0 }, 0);
    let mut previous = Instant::BEGINNING;
    while let Some(((now, rank, _), event)) = model.events.pop_first() {
        if now > model.end || (now == model.end && rank != COMPLETION) {
            break;
        }
        if previous < Instant::ZERO && now >= Instant::ZERO {
            peak = peak.max(model.alive());
        }
        coincidences += u64::from(rank == ARRIVAL && previous == now);
        previous = now;
        model.happen(now, event);
        if now >= Instant::ZERO {
            peak = peak.max(model.alive());
        }
    }
    if previous < Instant::ZERO {
        peak = peak.max(model.alive());
    }
    for instance in 0..model.instances.len() {
        if matches!(model.instances[instance].state, State::Starting | State::Busy) {
            model.record(instance, end, false);
        }
        if model.instances[instance].state != State::Gone {
            model.enter(instance, State::Gone, end);
        }
    }
    let resources = [routing.gateway.settled(), routing.code.settled(), routing.alias.settled()];
    let remembered = routing.forgotten.iter().filter(|&&forgotten| !forgotten).count();
    Truth {
        attempts: model.attempts,
        instances: model.instances,
        peak,
        settled: resources.into_iter().flatten().max(),
        operator_steps: if strategy.rollout.forgetting().is_some() { remembered } else { 0 },
        mismatched_expected: routing.mismatched_expected(end),
        coincidences,
    }
}
