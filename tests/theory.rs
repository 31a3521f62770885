//! Proves that what the simulator measures is what can be calculated: mismatches from the laws of the lags, cold
//! starts and instances from queueing theory, shifts from CodeDeploy's published schedules.
//!
//! An estimate agrees with theory if theory lies in its Student t interval of confidence 99.9 % (alpha = 0.001) over
//! independent replications. Seeds are fixed, so that a test that passes goes on passing.

mod common;

use common::{Figures, SEED, at, constant, exponential, lognormal, ms, s, uniform};
use cutover::dist::Law;
use cutover::idle::Idle;
use cutover::math;
use cutover::platform::{Choice, ColdStart, Service};
use cutover::random::Seed;
use cutover::scenario::Scenario;
use cutover::source::Clients;
use cutover::stats::interval;
use cutover::strategy::{Forgetting, GatewayMove, Order, Rollout, Shift, Strategy};
use cutover::time::{NS_PER_S, Span};
use cutover::units::{Rate, Share};

const CONFIDENCE: f64 = 0.999;

/// Theory lies in the interval, give or take `slack`.
fn assert_agrees(values: &[f64], theory: f64, slack: f64, what: &str) {
    let estimate = interval::of(values, CONFIDENCE).unwrap();
    let allowed = estimate.half_width.unwrap() + slack;
    let error = estimate.mean - theory;
    assert!(error.abs() <= allowed, "{what}: {} against {theory}, allowed {allowed}", estimate.mean);
}

/// The figures of `replications` replications of the first strategy.
fn replicate(scenario: &Scenario, replications: u64) -> Vec<Figures> {
    (0..replications)
        .map(|replication| Figures::of(scenario, &scenario.strategies[0], Seed { replication, ..SEED }))
        .collect()
}

fn values(figures: &[Figures], key: &str) -> Vec<f64> {
    figures.iter().map(|figures| figures.get(key)).collect()
}

// Mismatches.
//
// A request arrives at t, and its target turns new when its front-end (or its route's node) has learnt of the stage of
// the shift that its draw falls into. Let stage k raise the new version's weight by w_k and reach an observer at F_k,
// and let the gateway's node turn to the new contract at G. Then
//     ahead  = rate x sum of w_k E(F_k - G)+,  behind = rate x sum of w_k E(G - F_k)+,  both within [0, after],
// which is the integral over t of rate x P(contract) x P(target), because node and front-end are independent.

/// When a change reaches an observer: uniform between two instants, in seconds.
#[derive(Clone, Copy)]
struct Reach(f64, f64);

impl Reach {
    /// The probability that it has happened by `t`.
    fn by(self, t: f64) -> f64 {
        if t >= self.1 {
            1.0
        } else if t <= self.0 {
            0.0
        } else {
            (t - self.0) / (self.1 - self.0)
        }
    }
}

/// Which contract a request is written in.
enum Writer {
    /// The one of its node, which turns new within this reach.
    Gateway(Reach),
    /// The old one, for ever.
    Unchanged,
    /// The client's: old with probability `old` x 2^(-t / `half_life`).
    Clients { old: f64, half_life: f64 },
}

impl Writer {
    fn new_by(&self, t: f64) -> f64 {
        match *self {
            Self::Gateway(reach) => reach.by(t),
            Self::Unchanged => 0.0,
            Self::Clients { old, half_life } => 1.0 - old * math::exp2(-t / half_life),
        }
    }
}

/// A deployment with its theory.
struct Case {
    name: &'static str,
    strategy: Strategy,
    fleet: (u32, u32),
    writer: Writer,
    /// The weight that each stage adds, and when the stage reaches a front-end.
    stages: Vec<(f64, Reach)>,
    alias_lag: Law,
    after: u64,
}

/// Requests a second: 15 by chance, 10 evenly spaced, with their first half a gap after t = 0 so that their sum over
/// any smooth function is its integral to within the square of the gap.
const RATE: f64 = 25.0;

