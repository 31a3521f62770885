//! What is told of an attempt in words or numbers, whoever tells it: what it asked for, through whom it went, how it ended.

use crate::ids::Qualifier;
use crate::platform::{Attempt, Outcome, Way};
use crate::random::Seed;
use crate::scenario::Scenario;
use crate::source::Via;
use crate::strategy::{On, Strategy};

/// What an attempt that went this way asked for.
pub(super) fn asked(way: Way, qualifier: Option<Qualifier>, on: On) -> String {
    if way.is_kept() { "the version that a cookie or its queue names".to_owned() } else { named(qualifier, on) }
}

/// What a route asks for.
pub(super) fn named(qualifier: Option<Qualifier>, on: On) -> String {
    match qualifier {
        Some(Qualifier::Latest) => "$LATEST".to_owned(),
        Some(Qualifier::Alias) if on == On::Hosts => "whom the balancer names".to_owned(),
        Some(Qualifier::Alias) => "live".to_owned(),
        Some(Qualifier::Number(version)) => version.to_string(),
        Some(Qualifier::Any) | None => "any replica".to_owned(),
    }
}

/// The gateway's node that an attempt came through, and the front-end, or the balancer's node, that resolved what it asked for; `None`
/// where there was none.
pub(super) fn through(
    scenario: &Scenario,
    strategy: &Strategy,
    seed: Seed,
    attempt: &Attempt,
    asked: Option<Qualifier>,
) -> (Option<u32>, Option<u32>) {
    let service = &scenario.service;
    let source = &service.sources[attempt.source as usize];
    let below = |purpose, n: u32| seed.stream(purpose, &source.name).below(n, attempt.index, attempt.attempt.into());
    let on = strategy.on();
    let asks_front_end = on == On::Hosts || matches!(asked, Some(Qualifier::Latest | Qualifier::Alias));
    (
        (source.via == Via::Gateway).then(|| below("node", service.gateway.nodes)),
        asks_front_end.then(|| below("front-end", service.followers(on).0)),
    )
}

/// An outcome in a word or two.
pub(super) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Served => "served",
        Outcome::Incompatible => "incompatible",
        Outcome::Failed => "failed",
        Outcome::Killed => "killed",
        Outcome::Unreadable => "unreadable",
        Outcome::Expired => "expired",
        Outcome::InFlight => "in flight",
        Outcome::WaitedOut => "waited too long",
        Outcome::Waiting => "waiting",
        Outcome::Refused => "refused",
        Outcome::Throttled => "throttled",
    }
}
