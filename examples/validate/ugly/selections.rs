//! Selections among strategies whose values are far from normal.

use super::laws::{self, Chance, Law};
use super::{CONFIDENCE, REPLICATIONS, Row, case, row, settings};
use cutover::experiment::Sample;
use cutover::experiment::study::select::{self, Contest};
use cutover::metrics::{Kind, Metric};
use cutover::results::selection::{Decision, Question};
use rand_xoshiro::rand_core::SeedableRng;

fn question(kind: Kind, indifference: f64) -> Question {
    Question { metric: Metric { kind, version: None }, indifference, constraints: Vec::new(), most: 1_000 }
}

/// Whether a selection among two strategies whose values are drawn does not choose the second, which is the indifference worse: no
/// rollouts, nothing but the rule itself. `None` where it lost nothing in any rollout, and load does not feed back.
fn is_right(laws: [Law; 2], feeds_back: bool, seed: u64) -> Option<bool> {
    let indifference = laws[1].mean - laws[0].mean;
    let metrics = laws::metrics(laws[0].kind);
    let question = question(laws[0].kind, indifference);
    let mut contest = Contest::new(&question, &metrics, CONFIDENCE, laws.len());
    let mut chance = [0, 1].map(|place| Chance::seed_from_u64(2 * seed + place));
    let mut rows = [Vec::new(), Vec::new()];
    loop {
        let wanted = contest.wanted();
        for (place, rows) in rows.iter_mut().enumerate() {
            rows.extend((rows.len()..wanted[place] as usize).map(|_| laws[place].row(&mut chance[place])));
        }
        let samples = rows.each_ref().map(|rows| Sample::new(rows, &[1.0], &metrics).fed_back(feeds_back));
        if contest.look(&samples) {
            let counts = feeds_back || rows[1].iter().flatten().any(|row| row.values[laws::PLACE] != Some(0.0));
            return counts.then(|| contest.outcome(&samples).decision != Decision::Chosen(1));
        }
    }
}

pub fn all(count: u64) -> Vec<Row> {
    let drawn = |laws: [Law; 2]| (0..count).filter_map(move |seed| is_right(laws, false, seed));
    let fed_back = |laws: [Law; 2]| (0..count).filter_map(move |seed| is_right(laws, true, seed));
    let heavy = |mean, draw| Law { mean, draw, ..laws::HEAVY };
    let (longer, steady) = (heavy(laws::HEAVY.mean + 1.5, laws::longer), heavy(laws::HEAVY.mean - 1.5, laws::steady));
    let losing = |mean, draw| Law { mean, draw, ..laws::TENTH };
    let (less, more, most) = (
        losing(0.01, |_| 0.01),
        losing(0.03, |_| 0.03),
        losing(0.03, |chance| 0.029_9 + 0.000_2 * laws::uniform(chance)),
    );
    let scenario = case("rare-bursts-one-strategy.toml", REPLICATIONS);
    let of_bursts = question(Kind::Unserved, 10.0);
    let bursts = |seed| select::run(&scenario, &of_bursts, &settings(seed), None, &|_| ()).unwrap().1.decision;
    vec![
        row("lognormal, sigma 1.5, and the same 1.5 longer: not chosen", 0.95, drawn([laws::HEAVY, longer])),
        row("a steady one, and lognormal values of a mean 1.5 longer: not chosen", 0.95, drawn([steady, laws::HEAVY])),
        row(
            "steady losses of 1 %, and all in a rollout of 50, any seen: not chosen",
            0.95,
            drawn([less, laws::FIFTIETH]),
        ),
        row(
            "steady losses of 3 %, and a part in a rollout of 10, any seen: not chosen",
            0.95,
            drawn([more, laws::TENTH]),
        ),
        row(
            "the first of these where load feeds back, any seen or none: not chosen",
            0.95,
            fed_back([less, laws::FIFTIETH]),
        ),
        row("all in a rollout of 50, and steady losses of 3 %: not chosen", 0.95, drawn([laws::FIFTIETH, most])),
        row(
            "the worse of two strategies, hit by bursts: not chosen",
            0.95,
            (0..count * 2 / 25).map(|seed| bursts(seed) != Decision::Chosen(0)),
        ),
    ]
}
