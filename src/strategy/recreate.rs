//! `recreate`: all old replicas of a Kubernetes Deployment end before a new one begins.

use super::deployment::{OWN_FROM, OWN_STEP, OWN_TO};
use super::fleet::{self, Fleet, Replacing, Wanted};
use super::guard::keys::{AT_START, HOOKS, ON_TIMEOUT, ROLLBACK_ON, TIMEOUT, WATCH};
use super::keys::{Around, SETTINGS};
use super::lever::{Lever, Levers};
use super::{Action, Delay, Deployment, GatewayMove, Planned, Rollout, Script, Step, alias, rolling};
use crate::ids::Qualifier;
use crate::text::kind::Keys;
use crate::text::log::Checked;
use crate::text::reader::Item;
use crate::text::shelf::Variant;
use crate::time::Span;

/// A replacement with an outage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recreate {
    /// Within what it should always have got on.
    pub deadline: Span,
    /// When the gateway is redeployed.
    pub gateway: GatewayMove,
}

pub(super) const KIND: Variant<Around, Planned> = Variant {
    name: "recreate",
    about: "On hosts: all old replicas end before a new one begins. Between them nobody serves.",
    example: "{ recreate = {} }",
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
        &rolling::PROGRESS_DEADLINE,
        &alias::GATEWAY,
    ]),
    read,
};

fn read(item: &Item, around: &Around) -> Checked<Planned> {
    let mut settings = item.table(SETTINGS)?;
    let deployment = around.inherited.within(&mut settings);
    let guard = around.guard(&mut settings, false);
    let (deadline, gateway) = (settings.read(&rolling::PROGRESS_DEADLINE), alias::gateway_move(&mut settings, around));
    around.on_hosts(item, KIND.name);
    settings.finish();
    Ok((deployment?, guard?, Rollout::Recreate(Recreate { deadline: deadline?, gateway: gateway? })))
}

impl Recreate {
    pub(super) fn levers(self) -> Levers {
        levers(self.gateway)
    }

    pub(super) fn script(self, deployment: &Deployment) -> Script {
        script(self.gateway, Qualifier::Any, deployment)
    }

    pub(super) fn fleet(self, replicas: u32, deployment: &Deployment) -> Fleet {
        Fleet::Deployment(fleet::Deployment::new(replicas, Replacing::Recreate, deployment.from, Some(self.deadline)))
    }
}

/// What the figures of a strategy hang on that replaces replicas in place.
pub(super) fn levers(gateway: GatewayMove) -> Levers {
    use Lever::{EndpointLag, GatewayLag, GatewayNodes, Startup, Step};
    match gateway {
        GatewayMove::None => Levers { decisive: vec![Startup, EndpointLag], further: Vec::new() },
        GatewayMove::After | GatewayMove::Before => {
            Levers { decisive: vec![Startup, GatewayLag, Step, EndpointLag], further: vec![GatewayNodes] }
        }
    }
}

/// Replicas are replaced, and the gateway is redeployed before or after that.
pub(super) fn script(gateway: GatewayMove, qualifier: Qualifier, deployment: &Deployment) -> Script {
    let to = deployment.to;
    let redeploy = Step::Do(Action::RedeployGateway { shape: to, qualifier });
    let roll = [Step::Do(Action::Replicas(Wanted::Roll(to))), Step::WhenThere];
    Script::new(match gateway {
        GatewayMove::After => [&roll[..], &[Step::Delay(Delay::RedeployGateway), redeploy]].concat(),
        GatewayMove::Before => [&[redeploy, Step::Delay(Delay::UpdateReplicas)], &roll[..]].concat(),
        GatewayMove::None => roll.to_vec(),
    })
}
