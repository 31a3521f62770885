//! `[gateway]` and `[function]`: the platform under the code.

use super::{overflow, provisioned};
use crate::dist::Law;
use crate::idle::Idle;
use crate::idle::keys::IDLE;
use crate::platform::{Choice, Function, Gateway, Limits, ScaleOut};
use crate::text::key::{Described, Key};
use crate::text::kind::{self, Keys, OrNever, Settings, Whole};
use crate::text::log::Checked;
use crate::text::reader::Table;
use crate::time::Span;
use crate::units::Bytes;

/// How many nodes or front-ends a scenario may have.
const MOST_OBSERVERS: u32 = 100_000;
/// How many instances may be warm from the start.
const MOST_WARM: u32 = 1_000_000;
/// How high a limit of instances may be.
const MOST_CONCURRENCY: u32 = 16_000_000;
/// Which idle instance may be chosen.
const CHOICES: [(&str, Choice); 4] = [
    ("most-recent", Choice::MostRecent),
    ("least-recent", Choice::LeastRecent),
    ("newest", Choice::Newest),
    ("random", Choice::Random),
];

/// `[gateway]`.
pub(crate) const GATEWAY: Key<()> =
    Key::new("gateway", &Keys(&[&NODES, &GATEWAY_LAG]), "The fleet that accepts requests.");

pub(crate) const NODES: Key<u32> =
    Key::new("nodes", &Whole(1, MOST_OBSERVERS), "How many gateway nodes accept requests, each on its own revision.")
        .defaults("32")
        .assumed("")
        .tries("4", "256");

pub(crate) const GATEWAY_LAG: Key<Law> =
    Key::new("lag", &kind::LAW, "How long a node takes to adopt a new revision; drawn for each node.")
        .defaults("{ uniform = [\"0s\", \"10s\"] }")
        .assumed("no platform publishes it; try up to 60 s")
        .tries("{ uniform = [\"0s\", \"2s\"] }", "{ uniform = [\"0s\", \"60s\"] }");

/// `[function]`: what all versions share, then what a version may have for itself.
pub(crate) const FUNCTION: Key<()> = Key::new(
    "function",
    &Keys(&[
        &FRONT_ENDS,
        &UPDATE_IN_PROGRESS,
        &LATEST_LAG,
        &ALIAS_LAG,
        &MAPPING_LAG,
        &CHOOSE,
        &WARM,
        &CONCURRENCY,
        &SCALE_OUT,
        &OVERFLOW,
        &provisioned::PROVISIONED,
        &INIT,
        &IDLE_TIME,
        &MAX_AGE,
        &TIMEOUT,
        &MEMORY,
    ]),
    "The function platform: front-ends, versioned instances, cold starts.",
);

pub(crate) const FRONT_ENDS: Key<u32> =
    Key::new("front_ends", &Whole(1, MOST_OBSERVERS), "How many invoker front-ends resolve $LATEST and aliases.")
        .defaults("8")
        .assumed("")
        .tries("2", "64");

const UPDATE_IN_PROGRESS: Key<Law> = Key::new(
    "update_in_progress",
    &kind::LAW_OR_SPAN,
    "How long an update of $LATEST lasts, during which the old code still serves.",
)
.defaults("0s")
.documented("AWS: seconds, up to about a minute in a VPC; botocore, UpdateFunctionConfiguration");

pub(crate) const LATEST_LAG: Key<Law> = Key::new(
    "latest_lag",
    &kind::LAW,
    "How long a front-end takes to run the new code of $LATEST, once it is updated.",
)
.defaults("{ uniform = [\"0s\", \"10s\"] }")
.assumed("AWS Lambda FAQs say typically less than a minute")
.tries("{ uniform = [\"0s\", \"2s\"] }", "{ uniform = [\"0s\", \"60s\"] }");

