//! The engine: a calendar of future events and the loop that works it off. It knows nothing of requests or versions.

mod calendar;
mod event;
mod ladder;

pub use calendar::Calendar;
pub use event::{HANDLES, Rank};

use crate::time::Instant;

/// What is simulated.
pub trait Model {
    /// Why a simulation may have to be given up.
    type Error;

    /// When the next request arrives. Arrivals are known one ahead, so they need no place in the calendar.
    fn next_arrival(&self) -> Instant;

    /// The next request arrives.
    ///
    /// # Errors
    /// When the simulation cannot go on.
    fn arrive(&mut self, calendar: &mut Calendar) -> Result<(), Self::Error>;

    /// An event that was scheduled happens.
    ///
    /// # Errors
    /// When the simulation cannot go on.
    fn happen(&mut self, now: Instant, rank: Rank, handle: u32, calendar: &mut Calendar) -> Result<(), Self::Error>;
}

/// Works off events and arrivals in the order (instant, rank, sequence) until `end`. A completion at `end` still
/// happens; nothing else at `end` does.
///
/// # Errors
/// What the model returns.
pub fn run<M: Model>(model: &mut M, calendar: &mut Calendar, end: Instant) -> Result<(), M::Error> {
    loop {
        let arrival = model.next_arrival();
        let next = if arrival < end { (arrival, Rank::Arrival) } else { (end, Rank::Control) };
        match calendar.pop_before(next.0, next.1) {
            Some((now, rank, handle)) => model.happen(now, rank, handle, calendar)?,
            None if arrival < end => model.arrive(calendar)?,
            None => return Ok(()),
        }
    }
}
