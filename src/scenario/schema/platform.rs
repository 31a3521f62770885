//! `[gateway]` and `[function]`.

use super::super::platform::{CHOICES, MOST_OBSERVERS, MOST_WARM};
use super::law::{idle, law, law_or_span};
use super::node::{Schema, choice, table, whole};
use serde_json::{Value, json};

fn up_to(high: &str) -> Value {
    json!({ "uniform": ["0s", high] })
}

/// `[gateway]`.
pub(super) fn gateway() -> Schema {
    let nodes = whole(1..=MOST_OBSERVERS)
        .about("How many gateway nodes accept requests, each on its own revision.")
        .defaults_to(32, "(assumed).");
    let lag = law()
        .about("How long a node takes to adopt a new revision; drawn for each node.")
        .defaults_to(up_to("10s"), "(assumed: no platform publishes it; try up to 60 s).");
    table([("nodes", nodes), ("lag", lag)]).about("The fleet that accepts requests.")
}

/// `[function]`.
pub(super) fn function() -> Schema {
    table(shared().into_iter().chain(of_a_release()))
}

/// The settings of `[function]` that all versions share.
fn shared() -> [(&'static str, Schema); 6] {
    [
        (
            "front_ends",
            whole(1..=MOST_OBSERVERS)
                .about("How many invoker front-ends resolve $LATEST and aliases.")
                .defaults_to(8, "(assumed)."),
        ),
        (
            "update_in_progress",
            law_or_span()
                .about("How long an update of $LATEST lasts, during which the old code still serves.")
                .defaults_to(
                    "0s",
                    "(AWS: seconds, up to about a minute in a VPC; botocore, UpdateFunctionConfiguration).",
                ),
        ),
        (
            "latest_lag",
            law()
                .about("How long a front-end takes to run the new code of $LATEST, once it is updated.")
                .defaults_to(up_to("10s"), "(assumed; AWS Lambda FAQs: typically less than a minute)."),
        ),
        (
            "alias_lag",
            law()
                .about("How long a front-end takes to follow a change of the alias.")
                .defaults_to(up_to("1s"), "(assumed: AWS documents no bound; try up to 10 s)."),
        ),
        (
            "choose",
            choice(&CHOICES)
                .about("Which idle instance serves: used last, used longest ago, created last, or any.")
                .defaults_to("most-recent", "(assumed: platforms do not document it)."),
        ),
        (
            "warm",
            whole(0..=MOST_WARM)
                .about("How many idle instances of the old version exist at the start of the warm-up.")
                .defaults_to(0, ""),
        ),
    ]
}

/// The settings of `[function]` that a version may have for itself.
pub(super) fn of_a_release() -> [(&'static str, Schema); 2] {
    [
        (
            "init",
            law().about("How long a new instance takes before its first request: the cold start.").defaults_to(
                json!({ "lognormal": { "p50": "134ms", "p99": "180ms" } }),
                "(measured: Node.js 24, 512 MB, without placement, download and dependencies; maxday/lambda-perf, \
                     2026).",
            ),
        ),
        (
            "idle",
            idle().about("How long an instance stays idle before it is reclaimed: a law, or \"never\".").defaults_to(
                json!({ "uniform": ["5m", "7m"] }),
                "(measured on AWS Lambda; mikhail.io/serverless/coldstarts/aws/intervals, old).",
            ),
        ),
    ]
}
