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

#[cfg(test)]
mod tests {
    use super::*;

    /// Notes what happens until it has had enough.
    struct Noted {
        /// Those to come, the next one last.
        arrivals: Vec<i64>,
        seen: Vec<(i64, Rank)>,
        enough: usize,
    }

    impl Noted {
        fn note(&mut self, now: Instant, rank: Rank) -> Result<(), &'static str> {
            self.seen.push((now.ns(), rank));
            if self.seen.len() < self.enough { Ok(()) } else { Err("enough") }
        }
    }

    impl Model for Noted {
        type Error = &'static str;

        fn next_arrival(&self) -> Instant {
            self.arrivals.last().map_or(Instant::END, |&at| Instant::from_ns(at))
        }

        fn foresee(&self, _: u32) {}

        fn arrive(&mut self, calendar: &mut Calendar) -> Result<(), Self::Error> {
            let now = self.next_arrival();
            self.arrivals.pop();
            calendar.push(Instant::from_ns(now.ns() + 3), Rank::Completion, 0);
            self.note(now, Rank::Arrival)
        }

        fn happen(&mut self, now: Instant, rank: Rank, _: u32, _: &mut Calendar) -> Result<(), Self::Error> {
            self.note(now, rank)
        }
    }

    /// Arrivals at 2, 5 and 8, each with a completion 3 ns later, and at 5 and 8 an event of each rank but theirs.
    fn until_8(enough: usize) -> (Result<(), &'static str>, Vec<(i64, Rank)>) {
        let mut calendar = Calendar::default();
        for at in [5, 8] {
            for rank in [Rank::Expiry, Rank::Control] {
                calendar.push(Instant::from_ns(at), rank, 0);
            }
        }
        let mut model = Noted { arrivals: vec![8, 5, 2], seen: Vec::new(), enough };
        let ran = run(&mut model, &mut calendar, Instant::from_ns(8));
        (ran, model.seen)
    }

    const UNTIL_8: [(i64, Rank); 6] = [
        (2, Rank::Arrival),
        (5, Rank::Completion),
        (5, Rank::Control),
        (5, Rank::Arrival),
        (5, Rank::Expiry),
        (8, Rank::Completion),
    ];

    #[test]
    fn events_and_arrivals_have_one_order_and_at_the_end_only_completions_happen() {
        assert_eq!(until_8(usize::MAX), (Ok(()), UNTIL_8.to_vec()));
    }

    #[test]
    fn a_model_that_gives_up_ends_the_run() {
        for enough in 1..=UNTIL_8.len() {
            assert_eq!(until_8(enough), (Err("enough"), UNTIL_8[..enough].to_vec()));
        }
    }
}
