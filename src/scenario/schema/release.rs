//! `[code]` and `[version.N]`.

use super::super::release::{HIGHEST, HIGHEST_CONTRACT, NUMBER_PATTERN};
use super::law::{law, law_or_span};
use super::node::{Schema, any, distinct, keyed, table, whole};
use super::platform;
use super::quantity::share;
use serde_json::json;

/// `[code]`.
pub(super) fn code() -> Schema {
    table(settings())
}

/// `[version]`, by number.
pub(super) fn versions() -> Schema {
    let inherit = |place: &'static str| move |(key, schema): (&'static str, Schema)| (key, schema.inherits(place));
    let code = table(settings().into_iter().map(inherit("[code]"))).about("What the code of this version does.");
    let function = table(platform::of_a_release().into_iter().map(inherit("[function]")))
        .about("What the platform does differently for this version.");
    let version = table([("code", code), ("function", function)])
        .merge(one_cold_start())
        .about("What this release does differently; everything else it inherits.");
    keyed(NUMBER_PATTERN, version)
        .about(format!("The releases, by number from 1 to {HIGHEST} without gaps: [version.2]. 1 and 2 always exist."))
}

fn settings() -> [(&'static str, Schema); 8] {
    let service = law()
        .about("How long a request takes. Required, unless every source replays durations or every version writes it.");
    [
        ("accepts", accepts()),
        ("replies", replies()),
        ("contract", contract().about("The event format that the code speaks.").fallback("the version's own number.")),
        ("service", service),
        (
            "cold_service",
            law()
                .about("In place of `function.init`: a cold request waits for nothing, but takes this long.")
                .fallback("none; a cold request waits for `function.init`."),
        ),
        ("errors", share().about("The share of requests that fail for reasons of their own.").defaults_to("0%", "")),
        (
            "crashes",
            share()
                .about("The share of requests that crash their instance: they fail, and it must be initialised again.")
                .defaults_to("0%", ""),
        ),
        (
            "failure_time",
            law_or_span()
                .about("How long an incompatible request takes to fail.")
                .fallback("as long as it would have taken to serve."),
        ),
    ]
}

fn accepts() -> Schema {
    let own = Schema::default().with("const", json!("own")).about("Its own contract only.");
    let list = distinct(contract()).with("minItems", json!(1)).about("These contracts, its own among them.");
    any([own, list])
        .about("Which event formats the code can read: \"own\", or a list such as [1, 2]. Others fail.")
        .defaults_to("own", "")
}

fn replies() -> Schema {
    let word = |word: &str| Schema::default().with("const", json!(word));
    let list = distinct(contract()).about("Clients of these contracts.");
    any([
        word("own-and-older").about("Clients of its own contract and of older ones."),
        word("own").about("Clients of its own contract only."),
        list,
    ])
    .about("Which clients can read what the code answers. For the others a request fails although it was served.")
    .defaults_to("own-and-older", "")
}

fn contract() -> Schema {
    whole(1..=HIGHEST_CONTRACT.into()).about("An event format, by number.")
}

/// `cold_service` and `init` are two models of one cold start.
pub(super) fn one_cold_start() -> Schema {
    Schema::default()
        .with("if", json!({ "required": ["code"], "properties": { "code": { "required": ["cold_service"] } } }))
        .with("then", json!({ "properties": { "function": { "properties": { "init": false } } } }))
}
