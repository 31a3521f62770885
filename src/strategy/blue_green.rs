//! `blue-green`: a second stack, tested while the first one serves; then the balancer is switched over.

use super::deployment::{OWN_FROM, OWN_STEP, OWN_TO};
use super::fleet::{Fleet, Stacks, Wanted};
use super::guard::keys::{AT_START, HOOKS, ON_TIMEOUT, ROLLBACK_ON, TIMEOUT, WATCH};
use super::keys::{Around, SETTINGS};
use super::lever::{Lever, Levers};
use super::{Action, AliasTarget, Delay, Deployment, GatewayMove, Planned, Rollout, Script, Step, alias};
use crate::ids::Qualifier;
use crate::text::key::Key;
use crate::text::kind::{self, Choice, Keys};
use crate::text::log::Checked;
use crate::text::reader::Item;
use crate::text::shelf::Variant;
use crate::time::Span;

/// Two stacks and a switch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlueGreen {
    /// What is switched.
    pub switch: Switch,
    /// How long the new stack is tested before.
    pub test: Span,
    /// How long the old stack is left to finish what it serves.
    pub drain: Span,
    /// How much longer it is kept, to switch back to.
    pub bake: Span,
    /// When the gateway is redeployed, where the balancer is switched.
    pub gateway: GatewayMove,
}

/// What a blue/green deployment switches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Switch {
    /// The balancer's target: events may change their format before or after.
    Balancer,
    /// The gateway: a revision names the stack, so that format and target move together.
    Gateway,
}

pub(super) const KIND: Variant<Around, Planned> = Variant {
    name: "blue-green",
    about: "On hosts: a second stack is raised and tested, all traffic is switched to it, and the first one is deleted.",
    example: "{ blue-green = { bake = \"10m\" } }",
    look: &Keys(&[
        &OWN_FROM,
        &OWN_TO,
        &OWN_STEP,
        &ROLLBACK_ON,
        &AT_START,
        &WATCH,
        &HOOKS,
        &TIMEOUT,
        &ON_TIMEOUT,
        &SWITCH,
        &TEST,
        &DRAIN,
        &BAKE,
        &alias::GATEWAY,
    ]),
    read,
};

const SWITCH: Key<Switch> = Key::new(
    "switch",
    &Choice(&[("balancer", Switch::Balancer), ("gateway", Switch::Gateway)]),
    "What is switched: the balancer's target, or the gateway, whose revision then names the stack: format and target move together.",
)
.defaults("balancer");

const TEST: Key<Span> =
    Key::new("test", &kind::SPAN, "How long the new stack is tested before traffic comes.").defaults("0s");

const DRAIN: Key<Span> = Key::new(
    "drain",
    &kind::SPAN,
    "How long after the last change the old stack is left to finish what it serves; after a rollback, the new one.",
)
.defaults("300s")
.documented("the deregistration delay of an AWS load balancer; Argo Rollouts: 30 s");

const BAKE: Key<Span> =
    Key::new("bake", &kind::SPAN, "How much longer the old stack is kept, to switch back to, before it is deleted.")
        .defaults("0s");

fn read(item: &Item, around: &Around) -> Checked<Planned> {
    let mut settings = item.table(SETTINGS)?;
    let deployment = around.inherited.within(&mut settings);
    let guard = around.guard(&mut settings, false);
    let switch = settings.read(&SWITCH);
    let (test, drain, bake) = (settings.read(&TEST), settings.read(&DRAIN), settings.read(&BAKE));
    let written = settings.written_at(&alias::GATEWAY);
    let moves = alias::gateway_move(&mut settings, around);
    around.on_hosts(item, KIND.name);
    settings.finish();
    let (switch, written, gateway) = (switch?, written?, moves?);
    if let (Switch::Gateway, Some((at, _))) = (switch, &written) {
        let cure = "drop it, or write `switch = \"balancer\"`";
        return Err(item.log.refuse(at, "the gateway is what is switched here", cure));
    }
    if switch == Switch::Gateway && !around.wired.direct.is_empty() {
        let cure = "write `switch = \"balancer\"`, or `via = \"gateway\"` at every source";
        return Err(item.refuse("a direct source passes no gateway that could name its stack", cure));
    }
    let rollout = BlueGreen { switch, test: test?, drain: drain?, bake: bake?, gateway };
    Ok((deployment?, guard?, Rollout::BlueGreen(rollout)))
}

impl BlueGreen {
    pub(super) fn levers(self) -> Levers {
        use Lever::{EndpointLag, GatewayLag, GatewayNodes, Startup, Step};
        match (self.switch, self.gateway) {
            (Switch::Gateway, _) => Levers { decisive: Vec::new(), further: vec![GatewayLag, GatewayNodes, Startup] },
            (Switch::Balancer, GatewayMove::None) => {
                Levers { decisive: vec![EndpointLag], further: vec![Startup, Step] }
            }
            (Switch::Balancer, _) => {
                Levers { decisive: vec![GatewayLag, Step, EndpointLag], further: vec![Startup, GatewayNodes] }
            }
        }
    }

    /// What every route asks for.
    pub(super) const fn qualifier(self, deployment: &Deployment) -> Qualifier {
        match self.switch {
            Switch::Balancer => Qualifier::Alias,
            Switch::Gateway => Qualifier::Number(deployment.from),
        }
    }

    pub(super) fn script(self, deployment: &Deployment) -> Script {
        let &Deployment { from, to, .. } = deployment;
        let mut steps = vec![Step::Do(Action::Replicas(Wanted::Raise(to, self.drain))), Step::WhenThere];
        steps.extend((self.test > Span::ZERO).then_some(Step::Wait(self.test)));
        let redeploy = |qualifier| Step::Do(Action::RedeployGateway { shape: to, qualifier });
        let switch = Step::Do(Action::UpdateAlias(AliasTarget { primary: to, additional: None }));
        steps.push(Step::Delay(match (self.switch, self.gateway) {
            (Switch::Gateway, _) | (Switch::Balancer, GatewayMove::Before) => Delay::RedeployGateway,
            (Switch::Balancer, GatewayMove::After | GatewayMove::None) => Delay::UpdateAlias,
        }));
        match (self.switch, self.gateway) {
            (Switch::Gateway, _) => steps.push(redeploy(Qualifier::Number(to))),
            (_, GatewayMove::None) => steps.push(switch),
            (_, GatewayMove::Before) => {
                steps.extend([redeploy(Qualifier::Alias), Step::Delay(Delay::UpdateAlias), switch]);
            }
            (_, GatewayMove::After) => {
                steps.extend([switch, Step::Delay(Delay::RedeployGateway), redeploy(Qualifier::Alias)]);
            }
        }
        let kept = Span::from_ns(self.drain.ns().saturating_add(self.bake.ns())).min(Span::LONGEST);
        steps.push(Step::Do(Action::Replicas(Wanted::Retire(from, kept))));
        Script::new(steps)
    }

    pub(super) fn fleet(replicas: u32, deployment: &Deployment) -> Fleet {
        Fleet::Stacks(Stacks::new(replicas, deployment.from))
    }
}