const STEP: Span = s(5);
const IN_PROGRESS: Span = s(3);

impl Case {
    fn new(name: &'static str, rollout: Rollout, fleet: (u32, u32), writer: Writer, stages: Vec<(f64, Reach)>) -> Self {
        let strategy = common::deploying(name, rollout, STEP);
        Self { name, strategy, fleet, writer, stages, alias_lag: uniform(Span::ZERO, s(2)), after: 80 }
    }

    fn service(&self) -> Service {
        let mut sources =
            vec![common::poisson("chance", Rate::per_second(15)), common::periodic("even", ms(100), at(50))];
        if let Writer::Clients { old, half_life } = self.writer {
            let old = Share::percent((old * 100.0) as u64);
            let half_life = Span::from_ns((half_life * NS_PER_S as f64) as u64);
            sources.iter_mut().for_each(|source| source.clients = Some(Clients { old, half_life }));
        }
        let mut service = common::service(sources);
        (service.gateway.nodes, service.function.front_ends) = self.fleet;
        service.gateway.lag = uniform(Span::ZERO, s(10));
        service.function.latest_lag = uniform(Span::ZERO, s(8));
        service.function.update_in_progress = constant(IN_PROGRESS);
        service.function.alias_lag = self.alias_lag;
        service
    }

    fn scenario(&self) -> Scenario {
        common::scenario(self.service(), vec![self.strategy.clone()], Span::ZERO, s(self.after))
    }

    /// The probability that a request at `t` is still sent to the old version. A front-end that has learnt of a later
    /// stage needs no earlier one, so stage k has reached it when it or any after it has.
    fn old_target(&self, t: f64) -> f64 {
        let mut not_yet = 1.0;
        let mut sum = 0.0;
        for &(weight, reach) in self.stages.iter().rev() {
            not_yet *= 1.0 - reach.by(t);
            sum += weight * not_yet;
        }
        sum
    }

    /// The expected mismatches, ahead and behind, by the midpoint rule.
    fn theory(&self) -> (f64, f64) {
        const STEPS: u32 = 100_000;
        let width = self.after as f64 / f64::from(STEPS);
        let (mut ahead, mut behind) = (0.0, 0.0);
        for step in 0..STEPS {
            let t = (f64::from(step) + 0.5) * width;
            let (new_contract, old_target) = (self.writer.new_by(t), self.old_target(t));
            ahead += new_contract * old_target;
            behind += (1.0 - new_contract) * (1.0 - old_target);
        }
        (ahead * width * RATE, behind * width * RATE)
    }

    /// The same for stages that do not overtake each other, all over before `after`, in closed form.
    fn closed_form(&self, gateway: Reach) -> (f64, f64) {
        let sum = |excess: &dyn Fn(Reach) -> f64| -> f64 {
            self.stages.iter().map(|&(weight, reach)| weight * excess(reach)).sum::<f64>() * RATE
        };
        (sum(&|stage| excess(stage, gateway)), sum(&|stage| excess(gateway, stage)))
    }
}

/// E(F - G)+ for two independent uniform instants: the function (x+)^3 / 6 of f - g has the mixed derivative -(f - g)+.
fn excess(f: Reach, g: Reach) -> f64 {
    let cube = |x: f64| if x > 0.0 { x * x * x / 6.0 } else { 0.0 };
    let corners = cube(f.0 - g.1) - cube(f.1 - g.1) + cube(f.1 - g.0) - cube(f.0 - g.0);
    corners / (f.1 - f.0) / (g.1 - g.0)
}

