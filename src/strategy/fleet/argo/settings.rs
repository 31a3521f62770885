//! What is written of a canary.

use crate::controller::Setting;
use crate::controller::argo::{AbortDelay, Scale, Step, Threshold};
use crate::time::Span;

/// How a canary goes live. What it may have too many or too few of concerns stable set and canary only without a
/// router.
#[derive(Clone, PartialEq, Debug)]
pub struct Settings {
    /// Whether a router splits the traffic; otherwise what every set gets is its share of the pods.
    pub router: bool,
    /// The steps before all pods are new.
    pub steps: Vec<Item>,
    /// How many pods more than asked for there may be.
    pub max_surge: Setting,
    /// How many fewer.
    pub max_unavailable: Setting,
    /// Whether the stable set becomes smaller as the canary grows. It needs a router.
    pub dynamic_stable: bool,
    /// Pods that a set behind a router has at least, if it has any; 0 for no such limit.
    pub min_pods: u32,
    /// How much of a canary is enough to go on; absent: all of it.
    pub progress_threshold: Option<Threshold>,
    /// How long a set that was stable stays behind a router; with 0 it goes at once.
    pub scale_down_delay: Span,
    /// How long an aborted canary stays behind a router; with 0 for ever.
    pub abort_delay: Span,
}

/// One step. Weights are in per cent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Item {
    /// The canary gets this weight.
    SetWeight(u32),
    /// Wait so long; `None` until a person goes on, whom nobody here plays.
    Pause(Option<Span>),
    /// The canary gets this size; without a router this changes nothing.
    Scale(Scale),
    /// Wait for the analysis of this index to succeed.
    Analysis(usize),
}

/// How long an aborted canary stays where nothing is written (AR `utils/defaults`).
const USUAL: Span = Span::from_s(30);

impl Item {
    /// The step as its decisions know it; spans are in nanoseconds.
    pub(super) fn step(&self) -> Step {
        match *self {
            Self::SetWeight(weight) => Step::SetWeight(weight),
            Self::Pause(span) => Step::Pause(span.map(Span::ns)),
            Self::Scale(scale) => Step::SetScale(scale),
            Self::Analysis(_) => Step::Analysis,
        }
    }
}

impl Settings {
    /// Whether a step waits for an analysis.
    #[must_use]
    pub fn has_analysis(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Item::Analysis(_)))
    }

    /// The kind of the delay after an abort. One that is written as it is by default is not told from one that is not
    /// written.
    pub(super) fn abort_delay(&self) -> AbortDelay {
        match self.abort_delay {
            Span::ZERO => AbortDelay::Never,
            USUAL => AbortDelay::Usual,
            _ => AbortDelay::Own,
        }
    }
}
