//! Which columns of a table are read, and as what: by what is asked, by what is known of the format, by their names.

use super::header::Header;
use super::known::{Known, Names};
use super::place::Asked;
use super::timing::Timing;
use super::{Found, Wanted};
use crate::source::trace::TraceError;
use crate::source::trace::recording::Kind;
use crate::source::trace::row::{Form, UNITS, is_empty, unit_of};
use std::borrow::Cow;

/// What is read of a row.
pub(super) struct Columns {
    /// The column of times; those of a date and of a time of day; none where every row is the bin after the one before.
    pub time: Vec<usize>,
    pub form: Form,
    pub timing: Timing,
    pub numbers: Numbers,
    pub kind: Kind,
    pub asked: Asked,
    /// Whether decimals come after a comma.
    pub comma: bool,
}

/// Where the numbers of requests are.
pub(super) enum Numbers {
    /// A row is a request.
    None,
    /// The sum of these columns.
    Sum(Vec<usize>),
    /// This column has all requests so far.
    SoFar(usize),
    /// Every column from one to another is a bin.
    Wide(usize, usize),
}

/// A table's header, a few of its rows, and what is known of it.
pub(super) struct Finder<'a> {
    pub wanted: &'a Wanted,
    pub known: &'a Known,
    pub header: &'a Header,
    /// The fields of the first rows.
    pub rows: &'a [Vec<String>],
    pub found: Found,
}

impl Finder<'_> {
    /// Finds the columns.
    ///
    /// # Errors
    /// Where something is not there, or may be read in two ways.
    pub fn find(&mut self) -> Result<Columns, TraceError> {
        let numbers = self.numbers()?;
        let time = if matches!(numbers, Numbers::Wide(..)) { Vec::new() } else { self.time(&numbers)? };
        let (form, comma) = match time.is_empty() {
            true => (Form::Number(UNITS[0]), false),
            false => self.form(&time)?,
        };
        let asked = self.asked()?;
        let kind = self.kind(&numbers, &time, form)?;
        let (kind, timing) = match kind {
            Kind::Requests { whole, .. } => {
                let timing = self.timing()?;
                (Kind::Requests { durations: timing.service.is_some(), whole }, timing)
            }
            bins @ Kind::Bins { .. } => (bins, Timing::default()),
        };
        if self.wanted.stamp.is_none() {
            self.found.besides.extend(self.known.say.map(str::to_owned));
        }
        if let Some(index) = time.first() {
            let and = time.get(1).map_or_else(String::new, |&index| format!("` and `{}", self.header.names[index]));
            self.found.times = format!("`{}{and}`, {}", self.header.names[*index], form.words());
        }
        Ok(Columns { time, form, timing, numbers, kind, asked, comma })
    }

    /// What stands in a column of the rows that are looked at, where something does.
    pub(super) fn texts(&self, index: usize) -> Vec<Cow<'_, str>> {
        let texts = self.rows.iter().filter_map(|row| row.get(index));
        texts.filter(|text| !is_empty(text.as_bytes())).map(|text| Cow::Borrowed(text.as_str())).collect()
    }

    /// The place of a column that is known to be there, or may be.
    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.header.index(name)
    }

    /// The first column with one of these names, of which the first counts most.
    pub(super) fn named(&self, names: &[&str]) -> Option<usize> {
        let plain = |name: &str| plain(name, true);
        let columns: Vec<_> = self.header.names.iter().map(|name| plain(name)).collect();
        names.iter().find_map(|name| columns.iter().position(|column| column == name))
    }
}

/// A name in small letters without marks, and without its unit if that is to go.
pub(super) fn plain(name: &str, unit: bool) -> String {
    let name = match name.rsplit_once(['_', '(', '[', ' ']) {
        Some((stem, _)) if unit && unit_of(name).is_some() => stem,
        _ => name,
    };
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl Names {
    /// Whether rows may have other numbers of fields than the header: logs grow by fields at their end.
    pub const fn may_grow(self) -> bool {
        !matches!(self, Self::Header)
    }
}
