//! Queues of asynchronous invocations: when events are tried, what becomes of those that old code has left behind.

mod common;

use common::{alias, at, constant, deploying, direct, in_order as run, ms, nothing, periodic, s};
use cutover::faults::Errors;
use cutover::ids::{Contract, Name};
use cutover::platform::{Attempt, Outcome, Service};
use cutover::scenario::{Options, load};
use cutover::source::{
    Arrivals, Backlog, Consumers, Delivery, Firings, Invocation, Producer, Queue, Resolve, Schedule, Source, Target,
    Via,
};
use cutover::strategy::{GatewayMove, Rollout, Shift};
use cutover::time::Span;
use cutover::units::Share;

/// AWS Lambda's.
const LAMBDA: Invocation =
    Invocation { retries: 2, after: [s(60), s(120)], backoff: s(1), most: s(300), max_age: s(6 * 3_600) };

/// A queue of these invocations.
fn of(invocation: Invocation) -> Queue {
    Queue {
        name: Name::new("jobs"),
        delivery: Delivery::Invocation(invocation),
        resolve: Resolve::Dequeue,
        consumers: Consumers::Any,
        target: Target::AtOnce,
        backlog: Backlog { messages: 0, age: Span::ZERO },
    }
}

/// A queue that gets so many events at once, at `first` milliseconds.
fn batch(events: u32, first: i64, queue: Queue) -> Source {
    let schedule = Schedule { firings: Firings::At(vec![at(first)]), batch: events, jitter: Span::ZERO };
    let source = Source { arrivals: Arrivals::Schedule(schedule), ..periodic("jobs", s(1), at(0)) };
    let producer = Producer { at: Span::ZERO, lag: constant(Span::ZERO) };
    Source { via: Via::Queue(producer, queue), ..source }
}

fn seconds(attempts: &[Attempt]) -> Vec<f64> {
    attempts.iter().map(|attempt| attempt.arrival.seconds()).collect()
}

/// One second of service, and everything fails.
fn failing(source: Source) -> Service {
    let mut service = common::service(vec![source]);
    for release in &mut service.releases {
        (release.service, release.errors) = (constant(s(1)), Errors::Constant(Share::WHOLE));
    }
    service
}

#[test]
fn an_event_whose_code_fails_is_tried_three_times_and_dies() {
    let (figures, attempts) = run(&failing(batch(1, 0, of(LAMBDA))), &nothing(), s(600));
    // Each wait begins when the code has failed.
    assert_eq!(seconds(&attempts), [0.0, 61.0, 182.0]);
    let keys = ["requests", "failed", "failed_own", "lost", "dead_lettered", "retried", "in_flight"];
    assert_eq!(keys.map(|key| figures.get(key)), [1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 0.0]);
    assert!(figures.absent("message_age_mean_s") && figures.absent("latency_mean_ms"));
    // The window ends before the third try.
    let (figures, _) = run(&failing(batch(1, 0, of(LAMBDA))), &nothing(), s(100));
    assert_eq!(["in_flight", "dead_lettered", "lost"].map(|key| figures.get(key)), [1.0, 0.0, 0.0]);
    // It would be too old by then.
    let (figures, attempts) =
        run(&failing(batch(1, 0, of(Invocation { max_age: s(181), ..LAMBDA }))), &nothing(), s(600));
    assert_eq!((attempts.len(), figures.get("dead_lettered")), (2, 1.0));
}

#[test]
fn what_finds_no_room_waits_twice_as_long_each_time() {
    let mut service = common::service(vec![batch(2, 0, of(LAMBDA))]);
    service.function.limits.concurrency = Some(1);
    service.releases.iter_mut().for_each(|release| release.service = constant(s(20)));
    let (figures, attempts) = run(&service, &nothing(), s(600));
    let tried = |index: u64| seconds(&attempts.iter().filter(|of| of.index == index).copied().collect::<Vec<_>>());
    assert_eq!((tried(0), tried(1)), (vec![0.0], vec![0.0, 1.0, 3.0, 7.0, 15.0, 31.0]));
    assert_eq!(["served", "dead_lettered", "lost"].map(|key| figures.get(key)), [2.0, 0.0, 0.0]);
    // One was handled after 20 s, the other after 51.
    assert_eq!(figures.get("message_age_mean_s"), 35.5);
}

