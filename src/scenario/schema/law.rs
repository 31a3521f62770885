//! Laws: distributions of spans.

use super::node::{Schema, any, kinds, table};
use super::quantity::{share, span, span_above_zero};
use serde_json::{Value, json};

/// A law.
pub(super) fn law() -> Schema {
    kinds(law_kinds()).about("A law of spans, of one kind.")
}

fn law_kinds() -> [(&'static str, Schema); 4] {
    let uniform = Schema::default()
        .with("type", json!("array"))
        .with("items", span().into())
        .with("minItems", json!(2))
        .with("maxItems", json!(2))
        .about("Evenly spread between two spans, such as [\"0s\", \"10s\"]; the smaller first.");
    let exponential = table([("mean", span().about("The mean span."))])
        .required(&["mean"])
        .about("Exponential: most spans are short, some are long; { mean = \"2s\" }.");
    let lognormal = table([
        ("p50", span_above_zero().about("The median: half of the spans are shorter. Above zero.")),
        ("p99", span().about("The 99th percentile: one span in a hundred is longer. At least the median.")),
    ])
    .required(&["p50", "p99"])
    .about("Lognormal, as service and start times mostly are; { p50 = \"38ms\", p99 = \"210ms\" }.");
    [
        ("constant", span().about("Always the same span, such as \"10s\".")),
        ("uniform", uniform),
        ("exponential", exponential),
        ("lognormal", lognormal),
    ]
}

/// A law, or a span that is always the same.
pub(super) fn law_or_span() -> Schema {
    any([span(), law()]).about("A law, or a span that is always the same.")
}

/// When idle instances are reclaimed.
pub(super) fn idle() -> Schema {
    let pair = |item: Schema| item.with("minItems", json!(2)).with("maxItems", json!(2));
    let point = pair(Schema::default().with("type", json!("array")))
        .with("items", json!([Value::from(span()), Value::from(share())]))
        .about("A span of idleness, and the share reclaimed by then.");
    let curve = Schema::default()
        .with("type", json!("array"))
        .with("items", point.into())
        .with("minItems", json!(1))
        .about("A measured curve: by which span of idleness which share is reclaimed, such as [[\"5m\", \"0%\"], [\"7m\", \"100%\"]].");
    any([
        never().about("Idle instances stay for ever."),
        kinds(law_kinds().into_iter().chain([("curve", curve)])).about("A law, or a curve."),
    ])
}

/// The word for what never happens.
pub(super) fn never() -> Schema {
    Schema::default().with("const", json!("never"))
}
