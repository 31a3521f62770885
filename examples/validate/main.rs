//! Runs every comparison of `docs/validation.md` and rewrites its figures, and those in the README.
//!
//!     cargo run --release --example validate
//!
//! Seeds are fixed: the same program writes the same page.

#[path = "../../tests/common/mod.rs"]
mod common;
#[allow(dead_code, reason = "the reduced comparisons are for the tests")]
mod compare;
mod page;

use compare::lambda::{Arrival, KEEP_ALIVE_S, Run};
use compare::{Comparison, Size, closed_forms, lambda, mismatch, project, published, simfaas};
use page::{number, percent, table};

fn main() {
    let comparisons = [
        ("busy-mean", closed_forms::busy_mean as fn(Size) -> Comparison),
        ("busy-law", closed_forms::busy_law),
        ("keep-alive", closed_forms::keep_alive),
        ("alias-draws", closed_forms::alias_draws),
        ("mismatch", mismatch::lesson),
        ("simfaas", simfaas::grid),
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
    let mut blocks: Vec<_> =
        comparisons.iter().map(|(name, comparison)| (*name, page::comparison(comparison))).collect();
    eprintln!("lambda");
    let runs = lambda::runs();
    blocks.push(("replays", replays(&runs)));
    blocks.push(("reasons", reasons(&runs)));
    blocks.push(("best", best(&runs)));
    blocks.push(("poisson", poisson(&runs)));
    page::rewrite(&project("docs/validation.md"), &blocks);

    let sentence = |name: &str| {
        let (_, comparison) = comparisons.iter().find(|(known, _)| *known == name).unwrap();
        page::sentence(comparison)
    };
    page::rewrite(&project("README.md"), &[("summary", summary(&runs, &sentence))]);
}

/// The comparisons in a line each.
fn summary(runs: &[Run], sentence: &dyn Fn(&str) -> String) -> String {
    let mut rows: Vec<_> = [
        ("M/G/infinity: busy instances on average, 4 laws, 4 rates", "busy-mean"),
        ("M/G/infinity: the whole law of the number busy", "busy-law"),
        ("cold share exp(-rate x keep-alive), instances", "keep-alive"),
        ("an alias's weighted draws", "alias-draws"),
        ("the lesson's mismatches, ahead and behind, in closed form", "mismatch"),
        ("SimFaaS 0.2.2 side by side: cold share, instances, busy", "simfaas"),
        ("runs printed by SimFaaS's authors", "published"),
    ]
    .into_iter()
    .map(|(what, name)| vec![what.to_owned(), sentence(name)])
    .collect();
    for run in runs {
        let found = run.compare(KEEP_ALIVE_S, Arrival::Sent);
        rows.push(vec![
            format!("AWS Lambda, {} 2020, {} requests replayed", run.name, found.requests()),
            format!(
                "{} right (always warm: {}); {} of {} cold starts found, {} too many",
                percent(found.right()),
                percent(found.always_warm()),
                found.both,
                found.recorded(),
                found.only_simulated
            ),
        ]);
    }
    table(&["compared with", "result"], &rows)
}

/// Confusion tables.
fn replays(runs: &[Run]) -> String {
    let mut rows = Vec::new();
    for run in runs {
        let tried = [540, KEEP_ALIVE_S, 900].map(|keep_alive_s| (keep_alive_s, Arrival::Sent, ""));
        for (keep_alive_s, arrival, note) in tried.into_iter().chain([(KEEP_ALIVE_S, Arrival::Late, ", late")]) {
            let found = run.compare(keep_alive_s, arrival);
            rows.push(vec![
                run.name.to_owned(),
                format!("{keep_alive_s} s{note}"),
                found.both.to_string(),
                found.only_recorded.to_string(),
                found.only_simulated.to_string(),
                found.neither.to_string(),
                format!("{} / {}", found.simulated(), found.recorded()),
                percent(found.right()),
                percent(found.always_warm()),
            ]);
        }
    }
    let header = [
        "run",
        "keep-alive",
        "cold in both",
        "recorded only",
        "simulated only",
        "warm in both",
        "cold starts: simulated / recorded",
        "right",
        "always warm",
    ];
    table(&header, &rows)
}

fn reasons(runs: &[Run]) -> String {
    let rows: Vec<_> = runs
        .iter()
        .map(|run| {
            let reasons = run.reasons();
            let counts = [reasons.recycled_early, reasons.kept_longer, reasons.arrived_later, reasons.others];
            [run.name.to_owned()].into_iter().chain(counts.map(|count| count.to_string())).collect()
        })
        .collect();
    table(&["run", "recycled early", "kept longer", "arrived later", "others"], &rows)
}

fn best(runs: &[Run]) -> String {
    let rows: Vec<_> = runs
        .iter()
        .map(|run| {
            let (keep_alive_s, best) = run.best_keep_alive();
            vec![
                run.name.to_owned(),
                format!("{keep_alive_s} s"),
                percent(best.right()),
                format!("{} of {}", best.both, best.recorded()),
                percent(run.compare(KEEP_ALIVE_S, Arrival::Sent).right()),
            ]
        })
        .collect();
    table(&["run", "best keep-alive", "right", "cold starts found", "right at 640 s"], &rows)
}

fn poisson(runs: &[Run]) -> String {
    let rows: Vec<_> = (0..)
        .zip(runs)
        .map(|(place, run)| {
            let run_as = run.as_poisson(place);
            let figures = [&run_as.cold, &run_as.instances].into_iter().flat_map(|figure| {
                [
                    number(figure.measured, 4),
                    format!("{} ± {}", number(figure.cutover, 4), number(figure.one_run, 2)),
                    format!("{:+.1} %", figure.error() * 100.0),
                ]
            });
            [run.name.to_owned(), number(run_as.rate, 4)].into_iter().chain(figures).collect()
        })
        .collect();
    let header = ["run", "requests/s", "cold share: AWS", "cutover", "error", "instances: AWS", "cutover", "error"];
    table(&header, &rows)
}