fn cases() -> Vec<Case> {
    // Function first: code at 0 (the old code serves for 3 s), gateway 5 s after the update has ended.
    let function_first = || Reach(8.0, 18.0);
    // Gateway first: code 5 s later.
    let gateway_first = || Reach(0.0, 10.0);
    let latest = |order, fleet, name| {
        let (writer, code) = match order {
            Order::FunctionFirst => (function_first(), Reach(3.0, 11.0)),
            Order::GatewayFirst => (gateway_first(), Reach(8.0, 16.0)),
            Order::FunctionAlone => panic!("there is a gateway"),
        };
        let case = Case::new(name, common::latest(order), fleet, Writer::Gateway(writer), vec![(1.0, code)]);
        Case { after: 20, ..case }
    };
    // The stages of a shift that begins at `begin`, whose changes reach a front-end within 2 s.
    let stages = |shift: &Shift, begin: f64, lag: f64| {
        let mut reached = 0.0;
        let stage = |(after, weight): (Span, Share)| {
            let increment = weight.as_f64() - reached;
            reached = weight.as_f64();
            let from = begin + after.seconds();
            (increment, Reach(from, from + lag))
        };
        shift.stages().map(stage).collect::<Vec<_>>()
    };
    let canary = Shift::Canary { weight: Share::percent(10), bake: s(20) };
    let linear = Shift::Linear { weight: Share::percent(30), every: s(10) };
    let alias = |shift: &Shift, gateway, fleet, name| {
        let duration = shift.stages().map(|(after, _)| after.seconds()).fold(0.0, f64::max);
        let (begin, writer) = match gateway {
            GatewayMove::After => (0.0, Writer::Gateway(Reach(duration + 5.0, duration + 15.0))),
            GatewayMove::Before => (5.0, Writer::Gateway(Reach(0.0, 10.0))),
            GatewayMove::None => (0.0, Writer::Unchanged),
        };
        Case::new(name, common::alias(shift.clone(), gateway), fleet, writer, stages(shift, begin, 2.0))
    };
    let clients = || Writer::Clients { old: 0.8, half_life: 15.0 };

    let mut cut_short = latest(Order::GatewayFirst, (16, 4), "latest, window over before the rollout");
    cut_short.after = 11;
    // Stages 2 s apart that take up to 9 s to arrive: a front-end often learns of a later one first.
    let quick = Shift::Linear { weight: Share::percent(25), every: s(2) };
    let mut overtaking = alias(&quick, GatewayMove::After, (8, 8), "linear, stages overtaking");
    overtaking.alias_lag = uniform(Span::ZERO, s(9));
    overtaking.stages = stages(&quick, 0.0, 9.0);
    vec![
        latest(Order::FunctionFirst, (1, 1), "latest, function first, one of each"),
        latest(Order::FunctionFirst, (48, 24), "latest, function first, many"),
        latest(Order::GatewayFirst, (1, 1), "latest, gateway first, one of each"),
        latest(Order::GatewayFirst, (1, 24), "latest, gateway first, one node"),
        latest(Order::GatewayFirst, (48, 1), "latest, gateway first, one front-end"),
        cut_short,
        alias(&Shift::AllAtOnce, GatewayMove::After, (32, 8), "alias, gateway after"),
        alias(&Shift::AllAtOnce, GatewayMove::Before, (1, 1), "alias, gateway before"),
        alias(&canary, GatewayMove::After, (32, 8), "canary, gateway after"),
        alias(&canary, GatewayMove::Before, (32, 8), "canary, gateway before"),
        alias(&canary, GatewayMove::None, (4, 1), "canary, no gateway move"),
        alias(&linear, GatewayMove::After, (1, 1), "linear, gateway after"),
        alias(&linear, GatewayMove::Before, (48, 24), "linear, gateway before"),
        overtaking,
        Case { writer: clients(), ..latest(Order::FunctionFirst, (4, 4), "latest, slow clients") },
        Case { writer: clients(), ..alias(&linear, GatewayMove::After, (4, 4), "linear, slow clients") },
    ]
}

