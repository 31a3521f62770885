//! Which causes of mismatches a strategy may have.

use crate::metrics::Cause;
use crate::platform::Service;
use crate::source::{Arrivals, Source};
use crate::strategy::{On, Strategy};
use crate::time::Span;

/// Whether there is such a thing in a scenario under a strategy.
pub(in crate::experiment) fn may_be(cause: Cause, service: &Service, strategy: &Strategy) -> bool {
    let any = |is_one: fn(&Source) -> bool| service.sources.iter().any(is_one);
    match cause {
        Cause::Cookie => any(|source| match source.arrivals {
            Arrivals::Users(users) => users.sticky.old.max(users.sticky.new) > Span::ZERO,
            _ => false,
        }),
        Cause::Client => any(|source| source.clients.is_some()),
        Cause::Queued => any(|source| source.via.queue().is_some()),
        Cause::Route => strategy.rollout.by_hand().is_some(),
        Cause::Rollback => strategy.may_be_taken_back(),
        Cause::Weight => strategy.rollout.splits(),
        Cause::NotYet | Cause::NodeLate => true,
        Cause::FrontEndLate => strategy.on() == On::Function,
        Cause::BalancerLate => strategy.on() == On::Hosts,
    }
}
