//! The bill: what the counts of some bins cost.

use super::cells::{Cell, KeptReady};
use crate::platform::Prices;
use crate::platform::Service;
use crate::platform::index::Cast;

/// Nanoseconds in a millisecond.
const NS_PER_MS: u128 = 1_000_000;

/// What there is to pay for, from t = 0 on, in whole numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bill {
    prices: Prices,
    /// Invocations: attempts that reached an instance, those of a batch being one.
    pub requests: u64,
    /// Attempts that the gateway took: those, and the ones that failed on the way.
    pub gateway: u64,
    /// Bytes of memory times milliseconds; `None` where the memory of a version is not known.
    pub memory: Option<u128>,
    /// What was kept ready; `None` where nothing is, or the memory of a version is not known.
    pub kept: Option<KeptReady>,
    /// Replicas times nanoseconds; `None` where the code did not run on hosts.
    pub replicas: Option<u128>,
}

impl Bill {
    /// The bill for what was counted from t = 0 on of a strategy with these versions, and on hosts for so many replicas times
    /// nanoseconds.
    #[must_use]
    pub fn new(counted: &Cell, replicas: Option<u128>, service: &Service, cast: &Cast) -> Self {
        let handled: u64 = counted.attempts.iter().flat_map(|row| row.iter()).sum();
        let plain = &counted.plain;
        let requests = handled + plain.late.handled;
        let of_version = |(place, version)| {
            let memory = service.release(version).memory?;
            Some(u128::from(counted.billed[place]) * u128::from(memory.0))
        };
        let memory: Option<u128> = cast.versions().map(of_version).sum();
        Self {
            prices: service.prices,
            requests: requests - plain.queued.together,
            gateway: requests + plain.refused + plain.late.refused - plain.direct,
            memory,
            kept: service.function.provisioned.and(memory).map(|_| plain.kept),
            replicas,
        }
    }

    /// What the requests cost, in dollars; `None` on hosts.
    #[must_use]
    pub fn requests_usd(&self) -> Option<f64> {
        self.replicas.is_none().then(|| self.prices.requests.of(self.requests))
    }

    /// What running cost, in dollars; `None` where memory is not known, and on hosts.
    #[must_use]
    pub fn compute_usd(&self) -> Option<f64> {
        self.memory.filter(|_| self.replicas.is_none()).map(|memory| self.prices.compute.of_memory(memory))
    }

    /// What it cost to keep environments ready and to run them, in dollars; `None` where nobody asks for any, where memory is not
    /// known, and on hosts.
    #[must_use]
    pub fn provisioned_usd(&self) -> Option<f64> {
        let kept = self.kept.filter(|_| self.replicas.is_none())?;
        Some(self.prices.held.of_memory(kept.billed / NS_PER_MS) + self.prices.ran.of_memory(kept.ran))
    }

    /// What the gateway cost, in dollars.
    #[must_use]
    pub fn gateway_usd(&self) -> f64 {
        self.prices.gateway.of(self.gateway)
    }

    /// What the replicas cost, in dollars; `None` where their price is not known, and where there are none.
    #[must_use]
    pub fn instances_usd(&self) -> Option<f64> {
        self.prices.instance.zip(self.replicas).map(|(price, replicas)| price.of_time(replicas))
    }

    /// All of it, in dollars; `None` where a part is not known.
    #[must_use]
    pub fn usd(&self) -> Option<f64> {
        let running = match self.replicas {
            None => self.requests_usd().zip(self.compute_usd()).map(|(requests, compute)| requests + compute),
            Some(_) => self.instances_usd(),
        };
        running.map(|running| running + self.provisioned_usd().unwrap_or(0.0) + self.gateway_usd())
    }
}
