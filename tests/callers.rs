//! Stories of callers, told attempt by attempt: who waits, gives up, is turned away, and tries again.

mod common;

use common::{at, attempts, constant, exponential, ms, nothing, periodic, s};
use cutover::ids::{Contract, Version};
use cutover::platform::{Attempt, ColdStart, Each, Limits, Outcome, ScaleOut, Service, VersionIx};
use cutover::source::{Arrivals, Caller, Ends, Jitter, Retries, Source, Sticky, Users};
use cutover::strategy::{GatewayMove, Order, Shift};
use cutover::time::Span;
use cutover::units::{Rate, Share};

/// Waits of 1 s, 2 s, ... between attempts.
const PLAIN: Retries = Retries { jitter: Jitter::None, ..Retries::STANDARD };

fn tries_again(attempts: u8) -> Caller {
    Caller { timeout: None, retries: Some(Retries { attempts, ..PLAIN }) }
}

/// Attempt, when it arrived and ended in milliseconds, how, and whether the request was over.
fn story(attempts: &[Attempt]) -> Vec<(u32, i64, i64, Outcome, bool)> {
    let ms = |at: cutover::time::Instant| at.ns() / 1_000_000;
    attempts.iter().map(|a| (a.attempt, ms(a.arrival), ms(a.end), a.outcome, a.last)).collect()
}

fn ends(replication: &cutover::experiment::Replication) -> cutover::platform::Ends {
    replication.tally.counted().plain.ends
}

/// Counts of the first two versions.
fn by_version(counts: &Each<Version, u64>) -> [u64; 2] {
    [0, 1].map(|n| counts[VersionIx::nth(n)])
}

fn play(service: Service, after: Span) -> (cutover::experiment::Replication, Vec<Attempt>) {
    attempts(&common::scenario(service, vec![nothing()], Span::ZERO, after))
}

#[test]
fn a_failed_request_is_tried_three_times_and_then_given_up() {
    let mut service = common::service(vec![Source { caller: tries_again(3), ..periodic("web", s(100), at(0)) }]);
    service.releases[0].errors = Share::WHOLE.into();
    let (replication, attempts) = play(service, s(10));
    let expected = [
        (0, 0, 10, Outcome::Failed, false),
        (1, 1_010, 1_020, Outcome::Failed, false),
        // Two seconds after the second.
        (2, 3_020, 3_030, Outcome::Failed, true),
    ];
    assert_eq!(story(&attempts), expected);
    assert_eq!((ends(&replication).own, ends(&replication).in_flight), (1, 0));
}

#[test]
fn who_waits_at_the_end_is_in_flight() {
    let mut service = common::service(vec![Source { caller: tries_again(3), ..periodic("web", s(100), at(0)) }]);
    service.releases[0].errors = Share::WHOLE.into();
    let (replication, attempts) = play(service, s(2));
    assert_eq!(attempts.len(), 2);
    assert_eq!((ends(&replication).failed(), ends(&replication).in_flight), (0, 1));
}

#[test]
fn a_caller_gives_up_while_the_code_runs_on() {
    let caller = Caller { timeout: Some(ms(300)), ..tries_again(2) };
    let mut service = common::service(vec![Source { caller, ..periodic("web", s(100), at(0)) }]);
    service.releases[0].service = constant(ms(800));
    let (replication, attempts) = play(service, s(5));
    // Both attempts end for the caller after 300 ms, and occupy their instance for 800.
    let expected = [(0, 0, 300, Outcome::Expired, false), (1, 1_300, 1_600, Outcome::Expired, true)];
    assert_eq!(story(&attempts), expected);
    assert_eq!(replication.levels.counted()[VersionIx::FIRST].busy, 2 * 800_000_000);
    assert_eq!(ends(&replication).expired, 1);
}

#[test]
fn an_answer_just_in_time_is_served() {
    let caller = Caller { timeout: Some(ms(10)), retries: None };
    let service = common::service(vec![Source { caller, ..periodic("web", s(100), at(0)) }]);
    assert_eq!(story(&play(service, s(1)).1), [(0, 0, 10, Outcome::Served, true)]);
}

#[test]
fn above_the_concurrency_limit_requests_are_turned_away_at_once() {
    let mut service = common::service(vec![periodic("web", ms(100), at(0))]);
    service.function.limits = Limits { concurrency: Some(2), scale_out: None, overflow: None };
    service.releases[0].service = constant(ms(250));
    let (replication, attempts) = play(service, ms(500));
    let throttled: Vec<_> = attempts.iter().filter(|a| a.outcome == Outcome::Throttled).map(|a| a.index).collect();
    // At 0 and 100 ms both instances are taken, the first until 250; at 300 and 400 they are taken again.
    assert_eq!(throttled, [2]);
    assert_eq!((ends(&replication).throttled, replication.tally.counted().plain.throttled), (1, 1));
    assert_eq!(by_version(&replication.levels.started), [2, 0]);
}