/// Ahead, behind and both together, counted and expected, against theory; and counted against expected.
fn check(figures: &[Figures], (ahead, behind): (f64, f64), name: &str) {
    let (counted, expected) = (values(figures, "mismatched"), values(figures, "mismatched_expected"));
    // The gap of the periodic source rounds sums by far less than this.
    let slack = 0.01;
    assert_agrees(&values(figures, "mismatched_ahead"), ahead, slack, &format!("{name}: ahead"));
    assert_agrees(&values(figures, "mismatched_behind"), behind, slack, &format!("{name}: behind"));
    assert_agrees(&expected, ahead + behind, slack, &format!("{name}: expected"));
    let surplus: Vec<_> = counted.iter().zip(&expected).map(|(counted, expected)| counted - expected).collect();
    assert_agrees(&surplus, 0.0, 0.0, &format!("{name}: counted less expected"));
}

#[test]
fn mismatches_are_what_the_laws_of_the_lags_say() {
    for case in cases() {
        // With one observer of each, mismatches one way round are rare and long: only many replications see enough.
        let replications = if case.fleet == (1, 1) { 4_000 } else { 400 };
        check(&replicate(&case.scenario(), replications), case.theory(), case.name);
    }
}

#[test]
fn the_integral_is_the_closed_form() {
    let closed: Vec<_> = cases()
        .into_iter()
        .filter(|case| !["window over", "overtaking"].iter().any(|odd| case.name.contains(odd)))
        .filter_map(|case| match case.writer {
            Writer::Gateway(reach) => Some((case.theory(), case.closed_form(reach), case.name)),
            _ => None,
        })
        .collect();
    assert!(closed.len() > 8);
    for ((ahead, behind), (closed_ahead, closed_behind), name) in closed {
        assert!((ahead - closed_ahead).abs() < 1e-3, "{name}: {ahead} {closed_ahead}");
        assert!((behind - closed_behind).abs() < 1e-3, "{name}: {behind} {closed_behind}");
    }
}

#[test]
fn pinned_routes_mismatch_only_where_they_are_forgotten() {
    let case = |forgetting, writer| {
        Case::new("pinned", common::by_hand(forgetting), (16, 4), writer, vec![(1.0, Reach(0.0, 10.0))])
    };
    let node = || Writer::Gateway(Reach(0.0, 10.0));
    for rollout in [common::template(), common::by_hand(Forgetting::Chance(Share::ZERO))] {
        let never = Case::new("pinned", rollout, (16, 4), node(), Vec::new());
        for figures in replicate(&never.scenario(), 20) {
            assert_eq!((figures.get("mismatched"), figures.get("mismatched_expected")), (0.0, 0.0));
        }
    }
    // A forgotten route leads to the old version for ever, from nodes that write the new contract: F = after.
    let always = case(Forgetting::Sources(vec![0, 1]), node());
    let ahead = RATE * (80.0 - 5.0);
    check(&replicate(&always.scenario(), 60), (ahead, 0.0), "every route forgotten");
    let sometimes = case(Forgetting::Chance(Share::percent(30)), node());
    check(&replicate(&sometimes.scenario(), 400), (0.3 * ahead, 0.0), "routes forgotten by chance");
    // Slow clients write what they know, wherever the route leads: 70 % of the routes turn with their node, the others
    // (a stage that reaches nobody) never.
    let mut clients = case(Forgetting::Chance(Share::percent(30)), Writer::Clients { old: 1.0, half_life: 20.0 });
    clients.stages = vec![(0.7, Reach(0.0, 10.0)), (0.3, Reach(1e9, 2e9))];
    let theory = clients.theory();
    check(&replicate(&clients.scenario(), 400), theory, "routes forgotten, slow clients");
}

// Instances and cold starts.

fn undisturbed(service: Service, warm_up: u64, after: u64) -> Scenario {
    let scenario = common::scenario(service, vec![common::nothing()], s(warm_up), s(after));
    Scenario { bin: s(after.max(warm_up)), ..scenario }
}

fn share_of_time(figures: &[Figures], key: &str, after: u64) -> Vec<f64> {
    values(figures, key).iter().map(|seconds| seconds / after as f64).collect()
}

