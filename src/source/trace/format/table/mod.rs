//! Tables: which columns are read and as what, and reading them row by row.

mod columns;
mod finder;
mod header;
mod known;
mod names;
mod numbers;
mod place;
mod recognised;
mod rows;
mod times;
mod timing;
mod values;

pub(super) use header::Header;
pub(super) use known::{CSV, KNOWN};
pub(super) use place::matches;
pub(super) use rows::Rows;

use super::{Empty, Format, Found, Sample, Wanted};
use crate::source::trace::TraceError;
use crate::source::trace::file::{Line, Lines};
use crate::source::trace::recording::{Intake, Kind, Request};
use crate::source::trace::row::{
    At, Fields, Form, Torn, Unit, amount, decimal_ns, is_empty, malformed, said_of_count, said_of_time,
};
use crate::time::Span;
use columns::Columns;
use finder::{Finder, Numbers};
use place::Place;
use std::borrow::Cow;

/// The cure for a row that is wrong, and not only in a form that is not read.
const MEND: &str = "mend or drop the row";

/// How long a row may be, in bytes, that is looked at over several lines.
const LONG: usize = 4_096;

/// A table, its columns found.
pub(in crate::source::trace) struct Table {
    header: Header,
    columns: Columns,
    found: Found,
    /// How many fields a row must have, where they may not be more.
    exactly: Option<usize>,
    /// And at least.
    least: usize,
    /// Where the field in brackets belongs.
    anchor: Option<usize>,
    /// The time of the bin before.
    previous: Option<i64>,
    empty: Empty,
    rows: Rows,
    scratch: Vec<u8>,
}

/// What becomes of a row that is no mistake.
enum Outcome {
    Taken,
    Unasked,
    Other,
    Empty,
}

impl Table {
    /// The table that a file is, in a format that is known or not.
    pub fn of(wanted: &Wanted, format: Option<Format>, sample: &Sample) -> Result<Self, TraceError> {
        let (known, header) = match format {
            Some(Format::Csv) => (&CSV, Header::of(&CSV, sample)?),
            Some(format) => recognised::of_format(format, sample)?,
            None => recognised::guessed(sample)?,
        };
        let mut fields = Fields::default();
        let (number, line) = header.line();
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut open: Vec<u8> = Vec::new();
        for (at, bytes) in &sample.lines {
            let is_row = (*at > number || header.headless) && bytes != line && !bytes.starts_with(b"#");
            if !is_row && open.is_empty() {
                continue;
            }
            open.extend_from_slice(bytes);
            match fields.split(&open, header.dialect) {
                // A quoted field goes on in the next line.
                Err(torn) if torn.open && open.len() < LONG => {
                    open.push(b'\n');
                    continue;
                }
                Err(_) => {}
                Ok(()) => {
                    if let Some(index) = known.anchor {
                        fields.anchor(&open, index);
                    }
                    rows.push((0..fields.len()).map(|index| fields.text(&open, index).into_owned()).collect());
                }
            }
            open.clear();
        }
        let found = Found { format: known.format.name(), ..Found::default() };
        let mut finder = Finder { wanted, known, header: &header, rows: &rows, found };
        let columns = finder.find()?;
        let found = finder.found;
        let anchor = known.anchor;
        let exactly = (!known.names.may_grow()).then_some(header.names.len());
        let least = columns.least(&known.instead);
        let empty = wanted.empty;
        let (rows, scratch) = (Rows::new(header.dialect), Vec::new());
        Ok(Self { header, columns, found, exactly, least, anchor, previous: None, empty, rows, scratch })
    }