#[test]
fn what_the_old_version_left_behind_dies_on_the_new_one_unless_it_was_bound() {
    let residue = |queue| {
        let mut service = common::service(vec![batch(5, -4_000, queue)]);
        service.function.limits.concurrency = Some(1);
        service.releases.iter_mut().for_each(|release| release.service = constant(s(10)));
        let at_once = deploying("alias", alias(Shift::AllAtOnce, GatewayMove::None), s(5));
        let (figures, attempts) = run(&service, &at_once, s(5 * 3_600));
        let dead = attempts.iter().filter(|of| of.last && of.outcome == Outcome::Incompatible).count();
        // They came in the warm-up, and count because they were not over.
        assert_eq!(figures.get("requests"), 5.0);
        assert_eq!([figures.get("lost"), figures.get("dead_lettered")], [dead as f64; 2]);
        let expected = figures.get("mismatched_expected");
        assert!((figures.get("queued_mismatched") - expected).abs() < 1e-9, "{expected}");
        (dead, figures.get("queued_mismatched"))
    };
    // The first is at work when the alias moves; four wait.
    assert_eq!(residue(of(LAMBDA)), (4, 12.0));
    assert_eq!(residue(of(Invocation { retries: 0, ..LAMBDA })), (4, 4.0));
    assert_eq!(residue(Queue { resolve: Resolve::Enqueue, ..of(LAMBDA) }), (0, 0.0));
}

#[test]
fn nobody_reads_the_reply_that_a_queue_gets() {
    let rollout = || Rollout::clone(&alias(Shift::AllAtOnce, GatewayMove::None));
    let lost = |source: Source| {
        let mut service = common::service(vec![source]);
        for release in &mut service.releases {
            release.accepts = vec![Contract(1), Contract(2)];
            release.replies = vec![release.contract];
        }
        let (figures, _) = run(&service, &deploying("alias", rollout(), s(5)), s(60));
        ["mismatched", "failed_reply", "queued_mismatched"]
            .map(|key| if figures.absent(key) { -1.0 } else { figures.get(key) })
    };
    let late = Producer { at: s(30), lag: constant(Span::ZERO) };
    let every_second = || periodic("jobs", s(1), at(500));
    assert_eq!(lost(direct(every_second(), late.at, late.lag)), [30.0, 30.0, -1.0]);
    assert_eq!(lost(Source { via: Via::Queue(late, of(LAMBDA)), ..every_second() }), [30.0, 0.0, 30.0]);
}

#[test]
fn a_strategy_of_hosts_has_no_queue_of_invocations() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jobs.toml");
    let text = "source.jobs = { via = \"queue.q\", arrivals = { poisson = \"1/s\" } }\nqueue.q = { invocation = {} }\n\
                code.service = { constant = \"1s\" }\nhosts = { replicas = 1, concurrency = 1 }\n\
                strategy.it = { rolling = {} }\n";
    std::fs::write(&path, text).unwrap();
    let diagnostics = load(&[path], &Options::default()).unwrap_err().render(false);
    assert!(diagnostics.contains("a queue calls a function, and this runs on hosts"), "{diagnostics}");
}

#[test]
fn latencies_leave_events_out_and_ages_leave_callers_out() {
    let web = periodic("web", ms(100), at(50));
    let mut service = common::service(vec![web, batch(7, 1_000, of(LAMBDA))]);
    service.releases.iter_mut().for_each(|release| release.service = constant(ms(40)));
    let (figures, _) = run(&service, &nothing(), s(600));
    assert_eq!((figures.get("served"), figures.get("requests")), (6_007.0, 6_007.0));
    assert_eq!(figures.get("latency_mean_ms"), 40.0);
    assert_eq!(figures.get("message_age_mean_s"), 0.04);
}
