//! The bench's cases as a model for NeXosim: a source sends customers to a pool, which serves each at once on an
//! instance that it then keeps for the next.
//!
//! Arrivals and completions are events. The end of a keep-alive is not: idle instances that have outlived theirs are
//! dropped at the next arrival, which costs less and changes nothing for any customer.

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::{Output, QuerySource};
use nexosim::simulation::{Mailbox, SimInit, SimulationError};
use nexosim::time::MonotonicTime;
use rand_distr::{Distribution, Exp, LogNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::time::Duration;

/// A law of durations in seconds.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub enum Law {
    /// Without memory.
    Exponential(Exp<f64>),
    /// With a normal logarithm.
    Lognormal(LogNormal<f64>),
}

impl Law {
    fn draw(&self, random: &mut Xoshiro256PlusPlus) -> Duration {
        let seconds = match self {
            Self::Exponential(law) => law.sample(random),
            Self::Lognormal(law) => law.sample(random),
        };
        // NeXosim refuses to schedule an event for now.
        Duration::from_nanos((seconds * 1e9) as u64).max(Duration::from_nanos(1))
    }
}

/// What is simulated: Poisson arrivals, a pool without limit, and for how long.
#[derive(Clone, Copy)]
pub struct Case {
    /// The law of the time from one arrival to the next.
    pub gap: Law,
    /// The service time on an instance that was kept.
    pub warm: Law,
    /// The service time on a new instance.
    pub cold: Law,
    /// How long an idle instance is kept.
    pub keep_alive: Duration,
    /// How long customers arrive; what is busy then is left unfinished.
    pub length: Duration,
}

/// What was counted.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Figures {
    /// Customers whose service ended.
    pub served: u64,
    /// Customers who found no idle instance.
    pub cold_starts: u64,
    /// Busy instances, averaged over time.
    pub busy: f64,
}

#[derive(Serialize, Deserialize)]
struct Source {
    customer: Output<()>,
    gap: Law,
    random: Xoshiro256PlusPlus,
}

#[Model]
impl Source {
    #[nexosim(init)]
    async fn init(&mut self, context: &Context<Self>) {
        self.schedule(context);
    }

    #[nexosim(schedulable)]
    async fn arrive(&mut self, _: (), context: &Context<Self>) {
        self.schedule(context);
        self.customer.send(()).await;
    }

    fn schedule(&mut self, context: &Context<Self>) {
        let gap = self.gap.draw(&mut self.random);
        context.schedule_event(gap, schedulable!(Self::arrive), ()).expect("a gap is positive");
    }
}

#[derive(Serialize, Deserialize)]
struct Pool {
    warm: Law,
    cold: Law,
    keep_alive: Duration,
    random: Xoshiro256PlusPlus,
    busy: u64,
    /// Since when each idle instance has been so, the earliest first.
    idle: VecDeque<MonotonicTime>,
    /// Up to when `busy_seconds` is known.
    counted: MonotonicTime,
    busy_seconds: f64,
    served: u64,
    cold_starts: u64,
}

#[Model]
impl Pool {
    fn new(case: &Case, random: Xoshiro256PlusPlus) -> Self {
        Self {
            warm: case.warm,
            cold: case.cold,
            keep_alive: case.keep_alive,
            random,
            busy: 0,
            idle: VecDeque::new(),
            counted: MonotonicTime::EPOCH,
            busy_seconds: 0.0,
            served: 0,
            cold_starts: 0,
        }
    }

    fn serve(&mut self, _: (), context: &Context<Self>) {
        let now = context.time();
        self.count(now);
        while self.idle.front().is_some_and(|&since| since + self.keep_alive < now) {
            self.idle.pop_front();
        }
        let service = match self.idle.pop_back() {
            Some(_) => self.warm,
            None => {
                self.cold_starts += 1;
                self.cold
            }
        };
        self.busy += 1;
        let service = service.draw(&mut self.random);
        context.schedule_event(service, schedulable!(Self::complete), ()).expect("a service is positive");
    }

    #[nexosim(schedulable)]
    fn complete(&mut self, _: (), context: &Context<Self>) {
        let now = context.time();
        self.count(now);
        self.busy -= 1;
        self.served += 1;
        self.idle.push_back(now);
    }

    async fn figures(&mut self, _: (), context: &Context<Self>) -> Figures {
        let now = context.time();
        self.count(now);
        let busy = self.busy_seconds / now.duration_since(MonotonicTime::EPOCH).as_secs_f64();
        Figures { served: self.served, cold_starts: self.cold_starts, busy }
    }

    fn count(&mut self, now: MonotonicTime) {
        self.busy_seconds += self.busy as f64 * now.duration_since(self.counted).as_secs_f64();
        self.counted = now;
    }
}

/// Simulates a case from an empty pool on, on the calling thread.
///
/// # Errors
///
/// NeXosim's, which are faults of the model.
pub fn simulate(case: &Case, seed: u64) -> Result<Figures, SimulationError> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut source = Source { customer: Output::default(), gap: case.gap, random: random.clone() };
    random.jump();
    let pool = Pool::new(case, random);

    let (source_mailbox, pool_mailbox) = (Mailbox::new(), Mailbox::new());
    source.customer.connect(Pool::serve, &pool_mailbox);
    // With one thread NeXosim takes its plain executor, without work stealing.
    let mut bench = SimInit::with_num_threads(1);
    let figures = QuerySource::new().connect(Pool::figures, &pool_mailbox).register(&mut bench);
    let mut simulation = bench
        .add_model(source, source_mailbox, "source")
        .add_model(pool, pool_mailbox, "pool")
        .init(MonotonicTime::EPOCH)?;

    simulation.step_until(case.length)?;
    Ok(simulation.process_query(&figures, ())?)
}
