//! Whole rollouts are in two tables: summaries say what each was given, trajectories have its states, tick by tick.

use crate::tables::table::{Case, Cells, Held, Opened, Sheet, Table};
use csv::StringRecord;
use cutover::shown;
use std::collections::BTreeMap;

/// A row of a table of summaries, whose states are in another table.
pub trait Rollout: Case {
    /// The header of the table of its states. It has the columns `case` and `tick`.
    const TRAJECTORIES: &'static str;
    /// Its states: one for every tick at which something changed, and for tick 0.
    fn states(&self) -> Vec<Cells>;
}

impl Table {
    /// A table of trajectories.
    pub const fn trajectories<R: Rollout>(about: &'static str) -> Self {
        Self { header: R::TRAJECTORIES, about, hold: hold::<R> }
    }
}

type Rows<'sheet> = BTreeMap<&'sheet str, Vec<&'sheet StringRecord>>;

fn by_case(sheet: &Sheet) -> Rows<'_> {
    let mut cases = Rows::new();
    for row in sheet.rows() {
        cases.entry(sheet.cell(row, "case")).or_default().push(row);
    }
    cases
}

fn hold<R: Rollout>(sheet: &Sheet) -> Result<Held, String> {
    let summaries = summaries::<R>(sheet)?;
    let (given, mut expected) = (by_case(&summaries), by_case(sheet));
    let mut held = Held::empty();
    for row in sheet.rows() {
        // All states of a case are compared where it occurs first.
        let case = sheet.cell(row, "case");
        let Some(rows) = expected.remove(case) else { continue };
        let rollout: R = summaries
            .case(given[case][0])
            .map_err(|reason| format!("of its summaries {}: {reason}", shown::path(&summaries.path)))?;
        compare(sheet, &rows, &rollout.states(), &mut held);
    }
    Ok(held)
}

/// Compares the rows of a case with the states that were found, tick by tick.
fn compare(sheet: &Sheet, rows: &[&StringRecord], states: &[Cells], held: &mut Held) {
    let tick_of_state = |state: &Cells| {
        let tick = state.iter().find(|&&(column, _)| column == "tick");
        tick.map_or("", |(_, tick)| tick).parse::<i64>().ok()
    };
    let mut states = states.iter().peekable();
    for row in rows {
        let tick = sheet.cell(row, "tick").parse::<i64>().ok();
        while let Some(state) = states.next_if(|state| tick_of_state(state) < tick) {
            held.add(Some(format!("before {}: {}", sheet.place(row), unexpected(state))));
        }
        held.add(match states.next_if(|state| tick_of_state(state) == tick) {
            Some(state) => sheet.difference(row, state),
            None => {
                Some(format!("{}: expected, but nothing changes at tick {}", sheet.place(row), sheet.cell(row, "tick")))
            }
        });
    }
    for state in states {
        held.add(Some(format!("after {}: {}", sheet.place(rows[rows.len() - 1]), unexpected(state))));
    }
}

fn unexpected(state: &Cells) -> String {
    let cells: Vec<_> = state.iter().map(|(column, value)| format!("{column} {value}")).collect();
    format!("not expected, but found: {}", cells.join(", "))
}

/// The summaries in the same folder that have the same cases; other cases too only if no file has the same ones alone.
fn summaries<R: Rollout>(sheet: &Sheet) -> Result<Sheet, String> {
    let folder = match sheet.path.parent() {
        Some(folder) if folder != "" => folder,
        _ => ".".as_ref(),
    };
    let entries = folder.read_dir().map_err(|error| format!("cannot list {}: {error}", shown::path(folder)))?;
    let mut paths: Vec<_> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()).collect();
    paths.sort_unstable();
    let wanted = by_case(sheet);
    let read = |path| Opened::open(path).ok().filter(|file| file.has_header(R::HEADER))?.read().ok();
    let with_cases = |other: &Sheet| {
        let cases = by_case(other);
        wanted.keys().all(|case| cases.get(case).is_some_and(|rows| rows.len() == 1))
    };
    let mut found: Vec<_> = paths.iter().filter_map(|path| read(path)).filter(with_cases).collect();
    found.sort_by_key(|summaries| summaries.rows().len());
    let told_alike = |other: &Sheet| {
        let (first, other) = (by_case(&found[0]), by_case(other));
        wanted.keys().all(|case| first[case][0].iter().eq(other[case][0].iter()))
    };
    if let Some(other) = found.iter().find(|other| other.rows().len() == found[0].rows().len() && !told_alike(other)) {
        let (one, other) = (shown::path(&found[0].path), shown::path(&other.path));
        return Err(format!("{one} and {other} have its cases, and say different things of them"));
    }
    found.into_iter().next().ok_or_else(|| {
        format!("no file in {} has its cases, one row each, under this header: {}", shown::path(folder), R::HEADER)
    })
}
