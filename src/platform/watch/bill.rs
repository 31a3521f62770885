//! The bill: what the counts of some bins cost.

use super::cells::Cell;
use crate::platform::Prices;
use crate::platform::Service;
use crate::platform::index::Cast;

/// What there is to pay for, from t = 0 on, in whole numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bill {
    prices: Prices,
    /// Attempts that reached an instance.
    pub requests: u64,
    /// Attempts that the gateway took: those, and the ones that failed on the way.
    pub gateway: u64,
    /// Bytes of memory times milliseconds; `None` where the memory of a version is not known.
    pub memory: Option<u128>,
}

impl Bill {
    /// The bill for what was counted from t = 0 on of a strategy with these versions.
    #[must_use]
    pub fn new(counted: &Cell, service: &Service, cast: &Cast) -> Self {
        let handled: u64 = counted.attempts.iter().flat_map(|row| row.iter()).sum();
        let plain = &counted.plain;
        let requests = handled + plain.late.handled;
        let of_version = |(place, version)| {
            let memory = service.release(version).memory?;
            Some(u128::from(counted.billed[place]) * u128::from(memory.0))
        };
        Self {
            prices: service.prices,
            requests,
            gateway: requests + plain.refused + plain.late.refused,
            memory: cast.versions().map(of_version).sum(),
        }
    }

    /// What the requests cost, in dollars.
    #[must_use]
    pub fn requests_usd(&self) -> f64 {
        self.prices.requests.of(self.requests)
    }

    /// What running cost, in dollars; `None` where memory is not known.
    #[must_use]
    pub fn compute_usd(&self) -> Option<f64> {
        self.memory.map(|memory| self.prices.compute.of_memory(memory))
    }

    /// What the gateway cost, in dollars.
    #[must_use]
    pub fn gateway_usd(&self) -> f64 {
        self.prices.gateway.of(self.gateway)
    }

    /// All of it, in dollars; `None` where a part is not known.
    #[must_use]
    pub fn usd(&self) -> Option<f64> {
        self.compute_usd().map(|compute| self.requests_usd() + compute + self.gateway_usd())
    }
}
