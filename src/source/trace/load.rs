//! A recording, placed in the window: which of its rows are replayed, and how many requests these are.

use super::recording::Recording;
use super::stored::{Filed, Piece, Stored};
use super::{Placing, Reading, Row, Trace, TraceError, expected_of_row};
use crate::source::parts::weight::Weight;
use crate::time::{Instant, Span};
use std::sync::Arc;

impl Trace {
    /// Reads and checks a trace for a window [start, end).
    ///
    /// # Errors
    /// [`TraceError`], for what cannot be understood in the file, or for what is asked of the trace.
    pub fn open(reading: &Reading, start: Instant, end: Instant) -> Result<Self, TraceError> {
        let recording = Recording::of(&reading.file, reading.held)?;
        let single = recording.bin == Span::ZERO;
        // Down: bins that lie side by side still do where their beginnings are rounded.
        let width = Span::from_ns(reading.speed.divide_down(recording.bin.ns()));
        let first = reading.first.unwrap_or(start);
        let placing = Placing { first, width, spread: reading.spread, scale: reading.scale, single };
        let base = i128::from(recording.base);
        let mut piece = Piece {
            from: base + i128::from(reading.from.ns()),
            until: reading.until.map_or(i128::MAX, |until| base + i128::from(until.ns())),
            speed: reading.speed,
        };
        let found = Found::of(&recording, reading, &placing, piece, (start, end)).map_err(unreadable)?;
        let mut requests = found.requests;
        let period = match reading.repeat {
            false => None,
            true => {
                piece.until = found.ends(reading, &recording, piece)?;
                let ns = u64::try_from(reading.speed.divide(piece.until - piece.from)).unwrap_or(u64::MAX);
                let period = Span::from_ns(ns.clamp(1, Span::LONGEST.ns()));
                let passes = end.since(start).ns() as f64 / period.ns() as f64;
                requests = found.total * placing.scale.as_f64() * passes;
                Some(period)
            }
        };
        let kept = found.range.1 - found.range.0;
        let stored = match found.held {
            Some(rows) => Stored::Held(rows.into()),
            None => {
                let (path, recording, range) = (reading.file.path.clone(), Arc::clone(&recording), found.range);
                Stored::Filed(Arc::new(Filed { path, recording, piece, range }))
            }
        };
        let rows = recording.range.1 - recording.range.0;
        let durations = recording.durations && found.timed > 0;
        Ok(Self {
            stored,
            placing,
            requests,
            rows,
            densest: found.densest,
            ends: found.ends,
            duration_ns: durations.then(|| found.durations / found.timed as f64),
            skipped: rows - kept,
            period,
            recording,
        })
    }
}

fn unreadable(error: std::io::Error) -> TraceError {
    TraceError::Unreadable(error)
}

/// What a recording has in the window, and in the piece that is replayed.
struct Found {
    /// The rows to replay: from one to before another; and themselves, unless they are too many.
    range: (u64, u64),
    held: Option<Vec<Row>>,
    /// The times of the first and the last row of the piece, and how many it has.
    inside: Option<(i64, i64, u64)>,
    /// Requests in the piece, and of them in the window on average.
    total: f64,
    requests: f64,
    /// The most requests of one row.
    densest: u64,
    /// When the last row that is replayed is over.
    ends: Instant,
    /// The sum of the durations that are replayed, in nanoseconds, and of how many rows.
    durations: f64,
    timed: u64,
}

impl Found {
    fn of(
        recording: &Recording,
        reading: &Reading,
        placing: &Placing,
        piece: Piece,
        (start, end): (Instant, Instant),
    ) -> std::io::Result<Self> {
        let clamped = |time: i128| i64::try_from(time).unwrap_or(if time < 0 { i64::MIN } else { i64::MAX });
        let (first, last) = recording.range;
        let from = recording.rows.before(clamped(piece.from))?.clamp(first, last);
        let until = match reading.until {
            Some(_) => recording.rows.before(clamped(piece.until))?.clamp(from, last),
            None => last,
        };
        let mut found = Self {
            range: (from, from),
            held: Some(Vec::new()),
            inside: None,
            total: 0.0,
            requests: 0.0,
            densest: 0,
            ends: Instant::BEGINNING,
            durations: 0.0,
            timed: 0,
        };
        let mut rows = recording.rows.cursor(from, until);
        let mut any = false;
        loop {
            let number = rows.place();
            let Some(entry) = rows.next()? else { break };
            let row = Row::new(entry, number, &piece, recording);
            let (earliest, _, n) = found.inside.unwrap_or((entry.time, entry.time, 0));
            found.inside = Some((earliest, entry.time, n + 1));
            found.total += row.count as f64;
            let at = placing.first + Span::from_ns(row.offset);
            found.requests += expected_of_row(at, row.count, placing, (start, end), Weight(None));
            let before = if placing.width == Span::ZERO { at < start } else { at + placing.width <= start };
            if !reading.repeat && (before || at >= end) {
                continue;
            }
            if !std::mem::replace(&mut any, true) {
                found.range.0 = number;
            }
            found.range.1 = number + 1;
            found.densest = found.densest.max(row.count);
            found.ends = at + placing.width;
            found.timed += u64::from(row.service.is_some());
            found.durations += row.service.map_or(0.0, |service| service.ns() as f64);
            match &mut found.held {
                Some(held) if held.len() < reading.held => held.push(row),
                held => *held = None,
            }
        }
        Ok(found)
    }

    /// Where a piece that is repeated ends: where it is said to; else with its last bin, or one mean gap after its last
    /// request.
    fn ends(&self, reading: &Reading, recording: &Recording, piece: Piece) -> Result<i128, TraceError> {
        let unfit = |reason: &str, cure: &str| TraceError::Unfit { reason: reason.to_owned(), cure: cure.to_owned() };
        let Some((first, last, n)) = self.inside else {
            return Err(unfit("no row lies between `from` and `until`", "write other bounds, in the trace's own time"));
        };
        let (first, last, bin) = (i128::from(first), i128::from(last), i128::from(recording.bin.ns()));
        match reading.until {
            Some(_) if last + bin > piece.until => {
                Err(unfit("the last bin before `until` ends after it", "let `until` be the end of a bin"))
            }
            Some(_) => Ok(piece.until),
            None if bin > 0 => Ok(last + bin),
            None if last > first => {
                let gaps = i128::from(n) - 1;
                Ok(last + (last - first + gaps / 2) / gaps)
            }
            None => Err(unfit("nothing says after which time this trace begins anew", "write `until`, such as \"1h\"")),
        }
    }
}
