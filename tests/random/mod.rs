//! Random scenarios, made by one generator for every test that wants some, and the seeds that it is run with.
#![allow(dead_code, reason = "each test file uses its own part of this")]

pub mod hosts;
mod seeds;
mod sources;

pub use seeds::each;

use super::common::{self, lognormal, ms, s};
use cutover::dist::Law;
use cutover::faults::{Errors, Event, Fails, Trend};
use cutover::idle::{Curve, Idle};
use cutover::ids::{Contract, Version};
use cutover::platform::{Choice, ColdStart, Function, Gateway, Limits, Prices, Release, ScaleOut, Service, Settle};
use cutover::random::{Seed, Stream};
use cutover::scenario::Scenario;
use cutover::strategy::{
    Above, Alarm, Alias, AtStart, AtTimeout, ByHand, Deployment, Forgetting, GatewayMove, Guard, Holder, Hook, Hooks,
    Item, Missing, Moves, On, Order, Plan, Provisioned, Rollout, Shift, Stage, Strategy, Task, Then, Timeout, Watched,
    Wired, Wiring, Wrong,
};
use cutover::time::{Instant, Span};
use cutover::units::{Bytes, Price, Rate, Share};

/// Random choices for scenarios, one after the other.
pub struct Dice {
    stream: Stream,
    thrown: u64,
    /// Whether everything happens at multiples of 100 ms, so that events of every rank coincide.
    round: bool,
}

impl Dice {
    /// The choices for scenario `number` of a test's seed.
    pub fn new(seed: u64, number: u64) -> Self {
        let stream = Seed { seed, replication: number }.stream("test", "scenario");
        Self { stream, thrown: 0, round: number % 2 == 1 }
    }

    pub fn bits(&mut self) -> u64 {
        self.thrown += 1;
        self.stream.bits(self.thrown, 0)
    }

    /// A whole number from 0 to `n` - 1.
    pub fn below(&mut self, n: u32) -> u32 {
        self.thrown += 1;
        self.stream.below(n, self.thrown, 0)
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }

    pub fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u32) as usize]
    }

    /// A span up to `most_ms`, often zero.
    pub fn span(&mut self, most_ms: u32) -> Span {
        if self.once_in(6) {
            Span::ZERO
        } else if self.round {
            ms(u64::from(self.below(most_ms.div_ceil(100) + 1)) * 100)
        } else {
            Span::from_ns(u64::from(self.below(most_ms + 1)) * 1_000_000 + u64::from(self.below(1_000_000)))
        }
    }

    pub fn law(&mut self, most_ms: u32) -> Law {
        let a = self.span(most_ms);
        if self.round && !self.once_in(8) {
            return Law::Constant(a);
        }
        let b = self.span(most_ms);
        match self.below(4) {
            0 => Law::Constant(a),
            1 => Law::Uniform { low: a.min(b), high: a.max(b) },
            2 => Law::Exponential { mean: a },
            // Two equal percentiles would be a constant written in an odd way.
            _ => lognormal(a.min(b) + ms(1), a.max(b) + ms(2)),
        }
    }

    pub fn share(&mut self) -> Share {
        let percent = self.below(101).into();
        self.of(&[Share::ZERO, Share::percent(10), Share::percent(percent), Share::WHOLE])
    }
}

/// A scenario with `strategies` strategies.
pub fn scenario(dice: &mut Dice, strategies: usize) -> Scenario {
    let after = dice.span(14_000) + ms(100);
    let warm_up = if dice.once_in(4) { Span::ZERO } else { dice.span(8_000) };
    let releases: Vec<_> = (1..=3).map(|n| release(dice, n)).collect();
    let service = Service {
        sources: (0..=dice.below(4)).map(|place| sources::source(dice, place, warm_up, after)).collect(),
        gateway: Gateway { nodes: if dice.once_in(3) { 1 } else { 1 + dice.below(40) }, lag: dice.law(6_000) },
        function: Function {
            front_ends: if dice.once_in(3) { 1 } else { 1 + dice.below(10) },
            update_in_progress: dice.law(2_000),
            latest_lag: dice.law(6_000),
            alias_lag: dice.law(3_000),
            mapping_lag: dice.law(3_000),
            choose: dice.of(&[Choice::MostRecent, Choice::LeastRecent, Choice::Newest, Choice::Random]),
            warm: if dice.once_in(2) { 0 } else { dice.below(8) },
            provisioned: None,
            limits: Limits {
                concurrency: dice.once_in(4).then(|| 1 + dice.below(12)),
                scale_out: dice
                    .once_in(4)
                    .then(|| ScaleOut { instances: 1 + dice.below(6), per: dice.span(4_000) + ms(50) }),
                overflow: dice.once_in(2).then(|| ms(1) + dice.span(1_500)),
            },
        },
        hosts: None,
        scalings: Vec::new(),
        releases,
        events: Vec::new(),
        prices: common::PRICES,
    };
    let events = if dice.once_in(3) { 1 + dice.below(2) } else { 0 };
    let events = (0..events).map(|_| event(dice, service.sources.len(), after)).collect();
    let service = Service { events, ..service };
    let wired = common::wired(&service.sources);
    let strategies = (0..strategies).map(|place| strategy(dice, place, (service.sources.len(), &wired))).collect();
    let bin = dice.of(&[ms(300), ms(700), s(1), s(5), s(30)]);
    let mut scenario = Scenario { bin, ..common::scenario(bill(dice, service), strategies, warm_up, after) };
    provision(dice, &mut scenario);
    scenario
}

