//! `[source]`: where requests come from.

use super::super::caller::{ENDS, JITTERS};
use super::super::name;
use super::super::users::LONGEST_SESSION;
use super::law::law;
use super::node::{Schema, any, choice, keyed, kinds, table, whole};
use super::quantity::{instant, rate, share, span, span_above_zero};
use crate::source::{Retries, Users};
use serde_json::json;

/// `[source]`, by name.
pub(super) fn sources() -> Schema {
    let timeout = span_above_zero()
        .about("After this span without an answer a caller gives up; the request has expired, while the code runs on.")
        .fallback("none (AWS API Gateway ends a request after 29 s).");
    let keys = [("arrivals", arrivals()), ("clients", clients()), ("timeout", timeout), ("retries", retries())];
    let source = table(keys)
        .required(&["arrivals"])
        .about("A source of requests. Its name becomes a key of the results: 1 to 40 of a-z, 0-9 and -.");
    keyed(name::PATTERN, source)
        .with("minProperties", json!(1))
        .about("The sources of requests, at least one, each under a name: [source.web].")
}

fn arrivals() -> Schema {
    kinds([
        ("constant", constant()),
        ("poisson", rate().about("Independent requests at this mean rate, such as \"200/s\": many users.")),
        ("trace", trace()),
        ("users", users()),
    ])
    .about("When requests arrive: of one kind.")
}

fn constant() -> Schema {
    let first = first("The first request arrives at this time from t = 0, such as \"-10s\".");
    let settings = table([("rate", rate()), ("first", first)])
        .required(&["rate"])
        .about("A rate, and when the first request arrives.");
    any([rate(), settings]).about("Evenly spaced requests: a rate such as \"1/s\", or { rate, first }.")
}

fn users() -> Schema {
    let sticky = table([
        ("old", span().about("For users whom the replaced version answered.").defaults_to("0s", "")),
        ("new", span().about("For users whom the new version answered.").defaults_to("0s", "")),
    ])
    .about("By the version that answered first.");
    table([
        ("count", whole(1..=Users::MOST).about("How many users there are.")),
        (
            "think",
            any([span(), law()]).about("How long a user thinks between an answer and the next request of a session."),
        ),
        (
            "session",
            whole(1..=LONGEST_SESSION).about("How many requests make a session.").defaults_to(10, "(assumed)."),
        ),
        ("pause", any([span(), law()]).about("How long a user pauses between sessions.").fallback("as `think`.")),
        (
            "sticky",
            any([span(), sticky])
                .about("How long a cookie keeps a user on the version that answered first. $LATEST cannot keep anyone.")
                .defaults_to("0s", "(AWS Lambda aliases are not sticky; Flagger keeps canary users for a day)."),
        ),
    ])
    .required(&["count", "think"])
    .about("People in a closed loop: each sends a request, waits for its answer, thinks, and sends the next.")
}

fn retries() -> Schema {
    let Retries { attempts, .. } = Retries::STANDARD;
    let of_the_sdks = "(standard mode of the AWS SDKs).";
    table([
        (
            "attempts",
            whole(2..=Retries::MOST_ATTEMPTS.into())
                .about("The most attempts of one request, the first included.")
                .defaults_to(attempts, of_the_sdks),
        ),
        (
            "backoff",
            span()
                .about("The wait before the second attempt; it doubles from attempt to attempt.")
                .defaults_to("1s", of_the_sdks),
        ),
        ("most", span().about("The longest wait.").fallback("`20s`, or the first wait if that is longer.")),
        (
            "jitter",
            choice(&JITTERS)
                .about("How a wait is drawn: evenly from 0 to the whole, from half to the whole, or not at all.")
                .defaults_to("full", of_the_sdks),
        ),
        (
            "after",
            Schema::default()
                .with("type", json!("array"))
                .with("items", choice(&ENDS).about("How an attempt ended.").into())
                .with("minItems", json!(1))
                .about("After which ends a caller tries again.")
                .fallback("all: failed, throttled, expired."),
        ),
    ])
    .about("Callers try again, with exponential backoff. A retry is shaped anew by its gateway node.")
    .fallback("none; nobody tries again.")
}

fn trace() -> Schema {
    let text = || Schema::default().with("type", json!("string"));
    table([
        ("file", text().about("A CSV file with a header, relative to the folder of the scenario.")),
        ("time", text().about("The column of arrival times. Its suffix is its unit: _s or _ms.")),
        (
            "duration",
            text()
                .about("A column of service times, in place of `code.service`. Its suffix is its unit: _s or _ms.")
                .fallback("none; the law of `code.service` applies."),
        ),
        ("first", first("The first row lands at this time from t = 0, such as \"-10m\".")),
    ])
    .required(&["file", "time"])
    .about("Recorded requests, replayed row by row. Rows outside the window are skipped.")
}

fn first(about: &str) -> Schema {
    instant().about(about).fallback("the start of the warm-up.")
}

fn clients() -> Schema {
    table([
        ("old", share().about("The share of old clients at t = 0; before it, all are old.")),
        ("half_life", span_above_zero().about("After this span half of the old clients are gone, and so on.")),
    ])
    .required(&["old", "half_life"])
    .about("Clients that update by themselves: the client's version shapes the event, not the gateway's revision.")
    .fallback("none; the gateway's revision shapes the event.")
}
