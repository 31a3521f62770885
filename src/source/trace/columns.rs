//! Where in a row the things stand that are read.

use super::fields::{Fields, malformed};
use super::lines::Line;
use super::{Layout, Reading, TraceError};

/// The columns of a trace.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Columns {
    /// How many fields a row has.
    pub fields: usize,
    pub kind: Kind,
    /// What must stand where for a row to be read.
    pub only: Vec<(usize, String)>,
}

/// What is read of a row.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Kind {
    Requests { time: Column, duration: Option<Column> },
    Counts { time: Option<Column>, count: usize },
    Wide { first: usize, last: usize },
}

/// A column of times: where it stands, and what a 1 in it means.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Column {
    pub index: usize,
    pub unit_ns: u64,
}

/// The suffixes of columns of times, and what a 1 in them means, in nanoseconds.
pub(super) const UNITS: [(&str, u64); 6] = [
    ("_ns", 1),
    ("_us", 1_000),
    ("_ms", 1_000_000),
    ("_s", 1_000_000_000),
    ("_min", 60_000_000_000),
    ("_h", 3_600_000_000_000),
];

impl Columns {
    /// Finds the columns that `reading` names in the header.
    pub fn find(header: Line, reading: &Reading) -> Result<Self, TraceError> {
        let mut fields = Fields::default();
        fields.split(header)?;
        let header = Header { line: header, fields: &fields };
        let kind = match &reading.layout {
            Layout::Requests { time, duration } => Kind::Requests {
                time: header.time(time)?,
                duration: duration.as_deref().map(|duration| header.time(duration)).transpose()?,
            },
            Layout::Counts { time, count, .. } => Kind::Counts {
                time: time.as_deref().map(|time| header.time(time)).transpose()?,
                count: header.place(count)?,
            },
            Layout::Wide { columns: (first, last), .. } => {
                let (first, last) = (header.place(first)?, header.place(last)?);
                if first > last {
                    let reason = "the column of the last bin stands before that of the first";
                    let span = fields.span(last).start..fields.span(first).end;
                    return Err(malformed(header.line, span, reason, "write the first bin's column first"));
                }
                Kind::Wide { first, last }
            }
        };
        let only = reading.only.iter().map(|(column, value)| Ok((header.place(column)?, value.clone())));
        Ok(Self { fields: fields.len(), kind, only: only.collect::<Result<_, TraceError>>()? })
    }
}

struct Header<'a> {
    line: Line<'a>,
    fields: &'a Fields,
}

impl Header<'_> {
    fn time(&self, name: &str) -> Result<Column, TraceError> {
        let Some(&(_, unit_ns)) = UNITS.iter().find(|(suffix, _)| name.ends_with(suffix)) else {
            let suffixes: Vec<_> = UNITS.iter().map(|(suffix, _)| format!("`{suffix}`")).collect();
            let reason = format!("the name of column `{name}` does not end in a unit");
            let cure = format!(
                "name it for its unit, such as `{name}_ms`; columns of times end in one of {}",
                suffixes.join(", ")
            );
            return Err(self.whole(reason, cure));
        };
        Ok(Column { index: self.place(name)?, unit_ns })
    }

    fn place(&self, name: &str) -> Result<usize, TraceError> {
        let mut found = (0..self.fields.len()).filter(|&index| self.fields.text(self.line, index) == name);
        let Some(index) = found.next() else { return Err(self.no_column(name)) };
        match found.next() {
            None => Ok(index),
            Some(again) => Err(malformed(
                self.line,
                self.fields.span(again),
                format!("a second column has the name `{name}`"),
                "give each column that is read a name of its own",
            )),
        }
    }

    fn no_column(&self, name: &str) -> TraceError {
        let text = String::from_utf8_lossy(self.line.bytes);
        let other = [(';', "`;`"), ('\t', "tabs"), ('|', "`|`")].into_iter().find(|&(mark, _)| text.contains(mark));
        if let (1, Some((_, marks))) = (self.fields.len(), other) {
            let reason = format!("the columns of this file are separated by {marks}, not by commas");
            return self.whole(reason, "save it with commas between the columns, and a point before decimals");
        }
        // Of many columns, as many as one can look through.
        const SHOWN: usize = 20;
        let n = self.fields.len();
        let known: Vec<_> =
            (0..n.min(SHOWN)).map(|index| format!("`{}`", self.fields.text(self.line, index))).collect();
        let more = if n > SHOWN { format!(" and {} more", n - SHOWN) } else { String::new() };
        self.whole(format!("there is no column `{name}`"), format!("the columns are {}{more}", known.join(", ")))
    }

    fn whole(&self, reason: String, cure: impl Into<String>) -> TraceError {
        malformed(self.line, 0..self.line.bytes.len(), reason, cure)
    }
}