fn release(dice: &mut Dice, n: u16) -> Release {
    let idle = match dice.below(9) {
        8 => {
            let (a, b, c) = (dice.span(500), dice.span(1_000) + ms(1), dice.span(3_000) + ms(1));
            let (half, most) =
                (Share::percent(u64::from(dice.below(60))), Share::percent(u64::from(60 + dice.below(41))));
            Idle::Curve(Curve::new(&[(a, Share::ZERO), (a + b, half), (a + b + c, most)]).unwrap())
        }
        0 => Idle::Never,
        1 => Idle::After(Law::Constant(Span::ZERO)),
        2 => Idle::After(dice.law(200)),
        _ => Idle::After(dice.law(4_000)),
    };
    Release {
        // A release that does not touch the format keeps the old one.
        contract: Contract(if dice.once_in(4) { 1 } else { n }),
        accepts: (1..=3)
            .filter(|&contract| contract == n && !dice.once_in(8) || dice.once_in(3))
            .map(Contract)
            .collect(),
        replies: (1..=3)
            .filter(|&contract| contract <= n && !dice.once_in(8) || dice.once_in(3))
            .map(Contract)
            .collect(),
        service: dice.law(800),
        cold: if dice.once_in(3) { ColdStart::Service(dice.law(1_500)) } else { ColdStart::Init(dice.law(900)) },
        errors: errors(dice),
        crashes: if dice.once_in(3) { dice.share() } else { Share::ZERO },
        failure_time: dice.once_in(3).then(|| dice.law(300)),
        idle,
        max_age: dice.once_in(4).then(|| dice.law(6_000)),
        timeout: dice.once_in(4).then(|| dice.span(700) + ms(1)),
        // Last, so that the dice above fall as they did before there was any.
        memory: None,
        startup: Law::Constant(Span::ZERO),
        settle: settle(dice),
        warm: None,
    }
}

/// Environments that are kept ready, seldom, and instances that are warm when a version goes live.
fn provision(dice: &mut Dice, scenario: &mut Scenario) {
    for release in &mut scenario.service.releases {
        release.warm = dice.once_in(5).then(|| dice.below(5));
    }
    if !dice.once_in(3) {
        return;
    }
    let provisioned = Provisioned {
        environments: 1 + dice.below(6),
        on: dice.of(&[Holder::Version, Holder::Alias]),
        prepare: dice.law(2_000),
        rate: Rate::per_second(1 + u64::from(dice.below(30))),
        moves: if dice.once_in(4) { Moves::Late } else { Moves::Before },
    };
    let function = &mut scenario.service.function;
    function.provisioned = Some(provisioned);
    function.limits.concurrency = function.limits.concurrency.map(|most| most + provisioned.most() as u32);
    scenario.strategies.iter_mut().for_each(|strategy| {
        strategy.provision(&provisioned);
    });
}

/// What running costs, and how much memory each version has; one in a few has an unknown one.
fn bill(dice: &mut Dice, service: Service) -> Service {
    let mut price = || Price::attodollars(dice.bits() >> dice.of(&[5, 20, 30, 63]));
    let prices = Prices { requests: price(), compute: price(), gateway: price(), instance: None, ..common::PRICES };
    let known = !dice.once_in(3);
    let memory = |dice: &mut Dice| (known && !dice.once_in(20)).then(|| Bytes(u64::from(1 + dice.below(10_240)) << 20));
    let releases = service.releases.into_iter().map(|release| Release { memory: memory(dice), ..release }).collect();
    Service { prices, releases, ..service }
}

