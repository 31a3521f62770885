//! The self-check in closed loops (guarantee G9): where alarms decide what is done, the count of mismatched attempts less its expectation
//! is zero on average all the same, since a strategy sees the past alone. One that saw the future would not pass.

mod common;

use common::{Figures, constant, deploying, lognormal, ms, periodic, release, s, scenario, service};
use cutover::experiment::Replication;
use cutover::ids::Contract;
use cutover::platform::{Attempt, Release};
use cutover::random::Seed;
use cutover::scenario::Scenario;
use cutover::stats::interval;
use cutover::strategy::{Above, Alarm, Alias, AtStart, GatewayMove, Guard, Hooks, Rollout, Shift, Strategy};
use cutover::time::{Instant, Span};
use cutover::units::Share;

const EXPERIMENTS: u64 = 1_000;
const REPLICATIONS: u64 = 20;

/// 20 requests a second, half of which meet the new version for a minute; it fails a third of them, as does whatever cannot be read
/// while the gateway follows. An alarm stops it at some moment, or does not.
fn reacting() -> Scenario {
    let alarm = Alarm { phase: None, ..common::alarm(Above::ErrorShare(Share::percent(40)), s(4)) };
    let guard = Some(Guard {
        alarms: vec![alarm],
        at_start: AtStart::Stop,
        watch: None,
        hooks: Hooks::default(),
        timeout: None,
    });
    let shift = Shift::Canary { weight: Share::percent(50), bake: s(60) };
    let rollout = Rollout::Alias(Alias { shift, gateway: GatewayMove::Before, trailing: Span::ZERO });
    let strategy = Strategy { guard, ..deploying("canary", rollout, s(2)) };
    let mut service = service(vec![periodic("web", ms(50), Instant::ZERO.before(s(5)))]);
    service.gateway.nodes = 4;
    service.gateway.lag = lognormal(s(3), s(20));
    let both = || vec![Contract(1), Contract(2)];
    service.releases = [(1, 0), (2, 33)]
        .map(|(n, errors)| Release {
            accepts: both(),
            replies: both(),
            service: constant(ms(20)),
            errors: Share::percent(errors).into(),
            ..release(n)
        })
        .into();
    scenario(service, vec![strategy], s(5), s(60))
}

#[test]
fn the_count_is_expected_on_average_where_alarms_react() {
    let scenario = reacting();
    let (mut covered, mut stopped) = (0, 0.0);
    for experiment in 0..EXPERIMENTS {
        let apart: Vec<f64> = (0..REPLICATIONS)
            .map(|replication| {
                let seed = Seed { seed: experiment, replication };
                let found = Replication::run(&scenario, &scenario.strategies[0], seed).unwrap();
                let figures = Figures::new(&scenario, &scenario.strategies[0], &found);
                stopped += figures.get("rolled_back");
                figures.get("mismatched") - figures.get("mismatched_expected")
            })
            .collect();
        covered += u64::from(covers_zero(&apart));
    }
    let (share, stopped) = (covered as f64 / EXPERIMENTS as f64, stopped / (EXPERIMENTS * REPLICATIONS) as f64);
    println!("{:.1} % cover zero; {:.0} % were stopped", share * 100.0, stopped * 100.0);
    assert!((0.2..0.98).contains(&stopped), "the alarm decides something: {stopped}");
    assert!((0.93..=0.97).contains(&share), "{share}");
}

fn covers_zero(values: &[f64]) -> bool {
    let estimate = interval::of(values, 0.95).unwrap();
    estimate.mean.abs() <= estimate.half_width.unwrap()
}

#[test]
fn whoever_saw_the_future_would_not_pass() {
    let mut scenario = reacting();
    scenario.strategies[0].guard = None;
    // Between two steps every attempt meets the other version with the same odds.
    let rollout = Rollout::Alias(Alias {
        shift: Shift::Canary { weight: Share::percent(10), bake: s(60) },
        gateway: GatewayMove::None,
        trailing: Span::ZERO,
    });
    scenario.strategies[0].rollout = rollout;
    let mut covered = [0, 0];
    for experiment in 0..200 {
        let stories = (0..REPLICATIONS).map(|replication| story(&scenario, Seed { seed: experiment, replication }));
        // Stopped when the fourth has been met, or just before a fifth would be.
        let [past, future]: [Vec<f64>; 2] = stories.fold([Vec::new(), Vec::new()], |mut all, story| {
            let met: Vec<usize> = (0..story.len()).filter(|&place| story[place]).collect();
            all[0].push(4.0 - 0.1 * (met[3] + 1) as f64);
            all[1].push(4.0 - 0.1 * met[4] as f64);
            all
        });
        covered[0] += u64::from(covers_zero(&past));
        covered[1] += u64::from(covers_zero(&future));
    }
    assert!((0.88..=0.99).contains(&(covered[0] as f64 / 200.0)), "{covered:?}");
    assert!((covered[1] as f64 / 200.0) < 0.85, "{covered:?}");
}

/// Which attempts after the start were mismatched, in the order of their arrival.
fn story(scenario: &Scenario, seed: Seed) -> Vec<bool> {
    let (_, mut attempts) =
        Replication::watched(scenario, &scenario.strategies[0], seed, Vec::<Attempt>::new()).unwrap();
    attempts.sort_by_key(|attempt| attempt.arrival);
    let after = attempts.iter().filter(|attempt| attempt.arrival >= Instant::ZERO);
    after.map(|attempt| attempt.contract.0 != attempt.version.0).collect()
}
