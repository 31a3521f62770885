//! `[hosts]`: replicas behind a load balancer.

use super::overflow;
use crate::dist::Law;
use crate::platform::{Balancer, Choose, Ending, Hosts, Probe};
use crate::text::key::{Described, Key};
use crate::text::kind::{self, Choice, Keys, Settings, Whole};
use crate::text::log::Checked;
use crate::text::reader::Table;
use crate::time::Span;
use crate::units::Share;

/// How many replicas may be wanted at once.
const MOST_REPLICAS: u32 = 10_000;
/// How many requests a replica may serve, or let wait, at once.
const MOST_REQUESTS: u32 = 1_000_000;
/// How many nodes the balancer may have.
const MOST_NODES: u32 = 1_000;
/// How often a request may be given to another endpoint.
const MOST_RETRIES: u32 = 100;
/// How far apart probes are at least, as in Kubernetes.
const SHORTEST_PERIOD: Span = Span::from_s(1);
/// How many probes in succession may be asked for.
const MOST_PROBES: u32 = 1_000;

/// `[hosts]`: what all versions share, then what a version may have for itself.
pub(crate) const HOSTS: Key<()> = Key::new(
    "hosts",
    &Keys(&[
        &REPLICAS,
        &CONCURRENCY,
        &QUEUE,
        &STARTUP,
        &START_FAILS,
        &READY,
        &MIN_READY,
        &PRE_STOP,
        &GRACE,
        &OVERFLOW,
        &BALANCER,
    ]),
    "Hosts: replicas that each serve several requests at once, behind a load balancer. For the strategies that run on hosts.",
);

const REPLICAS: Key<u32> =
    Key::new("replicas", &Whole(1, MOST_REPLICAS), "How many replicas are wanted.").required("replicas = 6");

const CONCURRENCY: Key<u32> =
    Key::new("concurrency", &Whole(1, MOST_REQUESTS), "How many requests a replica serves at once.")
        .required("concurrency = 20");

const QUEUE: Key<u32> = Key::new(
    "queue",
    &Whole(0, MOST_REQUESTS),
    "How many more wait in a replica, first come, first served; the next one is throttled.",
)
.defaults("0");

pub(crate) const STARTUP: Key<Law> =
    Key::new("startup", &kind::LAW_OR_SPAN, "How long a replica takes to start, from its creation on.")
        .defaults("{ lognormal = { p50 = \"10s\", p99 = \"30s\" } }")
        .assumed("seconds where the image is there, minutes where a machine has to come first")
        .tries("5s", "60s");

const START_FAILS: Key<Share> = Key::new(
    "start_fails",
    &kind::SHARE,
    "How likely a start fails. The replica tries again after 10 s, 20 s and so on up to 5 min, as one does that crashes again within 10 min.",
)
.defaults("0%")
.documented("the waits are those of Kubernetes");

const READY: Key<Probe> = Key::new(
    "ready",
    &Settings { keys: &[&PERIOD, &DELAY, &SUCCESSES, &FAILURES], example: "{ period = \"10s\" }", read: probe },
    "The readiness probe. It runs `delay` after the start began, and once every `period` from then on.",
)
.otherwise("a replica is ready as soon as it has started.");

const PERIOD: Key<Span> =
    Key::new("period", &kind::SPAN_ABOVE_ZERO, "How far apart its runs are.").defaults("10s").documented("Kubernetes");
const DELAY: Key<Span> =
    Key::new("delay", &kind::SPAN, "When the first run is.").defaults("0s").documented("Kubernetes");
const SUCCESSES: Key<u32> =
    Key::new("successes", &Whole(1, MOST_PROBES), "How many runs in succession must find it started.")
        .defaults("1")
        .documented("Kubernetes");

const FAILURES: Key<u32> = Key::new(
    "failures",
    &Whole(1, MOST_PROBES),
    "How many runs in succession must fail for a ready replica to get no more requests. They fail while an `[[event]]` breaks its version.",
)
.defaults("3")
.documented("Kubernetes");

const MIN_READY: Key<Span> = Key::new(
    "min_ready",
    &kind::SPAN,
    "How long a replica must have been ready before it counts as available; it serves meanwhile.",
)
.defaults("0s")
.documented("Kubernetes");

const PRE_STOP: Key<Span> = Key::new(
    "pre_stop",
    &kind::SPAN,
    "How long a replica that is to end serves on as before, so that the balancer may learn of it. Then it takes no more requests, \
     and ends when it has finished those that it has.",
)
.defaults("0s")
.documented("Kubernetes: no hook unless written");

