//! How many attempts requests lead to: a fluid that meets the limits, timeouts and errors that a scenario writes. Formats
//! that do not fit and cold starts are left out; they are what the run is for.

use crate::dist::Law;
use crate::platform::{Release, Service};
use crate::random::Seed;
use crate::source::{Ends, Source};
use crate::time::{Instant, Span};
use rand_distr::Distribution;

/// The requests of one source in a stretch of time, and attempts for each.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Expected {
    pub requests: f64,
    /// On average.
    pub attempts: f64,
    /// At most.
    pub most: f64,
    /// The part of the attempts that another one follows.
    pub retried: f64,
}

/// Draws from which the odds of a timeout are taken.
const DRAWS: u64 = 400;
/// More attempts are more load, which is more attempts: steps until that has settled, for all that it is worth.
const STEPS: usize = 60;

/// What every source sends within [`begin`, `end`) while `release` answers.
pub(super) fn attempts(service: &Service, release: &Release, (begin, end): (Instant, Instant)) -> Vec<Expected> {
    let work = release.service.mean_ns();
    let span = end.since(begin).ns() as f64;
    let mut expected: Vec<_> = service
        .sources
        .iter()
        .map(|source| Expected {
            requests: source.arrivals.requests(begin, end, work),
            attempts: 1.0,
            most: source.most_attempts().into(),
            retried: 0.0,
        })
        .collect();
    let odds: Vec<_> = service.sources.iter().map(|source| Odds::new(source, release)).collect();
    for _ in 0..STEPS {
        let works = |(source, sent): (&Source, &Expected)| sent.requests * sent.attempts * source.work_ns(work) / span;
        let load: f64 = service.sources.iter().zip(&expected).map(works).sum();
        let capacity = service.function.limits.concurrency.map_or(f64::INFINITY, f64::from);
        let throttled = if load > capacity { 1.0 - capacity / load } else { 0.0 };
        for (sent, odds) in expected.iter_mut().zip(&odds) {
            let again = odds.again(throttled);
            sent.attempts = (0..sent.most as u32).fold((0.0, 1.0), |(sum, odds), _| (sum + odds, odds * again)).0;
            sent.retried = again;
        }
    }
    expected
}

/// How likely an attempt ends so that its caller may try again.
struct Odds {
    throttled: bool,
    failed: f64,
    expired: f64,
}

impl Odds {
    fn new(source: &Source, release: &Release) -> Self {
        if !source.tries_again() {
            return Self { throttled: false, failed: 0.0, expired: 0.0 };
        }
        let after = source.caller.retries.map_or(Ends::ALL, |retries| retries.after);
        let sound = (1.0 - release.errors.most().as_f64()) * (1.0 - release.crashes.as_f64());
        let cut = release.timeout.map_or(0.0, |timeout| longer(&release.service, timeout));
        let expired = source.caller.timeout.map_or(0.0, |timeout| longer(&release.service, timeout));
        Self {
            throttled: after.throttled,
            failed: if after.failed { 1.0 - sound * (1.0 - cut) } else { 0.0 },
            expired: if after.expired { expired } else { 0.0 },
        }
    }

    /// Where so many are turned away.
    fn again(&self, throttled: f64) -> f64 {
        let let_in = 1.0 - (1.0 - self.failed) * (1.0 - self.expired);
        (if self.throttled { throttled } else { 0.0 }) + (1.0 - throttled) * let_in
    }
}

/// How likely a span of a law is longer than another span.
fn longer(law: &Law, than: Span) -> f64 {
    let stream = Seed { seed: 0, replication: 0 }.stream("foreseen", "law");
    let beyond = (0..DRAWS).filter(|&draw| law.sample(&mut stream.at(draw, 0)) > than).count();
    beyond as f64 / DRAWS as f64
}
