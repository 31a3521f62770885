//! `latest`: every source asks for `$LATEST`, the one mutable copy, which is overwritten under the traffic.

use super::deployment::{ORDER, OWN_FROM, OWN_ORDER, OWN_STEP, OWN_TO};
use super::guard::keys::{AT_START, HOOKS, ON_TIMEOUT, ROLLBACK_ON, TIMEOUT, WATCH};
use super::keys::{Around, SETTINGS};
use super::lever::{Lever, Levers};
use super::{Action, Delay, Deployment, Planned, Rollout, Script, Step};
use crate::ids::Qualifier;
use crate::text::kind::Keys;
use crate::text::log::Checked;
use crate::text::reader::Item;
use crate::text::shelf::Variant;

/// Overwrites the code and redeploys the gateway, one after the other.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Latest {
    /// Which of the two goes first.
    pub order: Order,
}

/// Which of function and gateway is changed first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// Code at 0; gateway one step after the update has ended. A template engine does this (dependency order).
    FunctionFirst,
    /// Gateway at 0; code one step later.
    GatewayFirst,
    /// Code at 0; no source passes the gateway.
    FunctionAlone,
}

pub(super) const KIND: Variant<Around, Planned> = Variant {
    name: "latest",
    about: "Everybody asks for $LATEST. Code and gateway change one after the other.",
    example: "{ latest = {} }",
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
        &OWN_ORDER,
    ]),
    read,
};

fn read(item: &Item, around: &Around) -> Checked<Planned> {
    let mut settings = item.table(SETTINGS)?;
    let deployment = around.inherited.within(&mut settings);
    let guard = around.guard(&mut settings, false);
    let order = settings.written(&ORDER);
    settings.finish();
    let order = order?.map_or(around.inherited.order(), Ok)?;
    let order = if around.wired.gateway { order } else { Order::FunctionAlone };
    Ok((deployment?, guard?, Rollout::Latest(Latest { order })))
}

impl Latest {
    pub(super) fn levers() -> Levers {
        Levers {
            decisive: vec![Lever::GatewayLag, Lever::Step, Lever::LatestLag],
            further: vec![Lever::GatewayNodes, Lever::FrontEnds],
        }
    }

    pub(super) fn script(self, deployment: &Deployment) -> Script {
        let redeploy = Step::Do(Action::RedeployGateway { shape: deployment.to, qualifier: Qualifier::Latest });
        let update = [Step::Delay(Delay::UpdateInProgress), Step::Do(Action::UpdateCode(deployment.to))];
        Script::new(match self.order {
            Order::FunctionFirst => [&update[..], &[Step::Delay(Delay::RedeployGateway), redeploy]].concat(),
            Order::GatewayFirst => [&[redeploy, Step::Delay(Delay::UpdateCode)], &update[..]].concat(),
            Order::FunctionAlone => update.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::script::seconds;
    use crate::strategy::tests::deployment;

    #[test]
    fn the_gateway_follows_the_finished_update() {
        let actions = seconds(&Latest { order: Order::FunctionFirst }.script(&deployment()));
        assert_eq!(actions[0], (20.0, Action::UpdateCode(deployment().to)));
        assert_eq!((actions.len(), actions[1].0), (2, 25.0));
    }

    #[test]
    fn gateway_first_starts_the_update_a_step_later() {
        let actions = seconds(&Latest { order: Order::GatewayFirst }.script(&deployment()));
        assert_eq!(actions[1], (25.0, Action::UpdateCode(deployment().to)));
        assert_eq!((actions.len(), actions[0].0), (2, 0.0));
    }
}
