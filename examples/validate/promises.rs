//! What is promised with a probability, over a thousand experiments each: intervals and selections.

use crate::coverage::{self, Row};
use crate::page::{number, percent, table};
use crate::selection;
use crate::ugly;

const EXPERIMENTS: u64 = 1_000;

/// How the promises were kept.
pub struct Promises {
    intervals: Vec<Row>,
    selections: Vec<selection::Row>,
    ugly: Vec<ugly::Row>,
    pairing: f64,
}

pub fn keep() -> Promises {
    let intervals = [coverage::student, coverage::sequential, coverage::rare];
    Promises {
        intervals: intervals.iter().flat_map(|measure| measure(EXPERIMENTS)).collect(),
        selections: selection::ALL.map(|measure| measure(EXPERIMENTS)).into(),
        ugly: kept(ugly::all(EXPERIMENTS)),
        pairing: coverage::pairing(),
    }
}

/// The rows, if all are as often right as was asked, one and a half standard errors apart.
fn kept(rows: Vec<ugly::Row>) -> Vec<ugly::Row> {
    for row in &rows {
        let error = cutover::math::sqrt(row.asked * (1.0 - row.asked) / row.experiments as f64);
        assert!(row.right >= row.asked - 1.5 * error, "{}: {} for {}", row.what, row.right, row.asked);
    }
    rows
}

impl Promises {
    /// The tables of the page.
    pub fn blocks(&self) -> [(&'static str, String); 4] {
        let interval = |row: &Row| vec![row.what.to_owned(), number(row.replications.round(), 4), percent(row.covered)];
        let intervals = self.intervals.iter().map(interval).collect::<Vec<_>>();
        let selection = |row: &selection::Row| {
            let shares = [row.right, row.undecided].map(percent);
            let runs = [row.spent, row.equal].map(|runs| number(runs.round(), 4));
            [row.what.to_owned(), row.experiments.to_string()].into_iter().chain(shares).chain(runs).collect()
        };
        let selections: Vec<Vec<String>> = self.selections.iter().map(selection).collect();
        let ugly = |row: &ugly::Row| {
            let runs = row.replications.map_or_else(String::new, |runs| number(runs.round(), 4));
            vec![row.what.to_owned(), row.experiments.to_string(), percent(row.right), percent(row.asked), runs]
        };
        let ugly: Vec<_> = self.ugly.iter().map(ugly).collect();
        [
            ("ugly", table(&["what", "experiments", "right", "asked", "replications at the stop"], &ugly)),
            ("coverage", table(&["what", "replications", "covered"], &intervals)),
            (
                "selection",
                table(
                    &[
                        "a selection among",
                        "experiments",
                        "right",
                        "undecided",
                        "runs on average",
                        "with equal numbers",
                    ],
                    &selections,
                ),
            ),
            ("pairing", format!("Its variance is {} times smaller.", number(self.pairing.round(), 4))),
        ]
    }

    /// Their lines in the summary.
    pub fn summary(&self) -> Vec<Vec<String>> {
        let [student, sequential, ..] = &self.intervals[..] else { panic!("two rows of intervals at least") };
        let least = self.selections.iter().map(|row| row.right).fold(1.0, f64::min);
        let lines = [
            (
                "95 % intervals, fixed and sequential",
                "the integral over the lags",
                2,
                format!("{} and {} covered", percent(student.covered), percent(sequential.covered)),
                "93 to 97 % were asked",
            ),
            (
                "selections at 95 %, the hardest cases",
                "known best strategies",
                self.selections.len(),
                format!("{} right in the hardest", percent(least)),
                "95 % were promised",
            ),
        ];
        lines
            .map(|(what, with, figures, worst, verdict)| {
                vec![what.to_owned(), with.to_owned(), figures.to_string(), worst, verdict.to_owned()]
            })
            .into()
    }
}
