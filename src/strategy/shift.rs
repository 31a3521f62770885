//! Shifts of an alias: the weight of the new version over time, in CodeDeploy's schedules and names.
//!
//! Source: AWS CodeDeploy user guide and API reference (`TimeBasedCanary`, `TimeBasedLinear`), AWS SAM's
//! `DeploymentPreference` types. A linear shift moves its percentage at the *start* of each increment, so k x p % is
//! reached at (k - 1) x interval.

use crate::time::Span;
use crate::units::Share;

/// How the alias moves from the old version to the new one.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Shift {
    /// All requests at once.
    AllAtOnce,
    /// `weight` at first, everything after `bake`.
    Canary {
        /// The share of the first stage.
        weight: Share,
        /// How long the first stage lasts.
        bake: Span,
    },
    /// `weight` more every `every`, beginning at once.
    Linear {
        /// The share of each increment.
        weight: Share,
        /// The interval between increments.
        every: Span,
    },
}

/// The predefined shifts: name, share in per cent, minutes; `Canary` or `Linear` by name.
const PREDEFINED: [(&str, u64, u64); 8] = [
    ("Canary10Percent5Minutes", 10, 5),
    ("Canary10Percent10Minutes", 10, 10),
    ("Canary10Percent15Minutes", 10, 15),
    ("Canary10Percent30Minutes", 10, 30),
    ("Linear10PercentEvery1Minute", 10, 1),
    ("Linear10PercentEvery2Minutes", 10, 2),
    ("Linear10PercentEvery3Minutes", 10, 3),
    ("Linear10PercentEvery10Minutes", 10, 10),
];

impl Shift {
    /// The prefix of CodeDeploy's full configuration names for Lambda.
    pub const PREFIX: &str = "CodeDeployDefault.Lambda";

    /// The shift that CodeDeploy or SAM calls so, with or without the prefix `CodeDeployDefault.Lambda`.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let short = name.strip_prefix(Self::PREFIX).unwrap_or(name);
        if short == "AllAtOnce" {
            return Some(Self::AllAtOnce);
        }
        let &(name, percent, minutes) = PREDEFINED.iter().find(|&&(known, ..)| known == short)?;
        let (weight, span) = (Share::percent(percent), Span::from_s(minutes * 60));
        Some(if name.starts_with("Canary") {
            Self::Canary { weight, bake: span }
        } else {
            Self::Linear { weight, every: span }
        })
    }

    /// Every name that [`Shift::by_name`] knows, without prefix.
    pub fn names() -> impl Iterator<Item = &'static str> {
        std::iter::once("AllAtOnce").chain(PREDEFINED.iter().map(|&(name, ..)| name))
    }

    /// The stages: after how long from the first, and which share is on the new version from then on. The last one's
    /// is the whole.
    pub fn stages(self) -> impl Iterator<Item = (Span, Share)> {
        let (steps, weight, every) = match self {
            Self::AllAtOnce => (1, Share::WHOLE, Span::ZERO),
            Self::Canary { weight, bake } => (if weight.is_whole() { 1 } else { 2 }, weight, bake),
            Self::Linear { weight, every } => (weight.steps_to_whole().unwrap_or(1), weight, every),
        };
        (1..=steps).map(move |k| {
            let share = if k == steps { Share::WHOLE } else { weight.times(k) };
            (Span::from_ns(every.ns().saturating_mul(k - 1)), share)
        })
    }
}