#[test]
fn new_instances_come_as_fast_as_the_allowance_refills() {
    let mut service = common::service((0..5).map(|i| periodic(&format!("s{i}"), s(1), at(0))).collect());
    service.function.limits.scale_out = Some(ScaleOut { instances: 2, per: s(2) });
    service.releases[0].service = constant(ms(900));
    let (replication, attempts) = play(service, s(4));
    // Two at once, then one a second; warm requests are never turned away for it.
    let served = |second: i64| attempts.iter().filter(|a| a.arrival == at(second * 1_000) && a.handled()).count();
    assert_eq!([0, 1, 2, 3].map(served), [2, 3, 4, 5]);
    assert_eq!(ends(&replication).throttled, 3 + 2 + 1);
}

#[test]
fn what_limits_leave_no_room_for_may_wait() {
    // Arrivals every 100 ms for 250 ms of work, two at once: 2 waits for 0's instance, 3 for 1's, and so on.
    let mut service = common::service(vec![periodic("web", ms(100), at(0))]);
    service.function.limits = Limits { concurrency: Some(2), scale_out: None, overflow: Some(s(10)) };
    service.releases[0].service = constant(ms(250));
    let (replication, attempts) = play(service.clone(), ms(510));
    let mut served: Vec<_> = attempts.iter().map(|a| (a.index, a.end.ns() / 1_000_000, a.outcome)).collect();
    served.sort_unstable_by_key(|&(index, ..)| index);
    let (ended, open) = (Outcome::Served, Outcome::InFlight);
    let expected =
        [(0, 250, ended), (1, 350, ended), (2, 500, ended), (3, 510, open), (4, 510, open), (5, 510, Outcome::Waiting)];
    assert_eq!(served, expected);
    assert_eq!((ends(&replication).in_flight, ends(&replication).throttled), (3, 0));
    // For 60 ms and no longer: 2 and 3 are in time, and 4 is not.
    service.function.limits.overflow = Some(ms(60));
    let (replication, attempts) = play(service, ms(600));
    let out: Vec<_> = attempts.iter().filter(|a| a.outcome == Outcome::WaitedOut).map(|a| (a.index, a.end)).collect();
    assert_eq!(out, [(4, at(460))]);
    assert_eq!(ends(&replication).expired, 1);
}

#[test]
fn who_waits_for_the_allowance_is_served_when_it_has_refilled() {
    let mut service = common::service((0..5).map(|i| periodic(&format!("s{i}"), s(100), at(0))).collect());
    service.function.limits.scale_out = Some(ScaleOut { instances: 2, per: s(2) });
    service.function.limits.overflow = Some(s(60));
    service.releases[0].service = constant(s(50));
    let (_, attempts) = play(service, s(60));
    // Two at once, then one a second.
    let ends: Vec<_> = attempts.iter().map(|a| a.end.ns() / 1_000_000_000).collect();
    assert_eq!(ends, [50, 50, 51, 52, 53]);
}

#[test]
fn who_waits_for_concurrency_waits_as_erlang_says() {
    for (most, rate) in [(5_u32, 40_u64), (12, 100)] {
        let mut service = common::service(vec![common::poisson("web", Rate::per_second(rate))]);
        service.function.limits = Limits { concurrency: Some(most), scale_out: None, overflow: Some(Span::LONGEST) };
        service.releases[0].service = exponential(ms(100));
        service.releases[0].cold = ColdStart::Init(constant(Span::ZERO));
        let scenario = common::scenario(service, vec![nothing()], s(120), s(8_000));
        let figures = common::Figures::of(&scenario, &scenario.strategies[0], common::SEED);
        let (seats, load) = (f64::from(most), rate as f64 * 0.1);
        // Erlang B by its recurrence, and from it the chance to wait.
        let blocked = (1..=most).fold(1.0, |b, n| load * b / (f64::from(n) + load * b));
        let waits = blocked / (1.0 - load / seats * (1.0 - blocked));
        let wait = waits / (seats * 10.0 - rate as f64) * 1_000.0;
        let measured = figures.get("latency_mean_ms") - 100.0;
        assert!((measured - wait).abs() < wait * 0.1, "{measured} and {wait}");
        assert_eq!((figures.get("lost"), figures.get("throttled")), (0.0, 0.0));
    }
}

