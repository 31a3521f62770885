//! Runs every comparison and every experiment of `docs/validation.md` and rewrites its figures.
//!
//!     cargo run --release --example validate
//!
//! Seeds are fixed: the same program writes the same page. With `-- --but-promises` the thousands of experiments on promises,
//! which take most of the time, are left as they stand.

#[path = "../../tests/common/mod.rs"]
mod common;
#[allow(dead_code, reason = "the reduced comparisons are for the tests")]
mod compare;
mod coverage;
mod page;
mod promises;
mod recordings;
mod selection;
mod ugly;

use compare::{Comparison, Size, closed_forms, lambda, loss, mismatch, project, published, rates, sessions, simfaas};
use page::{number, table};

fn main() {
    let comparisons = [
        ("busy-mean", closed_forms::busy_mean as fn(Size) -> Comparison),
        ("busy-law", closed_forms::busy_law),
        ("erlang-b", loss::turned_away),
        ("carried", loss::carried),
        ("closed-loop", loss::closed_loop),
        ("keep-alive", closed_forms::keep_alive),
        ("alias-draws", closed_forms::alias_draws),
        ("sessions", sessions::mixed),
        ("sticky", sessions::sticky),
        ("page-then-call", sessions::page_then_call),
        ("mismatch", mismatch::lesson),
        ("simfaas", simfaas::grid),
        ("simfaas-limits", simfaas::limits),
        ("published", published::runs),
    ]
    .map(|(name, compare)| {
        eprintln!("{name}");
        let comparison = compare(Size::Full);
        for outside in comparison.outside() {
            eprintln!("  outside: {outside}");
        }
        (name, comparison)
    });
    let shown = |(name, comparison): &(&'static str, Comparison)| match *name {
        "erlang-b" => (*name, page::one_reference(comparison)),
        _ => (*name, page::comparison(comparison)),
    };
    let mut blocks: Vec<_> = comparisons.iter().map(shown).collect();
    eprintln!("lambda");
    let runs = lambda::runs();
    let rates = rates::rates(Size::Full);
    blocks.extend([
        ("replays", recordings::replays(&runs)),
        ("reasons", recordings::reasons(&runs)),
        ("bound", recordings::bounds(&runs)),
        ("best", recordings::best(&runs)),
        ("ages", recordings::ages(&runs)),
        ("poisson", recordings::poisson(&runs)),
        ("rates", recordings::rates(&rates)),
        ("rates-mean", recordings::mean_errors(&rates)),
    ]);
    let header = ["cutover", "compared with", "figures", "largest deviation", "verdict"];
    if !std::env::args().any(|argument| argument == "--but-promises") {
        eprintln!("promises");
        let promises = promises::keep();
        blocks.extend(promises.blocks());
        blocks.push(("summary-promises", table(&header, &promises.summary())));
    }
    let mut rows = summary(&comparisons);
    rows.extend(recordings::summary(&runs, &rates));
    blocks.push(("summary", table(&header, &rows)));
    page::rewrite(&project("docs/validation.md"), &blocks);
}

/// The comparisons in a line each.
fn summary(comparisons: &[(&str, Comparison)]) -> Vec<Vec<String>> {
    let rows = [
        ("busy-mean", "busy instances, 0.1 to 10,000 requests/s", "M/G/infinity"),
        ("busy-law", "the law of the number busy", "M/G/infinity: Poisson"),
        ("erlang-b", "requests turned away at a limit of 1 to 200", "Erlang B, 4 service laws"),
        ("carried", "busy instances at a limit, load 0.1 to 200", "Erlang B"),
        ("closed-loop", "users in a closed loop, with and without a limit", "Little's law, Engset"),
        ("keep-alive", "cold share, instances", "exp(-rate x keep-alive)"),
        ("alias-draws", "an alias's weighted draws", "the weight"),
        ("sessions", "sessions that see both versions, that flip", "1 - w^k - (1-w)^k, and its like"),
        ("sticky", "the same with cookies", "theory"),
        ("page-then-call", "page and call during CodeDeploy's shifts", "the integral over the schedule"),
        ("mismatch", "the lesson's mismatches, ahead and behind", "the integral over the lags"),
        ("simfaas", "cold share, instances, busy", "SimFaaS 0.2.2, side by side"),
        ("simfaas-limits", "the same at a limit, turned away", "SimFaaS 0.2.2, side by side"),
        ("published", "cold share, instances, busy", "runs printed by SimFaaS's authors"),
    ];
    let row = |(name, what, with): (&str, &str, &str)| {
        let (_, comparison) = comparisons.iter().find(|(known, _)| *known == name).expect("it was compared");
        let (checked, outside) = (comparison.checked(), comparison.outside().len());
        let (share, figure) = comparison.worst();
        vec![
            what.to_owned(),
            with.to_owned(),
            checked.to_string(),
            format!(
                "{} for {}: {} of what is allowed",
                number(figure.cutover, 4),
                number(figure.reference, 4),
                number(share, 2)
            ),
            if outside == 0 { "agrees".to_owned() } else { format!("{outside} of {checked} outside") },
        ]
    };
    rows.into_iter().map(row).collect()
}
