//! Reading a trace for the first time: everything is checked, and what is short enough is kept.

use super::columns::{Columns, Kind};
use super::formats;
use super::lines::Lines;
use super::rows::{Raw, Rows};
use super::stored::{Marks, Piece, Position, Stored, Stream};
use super::{Layout, Placing, Reading, Row, Trace, TraceError, expected_of_row};
use crate::source::parts::weight::Weight;
use crate::time::{Instant, Span};
use std::fs::File;
use std::sync::Arc;

impl Trace {
    /// Reads and checks a trace for a window [start, end).
    ///
    /// # Errors
    /// [`TraceError`], for the first row that cannot be understood, or for what is asked of the trace.
    pub fn open(reading: &Reading, start: Instant, end: Instant) -> Result<Self, TraceError> {
        let file = Arc::new(File::open(&reading.path).map_err(TraceError::Unreadable)?);
        let mut lines = Lines::new(&file);
        let columns = Arc::new(loop {
            let Some(line) = lines.next()? else { return Err(TraceError::Empty) };
            if line.at == 0 {
                formats::readable(line.bytes)?;
            }
            if line.bytes.iter().any(|byte| !byte.is_ascii_whitespace()) {
                break Columns::find(line, reading)?;
            }
        });
        let (bin, spread) = reading.layout.bin();
        let single = matches!(reading.layout, Layout::Requests { .. });
        // Down: bins that lie side by side still do where their beginnings are rounded.
        let width = Span::from_ns(reading.speed.divide_down(bin.ns()));
        let first = reading.first.unwrap_or(start);
        let placing = Placing { first, width, spread, scale: reading.scale, single };
        let mut found = Found::new(reading, placing, (start, end));
        let mut rows = Rows::new(lines, &columns, bin, 0);
        if let Kind::Wide { .. } = columns.kind {
            for (number, count) in rows.sums()?.into_iter().flatten().enumerate() {
                let number = number as u64;
                let time = i128::from(number) * i128::from(bin.ns());
                found.add(&Raw { time, count, service: None, at: 0, number }, usize::MAX);
            }
        } else {
            while let Some(raw) = rows.next()? {
                found.add(&raw, reading.held);
            }
        }
        if !rows.any {
            return Err(TraceError::Empty);
        }
        let (hash, sums) = rows.lines.hashes();
        let stream = |piece, marks| Stream {
            path: reading.path.clone(),
            file: Arc::clone(&file),
            sums: Arc::clone(&sums),
            columns: Arc::clone(&columns),
            bin,
            piece,
            marks,
            hash: hash.clone(),
        };
        found.trace(stream, hash.clone())
    }
}

/// What has been found so far.
struct Found<'r> {
    reading: &'r Reading,
    placing: Placing,
    window: (Instant, Instant),
    bin: Span,
    /// The time of the first row.
    base: Option<i128>,
    rows: u64,
    kept: u64,
    /// The rows to replay, unless they are too many.
    held: Option<Vec<Row>>,
    marks: Marks,
    /// The times of the first and the last row of the piece, and how many it has.
    inside: Option<(i128, i128, u64)>,
    /// Requests in the piece, and of them in the window on average.
    total: f64,
    requests: f64,
    /// The most requests of one row.
    densest: u64,
    /// The sum of the durations that are replayed, in nanoseconds.
    durations: f64,
}

impl<'r> Found<'r> {
    fn new(reading: &'r Reading, placing: Placing, window: (Instant, Instant)) -> Self {
        Self {
            reading,
            placing,
            window,
            bin: reading.layout.bin().0,
            base: None,
            rows: 0,
            kept: 0,
            held: Some(Vec::new()),
            marks: Marks::default(),
            inside: None,
            total: 0.0,
            requests: 0.0,
            densest: 0,
            durations: 0.0,
        }
    }

    /// The piece, as far as it is known before the end of the file.
    fn piece(&self) -> Piece {
        let base = self.base.unwrap_or(0);
        let from = base + i128::from(self.reading.from.ns());
        let until = self.reading.until.map_or(i128::MAX, |until| base + i128::from(until.ns()));
        Piece { from, until, speed: self.reading.speed }
    }