#[test]
fn a_crash_makes_the_instance_initialise_again_but_is_no_cold_start() {
    let mut service = common::service(vec![periodic("web", s(1), at(0))]);
    let release = &mut service.releases[0];
    release.cold = ColdStart::Init(constant(ms(200)));
    release.crashes = Share::WHOLE;
    let (replication, attempts) = play(service, s(3));
    let expected = [(0, 0, 210, Outcome::Failed, true), (0, 1_000, 1_210, Outcome::Failed, true)];
    assert_eq!(story(&attempts)[..2], expected);
    assert_eq!(attempts.iter().map(|a| a.cold).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!((replication.tally.resets, replication.levels.started[VersionIx::FIRST]), (3, 1));
}

#[test]
fn the_functions_timeout_cuts_a_request_short() {
    let mut service = common::service(vec![periodic("web", s(1), at(0))]);
    service.releases[0].service = constant(s(900));
    service.releases[0].timeout = Some(ms(500));
    let (replication, attempts) = play(service, s(2));
    let expected = [(0, 0, 500, Outcome::Failed, true), (0, 1_000, 1_500, Outcome::Failed, true)];
    assert_eq!(story(&attempts), expected);
    assert_eq!(replication.tally.resets, 2);
}

#[test]
fn an_old_instance_goes_when_it_is_done() {
    let mut service = common::service(vec![periodic("web", s(1), at(0))]);
    service.releases[0].service = constant(ms(700));
    service.releases[0].max_age = Some(constant(ms(1_500)));
    let (replication, attempts) = play(service, s(4));
    // Started at 0, busy when it is 1.5 s old, gone at 1.7; the next from 2 on, likewise.
    assert_eq!(attempts.iter().map(|a| a.cold).collect::<Vec<_>>(), [true, false, true, false]);
    assert_eq!((by_version(&replication.levels.recycled), by_version(&replication.levels.reclaimed)), ([2, 0], [0, 0]));
}

#[test]
fn a_reply_that_its_client_cannot_read_fails_the_request_and_is_named_apart() {
    // The alias moves at 0, the gateway 2 s later: version 2 answers clients of version 1.
    let mut service = common::service(vec![periodic("web", s(1), at(500))]);
    for release in &mut service.releases {
        release.accepts = vec![Contract(1), Contract(2)];
    }
    service.releases[1].replies = vec![Contract(2)];
    let alias = common::deploying("alias", common::at_once(GatewayMove::After), s(2));
    let scenario = common::scenario(service, vec![alias], Span::ZERO, s(4));
    let (replication, attempts) = attempts(&scenario);
    let outcomes: Vec<_> = attempts.iter().map(|a| a.outcome).collect();
    assert_eq!(outcomes, [Outcome::Unreadable, Outcome::Unreadable, Outcome::Served, Outcome::Served]);
    let figures = common::Figures::new(&scenario, &scenario.strategies[0], &replication);
    let value = |key| figures.get(key);
    assert_eq!((value("mismatched"), value("incompatible"), value("failed")), (2.0, 0.0, 2.0));
    assert_eq!((value("replies_mismatched.v2"), value("replies_incompatible.v2")), (2.0, 2.0));
}

/// Users who send a request every second, `session` to a session.
fn users(count: u32, session: u32, sticky: Sticky) -> Source {
    let arrivals =
        Arrivals::Users(Users { count, think: constant(ms(990)), session, pause: exponential(s(1)), sticky });
    Source { arrivals, ..periodic("people", s(1), at(0)) }
}

#[test]
fn a_user_sends_the_next_request_after_the_answer_and_a_thought() {
    let service = common::service(vec![users(1, 5, Sticky::default())]);
    let (_, attempts) = play(service, s(60));
    let gaps: Vec<_> = attempts.windows(2).map(|pair| pair[1].arrival.since(pair[0].end)).collect();
    let pauses = gaps.iter().filter(|&&gap| gap != ms(990)).count();
    assert!(attempts.len() > 40, "{}", attempts.len());
    // One gap in five is a pause.
    assert!((attempts.len() / 5 - 1..=attempts.len() / 5 + 1).contains(&pauses), "{pauses} of {}", gaps.len());
}

#[test]
fn a_cookie_keeps_a_user_where_versions_can_be_asked_for() {
    let canary = Shift::Canary { weight: Share::percent(50), bake: s(600) };
    let by_user = |sticky, rollout| {
        let service = common::service(vec![users(40, 10, sticky)]);
        let strategy = common::deploying("s", rollout, Span::ZERO);
        attempts(&common::scenario(service, vec![strategy], s(20), s(300))).0.sessions.unwrap()
    };
    let day = s(86_400);
    let loose = by_user(Sticky::default(), common::alias(canary.clone(), GatewayMove::None));
    assert!(loose.flipped > 900 && loose.flipped <= loose.mixed && loose.mixed <= loose.seen, "{loose:?}");
    // Kept for a day: whoever began with either version stays there.
    let kept = by_user(Sticky { old: day, new: day }, common::alias(canary.clone(), GatewayMove::None));
    assert_eq!((kept.mixed, kept.flipped), (0, 0));
    // Only those who saw the new one are kept: some change over, nobody goes back.
    let forward = by_user(Sticky { old: Span::ZERO, new: day }, common::alias(canary, GatewayMove::None));
    assert!(forward.mixed > 0 && forward.flipped == 0, "{forward:?}");
    // $LATEST runs one version, whatever a cookie says: everybody changes over in one session.
    let latest = by_user(Sticky { old: day, new: day }, common::latest(Order::FunctionFirst));
    assert!(latest.mixed > 0 && latest.flipped == 0, "{latest:?}");
}

#[test]
fn only_the_ends_that_were_named_lead_to_another_attempt() {
    let after = Ends { failed: false, throttled: true, expired: false };
    let caller = Caller { timeout: None, retries: Some(Retries { after, ..PLAIN }) };
    let mut service = common::service(vec![Source { caller, ..periodic("web", s(100), at(0)) }]);
    service.releases[0].errors = Share::WHOLE.into();
    assert_eq!(story(&play(service, s(10)).1), [(0, 0, 10, Outcome::Failed, true)]);
}