pub(crate) const ALIAS_LAG: Key<Law> =
    Key::new("alias_lag", &kind::LAW, "How long a front-end takes to follow a change of the alias.")
        .defaults("{ uniform = [\"0s\", \"1s\"] }")
        .assumed("AWS documents no bound; try up to 10 s")
        .tries("{ uniform = [\"0s\", \"100ms\"] }", "{ uniform = [\"0s\", \"10s\"] }");

pub(crate) const MAPPING_LAG: Key<Law> = Key::new(
    "mapping_lag",
    &kind::LAW_OR_SPAN,
    "How long the mapping of a direct source takes to ask for the version that it was pointed at.",
)
.defaults("{ uniform = [\"0s\", \"90s\"] }")
.assumed(
    "AWS Lambda's guide: an update of a mapping of a stream may take up to 90 s; a call from your own code takes none",
)
.tries("0s", "{ uniform = [\"0s\", \"90s\"] }");

const CHOOSE: Key<Choice> = Key::new(
    "choose",
    &kind::Choice(&CHOICES),
    "Which idle instance serves: used last, used longest ago, created last, or any.",
)
.defaults("most-recent")
.assumed("platforms do not document it");

const WARM: Key<u32> = Key::new(
    "warm",
    &Whole(0, MOST_WARM),
    "How many idle instances of the old version exist at the start of the warm-up.",
)
.defaults("0");

const CONCURRENCY: Key<u32> = Key::new(
    "concurrency",
    &Whole(1, MOST_CONCURRENCY),
    "The most requests at work at once, over all versions; above it requests are throttled.",
)
.otherwise("no limit (AWS Lambda: 1,000 an account and region, unless raised).");

const SCALE_OUT: Key<ScaleOut> = Key::new(
    "scale_out",
    &Settings {
        keys: &[&INSTANCES, &PER],
        example: ALLOWANCE,
        read: |table| {
            let (instances, per) = (table.read(&INSTANCES), table.read(&PER));
            Ok(ScaleOut { instances: instances?, per: per? })
        },
    },
    "How fast instances may be added, over all versions. The allowance refills evenly and does not accumulate; above it \
     requests are throttled.",
)
.otherwise("no limit (AWS Lambda: 1,000 for every 10 s, for each function).");

const OVERFLOW: Key<Option<Span>> = Key::new(
    "overflow",
    &overflow::OVERFLOW,
    "What becomes of a request that limits leave no room for: it is throttled, or waits, first come, first served; one that has waited \
     too long has expired.",
)
.defaults("refuse")
.documented("AWS Lambda; Cloud Run lets requests wait for 10 s or longer");

const ALLOWANCE: &str = "scale_out = { instances = 1000, per = \"10s\" }";
const INSTANCES: Key<u32> =
    Key::new("instances", &Whole(1, MOST_CONCURRENCY), "The most instances added at once.").required(ALLOWANCE);
const PER: Key<Span> =
    Key::new("per", &kind::SPAN_ABOVE_ZERO, "In this span a spent allowance is full again, such as \"10s\".")
        .required(ALLOWANCE);

pub(crate) const INIT: Key<Law> =
    Key::new("init", &kind::LAW, "How long a new instance takes before its first request: the cold start.")
        .defaults("{ lognormal = { p50 = \"134ms\", p99 = \"180ms\" } }")
        .measured("Node.js 24, 512 MB, without placement, download and dependencies; maxday/lambda-perf, 2026")
        .tries("{ lognormal = { p50 = \"50ms\", p99 = \"100ms\" } }", "{ lognormal = { p50 = \"1s\", p99 = \"3s\" } }");

pub(crate) const IDLE_TIME: Key<Idle> = Key::new(
    "idle",
    &IDLE,
    "How long an instance stays idle before it is reclaimed: a law, a measured curve, or \"never\".",
)
.defaults("{ uniform = [\"5m\", \"7m\"] }")
.measured("on AWS Lambda, long ago; mikhail.io/serverless/coldstarts/aws/intervals")
.tries("{ uniform = [\"3m\", \"4m\"] }", "{ uniform = [\"10m\", \"15m\"] }");

