//! What is simulated: the service, its releases, and for how long.

mod hosts;

pub use hosts::{Balancer, Choose, Ending, Hosts, Probe};

use crate::dist::Law;
use crate::faults::{Errors, Event, Scaling};
use crate::idle::Idle;
use crate::ids::{Contract, Version};
use crate::source::Source;
use crate::strategy::{Delay, Deployment, On, Provisioned};
use crate::time::{Instant, Span};
use crate::units::{Bytes, Price, Share};

/// The service whose deployment is simulated, checked and complete.
#[derive(Clone, PartialEq, Debug)]
pub struct Service {
    /// What sends requests, in the order of the scenario.
    pub sources: Vec<Source>,
    /// What accepts them.
    pub gateway: Gateway,
    /// What runs the code under some strategies.
    pub function: Function,
    /// What runs it under others, if there is such.
    pub hosts: Option<Hosts>,
    /// The releases: version n at place n - 1.
    pub releases: Vec<Release>,
    /// What is away for a while.
    pub events: Vec<Event>,
    /// How many replicas of hosts are wanted, and from when on, in the order of time.
    pub scalings: Vec<Scaling>,
    /// What it costs.
    pub prices: Prices,
}

/// What a service costs: in full, without anything that is free of charge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prices {
    /// For an attempt that reached an instance.
    pub requests: Price,
    /// For a GB (1,024 MiB) of memory and a second in which an attempt has an instance.
    pub compute: Price,
    /// For an attempt that the gateway let through or failed.
    pub gateway: Price,
    /// For a replica and an hour; `None` where nobody says.
    pub instance: Option<Price>,
    /// For a GB of memory and a second in which an environment is kept ready.
    pub held: Price,
    /// For a GB of memory and a second in which an attempt has such an environment.
    pub ran: Price,
}

/// The fleet of nodes that accepts requests.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gateway {
    /// How many nodes; at least 1.
    pub nodes: u32,
    /// How long a node takes to adopt a new revision.
    pub lag: Law,
}

/// The function platform.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Function {
    /// How many invoker front-ends; at least 1.
    pub front_ends: u32,
    /// How long an update of `$LATEST` is in progress, the old code still serving.
    pub update_in_progress: Law,
    /// How long a front-end takes to learn that `$LATEST` has new code.
    pub latest_lag: Law,
    /// How long a front-end takes to learn that the alias has moved.
    pub alias_lag: Law,
    /// How long the mapping of a source that is wired by itself takes to ask for what it is pointed at.
    pub mapping_lag: Law,
    /// Which idle instance serves the next request.
    pub choose: Choice,
    /// Idle instances of the old version at the start of the warm-up, where its release does not say.
    pub warm: u32,
    /// What is kept ready of the versions; `None` where nothing is.
    pub provisioned: Option<Provisioned>,
    /// How much capacity there is.
    pub limits: Limits,
}

/// The rule by which a pool picks one of its idle instances. No platform documents its choice, so it is a parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Choice {
    /// The one that became idle last: the others age and are reclaimed (default).
    #[default]
    MostRecent,
    /// The one that has been idle longest.
    LeastRecent,
    /// The one that was created last, as SimFaaS does.
    Newest,
    /// Any, with equal probability.
    Random,
}

/// How fast instances may be added. An allowance of `instances` refills evenly over `per` and never grows beyond
/// `instances`: AWS Lambda gives each function 1,000 for every 10 s, "refilled continuously, not accumulating" (Lambda
/// Developer Guide, scaling behaviour; whether versions share it is not said, we take it that they do).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScaleOut {
    /// The most instances added at once; at least 1.
    pub instances: u32,
    /// In this span a spent allowance is full again; above zero.
    pub per: Span,
}

/// The limits of a function, all its versions together; whoever is above them is turned away at once: throttled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Limits {
    /// The most requests at work at once, instances being started for one included.
    pub concurrency: Option<u32>,
    /// How fast instances may be added.
    pub scale_out: Option<ScaleOut>,
    /// How long what they leave no room for may wait; `None` where it is turned away.
    pub overflow: Option<Span>,
}

impl Limits {
    /// Whether there is any.
    #[must_use]
    pub const fn any(&self) -> bool {
        self.concurrency.is_some() || self.scale_out.is_some()
    }
}

