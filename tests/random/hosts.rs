//! Random scenarios on hosts: whatever other scenarios have, on replicas, with the strategies that replace those.

use super::super::common::{self, ms, s};
use super::{Dice, alarm, guard};
use cutover::controller::Setting;
use cutover::controller::argo::{Measurement, Metric, Scale, Threshold};
use cutover::faults::{Event, Fails, Scaling};
use cutover::ids::Version;
use cutover::platform::{Balancer, Choose, Ending, Hosts, Probe, Release, Service, Window};
use cutover::scenario::Scenario;
use cutover::source::Via;
use cutover::strategy::fleet::{ArgoItem, ArgoSettings};
use cutover::strategy::{
    Alarm, Analysis, ArgoCanary, BlueGreen, Deployment, GatewayMove, Item, On, Plan, Recreate, Rolling, Rollout, Stage,
    Strategy, Switch, Task,
};
use cutover::time::{Instant, Span};
use cutover::units::{Price, Share};

/// A scenario with one strategy.
pub fn scenario(dice: &mut Dice) -> Scenario {
    let scenario = super::scenario(dice, 0);
    let Scenario { bin, window: Window { warm_up, after }, service, .. } = scenario;
    let after = if dice.once_in(3) { after + s(30) } else { after };
    let releases = service.releases.into_iter().map(|release| hosted(dice, release)).collect();
    let prices = cutover::platform::Prices { instance: Some(Price::attodollars(dice.bits() >> 8)), ..service.prices };
    let mut scalings: Vec<Scaling> = (0..dice.below(3)).map(|_| scaling(dice)).collect();
    scalings.sort_by_key(|scaling| scaling.at);
    let mut service = Service { hosts: Some(hosts(dice)), releases, prices, scalings, ..service };
    if service.hosts.is_some_and(|hosts| hosts.ready.is_some()) && dice.once_in(2) {
        service.events.push(outage(dice));
    }
    for source in &mut service.sources {
        if let Via::Queue(producer, _) = source.via {
            source.via = Via::Direct(producer);
        }
    }
    let strategies = vec![strategy(dice)];
    Scenario { bin, ..common::scenario(service, strategies, warm_up, after) }
}

/// A release that crashes now and then: a crash costs a replica all that it has.
fn hosted(dice: &mut Dice, release: Release) -> Release {
    let crashes = match dice.below(8) {
        0 => Share::percent(10),
        1 | 2 => Share::new(1, 100),
        3 => release.crashes,
        _ => Share::ZERO,
    };
    let most = if dice.once_in(3) { 6_000 } else { 1_500 };
    let startup = dice.law(most);
    Release { crashes, startup, ..release }
}

/// The code of a version is broken for some seconds, so that probes find it.
fn outage(dice: &mut Dice) -> Event {
    let share = if dice.once_in(2) { Share::WHOLE } else { dice.share() };
    let fails = Fails::Version(Version(1 + dice.below(2) as u16));
    Event {
        at: Instant::ZERO + dice.span(6_000),
        lasts: ms(500) + dice.span(5_000),
        chance: Share::WHOLE,
        fails,
        share,
    }
}

/// A scale request within the first seconds.
fn scaling(dice: &mut Dice) -> Scaling {
    Scaling { at: Instant::ZERO + dice.span(8_000), replicas: dice.below(12) }
}

fn hosts(dice: &mut Dice) -> Hosts {
    let probe = |dice: &mut Dice| Probe {
        period: ms(100) + dice.span(1_500),
        delay: dice.span(2_000),
        successes: 1 + dice.below(3),
        failures: 1 + dice.below(3),
    };
    let half = |dice: &mut Dice, most| if dice.once_in(2) { Span::ZERO } else { dice.span(most) };
    Hosts {
        replicas: 1 + dice.below(8),
        concurrency: 1 + dice.below(6),
        queue: if dice.once_in(2) { 0 } else { dice.below(7) },
        ready: dice.once_in(2).then(|| probe(dice)),
        min_ready: half(dice, 2_000),
        end: Ending { pre_stop: half(dice, 3_000), grace: dice.span(4_000) },
        overflow: dice.once_in(3).then(|| dice.span(2_000)),
        start_fails: if dice.once_in(4) { dice.share() } else { Share::ZERO },
        balancer: Balancer {
            choose: dice.of(&[Choose::RoundRobin, Choose::LeastConnections, Choose::Random]),
            nodes: if dice.once_in(2) { 1 } else { 1 + dice.below(6) },
            lag: dice.law(3_000),
            retries: dice.below(4),
        },
    }
}

fn rollout(dice: &mut Dice) -> Rollout {
    let gateway = dice.of(&[GatewayMove::After, GatewayMove::Before, GatewayMove::None]);
    match dice.below(9) {
        0 => Rollout::None(On::Hosts),
        1 | 2 => Rollout::Rolling(Rolling {
            surge: setting(dice),
            unavailable: setting(dice),
            deadline: ms(1) + dice.span(4_000),
            gateway,
        }),
        3 => Rollout::Recreate(Recreate { deadline: ms(1) + dice.span(4_000), gateway }),
        4 | 5 => Rollout::BlueGreen(BlueGreen {
            switch: dice.of(&[Switch::Balancer, Switch::Gateway]),
            test: dice.span(1_500),
            drain: dice.span(3_000),
            bake: dice.span(3_000),
            gateway,
        }),
        _ => {
            let settings = canary(dice);
            let analyses = if settings.has_analysis() { vec![analysis(dice), analysis(dice)] } else { Vec::new() };
            Rollout::ArgoCanary(ArgoCanary { settings, analyses, gateway })
        }
    }
}

