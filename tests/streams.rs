//! Ordered streams: when records are read, and what a record that cannot be read holds up.

mod common;

use common::{alias, at, constant, deploying, in_order as run, ms, nothing, periodic, s};
use cutover::ids::Name;
use cutover::platform::{Outcome, Service};
use cutover::source::{
    Arrivals, Backlog, Consumers, Delivery, Firings, Producer, Queue, Resolve, Schedule, Source, Stream, Target, Via,
};
use cutover::strategy::{GatewayMove, Shift, Strategy};
use cutover::time::Span;

/// One shard, a record at a time, tried again for ever.
const ONE: Stream = Stream {
    shards: 1,
    batch: 1,
    window: Span::ZERO,
    parallel: 1,
    poll: s(1),
    retries: None,
    max_age: None,
    bisect: false,
};

/// Records at these milliseconds, which take so long each.
fn sent(times: &[i64], takes: Span, stream: Stream) -> Service {
    let firings = Firings::At(times.iter().map(|&ms| at(ms)).collect());
    let schedule = Schedule { firings, batch: 1, jitter: Span::ZERO };
    let queue = Queue {
        name: Name::new("clicks"),
        delivery: Delivery::Stream(stream),
        resolve: Resolve::Dequeue,
        consumers: Consumers::Any,
        target: Target::AtOnce,
        backlog: Backlog::default(),
    };
    let producer = Producer { at: Span::ZERO, lag: constant(Span::ZERO) };
    let via = Via::Queue(producer, queue);
    let source = Source { arrivals: Arrivals::Schedule(schedule), via, ..periodic("clicks", s(1), at(0)) };
    let mut service = common::service(vec![source]);
    service.releases.iter_mut().for_each(|release| release.service = constant(takes));
    service
}

/// When each was handed to the function, in seconds, and how many with it.
fn read(service: &Service, strategy: &Strategy) -> Vec<(f64, usize)> {
    let mut batches: Vec<(f64, usize)> = Vec::new();
    for attempt in run(service, strategy, s(60)).1 {
        let at = attempt.arrival.seconds();
        match batches.last_mut().filter(|(last, _)| *last == at) {
            Some((_, records)) => *records += 1,
            None => batches.push((at, 1)),
        }
    }
    batches
}

/// The alias moves at t = 0, and everybody knows at once.
fn at_once() -> Strategy {
    deploying("alias", alias(Shift::AllAtOnce, GatewayMove::None), Span::ZERO)
}

#[test]
fn shards_are_read_once_a_second_and_a_batch_waits_for_the_one_before() {
    let many = Stream { batch: 100, ..ONE };
    assert_eq!(read(&sent(&[300, 600, 1_001], ms(10), many), &nothing()), [(1.0, 2), (2.0, 1)]);
    // What comes at the very moment is read.
    assert_eq!(read(&sent(&[2_000], ms(10), many), &nothing()), [(2.0, 1)]);
    // The first takes three seconds; the others have been read by then, but for the last.
    assert_eq!(read(&sent(&[100, 1_200, 2_900, 3_500], s(3), many), &nothing()), [(1.0, 1), (4.0, 3)]);
    assert_eq!(read(&sent(&[100, 1_200, 4_500], s(4), many), &nothing()), [(1.0, 1), (5.0, 2)]);
    assert_eq!(read(&sent(&[100, 1_200, 4_500], ms(2_500), many), &nothing()), [(1.0, 1), (3.5, 1), (6.0, 1)]);
    // A window begins when the first record is read.
    let window = Stream { window: s(5), batch: 3, ..ONE };
    assert_eq!(read(&sent(&[300], ms(10), window), &nothing()), [(6.0, 1)]);
    assert_eq!(read(&sent(&[300, 1_300, 3_300], ms(10), window), &nothing()), [(4.0, 3)]);
}

#[test]
fn a_record_in_the_old_format_holds_up_its_shard() {
    // Sent before the switch, and another after it; half a second each.
    let service = |stream| sent(&[-500, 200], ms(500), stream);
    let (figures, attempts) = run(&service(Stream { retries: Some(2), ..ONE }), &at_once(), s(60));
    let tried: Vec<_> = attempts.iter().map(|of| (of.index, of.arrival.seconds(), of.outcome)).collect();
    let failed = [0.0, 1.0, 2.0].map(|at| (0, at, Outcome::Incompatible));
    assert_eq!(tried, [&failed[..], &[(1, 2.5, Outcome::Served)]].concat());
    let keys =
        ["blocked_s", "dead_lettered", "lost", "served", "message_age_mean_s", "queued_mismatched", "backlog_peak"];
    assert_eq!(keys.map(|key| figures.get(key)), [2.0, 1.0, 1.0, 1.0, 2.8, 3.0, 2.0]);
    // For ever: from the first failure to the end.
    let (figures, _) = run(&service(ONE), &at_once(), s(600));
    let keys = ["blocked_s", "dead_lettered", "in_flight", "served"];
    assert_eq!(keys.map(|key| figures.get(key)), [599.5, 0.0, 2.0, 0.0]);
    // Until it is too old at the next try: at 0, 1 and 2 s, and given up at 3 s.
    let (figures, _) = run(&service(Stream { max_age: Some(s(3)), ..ONE }), &at_once(), s(600));
    let keys = ["blocked_s", "dead_lettered", "expired", "served"];
    assert_eq!(keys.map(|key| figures.get(key)), [2.5, 1.0, 1.0, 1.0]);
    // Two invocations of a shard share it: half of it is held up, and the other record goes on if it belongs to the other half.
    let (figures, _) = run(&service(Stream { parallel: 2, ..ONE }), &at_once(), s(600));
    assert_eq!(figures.get("blocked_s"), 599.5 / 2.0);
}

#[test]
fn halving_a_batch_finds_the_record_that_fails() {
    let four = |stream| sent(&[-500, 100, 200, 300], s(1), stream);
    let once = Stream { batch: 4, window: s(3), retries: Some(0), ..ONE };
    let (figures, _) = run(&four(once), &at_once(), s(60));
    assert_eq!(["dead_lettered", "served", "blocked_s"].map(|key| figures.get(key)), [4.0, 0.0, 0.0]);
    // All at 1 s; two and two from 6 s on; one and one from 9 s on: the first is given up at 10 s.
    let bisect = Stream { bisect: true, ..once };
    assert_eq!(read(&four(bisect), &at_once()), [(1.0, 4), (6.0, 2), (9.0, 1), (10.0, 1), (11.0, 2)]);
    let (figures, _) = run(&four(bisect), &at_once(), s(60));
    assert_eq!(["dead_lettered", "served", "retried"].map(|key| figures.get(key)), [1.0, 3.0, 6.0]);
    // From the first failure at 5 s until all that was in that batch is done with, at 13 s.
    assert_eq!(figures.get("blocked_s"), 8.0);
}
