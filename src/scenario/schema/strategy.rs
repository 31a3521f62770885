//! `[strategy]`: the ways of going live.

use super::super::name;
use super::super::strategy::{MOVES, WIRINGS};
use super::deployment::{of_a_strategy, own_from, own_order};
use super::node::{Schema, any, choice, distinct, keyed, kinds, table};
use super::quantity::{no_share, share, share_above_zero, span};
use crate::strategy::Shift;
use serde_json::json;

/// `[strategy]`, by name.
pub(super) fn strategies() -> Schema {
    let strategy = kinds([("none", none()), ("latest", latest()), ("pinned", pinned()), ("alias", alias())])
        .about("A way of going live, of one kind. Its name becomes a key of the results: 1 to 40 of a-z, 0-9 and -.");
    keyed(name::PATTERN, strategy)
        .with("minProperties", json!(1))
        .about("The ways of going live to compare, at least one: NAME = { KIND = { settings } }.")
}

fn none() -> Schema {
    table([("from", own_from())]).about("No deployment: cold starts and reclamation alone.")
}

fn latest() -> Schema {
    table(of_a_strategy().into_iter().chain([("order", own_order())]))
        .about("Everybody asks for $LATEST. Code and gateway change one after the other.")
}

fn pinned() -> Schema {
    let wiring = choice(&WIRINGS)
        .about("Who writes the version's number at every source: a person, who may forget one, or a template.")
        .defaults_to("by-hand", "");
    let forget = share()
        .about("The chance that a route is forgotten and keeps its old number, for each source.")
        .defaults_to("0%", "");
    let forgotten = distinct(Schema::default().with("type", json!("string")).about("The name of a source."))
        .about("The sources whose routes always are forgotten, such as [\"web\"]; in place of `forget`.")
        .fallback("none; `forget` decides.");
    let own = [("wiring", wiring), ("forget", forget), ("forgotten", forgotten)];
    let chance = json!({ "pattern": no_share() });
    table(of_a_strategy().into_iter().chain(own))
        .with("dependencies", json!({ "forget": { "properties": { "forgotten": false } } }))
        // A template forgets no route.
        .with("if", json!({ "required": ["wiring"], "properties": { "wiring": { "const": "template" } } }))
        .with("then", json!({ "properties": { "forgotten": false, "forget": chance } }))
        .about("Published versions: every gateway revision carries the number it asks for.")
}

fn alias() -> Schema {
    let gateway = choice(&MOVES)
        .about("When the gateway is redeployed: after the shift, before it, or not at all.")
        .defaults_to("after", "(as AWS CloudFormation does it, where the API refers to the alias).");
    let trailing = span()
        .about("How long the deployment is waited for after its last step; moves nothing.")
        .defaults_to("0s", "(whether CodeDeploy waits after a linear shift is not documented clearly).");
    let own = [("shift", shift()), ("gateway", gateway), ("trailing", trailing)];
    table(of_a_strategy().into_iter().chain(own))
        .about("Everybody asks for an alias, which moves from the old version to the new one: at once or in steps.")
}

fn shift() -> Schema {
    let names: Vec<_> = Shift::names().collect();
    let full = format!("^{}({})$", regex_literal(Shift::PREFIX), names.join("|"));
    let named = Schema::default()
        .with("type", json!("string"))
        .with("enum", json!(names))
        .about("A predefined shift of AWS CodeDeploy.");
    let prefixed = Schema::default()
        .with("type", json!("string"))
        .with("pattern", json!(full))
        .about("A predefined shift of AWS CodeDeploy, by its full name.");
    let weight = || share_above_zero().about("The share of requests that moves in one step; above \"0%\".");
    let canary = table([
        ("weight", weight()),
        ("bake", span().about("How long the first step lasts, such as \"5m\"; then everything moves.")),
    ])
    .required(&["weight", "bake"])
    .about("A first share, and after a while everything; { weight = \"10%\", bake = \"5m\" }.");
    let linear = table([
        ("weight", weight()),
        ("every", span().about("The span between two steps, such as \"1m\"; the first is taken at once.")),
    ])
    .required(&["weight", "every"])
    .about("The same share again and again; { weight = \"10%\", every = \"1m\" }.");
    let own = kinds([("canary", canary), ("linear", linear)]).about("A shift of your own.");
    any([named, prefixed, own])
        .about("How the alias moves: a name of AWS CodeDeploy's, { canary = {...} } or { linear = {...} }.")
        .defaults_to("AllAtOnce", "")
}

/// A pattern that matches `text` itself; dots are all that CodeDeploy's names need.
fn regex_literal(text: &str) -> String {
    text.replace('.', "\\.")
}
