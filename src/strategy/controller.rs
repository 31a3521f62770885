//! Controllers: what carries a rollout out. One is woken, may look at what it is allowed to see, and answers with commands; it
//! never sees the calendar, a request or a draw (guarantee G4).

use super::{Action, Director, Run, Script};
use crate::dist::Law;
use crate::ids::Version;
use crate::time::{Instant, Span};

/// What a controller may see when it is woken.
pub trait View {
    /// The present moment.
    fn now(&self) -> Instant;
    /// Whether one of its alarms was on when it was last looked at.
    fn is_in_alarm(&self, alarm: usize) -> bool;
}

/// Why a controller is woken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wake {
    /// It is t = 0.
    Start,
    /// What it waited for is over.
    Over,
    /// The hook that it waited for is over, and has failed.
    Failed,
    /// One of its alarms has been looked at, and is on.
    Alarm(usize),
    /// An analysis has turned down what is deployed.
    TurnedDown,
    /// A moment has come at which it wanted to be woken whatever it waits for.
    Rung,
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
    /// The call that tells the fleet of hosts what is wanted.
    UpdateReplicas,
    /// The call that changes how many environments are kept ready.
    UpdateProvisioned,
}

/// What a controller wants.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Command {
    /// To be told: a deployment is next; nothing of it has been done.
    Next,
    /// To be told: this version begins to go live. Clients that update by themselves may get its format, and alarms on it begin to
    /// count.
    Begin(Version),
    /// To do this now.
    Do(Action),
    /// To be woken when this is over, which begins now.
    Delay(Delay),
    /// To be woken after a while.
    WakeIn(Span),
    /// To be woken after a while that chance decides.
    Pause(Law),
    /// To be woken when this hook is over, and told whether it failed.
    Hook(Run),
    /// To be woken when every observer has adopted what has been done so far.
    WhenSettled,
    /// To be woken when the replicas, or the environments kept ready, that are wanted are there.
    WhenThere,
    /// To be woken at this moment, whatever it waits for.
    RingAt(Instant),
    /// To be told: all that was to be done has been done.
    Through,
    /// What it waits for is to be forgotten.
    Forget,
    /// To be told: a person takes back what was deployed.
    TakeBack,
    /// To be told: the deployment has taken too long. What it waited for is forgotten.
    TimedOut,
    /// To be told: an alarm has stopped the rollout. What it waited for is forgotten.
    Stopped,
    /// To be woken no more.
    End,
}

/// The kinds of controller.
#[derive(Clone, PartialEq, Debug)]
pub enum Controller {
    /// It goes through its steps, whatever happens.
    Script(Script),
    /// It goes through several deployments, until alarms or people stop it.
    Director(Box<Director>),
}

impl Controller {
    /// It is woken; its commands are added to `commands`.
    pub fn wake(&mut self, why: Wake, view: &impl View, commands: &mut Vec<Command>) {
        match self {
            Self::Script(script) => script.wake(commands),
            Self::Director(director) => director.wake(why, view, commands),
        }
    }
}

impl Delay {
    /// All of them, in order.
    pub const ALL: [Self; 6] = [
        Self::UpdateCode,
        Self::UpdateAlias,
        Self::RedeployGateway,
        Self::UpdateInProgress,
        Self::UpdateReplicas,
        Self::UpdateProvisioned,
    ];

    /// The name by which it is drawn.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UpdateCode => "update-code",
            Self::UpdateAlias => "update-alias",
            Self::RedeployGateway => "redeploy-gateway",
            Self::UpdateInProgress => "update-in-progress",
            Self::UpdateReplicas => "update-replicas",
            Self::UpdateProvisioned => "update-provisioned",
        }
    }
}
