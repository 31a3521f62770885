//! `latest`: every source asks for `$LATEST`, the one mutable copy, which is overwritten under the traffic.

use super::deployment::{ORDER, OWN_FROM, OWN_ORDER, OWN_STEP, OWN_TO};
use super::keys::{Around, SETTINGS};
use super::lever::{Lever, Levers};
use super::{Action, ControlPlane, Deployment, Planned, Rollout, Timetable};
use crate::ids::Qualifier;
use crate::text::kind::Keys;
use crate::text::log::Checked;
use crate::text::reader::Item;
use crate::text::shelf::Variant;
use crate::time::Instant;

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
}

pub(super) const KIND: Variant<Around, Planned> = Variant {
    name: "latest",
    about: "Everybody asks for $LATEST. Code and gateway change one after the other.",
    example: "{ latest = {} }",
    look: &Keys(&[&OWN_FROM, &OWN_TO, &OWN_STEP, &OWN_ORDER]),
    read,
};

fn read(item: &Item, around: &Around) -> Checked<Planned> {
    let mut settings = item.table(SETTINGS)?;
    let deployment = around.inherited.within(&mut settings);
    let order = settings.written(&ORDER);
    settings.finish();
    let order = order?.map_or(around.inherited.order(), Ok);
    Ok((deployment?, Rollout::Latest(Latest { order: order? })))
}

impl Latest {
    pub(super) fn levers() -> Levers {
        Levers {
            decisive: vec![Lever::GatewayLag, Lever::Step, Lever::LatestLag],
            further: vec![Lever::GatewayNodes, Lever::FrontEnds],
        }
    }

    pub(super) fn timetable(self, deployment: &Deployment, control: &mut impl ControlPlane) -> Timetable {
        let in_progress = control.update_in_progress();
        let (code, gateway) = match self.order {
            Order::FunctionFirst => (Instant::ZERO, Instant::ZERO + in_progress + control.call("redeploy-gateway", 0)),
            Order::GatewayFirst => (Instant::ZERO + control.call("update-code", 0), Instant::ZERO),
        };
        let redeploy = Action::RedeployGateway { shape: deployment.to, qualifier: Qualifier::Latest };
        let mut actions = vec![(code + in_progress, Action::UpdateCode(deployment.to)), (gateway, redeploy)];
        actions.sort_by_key(|&(at, _)| at);
        Timetable { qualifier: Qualifier::Latest, actions }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::tests::{Fixed, deployment, seconds};

    #[test]
    fn the_gateway_follows_the_finished_update() {
        let timetable = Latest { order: Order::FunctionFirst }.timetable(&deployment(), &mut Fixed);
        assert_eq!(seconds(&timetable), [20.0, 25.0]);
        assert_eq!(timetable.actions[0].1, Action::UpdateCode(deployment().to));
    }

    #[test]
    fn gateway_first_starts_the_update_a_step_later() {
        let timetable = Latest { order: Order::GatewayFirst }.timetable(&deployment(), &mut Fixed);
        assert_eq!(seconds(&timetable), [0.0, 25.0]);
        assert_eq!(timetable.actions[1].1, Action::UpdateCode(deployment().to));
    }
}
