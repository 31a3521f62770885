//! Message queues: when messages are received and seen again, what becomes of those in the old format, and what queueing theory says.

mod common;

use common::{alias, at, constant, deploying, exponential, in_order as run, ms, nothing, periodic, poisson, s};
use cutover::faults::Errors;
use cutover::ids::{Contract, Name};
use cutover::platform::{Outcome, Service};
use cutover::source::{
    Arrivals, Backlog, Consumers, Delivery, Firings, Messages, Pollers, Producer, Queue, Resolve, Schedule, Source,
    Target, Via,
};
use cutover::strategy::{GatewayMove, Shift, Strategy};
use cutover::time::Span;
use cutover::units::{Rate, Share};

/// As many pollers as there are messages, one message each.
const ONE_BY_ONE: Messages = Messages {
    visibility: s(30),
    batch: 1,
    window: Span::ZERO,
    partial: false,
    receives: 3,
    retention: s(4 * 86_400),
    pollers: Pollers { start: 1_000, step: None, most: 1_000 },
};

fn of(messages: Messages) -> Queue {
    Queue {
        name: Name::new("jobs"),
        delivery: Delivery::Messages(messages),
        resolve: Resolve::Dequeue,
        consumers: Consumers::Any,
        target: Target::AtOnce,
        backlog: Backlog { messages: 0, age: Span::ZERO },
    }
}

/// So many pollers at every time.
const fn always(pollers: u32) -> Pollers {
    Pollers { start: pollers, step: None, most: pollers }
}

fn via(source: Source, queue: Queue) -> Source {
    let producer = Producer { at: Span::ZERO, lag: constant(Span::ZERO) };
    Source { via: Via::Queue(producer, queue), ..source }
}

/// Messages at these milliseconds.
fn sent(times: &[i64], queue: Queue) -> Service {
    let schedule =
        Schedule { firings: Firings::At(times.iter().map(|&ms| at(ms)).collect()), batch: 1, jitter: Span::ZERO };
    let source = Source { arrivals: Arrivals::Schedule(schedule), ..periodic("jobs", s(1), at(0)) };
    let mut service = common::service(vec![via(source, queue)]);
    service.releases.iter_mut().for_each(|release| release.service = constant(s(1)));
    service
}

/// A second of traffic that never comes: what is in the queue is its backlog.
fn nothing_but(backlog: u32, queue: Queue) -> Service {
    sent(&[3_599_000_000], Queue { backlog: Backlog { messages: backlog, age: Span::ZERO }, ..queue })
}

fn taking(mut service: Service, takes: Span) -> Service {
    service.releases.iter_mut().for_each(|release| release.service = constant(takes));
    service
}

fn failing(mut service: Service) -> Service {
    service.releases.iter_mut().for_each(|release| release.errors = Errors::Constant(Share::WHOLE));
    service
}

/// When each message was received, in seconds.
fn received(service: &Service, after: Span) -> Vec<f64> {
    run(service, &nothing(), after).1.iter().map(|attempt| attempt.arrival.seconds()).collect()
}

/// The alias moves at t = 0, and everybody knows at once.
fn at_once() -> Strategy {
    deploying("alias", alias(Shift::AllAtOnce, GatewayMove::None), Span::ZERO)
}

#[test]
fn a_message_that_fails_is_seen_again_after_its_visibility_and_dies_after_its_last_receive() {
    let service = failing(sent(&[0], of(ONE_BY_ONE)));
    assert_eq!(received(&service, s(600)), [0.0, 30.0, 60.0]);
    let (figures, _) = run(&service, &nothing(), s(600));
    let keys = ["requests", "failed_own", "lost", "dead_lettered", "retried", "in_flight", "backlog_peak"];
    assert_eq!(keys.map(|key| figures.get(key)), [1.0, 1.0, 1.0, 1.0, 2.0, 0.0, 1.0]);
    // Hidden at the end.
    let (figures, _) = run(&service, &nothing(), s(50));
    assert_eq!(["in_flight", "dead_lettered"].map(|key| figures.get(key)), [1.0, 0.0]);
    // It is handled for longer than it is hidden.
    assert_eq!(received(&taking(service, s(40)), s(600)), [0.0, 40.0, 80.0]);
}

