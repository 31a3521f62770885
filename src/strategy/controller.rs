//! Controllers: what carries a rollout out. One is woken, may look at what it is allowed to see, and answers with commands; it
//! never sees the calendar, a request or a draw (guarantee G4).

use super::{Action, Script};
use crate::time::{Instant, Span};

/// What a controller may see when it is woken.
pub trait View {
    /// The present moment.
    fn now(&self) -> Instant;
}

/// What takes the control plane a while. Drawn by (name, ordinal), so that two strategies that make the same call wait equally
/// long.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Delay {
    /// The call that updates the code of `$LATEST`.
    UpdateCode,
    /// The call that moves the alias.
    UpdateAlias,
    /// The call that redeploys the gateway.
    RedeployGateway,
    /// An update of `$LATEST` is in progress, the old code still serving.
    UpdateInProgress,
}

/// What a controller wants.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Command {
    /// To do this now.
    Do(Action),
    /// To be woken when this is over, which begins now.
    Delay(Delay),
    /// To be woken after a while.
    WakeIn(Span),
    /// Nothing any more: the rollout has come to its end.
    End,
}

/// The kinds of controller.
#[derive(Clone, PartialEq, Debug)]
pub enum Controller {
    /// It goes through its steps, whatever happens.
    Script(Script),
}

impl Controller {
    /// It is woken: at t = 0, and when something that it commanded is over. Its commands are added to `commands`.
    pub fn wake(&mut self, _: &impl View, commands: &mut Vec<Command>) {
        match self {
            Self::Script(script) => script.wake(commands),
        }
    }
}

impl Delay {
    /// How many kinds there are.
    pub const KINDS: usize = 4;

    /// The name by which it is drawn.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UpdateCode => "update-code",
            Self::UpdateAlias => "update-alias",
            Self::RedeployGateway => "redeploy-gateway",
            Self::UpdateInProgress => "update-in-progress",
        }
    }
}
