//! `[source]`: where requests come from.

use super::super::caller::{ENDS, JITTERS};
use super::super::name;
use super::super::source::{LARGEST_BATCH, SPREADS};
use super::super::users::LONGEST_SESSION;
use super::law::law;
use super::node::{Schema, any, choice, distinct, keyed, kinds, table, whole};
use super::quantity::{factor, instant, instant_key, rate, rate_or_none, share, span, span_above_zero};
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
        ("diurnal", diurnal()),
        ("profile", profile()),
        ("bursty", bursty()),
        ("schedule", schedule()),
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

fn diurnal() -> Schema {
    table([
        ("mean", rate().about("The mean rate, such as \"200/s\".")),
        ("peak", rate().about("The highest rate: from the mean to twice the mean. It falls as far below the mean.")),
        ("peak_at", instant().about("When the rate is highest, by the clock, such as \"14h\".").defaults_to("0s", "")),
        ("period", span_above_zero().about("After this span the rate repeats.").defaults_to("24h", "")),
        ("clock", clock()),
    ])
    .required(&["mean", "peak"])
    .about("Independent requests at a rate that follows the time of day, as a cosine.")
}

fn clock() -> Schema {
    instant().about("What the clock shows at t = 0, such as \"10h\" for a rollout at ten.").defaults_to("0s", "")
}

fn profile() -> Schema {
    let points = keyed(&instant_key(), rate_or_none().about("The rate at this time; \"0/s\" for no requests."))
        .with("minProperties", json!(1))
        .about("Times by the clock and rates: { 0h = \"20/s\", 8h = \"300/s\" }. Between them straight lines.");
    let period = span_above_zero()
        .about("After this span the line repeats, and leads from the last point back to the first.")
        .fallback("none; before the first point and after the last the rate stays.");
    table([("points", points), ("period", period), ("clock", clock())])
        .required(&["points"])
        .about("Independent requests at a rate drawn from point to point: ramps, plateaus, a day hour by hour.")
}

fn bursty() -> Schema {
    table([
        ("quiet", rate_or_none().about("The rate between bursts.").defaults_to("0/s", "")),
        ("quiet_for", span_above_zero().about("How long it lasts between bursts, on average; exponential.")),
        ("burst", rate().about("The rate within a burst.")),
        ("burst_for", span_above_zero().about("How long a burst lasts, on average; exponential.")),
    ])
    .required(&["quiet_for", "burst", "burst_for"])
    .about("Quiet times and bursts in turn: a Markov-modulated Poisson process of two states.")
}

fn schedule() -> Schema {
    let at = distinct(instant().about("A time from t = 0, such as \"5m\"."))
        .with("minItems", json!(1))
        .about("Times from t = 0 at which it fires, in place of `every`.");
    table([
        ("every", span_above_zero().about("The span between two firings, such as \"1h\".")),
        ("first", first("With `every`: the first firing, at this time from t = 0, such as \"-30m\".")),
        ("at", at),
        ("batch", whole(1..=LARGEST_BATCH).about("How many requests a firing sends.").defaults_to(1, "")),
        ("jitter", span().about("Each request is delayed by a random share of this span.").defaults_to("0s", "")),
    ])
    .about("Batches at fixed times, as timers and cron jobs send them; `every` or `at` must be written.")
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
    let columns = Schema::default()
        .with("type", json!("array"))
        .with("items", text().about("The name of a column.").into())
        .with("minItems", json!(2))
        .with("maxItems", json!(2))
        .about("The columns of the first and of the last bin, where every column is a bin: [\"1\", \"1440\"].");
    let only = keyed("", text().about("What must stand in this column.")).about("Only rows with these values.");
    table([
        ("file", text().about("A CSV file with a header, relative to the folder of the scenario.")),
        ("time", text().about("The column of times. Its suffix is its unit: _ns, _us, _ms, _s, _min or _h.")),
        (
            "duration",
            text()
                .about("A column of service times, in place of `code.service`. Its suffix is its unit, as for `time`.")
                .fallback("none; the law of `code.service` applies."),
        ),
        ("count", text().about("The column of numbers of requests, where a row is a bin of time.")),
        ("columns", columns),
        ("bin", span_above_zero().about("With `count` or `columns`: how long a bin is, such as \"1m\".")),
        ("spread", choice(&SPREADS).about("How counted requests lie within their bin.").fallback("\"random\".")),
        ("where", only),
        ("from", span().about("The piece to replay begins here, counted from the first row.").defaults_to("0s", "")),
        (
            "until",
            span_above_zero().about("The piece ends before here, counted from the first row.").fallback("the end."),
        ),
        ("first", first("The piece begins at this time from t = 0, such as \"-10m\".")),
        ("speed", factor().about("How many times as fast it is replayed.").defaults_to("1x", "")),
        ("scale", factor().about("How many times as many requests arrive; parts are drawn.").defaults_to("1x", "")),
        (
            "loop",
            Schema::default()
                .with("type", json!("boolean"))
                .about("Whether the piece is repeated, before and after itself.")
                .defaults_to(false, ""),
        ),
    ])
    .required(&["file"])
    .about("Recorded requests, or recorded numbers of them. Rows outside the window are skipped.")
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
