//! Laws: distributions of spans.

use super::node::{Schema, any, kinds, table};
use super::quantity::{span, span_above_zero};
use serde_json::json;

/// A law.
pub(super) fn law() -> Schema {
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
    kinds([
        ("constant", span().about("Always the same span, such as \"10s\".")),
        ("uniform", uniform),
        ("exponential", exponential),
        ("lognormal", lognormal),
    ])
    .about("A law of spans, of one kind.")
}

/// A law, or a span that is always the same.
pub(super) fn law_or_span() -> Schema {
    any([span(), law()])
}

/// When idle instances are reclaimed.
pub(super) fn idle() -> Schema {
    any([Schema::default().with("const", json!("never")).about("Idle instances stay for ever."), law()])
}