    /// Reads all rows.
    pub fn read(mut self, lines: &mut Lines, intake: &mut Intake) -> Result<Found, TraceError> {
        intake.begin(self.columns.kind);
        let (number, again) = self.header.line();
        let again = again.to_vec();
        let first = if self.header.headless { number } else { number + 1 };
        while let Some((line, torn)) = self.rows.next(lines)? {
            if line.number < first || line.bytes.trim_ascii().is_empty() {
                continue;
            }
            if line.bytes[0] == b'#' || (!again.is_empty() && line.bytes == again) {
                intake.other();
                continue;
            }
            self.take(line, torn, intake)?;
        }
        if let Numbers::Wide(..) = self.columns.numbers {
            intake.bins_of_columns()?;
        }
        Ok(self.found)
    }

    /// Takes a row, or what is wrong with it.
    fn take(&mut self, line: Line, torn: Option<Torn>, intake: &mut Intake) -> Result<(), TraceError> {
        if let Some(torn) = torn {
            return intake.bad(line, malformed(line, torn.span, torn.reason, torn.cure));
        }
        match self.row(line, intake) {
            Ok(Outcome::Taken) => Ok(()),
            Ok(Outcome::Unasked) => {
                intake.unasked();
                Ok(())
            }
            Ok(Outcome::Other) => {
                intake.other();
                Ok(())
            }
            Ok(Outcome::Empty) => {
                intake.empty();
                Ok(())
            }
            Err(error @ TraceError::Malformed { .. }) => intake.bad(line, error),
            Err(error) => Err(error),
        }
    }

    fn row(&mut self, line: Line, intake: &mut Intake) -> Result<Outcome, TraceError> {
        if let Some(index) = self.anchor {
            self.rows.fields.anchor(line.bytes, index);
        }
        let n = self.rows.fields.len();
        let trailing = |n: usize| n > 0 && self.rows.fields.bytes(line.bytes, n - 1).is_empty();
        let fits = self.exactly.is_none_or(|exactly| n == exactly || (n == exactly + 1 && trailing(n)));
        if !fits || n < self.least {
            let s = if n == 1 { "" } else { "s" };
            let wanted = self.exactly.unwrap_or(self.least);
            let reason = format!("this row has {n} field{s}, the header has {wanted}");
            return Err(malformed(line, 0..line.bytes.len(), reason, MEND));
        }
        let columns = &self.columns;
        let is = |(place, value): &(Place, String)| matches(value, place.text(&self.rows.fields, line.bytes));
        if !columns.asked.only.iter().all(is) {
            return Ok(Outcome::Unasked);
        }
        if columns.asked.never.iter().any(is) {
            return Ok(Outcome::Other);
        }
        if let [time, ..] = columns.time[..]
            && !self.header.headless
            && self.rows.fields.bytes(line.bytes, time) == self.header.names[time].as_bytes()
        {
            return Err(self.second_table(line));
        }
        match &columns.numbers {
            Numbers::None => self.request(line, intake),
            Numbers::Sum(_) | Numbers::SoFar(_) => self.bin(line, intake),
            &Numbers::Wide(first, last) => {
                for index in first..=last {
                    match self.amount(line, index)? {
                        Some(amount) => intake.add(index - first, amount),
                        None => intake.empty(),
                    }
                }
                Ok(Outcome::Taken)
            }
        }
    }

    /// Another header, in the midst of rows: Grafana writes a table for each query.
    fn second_table(&self, line: Line) -> TraceError {
        let cure = "keep one table; in Grafana, the transformation \"Join by field\" makes one of several";
        malformed(line, 0..line.bytes.len(), "here a second table begins", cure)
    }

    fn request(&mut self, line: Line, intake: &mut Intake) -> Result<Outcome, TraceError> {
        let Some((stamp, before)) = self.stamp(line)? else {
            if self.empty == Empty::Refuse {
                let span = self.columns.time.first().map_or(0..0, |&index| self.rows.fields.span(index));
                return Err(malformed(line, span, "this time is empty", MEND));
            }
            return Ok(Outcome::Empty);
        };
        let service = match self.columns.timing.service {
            Some(column) => self.duration(line, column)?,
            None => None,
        };
        intake.request(Request { stamp, before, service })?;
        Ok(Outcome::Taken)
    }