const GRACE: Key<Span> = Key::new(
    "grace",
    &kind::SPAN,
    "How long after the beginning of its end a replica is killed, and fails what it still serves; `pre_stop` counts.",
)
.defaults("30s")
.documented("Kubernetes; 2 s more where `pre_stop` takes all of it");

/// How long requests wait where there is no room; `None` where they are refused.
const OVERFLOW: Key<Option<Span>> = Key::new(
    "overflow",
    &overflow::OVERFLOW,
    "What becomes of a request where no replica has room for it: it is throttled, or waits at the balancer, first come, first served; \
     one that has waited too long has expired.",
)
.defaults("refuse");

const BALANCER: Key<Balancer> = Key::new(
    "balancer",
    &Settings {
        keys: &[&CHOOSE, &NODES, &LAG, &RETRIES],
        example: "{ choose = \"least-connections\" }",
        read: balancer,
    },
    "The load balancer.",
)
.defaults("{}");

const CHOOSE: Key<Choose> = Key::new(
    "choose",
    &Choice(&[
        ("round-robin", Choose::RoundRobin),
        ("least-connections", Choose::LeastConnections),
        ("random", Choose::Random),
    ]),
    "Which endpoint gets a request: the one that has waited for one longest, one with the fewest requests that came through this node, \
     or any.",
)
.defaults("round-robin")
.documented("AWS load balancers");

const NODES: Key<u32> =
    Key::new("nodes", &Whole(1, MOST_NODES), "How many nodes it has, each with a view of its own of the endpoints.")
        .defaults("1")
        .assumed("");

pub(crate) const LAG: Key<Law> = Key::new(
    "lag",
    &kind::LAW_OR_SPAN,
    "How long a node takes to learn that an endpoint has come or goes, or that the target was switched.",
)
.defaults("{ exponential = { mean = \"1s\" } }")
.assumed("some hundred milliseconds to several seconds have been seen")
.tries("100ms", "10s");

const RETRIES: Key<u32> = Key::new(
    "retries",
    &Whole(0, MOST_RETRIES),
    "How often a request that hits an endpoint that is gone or ending is given to another one, at once. One that is full is no such endpoint.",
)
.defaults("0");

fn probe(table: &mut Table) -> Checked<Probe> {
    let period = table.placed(&PERIOD).and_then(|(place, period)| match period < SHORTEST_PERIOD {
        true => Err(table.log().refuse(&place, "a probe's period is shorter than 1 s", "write \"1s\" or more")),
        false => Ok(period),
    });
    let (delay, successes, failures) = (table.read(&DELAY), table.read(&SUCCESSES), table.read(&FAILURES));
    Ok(Probe { period: period?, delay: delay?, successes: successes?, failures: failures? })
}

fn balancer(table: &mut Table) -> Checked<Balancer> {
    let (choose, nodes) = (table.read(&CHOOSE), table.read(&NODES));
    let (lag, retries) = (table.read(&LAG), table.read(&RETRIES));
    Ok(Balancer { choose: choose?, nodes: nodes?, lag: lag?, retries: retries? })
}

/// Reads the settings of `[hosts]` that all versions share.
pub(crate) fn hosts(table: &mut Table) -> Checked<Hosts> {
    let (replicas, concurrency, queue) = (table.read(&REPLICAS), table.read(&CONCURRENCY), table.read(&QUEUE));
    let (start_fails, ready, min_ready) = (table.read(&START_FAILS), table.written(&READY), table.read(&MIN_READY));
    let (pre_stop, grace, balancer) = (table.read(&PRE_STOP), table.read(&GRACE), table.read(&BALANCER));
    let overflow = table.read(&OVERFLOW);
    Ok(Hosts {
        replicas: replicas?,
        concurrency: concurrency?,
        queue: queue?,
        ready: ready?,
        min_ready: min_ready?,
        end: Ending { pre_stop: pre_stop?, grace: grace? },
        start_fails: start_fails?,
        overflow: overflow?,
        balancer: balancer?,
    })
}

/// Refuses, in a version's own `hosts`, the settings that all versions share.
pub(super) fn forbid_shared(table: &mut Table) {
    let shared: [&dyn Described; 10] =
        [&OVERFLOW, &REPLICAS, &CONCURRENCY, &QUEUE, &START_FAILS, &READY, &MIN_READY, &PRE_STOP, &GRACE, &BALANCER];
    for key in shared {
        table.forbid(
            key.name(),
            "all versions share this setting",
            "move it to [hosts]; a version has its own `startup`",
        );
    }
}
