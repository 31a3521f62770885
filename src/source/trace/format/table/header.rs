//! The header of a table: the delimiter, the names of its columns, and where they stand.

use super::super::Sample;
use super::known::{DELIMITERS, Known, Names};
use crate::source::trace::TraceError;
use crate::source::trace::file::Line;
use crate::source::trace::row::{COMMAS, Dialect, Fields, Quotes, decimal_ns, forms, malformed};
use std::borrow::Cow;

/// The columns of a table.
pub(in crate::source::trace::format) struct Header {
    pub dialect: Dialect,
    pub names: Vec<String>,
    /// Its line, to point at.
    line: Vec<u8>,
    number: u64,
    spans: Fields,
    /// Whether the rows have no header of their own.
    pub headless: bool,
}

impl Header {
    /// The header of a table of a known kind, or of any.
    pub fn of(known: &Known, sample: &Sample) -> Result<Self, TraceError> {
        let (number, first) = sample.lines.first().cloned().unwrap_or((1, Vec::new()));
        let text = |line: &[u8]| String::from_utf8_lossy(line).into_owned();
        match known.names {
            Names::These(names) => {
                let dialect = known.dialect.unwrap_or(COMMAS);
                let mut spans = Fields::default();
                let _ = spans.split(&first, dialect);
                // What a log has besides is named by its place.
                let more = names.len() + 1..=spans.len();
                let names =
                    names.iter().map(|&name| name.to_owned()).chain(more.map(|place| place.to_string())).collect();
                Ok(Self { dialect, names, line: first, number, spans, headless: true })
            }
            Names::Fields => {
                // CloudFront writes tabs, IIS blanks.
                let tabs = sample.lines.iter().any(|(_, line)| !line.starts_with(b"#") && line.contains(&b'\t'));
                let dialect = Dialect { delimiter: if tabs { b'\t' } else { b' ' }, quotes: Quotes::Plain };
                let fields = sample.lines.iter().find(|(_, line)| line.starts_with(b"#Fields:"));
                let Some((number, line)) = fields else {
                    let line = Line { bytes: &first, number, ended: true, cut: false };
                    let reason = "no line before this one names the fields: `#Fields: date time ...`";
                    let cure = "name the log with its first two lines, or write another `format`";
                    return Err(malformed(line, 0..first.len(), reason, cure));
                };
                let line = text(line);
                let names = line["#Fields:".len()..].split_whitespace().map(str::to_owned).collect();
                let mut spans = Fields::default();
                let _ = spans.split(line.as_bytes(), dialect);
                Ok(Self { dialect, names, line: line.into_bytes(), number: *number, spans, headless: false })
            }
            Names::Header => Self::of_rows(known, sample),
        }
    }

    fn of_rows(known: &Known, sample: &Sample) -> Result<Self, TraceError> {
        let mut rows = &sample.lines[..];
        let mut dialect = known.dialect;
        // What spreadsheets and Grafana put above the header.
        if let Some(((_, first), rest)) = rows.split_first()
            && let [b's', b'e', b'p', b'=', delimiter] = first[..]
        {
            dialect = dialect.or(Some(Dialect { delimiter, ..COMMAS }));
            rows = rest;
        }
        while let Some(((_, first), rest)) = rows.split_first()
            && first.starts_with(b"#")
        {
            rows = rest;
        }
        let Some((number, line)) = rows.first().cloned() else { return Err(TraceError::Empty) };
        let dialect = dialect.unwrap_or_else(|| delimiter(rows));
        let mut spans = Fields::default();
        if let Err(torn) = spans.split(&line, dialect) {
            return Err(malformed(
                Line { bytes: &line, number, ended: true, cut: false },
                torn.span,
                torn.reason,
                torn.cure,
            ));
        }
        let cells: Vec<_> = (0..spans.len()).map(|index| spans.text(&line, index).trim().to_owned()).collect();
        let headless = is_data(&cells);
        let names = if headless { (1..=cells.len()).map(|index| index.to_string()).collect() } else { cells };
        Ok(Self { dialect, names, line, number, spans, headless })
    }

    /// The number of the first line that may be a row, and what the header's line is, should it come again.
    pub fn line(&self) -> (u64, &[u8]) {
        (self.number, if self.headless { b"" } else { &self.line })
    }

