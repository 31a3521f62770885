//! `[gateway]` and `[function]`.

use super::super::platform::{CHOICES, MOST_CONCURRENCY, MOST_OBSERVERS, MOST_WARM};
use super::law::{idle, law, law_or_span, never};
use super::node::{Schema, any, choice, table, whole};
use super::quantity::span_above_zero;
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
fn shared() -> [(&'static str, Schema); 8] {
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
        (
            "concurrency",
            whole(1..=MOST_CONCURRENCY)
                .about("The most requests at work at once, over all versions; above it requests are throttled.")
                .fallback("no limit (AWS Lambda: 1,000 an account and region, unless raised)."),
        ),
        ("scale_out", scale_out()),
    ]
}

fn scale_out() -> Schema {
    let instances = whole(1..=MOST_CONCURRENCY).about("The most instances added at once.");
    let per = span_above_zero().about("In this span a spent allowance is full again, such as \"10s\".");
    table([("instances", instances), ("per", per)])
        .required(&["instances", "per"])
        .about("How fast instances may be added, over all versions. The allowance refills evenly and does not accumulate; above it requests are throttled.")
        .fallback("no limit (AWS Lambda: 1,000 for every 10 s, for each function).")
}

/// The settings of `[function]` that a version may have for itself.
pub(super) fn of_a_release() -> [(&'static str, Schema); 4] {
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
        (
            "max_age",
            any([never().about("Instances do not age."), law_or_span()])
                .about("The age at which an instance is replaced: at once if idle, else when it is done.")
                .defaults_to("never", "(AWS Lambda: every few hours, undocumented; 2 h to 4 h is a fair guess)."),
        ),
        (
            "timeout",
            any([never().about("Requests run to their end."), span_above_zero()])
                .about("After this span of running, a request is ended as failed and its instance must be initialised again.")
                .defaults_to("never", "(AWS Lambda: 3 s unless set, at most 900 s)."),
        ),
    ]
}