/// The canonical example of SimFaaS (Mahmoudi and Khazaei, CLOSER 2021): Poisson 0.9/s, warm service exponential
/// 1.991 s, cold service exponential 2.244 s, keep-alive 600 s, the newest idle instance first; and what another
/// simulator, written independently, found for the two other choices.
#[test]
fn cold_starts_and_instances_of_simfaas() {
    const REPLICATIONS: u64 = 8;
    const AFTER: u64 = 277_778;
    let run = |choose, warm_up, after, replications| {
        let mut service = common::service(vec![common::poisson("web", Rate::new(9, 10 * NS_PER_S))]);
        service.function.choose = choose;
        let release = &mut service.releases[0];
        release.service = exponential(ms(1_991));
        release.cold = ColdStart::Service(exponential(ms(2_244)));
        release.idle = Idle::After(constant(s(600)));
        replicate(&undisturbed(service, warm_up, after), replications)
    };
    // 8 x 250,000 requests. The published figures are rounded to their last digit, and estimates themselves.
    for (choose, cold, instances) in [(Choice::Newest, 0.001_334, 7.697), (Choice::MostRecent, 0.001_326, 7.689)] {
        let figures = run(choose, 20_000, AFTER, REPLICATIONS);
        assert_agrees(&values(&figures, "cold_start_share"), cold, 5e-6, "cold starts");
        assert_agrees(&values(&figures, "instances_mean"), instances, 5e-3, "instances");
        assert_agrees(&share_of_time(&figures, "busy_instance_s", AFTER), 1.792, 1e-3, "busy");
        assert_agrees(&share_of_time(&figures, "idle_instance_s", AFTER), instances - 1.792, 5e-3, "idle");
    }
    // Taken in turn, no instance is ever idle for 600 s: the pool only grows, to the record of the number busy at
    // once. So its size creeps up with the length of the run, and one run of 2,000,000 requests is compared to within
    // one instance; a cold start is a new record.
    let figures = &run(Choice::LeastRecent, 20_000, 8 * AFTER, 1)[0];
    assert!((figures.get("instances_mean") - 12.61).abs() < 1.0, "{}", figures.get("instances_mean"));
    assert!(figures.get("cold_start_share") <= 2e-6, "{}", figures.get("cold_start_share"));
    assert_eq!(figures.get("reclaimed"), 0.0);
}

/// Rows of (rate, keep-alive, cold probability, instances): see `tests/data/README.md`.
#[test]
fn without_service_time_the_keep_alive_decides() {
    const REQUESTS: f64 = 20_000.0;
    let rows = include_str!("data/keep_alive_poisson_zero_service.csv");
    let mut checked = 0;
    for row in rows.lines().skip(1) {
        let row: Vec<f64> = row.split(',').map(|cell| cell.parse().unwrap()).collect();
        let &[rate, keep_alive, cold, instances] = row.as_slice() else { panic!("{row:?}") };
        let rate_per_10_000_s = (rate * 1e4).round() as u64;
        let mut service =
            common::service(vec![common::poisson("web", Rate::new(rate_per_10_000_s, 10_000 * NS_PER_S))]);
        service.function.warm = 1;
        service.releases[0].service = constant(Span::ZERO);
        service.releases[0].idle = Idle::After(constant(s(keep_alive as u64)));
        let after = (REQUESTS / 10.0 / rate) as u64;
        let figures = replicate(&undisturbed(service, (10.0 / rate) as u64, after), 10);
        let what = format!("{rate}/s, keep-alive {keep_alive} s");
        // Whether a request is cold depends on the gap before it alone: a binomial number, whose standard deviation is
        // known where the sample shows none; 4 of them for alpha < 1e-4, and one request.
        let binomial = 4.0 * libm::sqrt(cold * (1.0 - cold) / REQUESTS) + 1.0 / REQUESTS;
        let total = |key| values(&figures, key).iter().sum::<f64>();
        let share = total("cold_starts") / total("requests");
        assert!((share - cold).abs() < binomial, "{what}: {share} against {cold}");
        assert_agrees(&values(&figures, "instances_mean"), instances, 1e-4, &what);
        checked += 1;
    }
    assert_eq!(checked, 24);
}