    fn add(&mut self, raw: &Raw, most: usize) {
        self.base.get_or_insert(raw.time);
        self.rows += 1;
        let Position::Within(offset) = self.piece().position(raw.time) else { return };
        let (first, _, n) = self.inside.unwrap_or((raw.time, raw.time, 0));
        self.inside = Some((first, raw.time, n + 1));
        self.total += raw.count as f64;
        let at = self.placing.first + Span::from_ns(offset);
        let (start, end) = self.window;
        let requests = expected_of_row(at, raw.count, &self.placing, self.window, Weight(None));
        self.requests += requests;
        let before = if self.placing.width == Span::ZERO { at < start } else { at + self.placing.width <= start };
        if !self.reading.repeat && (before || at >= end) {
            return;
        }
        self.kept += 1;
        self.densest = self.densest.max(raw.count);
        self.durations += raw.service.map_or(0.0, |service| service.ns() as f64);
        self.marks.pass(raw, offset);
        match &mut self.held {
            Some(held) if held.len() < most => held.push(Row::new(raw, offset)),
            held => *held = None,
        }
    }

    fn trace(mut self, stream: impl FnOnce(Piece, Marks) -> Stream, hash: String) -> Result<Trace, TraceError> {
        if self.rows == 0 {
            let wanted: Vec<_> =
                self.reading.only.iter().map(|(column, value)| format!("`{value}` in column `{column}`")).collect();
            return Err(TraceError::Unfit {
                reason: format!("no row of this trace has {}", wanted.join(" and ")),
                cure: "write values as they stand in the file".to_owned(),
            });
        }
        let mut piece = self.piece();
        let period = if self.reading.repeat {
            piece.until = self.ends(piece)?;
            let ns = u64::try_from(self.reading.speed.divide(piece.until - piece.from)).unwrap_or(u64::MAX);
            let period = Span::from_ns(ns.clamp(1, Span::LONGEST.ns()));
            let (start, end) = self.window;
            let passes = end.since(start).ns() as f64 / period.ns() as f64;
            self.requests = self.total * self.placing.scale.as_f64() * passes;
            Some(period)
        } else {
            None
        };
        let stored = match self.held {
            Some(rows) => Stored::Held(rows.into()),
            None => Stored::Streamed(Arc::new(stream(piece, self.marks))),
        };
        Ok(Trace {
            stored,
            placing: self.placing,
            requests: self.requests,
            rows: self.rows,
            densest: self.densest,
            duration_ns: self.reading.layout.has_durations().then(|| self.durations / self.kept.max(1) as f64),
            skipped: self.rows - self.kept,
            period,
            hash,
        })
    }

    /// Where a piece that is repeated ends: where it is said to; else with its last bin, or one mean gap after its last
    /// request.
    fn ends(&self, piece: Piece) -> Result<i128, TraceError> {
        let unfit = |reason: &str, cure: &str| TraceError::Unfit { reason: reason.to_owned(), cure: cure.to_owned() };
        let Some((first, last, n)) = self.inside else {
            return Err(unfit("no row lies between `from` and `until`", "write other bounds, in the trace's own time"));
        };
        let bin = i128::from(self.bin.ns());
        match (self.reading.until, &self.reading.layout) {
            (Some(_), _) if last + bin > piece.until => {
                Err(unfit("the last bin before `until` ends after it", "let `until` be the end of a bin"))
            }
            (Some(_), _) => Ok(piece.until),
            (None, Layout::Counts { .. } | Layout::Wide { .. }) => Ok(last + bin),
            (None, Layout::Requests { .. }) if last > first => {
                let gaps = i128::from(n) - 1;
                Ok(last + (last - first + gaps / 2) / gaps)
            }
            (None, Layout::Requests { .. }) => {
                Err(unfit("nothing says after which time this trace begins anew", "write `until`, such as \"1h\""))
            }
        }
    }
}