    /// A row's time, and how long before it the request arrived.
    fn stamp(&mut self, line: Line) -> Result<Option<(At, u64)>, TraceError> {
        if let Some(stamp) = self.time(line)? {
            let before = match self.columns.timing.before {
                Some(column) => self.duration(line, column)?.unwrap_or(0),
                None => 0,
            };
            return Ok(Some((stamp, before)));
        }
        let Some((end, pieces)) = &self.columns.timing.instead else { return Ok(None) };
        let text = self.rows.fields.bytes(line.bytes, *end);
        let Some(stamp) = Form::Iso.read(text) else {
            return Err(self.no_time(line, *end, Form::Iso));
        };
        let piece = |&index: &usize| {
            let ns = decimal_ns(self.rows.fields.bytes(line.bytes, index), 1_000_000_000)?;
            u64::try_from(ns).ok()
        };
        Ok(Some((stamp, pieces.iter().filter_map(piece).sum())))
    }

    /// The time of a row; `None` where it is empty.
    fn time(&mut self, line: Line) -> Result<Option<At>, TraceError> {
        let Columns { time, form, comma, .. } = &self.columns;
        let form = *form;
        let (index, text) = match **time {
            [index] => (index, self.rows.fields.bytes(line.bytes, index)),
            [date, time] => {
                self.scratch.clear();
                self.scratch.extend_from_slice(self.rows.fields.bytes(line.bytes, date));
                self.scratch.push(b' ');
                self.scratch.extend_from_slice(self.rows.fields.bytes(line.bytes, time));
                (date, &self.scratch[..])
            }
            _ => return Ok(None),
        };
        let read = if *comma && text.contains(&b',') {
            let text: Vec<u8> = text.iter().map(|&byte| if byte == b',' { b'.' } else { byte }).collect();
            form.read(&text)
        } else {
            form.read(text)
        };
        match read {
            Some(stamp) => Ok(Some(stamp)),
            None if is_empty(text.trim_ascii()) => Ok(None),
            None => Err(self.no_time(line, index, form)),
        }
    }

    fn no_time(&self, line: Line, index: usize, form: Form) -> TraceError {
        let text = self.rows.fields.text(line.bytes, index);
        let said = match form {
            Form::Number(unit) => said_of_time(&text, unit).unwrap_or_else(|| {
                (format!("`{text}` is not a plain decimal number of at most 100 years"), MEND.to_owned())
            }),
            form => (format!("`{text}` is no time, where others are {}", form.words()), MEND.to_owned()),
        };
        malformed(line, self.rows.fields.span(index), said.0, said.1)
    }

    /// A duration; `None` where there is none: an empty field, or what load balancers write for it, -1.
    fn duration(&self, line: Line, (index, unit): (usize, Unit)) -> Result<Option<u64>, TraceError> {
        let text = self.rows.fields.bytes(line.bytes, index);
        // As nginx is often told to write it: rt=0.123.
        let text = memchr::memchr(b'=', text).map_or(text, |sign| &text[sign + 1..]);
        if is_empty(text) || text == b"-1" || text == b"-1.000" {
            return Ok(None);
        }
        let text: Cow<[u8]> = match text.contains(&b',') && self.header.dialect.delimiter != b',' {
            true => text.iter().map(|&byte| if byte == b',' { b'.' } else { byte }).collect(),
            false => text.into(),
        };
        let ns = decimal_ns(&text, unit.ns).or_else(|| {
            // k6 and others write very short and very long ones with an exponent.
            let number: f64 = std::str::from_utf8(&text).ok()?.parse().ok()?;
            (number.is_finite() && number.abs() < 1e18).then(|| (number * unit.ns as f64).round() as i128)
        });
        let ns = ns.and_then(|ns| u64::try_from(ns).ok()).filter(|&ns| ns <= Span::LONGEST.ns());
        ns.map(Some).ok_or_else(|| {
            let text = String::from_utf8_lossy(&text);
            let (reason, cure) = said_of_time(&text, unit)
                .unwrap_or_else(|| (format!("`{text}` is no duration from 0 to 100 years"), MEND.to_owned()));
            malformed(line, self.rows.fields.span(index), reason, cure)
        })
    }

