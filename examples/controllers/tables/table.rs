//! A table: a row has a case, and in further columns what is expected of it.

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord, Trim};
use cutover::shown;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::path::{Path, PathBuf};

/// A kind of table.
pub struct Table {
    /// Its header, by which it is known.
    pub header: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// Holds one of its kind against the controller.
    pub hold: fn(&Sheet) -> Result<Held, String>,
}

/// One row of a table, without what is expected.
pub trait Case: DeserializeOwned {
    /// The header of the table.
    const HEADER: &'static str;
    /// What the controller makes of it.
    fn found(&self) -> Cells;
}

/// What was found, by the name of the column where it is expected.
pub type Cells = Vec<(&'static str, String)>;

/// How a table compares with the controller.
pub struct Held {
    /// How many rows are as expected.
    pub equal: usize,
    /// How many rows there are, or should be.
    pub rows: usize,
    /// In words, for the first row that differs.
    pub first_difference: Option<String>,
}

/// A file of which the header has been read.
pub struct Opened {
    path: PathBuf,
    header: StringRecord,
    reader: Reader<File>,
}

/// A file as it was read.
pub struct Sheet {
    /// Where it is.
    pub path: PathBuf,
    header: StringRecord,
    rows: Vec<StringRecord>,
}

impl Table {
    /// A table whose rows are compared one by one.
    pub const fn of<C: Case>(about: &'static str) -> Self {
        Self { header: C::HEADER, about, hold: hold::<C> }
    }
}

impl Held {
    /// Adds a row up: how it differs, if it does.
    pub fn add(&mut self, difference: Option<String>) {
        self.rows += 1;
        match difference {
            None => self.equal += 1,
            Some(_) if self.first_difference.is_some() => {}
            Some(_) => self.first_difference = difference,
        }
    }

    /// No row yet.
    pub const fn empty() -> Self {
        Self { equal: 0, rows: 0, first_difference: None }
    }
}

impl Opened {
    /// Opens a file and reads its header.
    pub fn open(path: &Path) -> Result<Self, String> {
        let mut reader = ReaderBuilder::new().trim(Trim::All).from_path(path).map_err(unreadable)?;
        let header = reader.headers().map_err(unreadable)?.clone();
        Ok(Self { path: path.to_owned(), header, reader })
    }

    /// Whether it has the columns of this header, in any order.
    pub fn has_header(&self, header: &str) -> bool {
        let (mut own, mut other): (Vec<_>, Vec<_>) = (self.header.iter().collect(), header.split(',').collect());
        own.sort_unstable();
        other.sort_unstable();
        own == other
    }

    /// Its header, as it is written.
    pub fn header(&self) -> String {
        shown::words(&self.header.iter().collect::<Vec<_>>().join(","))
    }

    /// Reads the rows; every one has as many cells as the header.
    pub fn read(mut self) -> Result<Sheet, String> {
        let rows = self.reader.records().collect::<Result<_, _>>().map_err(unreadable)?;
        Ok(Sheet { path: self.path, header: self.header, rows })
    }
}

impl Sheet {
    /// Its rows.
    pub fn rows(&self) -> &[StringRecord] {
        &self.rows
    }

    /// What stands in a column; nothing if there is no such column.
    pub fn cell<'row>(&self, row: &'row StringRecord, column: &str) -> &'row str {
        let at = self.header.iter().position(|name| name == column);
        at.and_then(|at| row.get(at)).unwrap_or_default()
    }

    /// The case of a row.
    pub fn case<C: DeserializeOwned>(&self, row: &StringRecord) -> Result<C, String> {
        row.deserialize(Some(&self.header)).map_err(|error| {
            let (column, reason) = match error.kind() {
                ErrorKind::Deserialize { err, .. } => (err.field(), err.kind().to_string()),
                _ => (None, error.to_string()),
            };
            let column = column.and_then(|at| self.header.get(usize::try_from(at).ok()?));
            let place = column.map_or(String::new(), |column| format!(", {column}"));
            format!("cannot read {}{place}: {}", self.place(row), shown::words(&reason))
        })
    }

    /// How a row differs from what was found, if it does.
    pub fn difference(&self, row: &StringRecord, found: &Cells) -> Option<String> {
        let differs = |&&(column, ref found): &&(&str, String)| !is_same(self.cell(row, column), found);
        let differing: Vec<_> = found.iter().filter(differs).collect();
        let words = differing.iter().map(|(column, found)| {
            let name = column.strip_prefix("expected_").unwrap_or(column);
            format!("{name}: expected {}, found {found}", shown::words(self.cell(row, column)))
        });
        let words = words.collect::<Vec<_>>().join("; ");
        (!differing.is_empty()).then(|| format!("{}: {words}", self.place(row)))
    }

    /// A row's line, and the name of its case if it has one.
    pub fn place(&self, row: &StringRecord) -> String {
        let line = row.position().map_or(0, csv::Position::line);
        match self.cell(row, "case") {
            "" => format!("line {line}"),
            case => format!("line {line}, {}", shown::words(case)),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: csv::Error) -> String {
    format!("cannot read it: {}", shown::words(&error.to_string()))
}

/// The same number, or else the same text.
fn is_same(expected: &str, found: &str) -> bool {
    match (expected.parse::<i64>(), found.parse::<i64>()) {
        (Ok(expected), Ok(found)) => expected == found,
        _ => expected == found,
    }
}

fn hold<C: Case>(sheet: &Sheet) -> Result<Held, String> {
    let mut held = Held::empty();
    for row in sheet.rows() {
        let case: C = sheet.case(row)?;
        held.add(sheet.difference(row, &case.found()));
    }
    Ok(held)
}
