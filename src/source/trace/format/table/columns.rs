//! Which columns of a table are read, and as what: by what is asked, by what is known of the format, by their names.

use super::finder::{Finder, Numbers};
use super::place::Asked;
use super::timing::Timing;
use crate::source::trace::TraceError;
use crate::source::trace::recording::Kind;
use crate::source::trace::row::{Form, UNITS};

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
}
