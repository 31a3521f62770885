//! Hosts: replicas behind a load balancer, each serving several requests at once.

use crate::dist::Law;
use crate::time::{Instant, Span};
use crate::units::Share;

/// The fleet of replicas.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hosts {
    /// How many replicas are wanted before a deployment; at least 1.
    pub replicas: u32,
    /// How many requests each serves at once; at least 1.
    pub concurrency: u32,
    /// How many more wait in each.
    pub queue: u32,
    /// When a started replica is ready.
    pub ready: Option<Probe>,
    /// How long it must have been ready before it counts as available.
    pub min_ready: Span,
    /// How it ends.
    pub end: Ending,
    /// How likely a start fails.
    pub start_fails: Share,
    /// How long a request waits where no replica has room for it; `None` where it is turned away.
    pub overflow: Option<Span>,
    /// What gives requests to replicas.
    pub balancer: Balancer,
}

impl Hosts {
    /// How many requests a replica has room for, those that wait included.
    #[must_use]
    pub const fn rooms(&self) -> u64 {
        self.concurrency as u64 + self.queue as u64
    }
}

/// A readiness probe: it is run `delay` after a start began and once every `period` from then on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Probe {
    /// How far apart its runs are; above zero.
    pub period: Span,
    /// When the first is.
    pub delay: Span,
    /// How many in succession make a replica ready; at least 1.
    pub successes: u32,
    /// How many that fail in succession take a ready replica out; at least 1.
    pub failures: u32,
}

impl Probe {
    /// Its first run at `from` or later, where one is at `clock` and none before.
    #[must_use]
    pub fn first_run(&self, clock: Instant, from: Instant) -> Instant {
        let runs = from.since(clock).ns().div_ceil(self.period.ns());
        clock + Span::from_ns(self.period.ns().saturating_mul(runs).min(Span::LONGEST.ns()))
    }
}

/// How a replica ends that is no longer wanted. The balancer begins to learn of it at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ending {
    /// So long it serves as before; then it is told to end, and takes no more requests.
    pub pre_stop: Span,
    /// So long after the beginning it is killed, with all requests that it still serves.
    pub grace: Span,
}

impl Ending {
    /// What Kubernetes' kubelet adds to the grace period, once, where the hook before the end takes all of it.
    const ONCE_MORE: Span = Span::from_s(2);

    /// When a replica is killed, counted from the beginning of its end.
    #[must_use]
    pub fn killed_after(self) -> Span {
        if self.pre_stop >= self.grace { Span::from_ns(self.grace.ns() + Self::ONCE_MORE.ns()) } else { self.grace }
    }

    /// When it is told to end, counted likewise: never later than it is killed.
    #[must_use]
    pub fn told_after(self) -> Span {
        self.pre_stop.min(self.killed_after())
    }
}

/// The load balancer.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Balancer {
    /// By which rule.
    pub choose: Choose,
    /// How many nodes it has, each with a view of its own; at least 1.
    pub nodes: u32,
    /// How long a node takes to learn of a change: an endpoint that comes or goes, or a switch.
    pub lag: Law,
    /// How often a request that hit a closed endpoint is given to another one.
    pub retries: u32,
}

/// The rule by which a node of the balancer chooses among the endpoints that it knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Choose {
    /// The one that it chose longest ago; an endpoint that comes is chosen after all others.
    #[default]
    RoundRobin,
    /// The one with the fewest requests that came through this node; of several, the one that has had so few for longest.
    LeastConnections,
    /// Any, with equal probability.
    Random,
}
