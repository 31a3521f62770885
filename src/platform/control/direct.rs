//! Sources that are wired by themselves: who has learnt of what each producer is to write, and each mapping to ask for.

use super::Propagation;
use crate::platform::Service;
use crate::random::Seed;
use crate::source::Source;
use crate::time::Span;

/// The wiring of one such source. What it holds after each change stands in [`Changes`](super::Changes).
#[derive(Clone, Debug)]
pub struct Direct {
    /// How long after the beginning of a deployment that of its producer begins.
    pub at: Span,
    /// Which contract its producer writes.
    pub producer: Propagation,
    /// What its mapping asks for.
    pub mapping: Propagation,
}

impl Direct {
    /// The wiring of each source, before anything is done; `None` of those behind the gateway.
    pub(super) fn each(service: &Service, seed: Seed) -> Vec<Option<Self>> {
        let direct = |source: &Source| {
            let producer = source.via.producer()?;
            let one = |purpose, lag| Propagation::new(1, lag, seed.stream(purpose, &source.name));
            Some(Self {
                at: producer.at,
                producer: one("producer-lag", producer.lag),
                mapping: one("mapping-lag", service.function.mapping_lag),
            })
        };
        service.sources.iter().map(direct).collect()
    }
}
