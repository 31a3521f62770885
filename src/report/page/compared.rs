//! The table of all strategies: the columns of the summary, to be sorted, and what is counted drawn beside it.

use super::{PageError, Who};
use crate::report::charts::whiskers::{self, Whiskers};
use crate::report::judge::{self, Harm, mean};
use crate::report::text::table;
use crate::results::ScenarioResults;
use serde::Serialize;

/// The table.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Table {
    heads: Vec<Head>,
    rows: Vec<Row>,
    /// Which column is drawn, of those after the names, and how.
    drawn: usize,
    whiskers: Whiskers,
    /// What the zeros are worth.
    zeros: Option<String>,
}

/// A column's head.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Head {
    label: String,
    /// The metric that it shows, if it is one.
    key: &'static str,
    /// Whether it holds figures.
    is_number: bool,
}

/// A strategy's row.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Row {
    who: Who,
    cells: Vec<Cell>,
    /// Its dot and line: `<svg>`.
    whisker: Option<String>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
struct Cell {
    lines: Vec<String>,
    /// What it is sorted by; the greatest where there is no figure.
    by: Option<f64>,
}

/// The table of a scenario.
pub fn table(scenario: &ScenarioResults, who: &[Who]) -> Result<Table, PageError> {
    let harm = Harm::of(scenario).key();
    let whiskers = whiskers::whiskers(scenario, harm)?;
    // The names stand in a column of their own.
    let columns: Vec<table::Column> = table::columns(scenario).into_iter().skip(1).collect();
    let drawn = columns.iter().position(|column| column.key == harm).unwrap_or(0);
    let row = |(at, &place): (usize, &usize)| Row {
        who: who[place].clone(),
        cells: columns
            .iter()
            .map(|column| Cell {
                lines: column.cells[at].split('\n').map(str::to_owned).collect(),
                by: match column.key {
                    "" => None,
                    key => mean(scenario, place, key),
                },
            })
            .collect(),
        whisker: whiskers.rows[place].clone(),
    };
    let rows = judge::order(scenario).iter().enumerate().map(row).collect();
    let head = |column: &table::Column| Head {
        label: column.heading.replace('\n', " "),
        key: column.key,
        is_number: !column.is_words(),
    };
    Ok(Table { heads: columns.iter().map(head).collect(), rows, drawn, whiskers, zeros: table::zeros(scenario) })
}
