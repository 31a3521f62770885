//! What cannot happen in a scenario, by its own words: without a limit nothing is throttled. A zero of that kind is exact; any
//! other is only what was seen.

use crate::faults::{Event, Fails};
use crate::metrics::Kind;
use crate::results::{Estimate, Method};
use crate::scenario::Scenario;
use crate::source::Source;
use crate::strategy::{On, Strategy};

/// What can happen under a strategy.
#[derive(Clone, Copy, Debug)]
pub(in crate::experiment) struct Possible {
    mismatched: bool,
    incompatible: bool,
    reply: bool,
    own: bool,
    away: bool,
    throttled: bool,
    expired: bool,
    retried: bool,
    rolled_back: bool,
    timed_out: bool,
}

impl Possible {
    pub(in crate::experiment) fn new(scenario: &Scenario, strategy: &Strategy) -> Self {
        let service = &scenario.service;
        let releases: Vec<_> = strategy.versions().into_iter().map(|version| service.release(version)).collect();
        let breaks = |event: &Event| matches!(event.fails, Fails::Version(_));
        let (broken, away) = (service.events.iter().any(breaks), !service.events.iter().all(breaks));
        let on = strategy.on();
        let messages =
            service.sources.iter().any(|source| source.via.queue().is_some_and(|of| of.messages().is_some()));
        let pairs = || releases.iter().flat_map(|code| releases.iter().map(move |written| (code, written.contract)));
        Self {
            mismatched: pairs().any(|(code, contract)| code.contract != contract),
            incompatible: pairs().any(|(code, contract)| !code.accepts(contract)),
            reply: pairs().any(|(code, contract)| !code.replies.contains(&contract)),
            // A replica may be killed.
            // Messages fail with others of their batch.
            own: broken
                || messages
                || on == On::Hosts
                || releases
                    .iter()
                    .any(|code| !code.errors.is_zero() || !code.crashes.is_zero() || code.timeout.is_some()),
            // A replica may be gone before everybody knows.
            away: away || on == On::Hosts,
            throttled: service.is_limited(on) && (service.overflow(on).is_none() || messages),
            // Messages are received no more that are too old.
            expired: service.overflow(on).is_some()
                || messages
                || service.sources.iter().any(|source| source.caller.timeout.is_some()),
            retried: service.sources.iter().any(Source::tries_again),
            rolled_back: strategy.may_be_stopped(),
            timed_out: strategy.may_time_out(),
        }
    }

    /// Whether what a metric counts can happen.
    const fn can(&self, kind: Kind) -> bool {
        let failed = self.incompatible || self.reply || self.own || self.away;
        match kind {
            Kind::Mismatched
            | Kind::MismatchedExpected
            | Kind::MismatchedShare
            | Kind::MismatchedAhead
            | Kind::MismatchedBehind
            | Kind::QueuedMismatched
            | Kind::NearMisses
            | Kind::NearMissesShare
            | Kind::RepliesMismatched => self.mismatched,
            kind if kind.cause().is_some() => self.mismatched,
            Kind::Incompatible | Kind::IncompatibleShare | Kind::FailedIncompatible => self.incompatible,
            Kind::RepliesIncompatible | Kind::RepliesIncompatibleShare | Kind::FailedReply => self.reply,
            Kind::FailedOwn | Kind::Resets => self.own,
            Kind::FailedAway => self.away,
            Kind::Failed => failed,
            Kind::Throttled => self.throttled,
            Kind::Expired => self.expired,
            Kind::Lost
            | Kind::LostShare
            | Kind::SessionsHarmed
            | Kind::Unserved
            | Kind::UnservedShare
            | Kind::DeadLettered => failed || self.throttled || self.expired,
            Kind::Retried => self.retried,
            Kind::RolledBack => self.rolled_back,
            Kind::TimedOut => self.timed_out,
            _ => true,
        }
    }

    /// An estimate, as exact as it is known to be: what cannot happen has a zero that needs no bound.
    pub(in crate::experiment) fn known(&self, kind: Kind, estimate: Estimate) -> Estimate {
        if estimate.mean != Some(0.0) || self.can(kind) {
            return estimate;
        }
        Estimate { interval: Some((0.0, 0.0)), method: Method::Exact, occurrence: None, ..estimate }
    }
}