/// How much longer young instances take, seldom.
pub fn settle(dice: &mut Dice) -> Option<Settle> {
    let factor = 1.0 + f64::from(dice.below(40)) / 8.0;
    dice.once_in(4).then(|| Settle { factor, over: ms(1) + dice.span(5_000) })
}

fn errors(dice: &mut Dice) -> Errors {
    let trend = |dice: &mut Dice, within: u32| {
        let (first, second) = (dice.span(within), dice.span(within) + ms(1));
        let points = [(first, dice.share()), (first + second, dice.share())];
        Trend::new(&points[..if dice.once_in(4) { 1 } else { 2 }]).unwrap()
    };
    match dice.below(6) {
        0..3 => Errors::Constant(Share::ZERO),
        3 => Errors::Constant(dice.share()),
        4 => Errors::OverTime(trend(dice, 6_000)),
        _ => Errors::ByInstanceAge(trend(dice, 2_000)),
    }
}

fn event(dice: &mut Dice, sources: usize, after: Span) -> Event {
    let version = Version(1 + dice.below(3) as u16);
    let source = dice.below(sources as u32) as usize;
    Event {
        at: Instant::ZERO + dice.span((after.ns() / 1_000_000) as u32),
        lasts: dice.span(5_000) + ms(1),
        chance: if dice.once_in(2) { Share::WHOLE } else { dice.share() },
        fails: dice.of(&[Fails::Permission(version), Fails::Version(version), Fails::Source(source), Fails::Nodes]),
        share: if dice.once_in(2) { Share::WHOLE } else { dice.share() },
    }
}

fn strategy(dice: &mut Dice, place: usize, (sources, wired): (usize, &Wired)) -> Strategy {
    let order = dice.of(&[Order::FunctionFirst, Order::GatewayFirst]);
    let gateway = dice.of(&[GatewayMove::After, GatewayMove::Before, GatewayMove::None]);
    let weight = Share::percent(u64::from(1 + dice.below(100)));
    let shift = match dice.below(5) {
        0 => Shift::AllAtOnce,
        3 => {
            let first = (Span::ZERO, Share::percent(u64::from(dice.below(100))));
            let second = (dice.span(2_000), weight);
            Shift::Steps(vec![first, second, (second.0 + dice.span(2_000), Share::WHOLE)])
        }
        1 => Shift::Canary { weight, bake: dice.span(5_000) },
        2 => Shift::Exponential { weight, every: dice.span(900) },
        // Steps so close together that a front-end may learn of a later one first.
        _ => {
            Shift::Linear { weight: dice.of(&[Share::percent(10), Share::percent(30), weight]), every: dice.span(700) }
        }
    };
    let forgetting = if dice.once_in(2) {
        Forgetting::Chance(dice.share())
    } else {
        Forgetting::Sources((0..sources).filter(|_| dice.once_in(2)).collect())
    };
    if dice.once_in(5) {
        return plan(dice, place, wired);
    }
    let (rollout, (from, to)) = match dice.below(10) {
        0 => (Rollout::None(On::Function), (2, 2)),
        1 | 2 => (common::latest(order), (1, 2)),
        3 => (common::pinned(Wiring::Template, wired.clone()), (2, 3)),
        4 | 5 => (common::pinned(Wiring::ByHand(by_hand(dice, forgetting)), wired.clone()), (1, 2)),
        // The last may also lead back to an older release.
        _ => (Rollout::Alias(Alias { shift, gateway, trailing: dice.span(500) }), dice.of(&[(1, 2), (1, 3), (3, 1)])),
    };
    let deployment = Deployment { from: Version(from), to: Version(to), step: dice.law(2_000), provisioned: None };
    let guard = (rollout.deploys() && dice.once_in(3)).then(|| guard(dice));
    Strategy { name: format!("strategy-{place}"), deployment, rollout, guard }
}

/// A person who takes a while, and may mistake a version.
fn by_hand(dice: &mut Dice, forgetting: Forgetting) -> ByHand {
    let chance = if dice.once_in(3) { Share::ZERO } else { Share::percent(u64::from(10 + dice.below(91))) };
    let wrong = Wrong { chance, others: vec![Version(1), Version(3)] };
    ByHand { forgetting, wrong, each: dice.span(1_500) }
}

