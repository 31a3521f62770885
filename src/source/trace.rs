//! Arrivals replayed from a CSV file of timestamps, optionally with durations.

use super::Arrival;
use crate::time::{Instant, Span};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Recorded arrivals inside the window.
#[derive(Clone, PartialEq, Debug)]
pub struct Trace {
    arrivals: Arc<[Arrival]>,
    /// Rows outside the window, which are not replayed.
    pub skipped: u64,
    /// The hash of the file's bytes, as hexadecimal BLAKE3.
    pub hash: String,
}

/// What to read from a trace file.
#[derive(Clone, PartialEq, Debug)]
pub struct Columns {
    /// The column of arrival times; its suffix (`_s`, `_ms`) is the unit.
    pub time: String,
    /// The column of durations, if they are to be replayed.
    pub duration: Option<String>,
}

/// The recorded arrivals still to come.
#[derive(Clone, Debug)]
pub struct Feed {
    arrivals: Arc<[Arrival]>,
    k: usize,
}

/// Why a trace cannot be replayed.
#[derive(Debug)]
pub enum TraceError {
    /// The file cannot be read.
    Unreadable(std::io::Error),
    /// A place in the file is wrong.
    Malformed {
        /// The line, from 1.
        line: u64,
        /// The line's text.
        text: String,
        /// The offending bytes of that text.
        span: Range<usize>,
        /// What is wrong.
        reason: String,
        /// What would mend it.
        cure: String,
    },
    /// The whole file is wrong: it holds no row at all.
    Empty,
}

impl Trace {
    /// Reads a CSV file with a header. The first row lands at `first`; rows outside [start, end) are skipped and
    /// counted.
    ///
    /// # Errors
    /// [`TraceError`], for the first row that cannot be understood.
    pub fn read(
        path: &Path,
        columns: &Columns,
        first: Instant,
        start: Instant,
        end: Instant,
    ) -> Result<Self, TraceError> {
        let bytes = std::fs::read(path).map_err(TraceError::Unreadable)?;
        let mut rows = Rows::open(&bytes, columns)?;
        let mut arrivals = Vec::new();
        let (mut skipped, mut base, mut previous) = (0, None, i128::MIN);
        while let Some((time, service)) = rows.next()? {
            let base = *base.get_or_insert(time);
            if time < previous {
                return Err(rows.malformed_time(
                    "this time is earlier than the row before it",
                    "sort the rows by time; equal times are allowed",
                ));
            }
            previous = time;
            let at = i64::try_from(i128::from(first.ns()) + time - base).map_or(Instant::END, Instant::from_ns);
            if at >= start && at < end {
                arrivals.push(Arrival { at, service });
            } else {
                skipped += 1;
            }
        }
        if base.is_none() {
            return Err(TraceError::Empty);
        }
        Ok(Self { arrivals: arrivals.into(), skipped, hash: blake3::hash(&bytes).to_string() })
    }

    pub(super) fn feed(&self) -> Feed {
        Feed { arrivals: Arc::clone(&self.arrivals), k: 0 }
    }

    /// The number of arrivals inside the window.
    #[must_use]
    pub fn len(&self) -> usize {
        self.arrivals.len()
    }

    /// Whether no arrival lies inside the window.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.arrivals.is_empty()
    }

    pub(super) fn between(&self, from: Instant, to: Instant) -> &[Arrival] {
        let index = |at| self.arrivals.partition_point(|arrival| arrival.at < at);
        let (low, high) = (index(from), index(to));
        self.arrivals.get(low..high).unwrap_or(&[])
    }
}

impl Feed {
    #[inline]
    pub(super) fn advance(&mut self) -> Arrival {
        let arrival = self.arrivals.get(self.k).copied();
        self.k += 1;
        arrival.unwrap_or(Arrival { at: Instant::END, service: None })
    }
}

/// A column to read: where it stands and what a 1 in it means.
struct Column {
    index: usize,
    unit_ns: u64,
}

struct Rows<'a> {
    bytes: &'a [u8],
    reader: csv::Reader<&'a [u8]>,
    record: csv::StringRecord,
    time: Column,
    duration: Option<Column>,
}

