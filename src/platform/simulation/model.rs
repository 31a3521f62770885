//! What happens next: arrivals, completions, and everything rarer, each passed on to where it is dealt with.

use super::{Simulation, fleet, kept, overflow, queue};
use crate::engine::{Calendar, Model, Rank};
use crate::platform::observer::Observer;
use crate::platform::room::Crowded;
use crate::time::Instant;

impl<O: Observer> Model for Simulation<O> {
    type Error = Crowded;

    #[inline]
    fn next_arrival(&self) -> Instant {
        self.arrivals.next_at()
    }

    #[inline(always)]
    fn foresee(&self, handle: u32) {
        // With many instances, each has left the processor's cache by the time that it is done; loads that nothing waits
        // for bring several back at once. A handle that is no instance's does no harm.
        if let Some(instance) = self.instances.hot.get(handle as usize) {
            std::hint::black_box(instance.condition);
        }
    }

    #[inline(always)]
    fn arrive(&mut self, calendar: &mut Calendar) -> Result<(), Crowded> {
        let sent = self.arrivals.take();
        let now = sent.at;
        if now >= self.levels.due() {
            self.roll(now);
        }
        self.arrived += 1;
        self.first_attempt(&sent, now, calendar)
    }

    #[inline(always)]
    fn happen(&mut self, now: Instant, rank: Rank, handle: u32, calendar: &mut Calendar) -> Result<(), Crowded> {
        if now >= self.levels.due() {
            self.roll(now);
        }
        if rank == Rank::Completion {
            return self.proceed(handle, now, calendar);
        }
        self.happen_rarely(now, rank, handle, calendar)
    }
}

impl<O: Observer> Simulation<O> {
    /// Anything but a completion happens.
    #[inline(never)]
    fn happen_rarely(&mut self, now: Instant, rank: Rank, handle: u32, calendar: &mut Calendar) -> Result<(), Crowded> {
        match rank {
            Rank::Arrival => return self.try_again(handle, now, calendar),
            Rank::Control if handle >= overflow::WAITS => return self.overflows(now, handle, calendar),
            Rank::Control if handle >= queue::LOOKS_AT_QUEUE => {
                return self.receive(handle - queue::LOOKS_AT_QUEUE, now, calendar);
            }
            Rank::Control if handle >= fleet::SCALINGS => return self.fleet(now, handle, calendar),
            Rank::Control if handle >= kept::KEEPS => return self.keeps(now, handle, calendar),
            Rank::Control => {
                self.control(now, handle, calendar);
                return self.crowded.map_or(Ok(()), Err);
            }
            Rank::Completion | Rank::Expiry if self.hosts.is_some() => {
                return self.give_up_on_host(handle, now, calendar);
            }
            Rank::Completion | Rank::Expiry => self.expire(now, handle, calendar),
        }
        Ok(())
    }
}