pub(crate) const MAX_AGE: Key<Option<Law>> = Key::new(
    "max_age",
    &OrNever(&kind::LAW_OR_SPAN, "Instances do not age."),
    "The age at which an instance is replaced: at once if idle, else when it is done.",
)
.defaults("never")
.documented("AWS Lambda: every few hours, undocumented; 2 h to 4 h is a fair guess");

pub(crate) const TIMEOUT: Key<Option<Span>> = Key::new(
    "timeout",
    &OrNever(&kind::SPAN_ABOVE_ZERO, "Requests run to their end."),
    "After this span of running, a request is ended as failed and its instance must be initialised again.",
)
.defaults("never")
.documented("AWS Lambda: 3 s unless set, at most 900 s");

pub(crate) const MEMORY: Key<Bytes> = Key::new(
    "memory",
    &kind::MEMORY,
    "The memory of an instance, such as \"512MiB\": what running costs depends on it. It changes no time.",
)
.otherwise("unknown: `cost_compute_usd` and `cost_usd` are absent.");

/// The same for one version.
pub(super) const OWN_WARM: Key<u32> = Key::new(
    "warm",
    &Whole(0, MOST_WARM),
    "How many idle instances of this version exist: when it begins to go live, because somebody has called it so often before; or at \
     the start of the warm-up, if it serves then.",
)
.otherwise("for the version that serves before, what `[function]` says; for others 0.");

/// Reads `[gateway]`.
pub(crate) fn gateway(root: &mut Table) -> Checked<Gateway> {
    let mut table = root.section(&GATEWAY);
    let (nodes, lag) = (table.read(&NODES), table.read(&GATEWAY_LAG));
    table.finish();
    Ok(Gateway { nodes: nodes?, lag: lag? })
}

/// Reads the settings of `[function]` that all versions share.
pub(crate) fn function(table: &mut Table) -> Checked<Function> {
    let front_ends = table.read(&FRONT_ENDS);
    let update_in_progress = table.read(&UPDATE_IN_PROGRESS);
    let latest_lag = table.read(&LATEST_LAG);
    let (alias_lag, mapping_lag) = (table.read(&ALIAS_LAG), table.read(&MAPPING_LAG));
    let choose = table.read(&CHOOSE);
    let warm = table.read(&WARM);
    let concurrency = table.written(&CONCURRENCY);
    let scale_out = table.written(&SCALE_OUT);
    let overflow = table.placed(&OVERFLOW).and_then(|(at, overflow)| match (overflow, concurrency, scale_out) {
        (Some(_), Ok(None), Ok(None)) => {
            Err(table.log().refuse(&at, "there is no limit here", "write `concurrency` or `scale_out`, or drop it"))
        }
        _ => Ok(overflow),
    });
    let provisioned = provisioned::provisioned(table, concurrency.as_ref().ok().copied().flatten());
    Ok(Function {
        front_ends: front_ends?,
        update_in_progress: update_in_progress?,
        latest_lag: latest_lag?,
        alias_lag: alias_lag?,
        mapping_lag: mapping_lag?,
        choose: choose?,
        warm: warm?,
        provisioned: provisioned?,
        limits: Limits { concurrency: concurrency?, scale_out: scale_out?, overflow: overflow? },
    })
}

/// Refuses, in a version's own `function`, the settings that all versions share.
pub(super) fn forbid_shared(table: &mut Table) {
    let shared: [&dyn Described; 10] = [
        &provisioned::PROVISIONED,
        &OVERFLOW,
        &FRONT_ENDS,
        &UPDATE_IN_PROGRESS,
        &LATEST_LAG,
        &ALIAS_LAG,
        &MAPPING_LAG,
        &CHOOSE,
        &CONCURRENCY,
        &SCALE_OUT,
    ];
    for key in shared {
        table.forbid(
            key.name(),
            "all versions share this setting",
            "move it to [function]; a version has its own `init`, `idle`, `max_age`, `timeout`, `memory` and `warm`",
        );
    }
}
