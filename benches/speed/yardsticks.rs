//! Two fixed yardsticks, so that a ratio keeps its meaning from day to day. Take them into the benches as they are.
//!
//! floor: the random draws of one request and nothing else (interarrival, node, front-end, alias u, service).
//! toy:   one pool, binary heap, FIFO expiry, most recently used instance; no gateway, versions, histogram or timeline.
use rand::{Rng, RngExt};
use rand_distr::{Distribution, Exp};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

const NS: f64 = 1e9;

/// Bare draws of `n` requests; returns a checksum.
pub fn floor(n: u64, rate: f64, service: impl Distribution<f64>, rng: &mut impl Rng) -> f64 {
    let gap = Exp::new(rate).unwrap();
    let mut sum = 0.0;
    for _ in 0..n {
        sum += gap.sample(rng) + service.sample(rng);
        sum += f64::from(rng.random_range(0..32u32) + rng.random_range(0..8u32)) + rng.random::<f64>();
    }
    sum
}

/// `n` requests through one pool. Times in seconds. Returns (cold starts, reclaimed, busy nanoseconds).
pub fn toy(
    n: u64,
    rate: f64,
    warm: impl Distribution<f64>,
    cold: impl Distribution<f64>,
    keep_alive: f64,
    rng: &mut impl Rng,
) -> (u64, u64, u128) {
    let gap = Exp::new(rate).unwrap();
    let keep_alive = (keep_alive * NS) as u64;
    let mut busy: BinaryHeap<Reverse<(u64, u32)>> = BinaryHeap::new();
    let mut idle: VecDeque<(u64, u32)> = VecDeque::new();
    let (mut now, mut cold_starts, mut reclaimed, mut busy_ns) = (0u64, 0u64, 0u64, 0u128);
    for _ in 0..n {
        now += (gap.sample(rng) * NS) as u64;
        while let Some(&Reverse((done, instance))) = busy.peek() {
            if done > now {
                break;
            }
            busy.pop();
            idle.push_back((done, instance));
        }
        while idle.front().is_some_and(|&(since, _)| since + keep_alive < now) {
            idle.pop_front();
            reclaimed += 1;
        }
        let (instance, service) = match idle.pop_back() {
            Some((_, instance)) => (instance, warm.sample(rng)),
            None => {
                cold_starts += 1;
                (cold_starts as u32, cold.sample(rng))
            }
        };
        let service = (service * NS) as u64;
        busy_ns += u128::from(service);
        busy.push(Reverse((now + service, instance)));
    }
    (cold_starts, reclaimed, busy_ns)
}