/// M/G/infinity: as many are busy on average as arrive during one service time, whatever its law.
#[test]
fn busy_instances_are_rate_times_service_time() {
    const AFTER: u64 = 600;
    let rate = 20.0;
    // The mean of exp(mu + sigma Z) is exp(mu + sigma^2 / 2); 2.3263... is the normal's 99th percentile.
    let sigma = math::ln(1.2 / 0.1) / 2.326_347_874_040_841;
    let mean_of_lognormal = 0.1 * math::exp(sigma * sigma / 2.0);
    for (law, mean) in [
        (lognormal(ms(100), ms(1_200)), mean_of_lognormal),
        (exponential(ms(300)), 0.3),
        (constant(ms(40)), 0.04),
        (uniform(Span::ZERO, ms(500)), 0.25),
    ] {
        let mut service = common::service(vec![common::poisson("web", Rate::per_second(20))]);
        service.releases[0].service = law;
        let figures = replicate(&undisturbed(service.clone(), 60, AFTER), 20);
        let busy = share_of_time(&figures, "busy_instance_s", AFTER);
        assert_agrees(&busy, rate * mean, 0.0, &format!("busy, {law}"));

        // Nothing is kept: every request starts an instance, and initialisation is one more M/G/infinity.
        service.releases[0].cold = ColdStart::Init(uniform(ms(100), ms(700)));
        service.releases[0].idle = Idle::After(constant(Span::ZERO));
        let figures = replicate(&undisturbed(service, 60, AFTER), 20);
        let starting = share_of_time(&figures, "starting_instance_s", AFTER);
        assert_agrees(&starting, rate * 0.4, 0.0, &format!("starting, {law}"));
        let busy = share_of_time(&figures, "busy_instance_s", AFTER);
        assert_agrees(&busy, rate * mean, 0.0, &format!("busy when cold, {law}"));
        assert_agrees(&values(&figures, "instances_mean"), rate * (0.4 + mean), 0.0, &format!("instances, {law}"));
        assert!(values(&figures, "cold_start_share").iter().all(|&share| share == 1.0));
    }
}

// Shifts.

/// The documented schedule of every predefined configuration for Lambda: see `tests/data/README.md`.
#[test]
fn shifts_are_codedeploys() {
    let configurations = include_str!("data/codedeploy_predefined_configs.csv");
    let schedule = include_str!("data/codedeploy_traffic_schedule.csv");
    let mut known = Vec::new();
    for row in configurations.lines().skip(1).filter(|row| row.starts_with("Lambda,")) {
        let cells: Vec<_> = row.split(',').collect();
        let &[_, short, full, kind, percent, minutes, increments, to_whole] = cells.as_slice() else { panic!("{row}") };
        let shift = Shift::by_name(full).unwrap();
        assert_eq!(Shift::by_name(short).as_ref(), Some(&shift));
        known.push(short);
        let weight = Share::percent(percent.parse().unwrap());
        let span = s(minutes.parse::<u64>().unwrap() * 60);
        assert_eq!(
            shift,
            match kind {
                "canary" => Shift::Canary { weight, bake: span },
                "linear" => Shift::Linear { weight, every: span },
                _ => Shift::AllAtOnce,
            }
        );
        let stages: Vec<_> = shift.stages().collect();
        assert_eq!(stages.len().to_string(), increments, "{full}");
        assert_eq!(stages.last().unwrap().0, s(to_whole.parse::<u64>().unwrap() * 60), "{full}");
        let stages = stages
            .iter()
            .map(|(after, weight)| format!("{full},{},{}", after.ns() / (60 * NS_PER_S), weight.as_f64() * 100.0));
        let rows = schedule.lines().filter(|row| row.split(',').next() == Some(full));
        assert_eq!(stages.collect::<Vec<_>>(), rows.collect::<Vec<_>>());
    }
    let mut names: Vec<_> = Shift::names().collect();
    names.sort_unstable();
    known.sort_unstable();
    assert_eq!(names, known);
}
