//! The engine: a calendar of future events and the loop that works it off. It knows nothing of requests or versions.

mod calendar;
mod event;
mod ladder;
mod near;

pub use calendar::Calendar;
pub use event::{Bound, HANDLES, Rank};

use crate::time::Instant;

/// What is simulated.
pub trait Model {
    /// Why a simulation may have to be given up.
    type Error;

    /// When the next request arrives. Arrivals are known one ahead, so they need no place in the calendar.
    fn next_arrival(&self) -> Instant;

    /// An event with this handle will come soon: time to fetch what it will need.
    fn foresee(&self, handle: u32);

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
        let is_last = arrival >= end;
        let bound = if is_last { Bound::new(end, Rank::Control) } else { Bound::new(arrival, Rank::Arrival) };
        // What happens cannot change the next arrival.
        while let Some((now, rank, handle)) = calendar.pop_before(bound, |handle| model.foresee(handle)) {
            model.happen(now, rank, handle, calendar)?;
        }
        if is_last {
            return Ok(());
        }
        model.arrive(calendar)?;
    }
}
