//! `[source]`: where requests come from.

use super::super::name;
use super::node::{Schema, any, keyed, kinds, table};
use super::quantity::{instant, rate, share, span_above_zero};
use serde_json::json;

/// `[source]`, by name.
pub(super) fn sources() -> Schema {
    let source = table([("arrivals", arrivals()), ("clients", clients())])
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