impl<'a> Rows<'a> {
    fn open(bytes: &'a [u8], columns: &Columns) -> Result<Self, TraceError> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => return Err(malformed_csv(bytes, &error)),
        };
        if header.is_empty() {
            return Err(TraceError::Empty);
        }
        let find = |name: &str| -> Result<Column, TraceError> {
            let problem = |reason: String, cure: String| {
                let (text, line) = (line_at(bytes, 0), 1);
                let span = 0..text.len();
                TraceError::Malformed { line, text, span, reason, cure }
            };
            let Some(unit_ns) = unit_of(name) else {
                return Err(problem(
                    format!("the name of column `{name}` does not end in a unit"),
                    "columns of times end in `_s`, `_ms`, `_us` or `_ns`".to_owned(),
                ));
            };
            let Some(index) = header.iter().position(|column| column == name) else {
                let known: Vec<_> = header.iter().map(|column| format!("`{column}`")).collect();
                return Err(problem(
                    format!("there is no column `{name}`"),
                    format!("the columns are {}", known.join(", ")),
                ));
            };
            Ok(Column { index, unit_ns })
        };
        let time = find(&columns.time)?;
        let duration = columns.duration.as_deref().map(find).transpose()?;
        Ok(Self { bytes, reader, record: csv::StringRecord::new(), time, duration })
    }

    /// The next row's time in nanoseconds, and its duration.
    fn next(&mut self) -> Result<Option<(i128, Option<Span>)>, TraceError> {
        match self.reader.read_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(error) => return Err(malformed_csv(self.bytes, &error)),
        }
        let time = self.number(&self.time)?;
        let service = match &self.duration {
            None => None,
            Some(column) => {
                let ns = self.number(column)?;
                match u64::try_from(ns).map(Span::from_ns) {
                    Ok(span) if span <= Span::LONGEST => Some(span),
                    _ => {
                        return Err(self.malformed(
                            column,
                            "a duration lies from 0 to 100 years",
                            "mend or drop the row",
                        ));
                    }
                }
            }
        };
        Ok(Some((time, service)))
    }

    fn number(&self, column: &Column) -> Result<i128, TraceError> {
        let text = self.record.get(column.index).unwrap_or("");
        decimal_ns(text, column.unit_ns).ok_or_else(|| {
            self.malformed(
                column,
                &format!("`{text}` is not a plain decimal number of at most 100 years"),
                "mend or drop the row",
            )
        })
    }

    fn malformed_time(&self, reason: &str, cure: &str) -> TraceError {
        self.malformed(&self.time, reason, cure)
    }

    fn malformed(&self, column: &Column, reason: &str, cure: &str) -> TraceError {
        let position = self.record.position();
        let (byte, line) = position.map_or((0, 0), |position| (position.byte() as usize, position.line()));
        let text = line_at(self.bytes, byte);
        let field = self.record.get(column.index).unwrap_or("");
        // The field's own place in the line: after `index` commas, where no field is quoted; else its first occurrence.
        let from = if text.contains('"') {
            0
        } else {
            text.match_indices(',').nth(column.index.wrapping_sub(1)).map_or(0, |(at, _)| at + 1)
        };
        let start = text[from..].find(field).map_or(0, |at| from + at);
        TraceError::Malformed {
            line,
            span: start..(start + field.len()).max((start + 1).min(text.len())),
            text,
            reason: reason.to_owned(),
            cure: cure.to_owned(),
        }
    }
}

fn malformed_csv(bytes: &[u8], error: &csv::Error) -> TraceError {
    let position = error.position();
    let (byte, line) = position.map_or((0, 1), |position| (position.byte() as usize, position.line()));
    let text = line_at(bytes, byte);
    let reason = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let s = if *len == 1 { "" } else { "s" };
            format!("this row has {len} field{s}, the header has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "this row is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    };
    TraceError::Malformed { line, span: 0..text.len(), text, reason, cure: "mend or drop the row".to_owned() }
}