#[test]
fn a_poller_waits_for_a_batch_as_long_as_its_window() {
    let gathering = Messages { batch: 3, window: s(10), ..ONE_BY_ONE };
    assert_eq!(received(&sent(&[0, 4_000], of(gathering)), s(60)), [10.0, 10.0]);
    assert_eq!(received(&sent(&[0, 4_000, 6_000], of(gathering)), s(60)), [6.0, 6.0, 6.0]);
    // The fourth begins a window of its own.
    assert_eq!(received(&sent(&[0, 1_000, 2_000, 7_000], of(gathering)), s(60)), [2.0, 2.0, 2.0, 17.0]);
    // One invocation, one second after the other.
    let (figures, attempts) = run(&sent(&[0, 4_000, 6_000], of(gathering)), &nothing(), s(60));
    assert!(attempts.iter().all(|attempt| attempt.end == at(9_000)), "{attempts:?}");
    assert_eq!(figures.get("message_age_mean_s"), (9.0 + 5.0 + 3.0) / 3.0);
    assert_eq!(figures.get("cost_requests_usd"), 0.2e-6);
}

#[test]
fn a_batch_fails_together_unless_it_says_which_messages_did() {
    // Two messages in the old format, and one in the new one, of a producer that has followed.
    let ends = |partial| {
        let queue = of(Messages { batch: 3, window: s(5), receives: 1, partial, ..ONE_BY_ONE });
        let service = sent(&[-2_000, -1_000, 500], Queue { backlog: Backlog::default(), ..queue });
        let (figures, _) = run(&service, &at_once(), s(60));
        ["failed_incompatible", "failed_own", "served", "dead_lettered"].map(|key| figures.get(key))
    };
    assert_eq!(ends(false), [2.0, 1.0, 0.0, 3.0]);
    assert_eq!(ends(true), [2.0, 0.0, 1.0, 2.0]);
}

#[test]
fn pollers_are_added_one_by_one_while_messages_wait() {
    let twenty = taking(nothing_but(20, of(Messages { pollers: always(5), ..ONE_BY_ONE })), s(10));
    let waves: Vec<f64> = (0..20).map(|number| f64::from(number / 5) * 10.0).collect();
    assert_eq!(received(&twenty, s(600)), waves);
    let growing = Pollers { start: 1, step: Some(s(4)), most: 3 };
    let six = taking(nothing_but(6, of(Messages { pollers: growing, ..ONE_BY_ONE })), s(10));
    assert_eq!(received(&six, s(600)), [0.0, 4.0, 8.0, 10.0, 14.0, 18.0]);
}

#[test]
fn a_batch_that_is_throttled_keeps_its_poller_until_it_is_seen_again() {
    let mut service = taking(nothing_but(3, of(Messages { pollers: always(2), ..ONE_BY_ONE })), s(5));
    service.function.limits.concurrency = Some(1);
    let (figures, attempts) = run(&service, &nothing(), s(600));
    let of = |index: usize| {
        let times: Vec<_> = attempts.iter().filter(|of| of.index == attempts[index].index).collect();
        times.iter().map(|of| (of.arrival.seconds(), of.outcome)).collect::<Vec<_>>()
    };
    // The first poller goes on with the third message; the second has one that is throttled.
    assert_eq!(of(0), [(0.0, Outcome::Served)]);
    assert_eq!(of(1), [(0.0, Outcome::Throttled), (30.0, Outcome::Served)]);
    assert_eq!(of(2), [(5.0, Outcome::Served)]);
    assert_eq!(["served", "lost", "dead_lettered"].map(|key| figures.get(key)), [3.0, 0.0, 0.0]);
}

#[test]
fn a_message_that_is_too_old_is_received_no_more() {
    let queue = of(Messages { pollers: always(1), retention: s(20), ..ONE_BY_ONE });
    let (figures, _) = run(&taking(sent(&[0, 0, 0, 0], queue), s(10)), &nothing(), s(600));
    // At 0, 10 and 20 s; the fourth would be received at 30 s.
    let keys = ["served", "expired", "lost", "dead_lettered", "in_flight"];
    assert_eq!(keys.map(|key| figures.get(key)), [3.0, 1.0, 1.0, 1.0, 0.0]);
}

