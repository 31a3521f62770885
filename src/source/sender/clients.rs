//! Clients that update by themselves: a share still writes the old contract, and decays.

use crate::math;
use crate::text::key::Key;
use crate::text::kind::{self, Settings};
use crate::time::{Instant, Span};
use crate::units::Share;

/// Adoption of a new client version: P(old) = 1 before t = 0, then `old` x 2^(-t / `half_life`), drawn per request.
///
/// No measured adoption curve is known to us; both figures are assumptions to vary.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Clients {
    /// The share of requests from old clients just after t = 0.
    pub old: Share,
    /// The span in which that share halves; above zero.
    pub half_life: Span,
}

impl Clients {
    /// The probability that a request at `now` comes from an old client.
    #[must_use]
    pub fn old_share(&self, now: Instant) -> f64 {
        self.old_share_since(Instant::ZERO, now)
    }

    /// The same, of what can be updated to since `start`.
    #[must_use]
    pub fn old_share_since(&self, start: Instant, now: Instant) -> f64 {
        if now < start { 1.0 } else { self.old.as_f64() * decay(Instant::ZERO + now.since(start), self.half_life) }
    }

    /// Whether the request at `now` with these random bits comes from a client that has not updated to what there is since
    /// `start`. Who is old by one start is old by every later one.
    #[must_use]
    pub fn is_old_since(&self, start: Instant, now: Instant, bits: u64) -> bool {
        ((bits >> 11) as f64) < self.old_share_since(start, now) * (1_u64 << 53) as f64
    }

    /// The same, of a single update at t = 0.
    #[must_use]
    pub fn is_old(&self, now: Instant, bits: u64) -> bool {
        self.is_old_since(Instant::ZERO, now, bits)
    }
}

/// 2^(-t / `half_life`).
pub(in crate::source) fn decay(now: Instant, half_life: Span) -> f64 {
    math::exp2(-(now.ns() as f64) / half_life.ns() as f64)
}

/// `clients` of a source.
pub(in crate::source) const CLIENTS: Key<Clients> = Key::new(
    "clients",
    &Settings {
        keys: &[&OLD, &HALF_LIFE],
        example: EXAMPLE,
        read: |table| {
            let (old, half_life) = (table.read(&OLD), table.read(&HALF_LIFE));
            Ok(Clients { old: old?, half_life: half_life? })
        },
    },
    "Clients that update by themselves: the client's version shapes the event, not the gateway's revision.",
)
.otherwise("none; the gateway's revision shapes the event.");

const EXAMPLE: &str = "clients = { old = \"100%\", half_life = \"300s\" }";

const OLD: Key<Share> =
    Key::new("old", &kind::SHARE, "The share of old clients at t = 0; before it, all are old.").required(EXAMPLE);
pub(crate) const HALF_LIFE: Key<Span> =
    Key::new("half_life", &kind::SPAN_ABOVE_ZERO, "After this span half of the old clients are gone, and so on.")
        .required(EXAMPLE)
        .tries("1m", "1h");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_halves_every_half_life() {
        let clients = Clients { old: Share::percent(80), half_life: Span::from_s(300) };
        assert_eq!(clients.old_share(Instant::from_ns(-1)), 1.0);
        assert_eq!(clients.old_share(Instant::ZERO), 0.8);
        assert_eq!(clients.old_share(Instant::ZERO + Span::from_s(600)), 0.2);
        assert!(clients.is_old(Instant::from_ns(-1), u64::MAX));
        assert!(clients.is_old(Instant::ZERO, u64::MAX / 10 * 7));
        assert!(!clients.is_old(Instant::ZERO, u64::MAX / 10 * 9));
    }
}
