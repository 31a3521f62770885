//! `[gateway]` and `[function]`: the platform under the code.

use super::law;
use super::log::Checked;
use super::quantity;
use super::reader::{Item, Table};
use crate::dist::Law;
use crate::platform::{Choice, Function, Gateway, Limits, ScaleOut};
use crate::time::Span;

/// How many nodes or front-ends a scenario may have.
pub(super) const MOST_OBSERVERS: u32 = 100_000;
/// How many instances may be warm from the start.
pub(super) const MOST_WARM: u32 = 1_000_000;
/// How high a limit of instances may be.
pub(super) const MOST_CONCURRENCY: u32 = 16_000_000;
/// Which idle instance may be chosen.
pub(super) const CHOICES: [(&str, Choice); 4] = [
    ("most-recent", Choice::MostRecent),
    ("least-recent", Choice::LeastRecent),
    ("newest", Choice::Newest),
    ("random", Choice::Random),
];

/// A lag from 0 to `s` seconds: what is assumed of propagation delays that no platform documents.
const fn up_to(s: u64) -> Law {
    Law::Uniform { low: Span::ZERO, high: Span::from_s(s) }
}

/// `[gateway]`.
pub(super) fn gateway(root: &mut Table) -> Checked<Gateway> {
    let mut table = root.section("gateway");
    let nodes = table.or("nodes", 32, |item| item.whole(1..=MOST_OBSERVERS));
    let lag = table.or("lag", up_to(10), law::law);
    table.finish();
    Ok(Gateway { nodes: nodes?, lag: lag? })
}

/// The settings of `[function]` that all versions share.
pub(super) fn function(table: &mut Table) -> Checked<Function> {
    let front_ends = table.or("front_ends", 8, |item| item.whole(1..=MOST_OBSERVERS));
    let update_in_progress = table.or("update_in_progress", Law::Constant(Span::ZERO), law::law_or_span);
    let latest_lag = table.or("latest_lag", up_to(10), law::law);
    let alias_lag = table.or("alias_lag", up_to(1), law::law);
    let choose = table.or("choose", Choice::MostRecent, |item| item.choice(&CHOICES));
    let warm = table.or("warm", 0, |item| item.whole(0..=MOST_WARM));
    let concurrency = table.optional("concurrency", |item| item.whole(1..=MOST_CONCURRENCY));
    let scale_out = table.optional("scale_out", scale_out);
    Ok(Function {
        front_ends: front_ends?,
        update_in_progress: update_in_progress?,
        latest_lag: latest_lag?,
        alias_lag: alias_lag?,
        choose: choose?,
        warm: warm?,
        limits: Limits { concurrency: concurrency?, scale_out: scale_out? },
    })
}

fn scale_out(item: &Item) -> Checked<ScaleOut> {
    const EXAMPLE: &str = "scale_out = { instances = 1000, per = \"10s\" }";
    let mut table = item.table(EXAMPLE)?;
    let instances = table.required("instances", EXAMPLE, |item| item.whole(1..=MOST_CONCURRENCY));
    let per = table.required("per", EXAMPLE, quantity::span_above_zero);
    table.finish();
    Ok(ScaleOut { instances: instances?, per: per? })
}

/// Refuses, in a version's own `function`, the settings that all versions share.
pub(super) fn forbid_shared(table: &mut Table) {
    let shared =
        ["front_ends", "update_in_progress", "latest_lag", "alias_lag", "choose", "warm", "concurrency", "scale_out"];
    for key in shared {
        table.forbid(
            key,
            "all versions share this setting",
            "move it to [function]; a version has its own `init`, `idle`, `max_age` and `timeout`",
        );
    }
}
