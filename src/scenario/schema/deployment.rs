//! `[deployment]`, and its settings in a strategy.

use super::super::deployment::ORDERS;
use super::super::release::HIGHEST;
use super::law::law_or_span;
use super::node::{Schema, choice, table, whole};

/// `[deployment]`.
pub(super) fn deployment() -> Schema {
    table([("from", from()), ("to", to()), ("step", step()), ("order", order())])
        .about("What is deployed. Strategies share it; each may override what concerns it.")
}

/// The settings that a strategy may override: all but the order.
pub(super) fn of_a_strategy() -> [(&'static str, Schema); 3] {
    [("from", from()), ("to", to()), ("step", step())].map(|(key, schema)| (key, inherited(schema)))
}

/// The version that serves before the deployment, in a strategy.
pub(super) fn own_from() -> Schema {
    inherited(from())
}

/// The order, in a strategy.
pub(super) fn own_order() -> Schema {
    inherited(order())
}

fn inherited(schema: Schema) -> Schema {
    schema.inherits("[deployment]")
}

fn from() -> Schema {
    whole(1..=HIGHEST.into()).about("The version that serves before the deployment.").defaults_to(1, "")
}

fn to() -> Schema {
    whole(1..=HIGHEST.into()).about("The version that is deployed.").defaults_to(2, "")
}

fn step() -> Schema {
    law_or_span()
        .about("How long one call of the control plane takes: a span, or a law.")
        .defaults_to("5s", "(assumed; 2 to 30 s are plausible).")
}

fn order() -> Schema {
    choice(&ORDERS)
        .about("For `latest`: whether the function's code or the gateway changes first.")
        .defaults_to("function-first", "(as AWS CloudFormation orders the two by their dependency).")
}