fn strategy(dice: &mut Dice) -> Strategy {
    let rollout = rollout(dice);
    if rollout.deploys() && dice.once_in(4) {
        return plan(dice, &rollout);
    }
    let (from, to) = if rollout.deploys() { dice.of(&[(1, 2), (1, 3), (2, 3), (3, 1)]) } else { (2, 2) };
    let deployment = Deployment { from: Version(from), to: Version(to), step: dice.law(1_500), provisioned: None };
    let guard = (rollout.deploys() && dice.once_in(3)).then(|| guard(dice));
    Strategy { name: "hosted".to_owned(), deployment, rollout, guard }
}

/// Several deployments by one controller, of which one may begin while another goes on, with waits and perhaps a rollback by hand.
fn plan(dice: &mut Dice, rollout: &Rollout) -> Strategy {
    let mut current = 1 + dice.below(3) as u16;
    let from = Version(current);
    let mut deployed = Vec::new();
    let mut items = Vec::new();
    for _ in 0..2 + dice.below(3) {
        let task = match (dice.below(5), deployed.pop()) {
            (0, before) => {
                deployed.extend(before);
                Task::Wait(dice.law(2_000))
            }
            (1, Some(before)) => {
                current = before;
                Task::RollBack
            }
            _ => {
                let to = (current + dice.below(2) as u16) % 3 + 1;
                deployed.push(current);
                let deployment =
                    Deployment { from: Version(current), to: Version(to), step: dice.law(800), provisioned: None };
                current = to;
                let guard = dice.once_in(3).then(|| guard(dice));
                Task::Deploy(Box::new(Stage { deployment, rollout: rollout.clone(), guard }))
            }
        };
        let at = dice.once_in(2).then(|| Instant::ZERO + dice.span(8_000));
        items.push(Item { at, task });
    }
    let plan = Plan { items };
    let Some(end) = plan.stages().last().map(|stage| stage.deployment) else {
        return strategy(dice);
    };
    Strategy {
        name: "planned".to_owned(),
        deployment: Deployment { from, ..end },
        rollout: Rollout::Plan(plan),
        guard: None,
    }
}

fn setting(dice: &mut Dice) -> Setting {
    match dice.below(4) {
        0 => Setting::DEFAULT,
        1 => Setting::Percent(dice.below(130) as i32),
        _ => Setting::Number(dice.below(4) as i32),
    }
}

fn analysis(dice: &mut Dice) -> Analysis {
    // Measured as an alarm would be.
    let Alarm { name, above, watches, .. } = alarm(dice, 0);
    let interval = dice.once_in(2).then(|| ms(1) + dice.span(700));
    Analysis {
        name,
        above,
        watches,
        window: ms(50) + dice.span(2_000),
        initial_delay: dice.span(500),
        interval,
        missing: dice.of(&[Measurement::Successful, Measurement::Failed, Measurement::Error]),
        metric: Metric {
            count: Some(if interval.is_some() { 1 + dice.below(4) } else { 1 }),
            has_interval: interval.is_some(),
            failure_limit: dice.below(3).cast_signed(),
            inconclusive_limit: 0,
            consecutive_error_limit: dice.below(2),
            consecutive_success_limit: if dice.once_in(3) { 1 + dice.below(3) } else { 0 },
        },
    }
}

fn canary(dice: &mut Dice) -> ArgoSettings {
    let router = !dice.once_in(3);
    let steps = (0..dice.below(6)).map(|_| match dice.below(6) {
        5 => ArgoItem::Analysis(dice.below(2) as usize),
        0 | 1 => ArgoItem::SetWeight(dice.below(101)),
        2 => ArgoItem::Scale(match dice.below(3) {
            0 => Scale::Pods(dice.below(10)),
            1 => Scale::Weight(dice.below(101)),
            _ => Scale::MatchTraffic,
        }),
        _ => ArgoItem::Pause(Some(dice.span(2_000))),
    });
    let steps = steps.collect();
    let threshold = match dice.below(6) {
        0 => Some(Threshold::Percent(dice.below(101) as i32)),
        1 => Some(Threshold::Pods(dice.below(6) as i32)),
        _ => None,
    };
    ArgoSettings {
        router,
        steps,
        max_surge: setting(dice),
        max_unavailable: setting(dice),
        dynamic_stable: router && dice.once_in(2),
        min_pods: if dice.once_in(3) { dice.below(4) } else { 0 },
        progress_threshold: threshold,
        scale_down_delay: if dice.once_in(8) { s(30) } else { dice.span(3_000) },
        abort_delay: if dice.once_in(4) { s(30) } else { dice.span(3_000) },
    }
}