    fn bin(&mut self, line: Line, intake: &mut Intake) -> Result<Outcome, TraceError> {
        let time = self.time(line)?;
        if time.is_none() && !self.columns.time.is_empty() {
            return Ok(Outcome::Empty);
        }
        let columns = match &self.columns.numbers {
            Numbers::Sum(columns) => &columns[..],
            Numbers::SoFar(index) => std::slice::from_ref(index),
            Numbers::None | Numbers::Wide(..) => &[],
        };
        let (mut sum, mut some) = (0.0, false);
        for &index in columns {
            match self.amount(line, index)? {
                Some(amount) => (sum, some) = (sum + amount, true),
                None => intake.empty(),
            }
        }
        if let (Some((time, _)), Kind::Bins { bin: Some(bin), .. }) = (time, self.columns.kind) {
            let apart = self.previous.map_or(0, |previous| time.saturating_sub(previous));
            if apart > 0 && apart.unsigned_abs() < bin.ns() {
                let span = self.columns.time.first().map_or(0..0, |&index| self.rows.fields.span(index));
                let apart = Span::from_ns(apart.unsigned_abs());
                let reason = format!("this bin begins {apart} after the one before it, which is {bin} long");
                let cure = format!("write the length of the bins: `bin = \"{}\"`", apart.written());
                return Err(malformed(line, span, reason, cure));
            }
            self.previous = Some(time);
        }
        // A row without a time is the bin after the one before, be it empty or not.
        if some || time.is_none() || self.empty == Empty::Zero {
            intake.bin(time, sum)?;
        }
        Ok(Outcome::Taken)
    }

    /// A number of requests; `None` where the field is empty.
    fn amount(&self, line: Line, index: usize) -> Result<Option<f64>, TraceError> {
        let text = self.rows.fields.text(line.bytes, index);
        if is_empty(text.as_bytes()) {
            return match self.empty {
                Empty::Zero => Ok(Some(0.0)),
                Empty::Skip => Ok(None),
                Empty::Refuse => {
                    let cure = "write a number; or `empty = \"zero\"`, or `empty = \"skip\"`";
                    Err(malformed(line, self.rows.fields.span(index), "here a number of requests is missing", cure))
                }
            };
        }
        let wrong = |reason: String, cure: &str| Err(malformed(line, self.rows.fields.span(index), reason, cure));
        let Some((number, _)) = amount(&text, self.header.dialect.delimiter != b',') else {
            let (reason, cure) = said_of_count(&text)
                .unwrap_or_else(|| (format!("`{text}` is not a number of requests, at most 1e12"), MEND.to_owned()));
            return wrong(reason, &cure);
        };
        if matches!(self.columns.kind, Kind::Bins { rate: None, .. }) && number.fract() != 0.0 {
            return wrong(
                format!("`{text}` is not a whole number of requests"),
                "if these are rates a second, write `value = \"rate\"`; else mend or drop the row",
            );
        }
        Ok(Some(number))
    }
}

impl Columns {
    /// How many fields a row must have at least, for everything to be in it.
    fn least(&self, instead: &Option<(&str, &[&str])>) -> usize {
        let optional = instead.is_some();
        let time = self.time.iter().copied().filter(|_| !optional);
        let others = self.timing.before.iter().chain(&self.timing.service).map(|&(index, _)| index);
        let end = self.timing.instead.iter().map(|(end, _)| *end);
        time.chain(others).chain(end).max().map_or(1, |index| index + 1)
    }
}
