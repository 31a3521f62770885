//! `[objective]`: what a run must reach.

use super::super::name;
use super::node::{Schema, any, distinct, keyed, table, text};
use super::quantity::{share, span};
use crate::metrics::Kind;
use serde_json::json;

/// `[objective]`, by name.
pub(super) fn objectives() -> Schema {
    keyed(name::PATTERN, objective()).about(
        "What strategies must reach. A run whose objective is missed, at the confidence of its intervals, exits with 1.",
    )
}

fn objective() -> Schema {
    let strategies = distinct(Schema::default().with("type", json!("string")).about("The name of a strategy."))
        .with("minItems", json!(1))
        .about("The strategies that must reach it, such as [\"pinned\"].")
        .fallback("all that deploy something; all if none does.");
    table([
        ("strategies", strategies),
        ("metric", metric()),
        ("at_most", bound().about("The mean must not exceed this.")),
        ("at_least", bound().about("The mean must reach this.")),
    ])
    .required(&["metric"])
    .with("oneOf", json!([{ "required": ["at_most"] }, { "required": ["at_least"] }]))
    .about("A bound on one metric: met or missed where the whole interval lies on one side of it, else undecided.")
}

fn metric() -> Schema {
    let totals: Vec<_> = Kind::ALL.iter().map(|kind| kind.key()).collect();
    let by_version: Vec<_> = Kind::ALL.iter().filter(|kind| kind.by_version()).map(|kind| kind.key()).collect();
    let total = Schema::default().with("type", json!("string")).with("enum", json!(totals));
    let one = text(&format!("^({})\\.v[1-9][0-9]*$", by_version.join("|")));
    any([total.about("A metric of the results."), one.about("A metric of one version.")])
        .about("A column of replications.csv, such as \"incompatible_share\" or \"cold_starts.v2\".")
}

/// A bound; which of the three forms it must have follows from the metric.
fn bound() -> Schema {
    let number = Schema::default().with("type", json!("number")).with("minimum", json!(0)).about("A plain number.");
    any([share().about("A share of requests."), span().about("A span of time."), number])
        .units("those of the metric: \"0.1%\" for a share, \"250ms\" for a duration, 100 for a count.")
}