/// Several deployments, one after the other, with waits and perhaps a rollback by hand.
fn plan(dice: &mut Dice, place: usize, wired: &Wired) -> Strategy {
    let mut items = Vec::new();
    let (mut current, mut last): (u16, Option<u16>) = (1 + dice.below(3) as u16, None);
    for _ in 0..2 + dice.below(4) {
        let task = match (dice.below(5), last) {
            (0, _) => Task::Wait(dice.law(2_000)),
            (1, Some(before)) => {
                (current, last) = (before, None);
                Task::RollBack
            }
            _ => {
                let to = (current + dice.below(2) as u16) % 3 + 1;
                let weight = Share::percent(u64::from(1 + dice.below(100)));
                let shift = match dice.once_in(2) {
                    true => Shift::AllAtOnce,
                    false => Shift::Canary { weight, bake: dice.span(2_000) },
                };
                let gateway = dice.of(&[GatewayMove::After, GatewayMove::Before, GatewayMove::None]);
                let rollout = match dice.below(4) {
                    0 => common::latest(dice.of(&[Order::FunctionFirst, Order::GatewayFirst])),
                    1 => common::pinned(Wiring::Template, wired.clone()),
                    _ => Rollout::Alias(Alias { shift, gateway, trailing: Span::ZERO }),
                };
                let deployment =
                    Deployment { from: Version(current), to: Version(to), step: dice.law(800), provisioned: None };
                let guard = dice.once_in(3).then(|| guard(dice));
                last = Some(current);
                current = to;
                Task::Deploy(Box::new(Stage { deployment, rollout, guard }))
            }
        };
        let at = dice.once_in(4).then(|| Instant::ZERO + dice.span(8_000));
        items.push(Item { at, task });
    }
    if !items.iter().any(|item| matches!(item.task, Task::Deploy(_))) {
        return plan(dice, place, wired);
    }
    let plan = Plan { items };
    let (first, end) = (plan.stages().next().unwrap().deployment, plan.stages().last().unwrap().deployment);
    let deployment = Deployment { from: first.from, ..end };
    Strategy { name: format!("strategy-{place}"), deployment, rollout: Rollout::Plan(plan), guard: None }
}

fn guard(dice: &mut Dice) -> Guard {
    let at_start = dice.of(&[AtStart::Stop, AtStart::Ignore]);
    let alarms = (0..1 + dice.below(2)).map(|number| alarm(dice, number)).collect();
    let watch = dice.once_in(3).then(|| dice.span(3_000));
    let mut hook = |often: u32| {
        let hook = Hook { takes: dice.law(900), fails: dice.share(), then: dice.of(&[Then::RollBack, Then::GoOn]) };
        dice.once_in(often).then_some(hook)
    };
    let hooks = Hooks { before: hook(4), between: hook(4), after: hook(4) };
    let timeout = Timeout { after: ms(1) + dice.span(4_000), then: dice.of(&[AtTimeout::RollBack, AtTimeout::Stop]) };
    Guard { alarms, at_start, watch, hooks, timeout: dice.once_in(4).then_some(timeout) }
}

fn alarm(dice: &mut Dice, number: u32) -> Alarm {
    let share = if dice.once_in(3) { Share::ZERO } else { dice.share() };
    let above = match dice.below(7) {
        0 => Above::ErrorShare(share),
        1 => Above::ErrorCount(u64::from(dice.below(4))),
        2 => Above::ThrottledShare(share),
        3 => Above::IncompatibleShare(share),
        4 => Above::LostShare(share),
        5 => Above::LatencyP99(dice.span(1_500)),
        _ => Above::LatencyMean(dice.span(800)),
    };
    let period = ms(50) + dice.span(1_500);
    let of = 1 + dice.below(3);
    Alarm {
        name: format!("alarm-{number}"),
        above,
        watches: dice.of(&[Watched::New, Watched::All]),
        period,
        breach: 1 + dice.below(of),
        of,
        missing: dice.of(&[Missing::Ok, Missing::Bad, Missing::Ignore]),
        delay: if dice.once_in(2) { Span::ZERO } else { dice.span(400) },
        poll: if dice.once_in(2) { Span::ZERO } else { dice.span(900) },
        phase: dice.once_in(2).then(|| Span::from_ns(period.ns() / u64::from(1 + dice.below(5)) % period.ns())),
    }
}
