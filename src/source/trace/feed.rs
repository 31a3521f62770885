//! The arrivals of a trace in one replication.

use super::stored::{Cursor, Stored};
use super::{Placing, Row, Trace};
use crate::random::{self, Seed, Stream};
use crate::source::FeedError;
use crate::source::spread::Spreading;
use crate::time::{Instant, Span};
use crate::units::Factor;
use rand_xoshiro::Xoshiro256PlusPlus;

/// The recorded arrivals still to come.
#[derive(Clone, Debug)]
pub struct Feed {
    placing: Placing,
    /// Whether a row is one request at its own time, no more and no fewer.
    plain: bool,
    cursor: Cursor,
    /// When the present pass through the piece began, and which it is.
    begins: Instant,
    pass: i64,
    period: Option<Span>,
    /// Requests of the present row still to come, and their service time.
    spreading: Spreading,
    service: Option<Span>,
    start: Instant,
    end: Instant,
    /// For requests within their bins.
    within: Xoshiro256PlusPlus,
    /// For the part of a scaled row that is drawn.
    scaling: Stream,
    stored: Stored,
    failure: Option<FeedError>,
}

impl Trace {
    pub(in crate::source) fn feed(&self, seed: Seed, name: &str, start: Instant, end: Instant) -> Feed {
        let width = self.placing.width;
        let pass = self.pass(start.before(width));
        let begins = self.begins(pass);
        let (cursor, failure) = match self.stored.seek(start.since(begins + width).ns()) {
            Ok(cursor) => (cursor, None),
            Err(error) => (Cursor::none(), Some(error)),
        };
        Feed {
            placing: self.placing,
            plain: self.placing.single && self.placing.scale == Factor::ONE,
            cursor,
            begins,
            pass,
            period: self.period,
            spreading: Spreading::NONE,
            service: None,
            start,
            end,
            within: random::sequence(seed, "arrivals", name),
            scaling: seed.stream("scaled-row", name),
            stored: self.stored.clone(),
            failure,
        }
    }
}

impl Feed {
    #[inline]
    pub(in crate::source) fn advance(&mut self) -> Instant {
        loop {
            while self.spreading.left > 0 {
                let at = self.spreading.next(self.placing.spread, &mut self.within);
                if at >= self.start {
                    return if at < self.end { at } else { Instant::END };
                }
            }
            match self.cursor.next() {
                Ok(Some(row)) => {
                    let at = self.begins + Span::from_ns(row.offset);
                    if at >= self.end {
                        return Instant::END;
                    }
                    self.service = row.service;
                    // What most traces are: a row, a request.
                    if self.plain && at >= self.start {
                        return at;
                    }
                    self.spreading = Spreading::new(at, self.placing.width, self.scaled(&row));
                }
                Ok(None) if self.again() => {}
                Ok(None) => return Instant::END,
                Err(error) => {
                    self.fail(error);
                    return Instant::END;
                }
            }
        }
    }

    /// How long the code will take for the request that was last sent, where the trace says so.
    #[inline]
    pub(in crate::source) const fn service(&self) -> Option<Span> {
        self.service
    }

    /// How many requests a row stands for. A row that is there at a smaller scale is there at a larger one.
    #[inline]
    fn scaled(&self, row: &Row) -> u64 {
        if self.placing.scale == Factor::ONE {
            return row.count;
        }
        let (sure, chance) = self.placing.scale.times(row.count);
        let bits = self.scaling.bits(row.number, self.pass.cast_unsigned());
        sure + u64::from(chance.threshold().admits(bits))
    }

    /// Begins the next pass, if there is one.
    #[cold]
    fn again(&mut self) -> bool {
        let Some(period) = self.period else { return false };
        self.pass += 1;
        self.begins = self.begins + period;
        if self.begins >= self.end {
            return false;
        }
        match self.stored.seek(0) {
            Ok(cursor) => self.cursor = cursor,
            Err(error) => self.fail(error),
        }
        self.failure.is_none()
    }

    #[cold]
    fn fail(&mut self, error: FeedError) {
        self.failure = Some(error);
        self.cursor = Cursor::none();
        self.period = None;
    }

    /// Why its arrivals are not to be relied on, if they are not.
    pub(in crate::source) fn failure(&self) -> Option<FeedError> {
        self.failure.clone()
    }
}
