//! The rows of a file as numbers, in order of time.

use super::TraceError;
use super::columns::{Column, Columns, Kind};
use super::fields::{Fields, malformed};
use super::formats;
use super::lines::{Line, Lines};
use crate::time::Span;
use std::sync::Arc;

/// The most requests that a bin may hold.
const MOST_IN_A_BIN: u64 = 1_000_000_000_000;

/// The cure for a row that is wrong, and not only in a form that is not read.
const MEND: &str = "mend or drop the row";

/// The rows still to come.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    pub lines: Lines,
    fields: Fields,
    columns: Arc<Columns>,
    /// The length of a bin; zero where requests have times of their own.
    bin: Span,
    /// How many rows have been read, those that are not asked for left out.
    read: u64,
    /// Whether there was any row, asked for or not.
    pub any: bool,
    /// The time of the row before.
    previous: Option<i128>,
    /// A row that was read to see whether it belongs to the one before.
    next: Option<Raw>,
}

/// A row as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw {
    /// Its time in nanoseconds.
    pub time: i128,
    pub count: u64,
    pub service: Option<Span>,
    /// Where its line begins.
    pub at: u64,
    /// Its number, from 0.
    pub number: u64,
}

impl Rows {
    /// The rows in `lines`, of which the first has the number `number`.
    pub fn new(lines: Lines, columns: &Arc<Columns>, bin: Span, number: u64) -> Self {
        let columns = Arc::clone(columns);
        Self { lines, fields: Fields::default(), columns, bin, read: number, any: false, previous: None, next: None }
    }

    /// The next row; bins of one time are summed.
    pub fn next(&mut self) -> Result<Option<Raw>, TraceError> {
        let first = match self.next.take() {
            Some(row) => Some(row),
            None => self.single()?,
        };
        if self.bin == Span::ZERO || !matches!(self.columns.kind, Kind::Counts { time: Some(_), .. }) {
            return Ok(first);
        }
        let Some(mut row) = first else { return Ok(None) };
        while let Some(other) = self.single()? {
            if other.time != row.time {
                self.next = Some(other);
                break;
            }
            row.count += other.count;
        }
        Ok(Some(row))
    }

    fn single(&mut self) -> Result<Option<Raw>, TraceError> {
        let Self { lines, fields, columns, bin, read, any, previous, .. } = self;
        loop {
            let Some(line) = lines.next()? else { return Ok(None) };
            if line.bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            *any = true;
            if !wanted(line, fields, columns)? {
                continue;
            }
            let number = *read;
            *read += 1;
            let row = |time, count, service| Ok(Some(Raw { time, count, service, at: line.at, number }));
            match columns.kind {
                Kind::Requests { time, duration } => {
                    let at = time_of(line, fields, time)?;
                    in_order(line, fields, time, at, *previous, Span::ZERO)?;
                    *previous = Some(at);
                    let duration = duration.map(|column| duration_of(line, fields, column)).transpose()?;
                    return row(at, 1, duration);
                }
                Kind::Counts { time: Some(time), count } => {
                    let at = time_of(line, fields, time)?;
                    in_order(line, fields, time, at, *previous, *bin)?;
                    *previous = Some(at);
                    return row(at, count_of(line, fields, count)?, None);
                }
                Kind::Counts { time: None, count } => {
                    let at = i128::from(number) * i128::from(bin.ns());
                    return row(at, count_of(line, fields, count)?, None);
                }
                Kind::Wide { .. } => return row(0, 0, None),
            }
        }
    }

    /// The sums of the bins over all rows; `None` without any row.
    pub fn sums(&mut self) -> Result<Option<Vec<u64>>, TraceError> {
        let mut sums: Option<Vec<u64>> = None;
        loop {
            let Self { lines, fields, columns, any, .. } = self;
            let Some(line) = lines.next()? else { return Ok(sums) };
            let Kind::Wide { first, last } = columns.kind else { return Ok(sums) };
            if line.bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            *any = true;
            if wanted(line, fields, columns)? {
                let sums = sums.get_or_insert_with(|| vec![0; last - first + 1]);
                for (sum, index) in sums.iter_mut().zip(first..=last) {
                    *sum = sum.saturating_add(count_of(line, fields, index)?);
                }
            }
        }
    }
}

/// Takes a row apart; whether it is asked for.
fn wanted(line: Line, fields: &mut Fields, columns: &Columns) -> Result<bool, TraceError> {
    let whole = 0..line.bytes.len();
    if std::str::from_utf8(line.bytes).is_err() {
        return Err(malformed(line, whole, "this row is not UTF-8 text", "save the file as UTF-8"));
    }
    fields.split(line)?;
    if fields.len() != columns.fields {
        let s = if fields.len() == 1 { "" } else { "s" };
        let reason = format!("this row has {} field{s}, the header has {}", fields.len(), columns.fields);
        return Err(malformed(line, whole, reason, MEND));
    }
    Ok(columns.only.iter().all(|(index, value)| fields.text(line, *index) == value.as_str()))
}

fn in_order(
    line: Line,
    fields: &Fields,
    column: Column,
    time: i128,
    previous: Option<i128>,
    bin: Span,
) -> Result<(), TraceError> {
    let Some(previous) = previous else { return Ok(()) };
    let (reason, cure) = if time < previous {
        ("this time is earlier than the row before it", "sort the rows by time; equal times are allowed")
    } else if time > previous && time < previous + i128::from(bin.ns()) {
        ("this bin begins before the one before it has ended", "write the length of the bins as `bin`")
    } else {
        return Ok(());
    };
    Err(malformed(line, fields.span(column.index), reason, cure))
}

fn time_of(line: Line, fields: &Fields, column: Column) -> Result<i128, TraceError> {
    let text = fields.text(line, column.index);
    decimal_ns(&text, column.unit_ns).ok_or_else(|| {
        let (reason, cure) = formats::time(&text, column.unit_ns).unwrap_or_else(|| {
            let reason = format!("`{text}` is not a plain decimal number of at most 100 years");
            (reason, MEND.to_owned())
        });
        malformed(line, fields.span(column.index), reason, cure)
    })
}

fn duration_of(line: Line, fields: &Fields, column: Column) -> Result<Span, TraceError> {
    let ns = time_of(line, fields, column)?;
    u64::try_from(ns).map(Span::from_ns).map_err(|_| {
        let reason = "a duration lies from 0 to 100 years";
        malformed(line, fields.span(column.index), reason, MEND)
    })
}

fn count_of(line: Line, fields: &Fields, index: usize) -> Result<u64, TraceError> {
    let text = fields.text(line, index);
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|&count| digits && count <= MOST_IN_A_BIN).ok_or_else(|| {
        let (reason, cure) = formats::count(&text)
            .unwrap_or_else(|| (format!("`{text}` is not a whole number of requests, at most 1e12"), MEND.to_owned()));
        malformed(line, fields.span(index), reason, cure)
    })
}

/// A plain decimal number of `unit_ns`, exactly, further digits than nanoseconds rounded to the nearest.
pub(super) fn decimal_ns(text: &str, unit_ns: u64) -> Option<i128> {
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

    #[test]
    fn decimals_are_exact() {
        assert_eq!(decimal_ns("0.000000001", 1_000_000_000), Some(1));
        assert_eq!(decimal_ns("-12.5", 1_000_000), Some(-12_500_000));
        assert_eq!(decimal_ns("1e3", 1), None);
        assert_eq!(decimal_ns("", 1), None);
        assert_eq!(decimal_ns(".", 1), None);
    }
}
