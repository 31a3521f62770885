//! The shelf of reclamation policies: how long an idle instance is kept.

mod curve;
pub(crate) mod keys;

pub use curve::{Curve, CurveError};

use crate::dist::Law;
use crate::time::Span;
use rand::Rng;
use rand_distr::Distribution;

/// When an idle instance is reclaimed. A timeout equal to the gap between two requests keeps the instance warm.
#[derive(Clone, PartialEq, Debug)]
pub enum Idle {
    /// After a timeout of this law, drawn anew for each idle period.
    After(Law),
    /// By a measured curve, one timeout for each idle period.
    Curve(Curve),
    /// Never.
    Never,
}

impl Idle {
    /// A span of idleness that every instance survives; `None` when no instance is ever reclaimed. The pool looks at
    /// an idle instance only after this span, so that most idle periods end without a draw or an event.
    #[must_use]
    pub fn least(&self) -> Option<Span> {
        match self {
            Self::After(law) => Some(law.least()),
            Self::Curve(curve) => Some(curve.least()),
            Self::Never => None,
        }
    }

    /// The timeout of one idle period; `None` for never.
    pub fn timeout<R: Rng>(&self, rng: &mut R) -> Option<Span> {
        match self {
            Self::After(law) => Some(law.sample(rng)),
            Self::Curve(curve) => curve.timeout(rng),
            Self::Never => None,
        }
    }
}
