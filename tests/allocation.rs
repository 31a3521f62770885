//! A request allocates nothing: three times as many requests take no more memory than the calendar's last few
//! buckets.

mod common;

use common::{deploying, lognormal, poisson, scenario, service};
use cutover::dist::Law;
use cutover::experiment::Replication;
use cutover::random::Seed;
use cutover::source::{Arrivals, Caller, Retries, Source, Sticky, Users};
use cutover::strategy::{Alias, GatewayMove, Rollout, Shift};
use cutover::time::Span;
use cutover::units::{Rate, Share};

/// Allocations and requests of one replication with so many seconds counted.
fn allocations(seconds: u64) -> (u64, u64) {
    let mut service = service(vec![poisson("web", Rate::per_second(500)), poisson("api", Rate::per_second(300))]);
    // Callers who try again and users who wait for their answers take no more memory than there are of them.
    service.sources[1].caller = Caller { timeout: Some(Span::from_s(1)), retries: Some(Retries::STANDARD) };
    let second = Law::Constant(Span::from_s(1));
    let users = Users { count: 100, think: second, session: 10, pause: second, sticky: Sticky::default() };
    service.sources.push(Source { arrivals: Arrivals::Users(users), ..poisson("people", Rate::per_second(1)) });
    service.function.limits.concurrency = Some(80);
    for release in &mut service.releases {
        release.errors = Share::percent(1).into();
        release.service = lognormal(Span::from_ns(38_000_000), Span::from_ns(210_000_000));
    }
    let shift = Shift::Linear { weight: Share::percent(10), every: Span::from_s(5) };
    let rollout = Rollout::Alias(Alias { shift, gateway: GatewayMove::After, trailing: Span::ZERO });
    let strategies = vec![deploying("linear", rollout, Span::from_s(5))];
    let mut scenario = scenario(service, strategies, Span::from_s(60), Span::from_s(seconds));
    // As many bins for a long window as for a short one: bins are memory too.
    scenario.bin = Span::from_ns(seconds * 1_000_000_000 / 100);
    let mut requests = 0;
    let counted = allocation_counter::measure(|| {
        let seed = Seed { seed: 1, replication: 0 };
        requests = Replication::run(&scenario, &scenario.strategies[0], seed).unwrap().simulated;
    });
    (counted.count_total, requests)
}

#[test]
fn memory_is_taken_while_the_platform_grows_and_not_for_requests() {
    let (short, few) = allocations(1_000);
    let (long, many) = allocations(3_000);
    assert!(many > few + 1_500_000, "{few} and {many} requests");
    // Now and then a bucket of the calendar holds more events than ever before.
    assert!(long < short + (many - few) / 10_000, "{short} allocations for {few} requests, {long} for {many}");
}
