//! What every test needs to write a scenario down in a few lines.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use cutover::dist::{Law, Lognormal};
use cutover::experiment::Replication;
use cutover::idle::Idle;
use cutover::ids::{Contract, Version};
use cutover::metrics::Metric;
use cutover::platform::{Attempt, Choice, ColdStart, Function, Gateway, Limits, Prices, Release, Service, Window};
use cutover::random::Seed;
use cutover::scenario::{Scenario, WarmUp};
use cutover::source::{Arrivals, Caller, Constant, Poisson, Producer, Source, Via};
use cutover::strategy::{
    Above, Alarm, Alias, ByHand, Deployment, Forgetting, GatewayMove, Latest, Missing, On, Order, Pinned, Rollout,
    Shift, Strategy, Watched, Wired, Wiring, Wrong,
};
use cutover::time::{Instant, Span};
use cutover::units::{Price, Rate, Share};

pub const SEED: Seed = Seed { seed: 1, replication: 0 };

/// The prices of a scenario that writes none.
pub const PRICES: Prices = Prices {
    requests: Price::attodollars(200_000_000_000),
    compute: Price::attodollars(16_666_700_000_000),
    gateway: Price::attodollars(3_500_000_000_000),
    instance: None,
    held: Price::attodollars(4_166_700_000_000),
    ran: Price::attodollars(9_722_200_000_000),
};

pub const fn ms(ms: u64) -> Span {
    Span::from_ns(ms * 1_000_000)
}

pub const fn s(s: u64) -> Span {
    Span::from_s(s)
}

/// The instant `ms` milliseconds from t = 0.
pub const fn at(ms: i64) -> Instant {
    Instant::from_ns(ms * 1_000_000)
}

pub const fn constant(span: Span) -> Law {
    Law::Constant(span)
}

pub const fn uniform(low: Span, high: Span) -> Law {
    Law::Uniform { low, high }
}

pub const fn exponential(mean: Span) -> Law {
    Law::Exponential { mean }
}

pub fn lognormal(p50: Span, p99: Span) -> Law {
    Law::Lognormal(Lognormal::new(p50, p99).unwrap())
}

/// Release `n`: speaks and reads contract n, serves in 10 ms, starts in no time, is kept for 10 min.
pub fn release(n: u16) -> Release {
    Release {
        contract: Contract(n),
        accepts: vec![Contract(n)],
        service: constant(ms(10)),
        cold: ColdStart::Init(constant(Span::ZERO)),
        replies: (1..=n).map(Contract).collect(),
        errors: Share::ZERO.into(),
        crashes: Share::ZERO,
        failure_time: None,
        idle: Idle::After(constant(s(600))),
        max_age: None,
        timeout: None,
        memory: None,
        startup: constant(Span::ZERO),
        settle: None,
        warm: None,
    }
}

/// A service of two releases behind one node and one front-end that learn everything at once.
pub fn service(sources: Vec<Source>) -> Service {
    Service {
        sources,
        gateway: Gateway { nodes: 1, lag: constant(Span::ZERO) },
        function: Function {
            front_ends: 1,
            update_in_progress: constant(Span::ZERO),
            latest_lag: constant(Span::ZERO),
            alias_lag: constant(Span::ZERO),
            mapping_lag: constant(Span::ZERO),
            choose: Choice::MostRecent,
            warm: 0,
            provisioned: None,
            limits: Limits::default(),
        },
        hosts: None,
        releases: vec![release(1), release(2)],
        events: Vec::new(),
        scalings: Vec::new(),
        prices: PRICES,
    }
}

/// Requests every `gap`, the first at `first`.
pub fn periodic(name: &str, gap: Span, first: Instant) -> Source {
    let arrivals = Arrivals::Constant(Constant { rate: Rate::new(1, gap.ns()), first });
    Source { name: name.to_owned(), arrivals, via: Via::Gateway, clients: None, caller: Caller::default() }
}

pub fn poisson(name: &str, rate: Rate) -> Source {
    let arrivals = Arrivals::Poisson(Poisson { rate });
    Source { name: name.to_owned(), arrivals, via: Via::Gateway, clients: None, caller: Caller::default() }
}

/// Version 2 over version 1, a control-plane call taking `step`.
pub fn deploying(name: &str, rollout: Rollout, step: Span) -> Strategy {
    let deployment = Deployment { from: Version(1), to: Version(2), step: constant(step), provisioned: None };
    Strategy { name: name.to_owned(), deployment, rollout, guard: None }
}

/// Version 1 goes on serving.
pub fn nothing() -> Strategy {
    let deployment = Deployment { from: Version(1), to: Version(1), step: constant(Span::ZERO), provisioned: None };
    Strategy { name: "none".to_owned(), deployment, rollout: Rollout::None(On::Function), guard: None }
}