#[test]
fn a_backlog_in_the_old_format_dies_on_a_new_version_that_cannot_read_it() {
    let end = |queue: Queue, messages: Messages| {
        let service = nothing_but(1_000, Queue { delivery: Delivery::Messages(messages), ..queue });
        let (figures, attempts) = run(&service, &at_once(), s(5 * 3_600));
        assert_eq!(figures.get("requests"), 1_000.0);
        assert_eq!(figures.get("served") + figures.get("dead_lettered"), 1_000.0);
        let dead = attempts.iter().filter(|of| of.last && of.outcome == Outcome::Incompatible);
        let receives = u32::from(messages.receives);
        assert!(dead.clone().all(|of| of.attempt + 1 == receives), "each after its last receive");
        assert_eq!(figures.get("dead_lettered"), dead.count() as f64);
        let expected = figures.get("mismatched_expected");
        assert!((figures.get("queued_mismatched") - expected).abs() < 1e-9, "{expected}");
        (figures.get("dead_lettered"), figures.get("queued_mismatched"))
    };
    let queue = of(ONE_BY_ONE);
    let five = Messages { pollers: Pollers { start: 5, step: Some(ms(200)), most: 1_250 }, receives: 10, ..ONE_BY_ONE };
    for messages in [ONE_BY_ONE, five, Messages { batch: 10, partial: true, ..five }] {
        let receives = f64::from(messages.receives);
        assert_eq!(end(queue, messages), (1_000.0, 1_000.0 * receives));
        assert_eq!(end(Queue { target: Target::WhenOldGone, ..queue }, messages), (0.0, 0.0));
        assert_eq!(end(Queue { consumers: Consumers::ByVersion, ..queue }, messages), (0.0, 0.0));
        assert_eq!(end(Queue { resolve: Resolve::Enqueue, ..queue }, messages), (0.0, 0.0));
    }
}

#[test]
fn who_waits_for_the_old_to_be_gone_takes_the_new_afterwards() {
    // Ten in the old format, of two seconds each with one poller; new ones come meanwhile.
    let queue = of(Messages { pollers: always(1), ..ONE_BY_ONE });
    let service = |target| {
        let backlog = Backlog { messages: 10, age: Span::ZERO };
        taking(sent(&[1_000, 2_000, 3_000], Queue { target, backlog, ..queue }), s(2))
    };
    let (figures, attempts) = run(&service(Target::WhenOldGone), &at_once(), s(600));
    let run_by: Vec<_> = attempts.iter().map(|of| (of.contract, of.version.0, of.arrival.seconds())).collect();
    let old = (0..10).map(|number| (Contract(1), 1, f64::from(number) * 2.0));
    let new = (10..13).map(|number| (Contract(2), 2, f64::from(number) * 2.0));
    assert_eq!(run_by, old.chain(new).collect::<Vec<_>>());
    assert_eq!(["mismatched", "lost"].map(|key| figures.get(key)), [0.0, 0.0]);
    let (figures, _) = run(&service(Target::AtOnce), &at_once(), s(600));
    assert_eq!(["dead_lettered", "served"].map(|key| figures.get(key)), [10.0, 3.0]);
}

#[test]
fn rate_times_wait_is_mismatched_behind_at_a_switch() {
    // One is sent a second and one is handled a second: whoever comes waits as long as those before him take.
    for wait in [1_u32, 7, 60] {
        let mut service = common::service(vec![via(
            periodic("jobs", s(1), at(0)),
            Queue {
                backlog: Backlog { messages: wait, age: Span::ZERO },
                ..of(Messages { pollers: always(1), ..ONE_BY_ONE })
            },
        )]);
        for release in &mut service.releases {
            (release.service, release.accepts) = (constant(s(1)), vec![Contract(1), Contract(2)]);
        }
        let (figures, _) = run(&service, &at_once(), s(600));
        assert_eq!(figures.get("mismatched_behind"), f64::from(wait));
        assert_eq!(figures.get("mismatched"), f64::from(wait));
    }
}

/// The probability that an arrival waits at so many servers under this load (Erlang C).
fn erlang_c(load: f64, servers: u32) -> f64 {
    let blocked = (1..=servers).fold(1.0, |blocked, n| load * blocked / (f64::from(n) + load * blocked));
    blocked / (1.0 - load / f64::from(servers) * (1.0 - blocked))
}

#[test]
fn messages_wait_for_pollers_as_erlang_says() {
    for (pollers, rate) in [(1_u32, 6_u64), (3, 24), (8, 70), (20, 180)] {
        let source = poisson("jobs", Rate::per_second(rate));
        let queue = of(Messages { pollers: always(pollers), ..ONE_BY_ONE });
        let mut service = common::service(vec![via(source, queue)]);
        service.releases.iter_mut().for_each(|release| release.service = exponential(ms(100)));
        let (figures, _) = run(&service, &nothing(), s(12_000));
        let load = rate as f64 * 0.1;
        let waits = erlang_c(load, pollers);
        let mean = 0.1 + waits * 0.1 / (f64::from(pollers) - load);
        let measured = figures.get("message_age_mean_s");
        assert!((measured / mean - 1.0).abs() < 0.05, "{pollers} pollers: {measured} s and {mean} s");
    }
}