/// The line that begins at or around `byte`, without its end.
fn line_at(bytes: &[u8], byte: usize) -> String {
    let rest = bytes.get(byte..).unwrap_or(&[]);
    let start = rest.iter().position(|&b| b != b'\n' && b != b'\r').unwrap_or(0);
    let line = rest[start..].split(|&b| b == b'\n' || b == b'\r').next().unwrap_or(&[]);
    let text = String::from_utf8_lossy(line);
    text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned()
}

fn unit_of(name: &str) -> Option<u64> {
    [("_ns", 1), ("_us", 1_000), ("_ms", 1_000_000), ("_s", 1_000_000_000)]
        .into_iter()
        .find_map(|(suffix, ns)| name.ends_with(suffix).then_some(ns))
}

/// A plain decimal number of `unit_ns`, exactly, further digits than nanoseconds rounded to the nearest.
fn decimal_ns(text: &str, unit_ns: u64) -> Option<i128> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !plain(whole) || !plain(fraction) || whole.len() > 20 {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let kept = &fraction[..fraction.len().min(18)];
    let scale = 10_i128.pow(kept.len() as u32);
    let fraction: i128 = if kept.is_empty() { 0 } else { kept.parse().ok()? };
    let unit = i128::from(unit_ns);
    let ns = whole * unit + (fraction * unit * 2 + scale) / (scale * 2);
    (ns <= i128::from(Span::LONGEST.ns())).then_some(sign * ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Trace, TraceError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("trace.csv");
        std::fs::write(&path, text).unwrap();
        let columns = Columns { time: "t_s".to_owned(), duration: Some("lambda_ms".to_owned()) };
        Trace::read(&path, &columns, Instant::ZERO, Instant::ZERO, Instant::ZERO + Span::from_s(10))
    }

    #[test]
    fn rows_land_from_the_first_instant_on() {
        let trace = read("lambda_ms,t_s\n1.5,100\n2,100.25\n3,100.25\n4,110\n").unwrap();
        assert_eq!((trace.len(), trace.skipped), (3, 1));
        let mut feed = trace.feed();
        assert_eq!(feed.advance(), Arrival { at: Instant::ZERO, service: Some(Span::from_ns(1_500_000)) });
        assert_eq!(feed.advance().at.ns(), 250_000_000);
        assert_eq!(feed.advance().at.ns(), 250_000_000);
        assert_eq!(feed.advance().at, Instant::END);
    }

    #[test]
    fn the_place_of_a_mistake_is_named() {
        for (text, line, underlined) in [
            ("t_s,lambda_ms\n1,2\n0.5,2\n", 3, "0.5"),
            ("t_s,lambda_ms\n5,2\n7,2\n5,2\n", 4, "5"),
            ("t_s,lambda_ms\n1,2\n2,x7\n", 3, "x7"),
            ("t_s,lambda_ms\n1,-2\n", 2, "-2"),
            ("t_s,lambda_ms\n1,2\n3\n", 3, "3"),
            ("t_s,other\n1,2\n", 1, "t_s,other"),
            ("t_s,lambda_ms\nNaN,1\n", 2, "NaN"),
        ] {
            let Err(TraceError::Malformed { line: at, text: row, span, .. }) = read(text) else { panic!("{text}") };
            assert_eq!((at, &row[span]), (line, underlined), "{text}");
        }
        assert!(matches!(read("t_s,lambda_ms\n"), Err(TraceError::Empty)));
        assert!(matches!(read(""), Err(TraceError::Empty)));
    }

    #[test]
    fn one_field_is_no_plural() {
        let Err(TraceError::Malformed { reason, .. }) = read("t_s,lambda_ms\n3\n") else { panic!() };
        assert_eq!(reason, "this row has 1 field, the header has 2");
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(decimal_ns("0.000000001", 1_000_000_000), Some(1));
        assert_eq!(decimal_ns("-12.5", 1_000_000), Some(-12_500_000));
        assert_eq!(decimal_ns("1e3", 1), None);
        assert_eq!(decimal_ns("", 1), None);
        assert_eq!(decimal_ns(".", 1), None);
    }
}