pub const fn latest(order: Order) -> Rollout {
    Rollout::Latest(Latest { order })
}

pub const fn alias(shift: Shift, gateway: GatewayMove) -> Rollout {
    Rollout::Alias(Alias { shift, gateway, trailing: Span::ZERO })
}

pub const fn at_once(gateway: GatewayMove) -> Rollout {
    alias(Shift::AllAtOnce, gateway)
}

pub fn by_hand(forgetting: Forgetting) -> Rollout {
    pinned(Wiring::ByHand(ByHand { forgetting, wrong: Wrong::default(), each: Span::ZERO }), Wired::default())
}

pub fn template() -> Rollout {
    pinned(Wiring::Template, Wired::default())
}

pub const fn pinned(wiring: Wiring, wired: Wired) -> Rollout {
    Rollout::Pinned(Pinned { wiring, wired })
}

/// A source without a gateway, whose producer follows so.
pub fn direct(source: Source, at: Span, lag: Law) -> Source {
    Source { via: Via::Direct(Producer { at, lag }), ..source }
}

/// How these sources are wired.
pub fn wired(sources: &[Source]) -> Wired {
    let is_direct = |place: &usize| sources[*place].via != Via::Gateway;
    let direct: Vec<_> = (0..sources.len()).filter(is_direct).collect();
    Wired { gateway: direct.len() < sources.len(), direct }
}

pub fn scenario(service: Service, strategies: Vec<Strategy>, warm_up: Span, after: Span) -> Scenario {
    Scenario {
        name: "test".to_owned(),
        title: "A test".to_owned(),
        replications: 1,
        window: Window { warm_up, after },
        warm_up: WarmUp::Written,
        bin: s(1),
        service,
        strategies,
        objectives: Vec::new(),
        hash: String::new(),
        source: String::new(),
        overrides: Vec::new(),
        notes: Vec::new(),
    }
}

/// Every attempt of the first strategy's first replication, in the order in which they ended.
pub fn attempts(scenario: &Scenario) -> (Replication, Vec<Attempt>) {
    Replication::watched(scenario, &scenario.strategies[0], SEED, Vec::new()).unwrap()
}

/// The figures of one replication by key.
pub struct Figures {
    metrics: Vec<Metric>,
    values: Vec<Option<f64>>,
    censored: Vec<bool>,
}

impl Figures {
    pub fn new(scenario: &Scenario, strategy: &Strategy, replication: &Replication) -> Self {
        let mut versions = strategy.versions();
        versions.dedup();
        let metrics = Metric::all(&versions);
        let row = replication.row(scenario, strategy, &metrics);
        Self { metrics, values: row.values, censored: row.censored }
    }

    pub fn of(scenario: &Scenario, strategy: &Strategy, seed: Seed) -> Self {
        Self::new(scenario, strategy, &Replication::run(scenario, strategy, seed).unwrap())
    }

    /// The keys, values and whether each was cut short, in the order of the files.
    pub fn rows(&self) -> impl Iterator<Item = (String, Option<f64>, bool)> {
        self.metrics
            .iter()
            .zip(self.values.iter().zip(&self.censored))
            .map(|(metric, (&value, &censored))| (metric.key(), value, censored))
    }

    fn place(&self, key: &str) -> usize {
        self.metrics.iter().position(|metric| metric.key() == key).unwrap_or_else(|| panic!("no metric {key}"))
    }

    /// The value; panics where it is absent.
    pub fn get(&self, key: &str) -> f64 {
        self.values[self.place(key)].unwrap_or_else(|| panic!("{key} is absent"))
    }

    pub fn absent(&self, key: &str) -> bool {
        self.values[self.place(key)].is_none()
    }

    pub fn censored(&self, key: &str) -> bool {
        self.censored[self.place(key)]
    }
}

/// An alarm on the new version: each bad period of this length, the first beginning at t = 0.
pub fn alarm(above: Above, period: Span) -> Alarm {
    Alarm {
        name: "errors".to_owned(),
        above,
        watches: Watched::New,
        period,
        breach: 1,
        of: 1,
        missing: Missing::Ok,
        delay: Span::ZERO,
        poll: Span::ZERO,
        phase: Some(Span::ZERO),
    }
}

/// Figures of one replication after a warm-up of 10 s, and its attempts in order of arrival.
pub fn in_order(service: &Service, strategy: &Strategy, after: Span) -> (Figures, Vec<Attempt>) {
    let scenario = scenario(service.clone(), vec![strategy.clone()], s(10), after);
    let (replication, mut attempts) = Replication::watched(&scenario, strategy, SEED, Vec::<Attempt>::new()).unwrap();
    attempts.sort_by_key(|attempt| (attempt.arrival, attempt.index));
    (Figures::new(&scenario, strategy, &replication), attempts)
}