/// One release of the code, and how instances of it behave.
#[derive(Clone, PartialEq, Debug)]
pub struct Release {
    /// The event format that it speaks.
    pub contract: Contract,
    /// The contracts that it can read.
    pub accepts: Vec<Contract>,
    /// The contracts of the clients that can read its replies.
    pub replies: Vec<Contract>,
    /// How long it takes for one request.
    pub service: Law,
    /// What a cold start costs.
    pub cold: ColdStart,
    /// The share of requests that fail by themselves.
    pub errors: Errors,
    /// The share of requests that crash their instance.
    pub crashes: Share,
    /// How long an incompatible request takes to fail, where that is not its service time.
    pub failure_time: Option<Law>,
    /// When an idle instance is reclaimed.
    pub idle: Idle,
    /// The age at which an instance is replaced, at once if idle, else when it is done; `None` for never.
    pub max_age: Option<Law>,
    /// After this span of running a request is ended, and its instance must be initialised again.
    pub timeout: Option<Span>,
    /// How much longer a young instance takes; `None` where it does not.
    pub settle: Option<Settle>,
    /// How many idle instances there are when the version begins to go live, or at the start of the warm-up where it serves then;
    /// `None` where nobody says.
    pub warm: Option<u32>,
    /// How long a replica of hosts takes to start.
    pub startup: Law,
    /// The memory of an instance; `None` where nobody says, so that what it costs to run is not known.
    pub memory: Option<Bytes>,
}

/// How much longer an instance takes while it is young: a line from `factor` times as long down to once.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Settle {
    /// How many times as long an instance takes that has just become ready; at least 1.
    pub factor: f64,
    /// After this span it takes no longer than usual; above zero.
    pub over: Span,
}

impl Settle {
    /// How long a request takes that begins at `now` on an instance that has been ready since `ready`, and would usually take `usual`.
    #[must_use]
    pub fn slowed(&self, usual: Span, now: Instant, ready: Instant) -> Span {
        let age = now.max(ready).since(ready);
        if age >= self.over {
            return usual;
        }
        let left = 1.0 - age.ns() as f64 / self.over.ns() as f64;
        Span::from_ns_f64(usual.ns() as f64 * (1.0 + (self.factor - 1.0) * left))
    }
}

/// What a cold start costs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum ColdStart {
    /// The request waits for the initialisation, then takes its service time.
    Init(Law),
    /// The request is busy at once, for a cold service time instead of the warm one; it waits for nothing. Other
    /// simulators (SimFaaS) model cold starts so.
    Service(Law),
}

/// The span of virtual time that is simulated: [-`warm_up`, `after`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// Simulated before t = 0, so that the platform is settled; not counted.
    pub warm_up: Span,
    /// Simulated and counted from t = 0 on.
    pub after: Span,
}

impl Service {
    /// Release `version`.
    ///
    /// # Panics
    /// If there is no such release; a checked scenario names none that does not exist.
    #[must_use]
    pub fn release(&self, version: Version) -> &Release {
        &self.releases[usize::from(version.0) - 1]
    }

    /// How long the control plane takes for something, in `deployment`.
    #[must_use]
    pub fn delay(&self, deployment: &Deployment, delay: Delay) -> Law {
        match delay {
            Delay::UpdateInProgress => self.function.update_in_progress,
            Delay::UpdateCode
            | Delay::UpdateAlias
            | Delay::RedeployGateway
            | Delay::UpdateReplicas
            | Delay::UpdateProvisioned => deployment.step,
        }
    }

    /// How many observers follow the alias, or the balancer's target, and how long one takes.
    #[must_use]
    pub fn followers(&self, on: On) -> (u32, Law) {
        match (on, &self.hosts) {
            (On::Hosts, Some(hosts)) => (hosts.balancer.nodes, hosts.balancer.lag),
            _ => (self.function.front_ends, self.function.alias_lag),
        }
    }

    /// How long an attempt may wait for room; `None` where it is turned away.
    #[must_use]
    pub fn overflow(&self, on: On) -> Option<Span> {
        match on {
            On::Function => self.function.limits.overflow.filter(|_| self.function.limits.any()),
            On::Hosts => self.hosts.as_ref().and_then(|hosts| hosts.overflow),
        }
    }

    /// Whether something is limited where the code runs.
    #[must_use]
    pub const fn is_limited(&self, on: On) -> bool {
        match on {
            On::Function => self.function.limits.any(),
            On::Hosts => true,
        }
    }

    /// Whether what becomes of a request hangs on the others: something is limited, or pollers receive messages.
    #[must_use]
    pub fn hangs_together(&self, on: On) -> bool {
        self.is_limited(on)
            || self.sources.iter().any(|source| !source.via.queue().is_none_or(crate::source::Queue::is_plain))
    }

    /// Whether any source has users, who come back.
    #[must_use]
    pub fn has_users(&self) -> bool {
        self.sources.iter().any(|source| matches!(source.arrivals, crate::source::Arrivals::Users(_)))
    }
}

impl Window {
    /// The first instant simulated.
    #[must_use]
    pub fn start(&self) -> Instant {
        Instant::ZERO.before(self.warm_up)
    }

    /// The instant at which the simulation stops.
    #[must_use]
    pub fn end(&self) -> Instant {
        Instant::ZERO + self.after
    }
}
