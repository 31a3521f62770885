//! How long the platform remembers: after this span without a request, nearly nothing is left of what was.

use crate::idle::Idle;
use crate::platform::{ColdStart, Release};
use crate::random::Seed;
use crate::time::Span;
use rand_distr::Distribution;

/// What is compared, and for how long an instance of it can matter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Memory {
    /// Whether instances go at all. Where they never do, their number never settles, and those at work are looked at.
    pub reclaims: bool,
    /// A start, a request and an idle period, each longer than 99 of 100.
    pub span: Span,
}

/// Draws from which a percentile is taken: of 1,000, the tenth from above.
const DRAWS: u64 = 1_000;
const TENTH_FROM_ABOVE: usize = 990;

impl Memory {
    pub fn of(release: &Release, seed: u64) -> Self {
        // As exact as a length needs to be that is rounded up; and every law can do it.
        let stream = |purpose| Seed { seed, replication: 0 }.stream("pilot", purpose);
        let long = |purpose, draw: &dyn Fn(&mut crate::random::Draw) -> Span| {
            let mut spans: Vec<_> = (0..DRAWS).map(|i| draw(&mut stream(purpose).at(i, 0))).collect();
            spans.sort_unstable();
            spans[TENTH_FROM_ABOVE]
        };
        let law = |purpose, law: &crate::dist::Law| long(purpose, &|draw| law.sample(draw));
        let (ColdStart::Init(cold) | ColdStart::Service(cold)) = &release.cold;
        let work = law("cold", cold) + law("service", &release.service);
        let age = release.max_age.as_ref().map_or(Span::LONGEST, |age| law("age", age));
        let idle = match &release.idle {
            Idle::Never => Span::LONGEST,
            idle => long("idle", &|draw| idle.timeout(draw).unwrap_or(Span::LONGEST)),
        };
        let idle = idle.min(age);
        let reclaims = idle < Span::LONGEST;
        Self { reclaims, span: if reclaims { work + idle } else { work } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::Law;
    use crate::ids::Contract;
    use crate::units::Share;

    fn release(idle: Idle, max_age: Option<Law>) -> Release {
        Release {
            contract: Contract(1),
            accepts: vec![Contract(1)],
            service: Law::Constant(Span::from_s(2)),
            cold: ColdStart::Init(Law::Constant(Span::from_s(1))),
            replies: vec![Contract(1)],
            errors: Share::ZERO.into(),
            crashes: Share::ZERO,
            failure_time: None,
            idle,
            max_age,
            timeout: None,
            memory: None,
            startup: Law::Constant(Span::ZERO),
            settle: None,
            warm: None,
        }
    }

    #[test]
    fn an_instance_is_remembered_until_it_is_reclaimed() {
        let kept = Idle::After(Law::Uniform { low: Span::from_s(300), high: Span::from_s(400) });
        let memory = Memory::of(&release(kept, None), 1);
        // The 99th percentile of the idle period is 399 s; that of 1,000 draws strays by a third of a second.
        assert!(memory.reclaims && (memory.span.seconds() - 402.0).abs() < 1.5, "{memory:?}");
    }

    #[test]
    fn what_is_never_reclaimed_is_remembered_as_long_as_it_works_or_until_it_is_too_old() {
        let never = Memory::of(&release(Idle::Never, None), 1);
        assert_eq!(never, Memory { reclaims: false, span: Span::from_s(3) });
        let aged = Memory::of(&release(Idle::Never, Some(Law::Constant(Span::from_s(60)))), 1);
        assert_eq!(aged, Memory { reclaims: true, span: Span::from_s(63) });
    }
}