    /// The column with this name, whatever the case of its letters.
    pub fn index(&self, name: &str) -> Option<usize> {
        let exactly = self.names.iter().position(|known| known == name);
        let alike = || self.names.iter().position(|known| known.eq_ignore_ascii_case(name));
        // Without names of their own, columns have their places, too.
        let place =
            || name.parse::<usize>().ok().filter(|&place| self.headless && (1..=self.names.len()).contains(&place));
        exactly.or_else(alike).or_else(|| place().map(|place| place - 1))
    }

    /// The column that a user named.
    pub fn place(&self, name: &str) -> Result<usize, TraceError> {
        let mut found = (0..self.names.len()).filter(|&index| self.names[index] == name);
        let Some(index) = found.next() else {
            return self.index(name).ok_or_else(|| self.no_column(name));
        };
        let Some(again) = found.next() else { return Ok(index) };
        let reason = format!("a second column has the name `{name}`");
        let cure = "give each column that is read a name of its own";
        Err(malformed(self.shown(), self.spans.span(again), reason, cure))
    }

    fn no_column(&self, name: &str) -> TraceError {
        self.refuse(format!("there is no column `{name}`"), format!("the columns are {}", self.listed()))
    }

    /// Its columns, as many as one can look through.
    pub fn listed(&self) -> String {
        const SHOWN: usize = 20;
        let n = self.names.len();
        let short = |name: &String| match name.char_indices().nth(40) {
            Some((end, _)) => format!("`{}...`", &name[..end]),
            None => format!("`{name}`"),
        };
        let known: Vec<_> = self.names.iter().take(SHOWN).map(short).collect();
        let more = if n > SHOWN { format!(" and {} more", n - SHOWN) } else { String::new() };
        format!("{}{more}", known.join(", "))
    }

    /// What is wrong with the header as a whole.
    pub fn refuse(&self, reason: impl Into<String>, cure: impl Into<String>) -> TraceError {
        malformed(self.shown(), 0..self.line.len(), reason, cure)
    }

    /// What is wrong with columns, from one to another.
    pub fn refuse_from(&self, first: usize, last: usize, reason: &str, cure: &str) -> TraceError {
        let (first, last) = (self.spans.span(first), self.spans.span(last));
        malformed(self.shown(), first.start.min(last.start)..first.end.max(last.end), reason, cure)
    }

    fn shown(&self) -> Line<'_> {
        Line { bytes: &self.line, number: self.number, ended: true, cut: false }
    }
}

/// The delimiter by which most rows have as many fields as the first, and more than one.
fn delimiter(rows: &[(u64, Vec<u8>)]) -> Dialect {
    let mut fields = Fields::default();
    let mut count = |line: &[u8], dialect| {
        let n = fields.split(line, dialect).map_or(0, |()| fields.len());
        (n, n > 0 && fields.bytes(line, n - 1).is_empty())
    };
    let mut alike = |dialect: Dialect| {
        let (columns, _) = count(&rows[0].1, dialect);
        // Blanks stand within dates.
        if columns < 2 || (dialect.delimiter == b' ' && String::from_utf8_lossy(&rows[0].1).contains([':', '-'])) {
            return false;
        }
        // A delimiter may stand behind the last field.
        let fits = |(n, open)| n == columns || (n == columns + 1 && open);
        rows.iter().filter(|(_, line)| fits(count(line, dialect))).count() * 2 > rows.len()
    };
    DELIMITERS.into_iter().find(|&dialect| alike(dialect)).unwrap_or(COMMAS)
}

/// Whether the first row of a table is data: it has a time in it, or nothing but numbers.
fn is_data(cells: &[String]) -> bool {
    let number = |cell: &String| decimal_ns(cell.replace(',', ".").as_bytes(), 1).is_some();
    let since_1970 = |cell: &String| number(cell) && cell.split('.').next().is_some_and(|whole| whole.len() >= 9);
    let date = |cell: &String| !forms(&[Cow::Borrowed(cell.as_str())]).is_empty();
    cells.iter().all(number) || cells.iter().any(|cell| since_1970(cell) || date(cell))
}
