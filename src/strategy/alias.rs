//! `alias`: every source asks for the alias `live`, which is re-pointed at once or in steps.

use super::shift::Shift;
use super::{Action, AliasTarget, ControlPlane, Deployment, Timetable};
use crate::ids::Qualifier;
use crate::time::{Instant, Span};

/// A shift of the alias and, if the format changed, a redeployment of the gateway.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Alias {
    /// The steps of the shift.
    pub shift: Shift,
    /// When the gateway is redeployed.
    pub gateway: GatewayMove,
    /// How long the deployment is watched after all traffic is on the new version, before it is called done. Nothing
    /// else waits for it.
    pub trailing: Span,
}

/// When the gateway's revision changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GatewayMove {
    /// One step after the action that completes the shift, as a template engine does it.
    After,
    /// At 0; the shift begins one step later.
    Before,
    /// Never: the format did not change.
    None,
}

impl Alias {
    pub(super) fn timetable(self, deployment: &Deployment, control: &mut impl ControlPlane) -> Timetable {
        let &Deployment { from, to, .. } = deployment;
        let redeploy = Action::RedeployGateway { shape: to, qualifier: Qualifier::Alias };
        let begin = match self.gateway {
            GatewayMove::Before => Instant::ZERO + control.call("update-alias", 0),
            GatewayMove::After | GatewayMove::None => Instant::ZERO,
        };
        let mut actions: Vec<_> = self
            .shift
            .stages()
            .map(|(after, weight)| {
                let target = if weight.is_whole() {
                    AliasTarget { primary: to, additional: None }
                } else {
                    AliasTarget { primary: from, additional: Some((to, weight)) }
                };
                (begin + after, Action::UpdateAlias(target))
            })
            .collect();
        let complete = actions.last().map_or(begin, |&(at, _)| at);
        match self.gateway {
            GatewayMove::After => actions.push((complete + control.call("redeploy-gateway", 0), redeploy)),
            GatewayMove::Before => actions.insert(0, (Instant::ZERO, redeploy)),
            GatewayMove::None => {}
        }
        Timetable { qualifier: Qualifier::Alias, actions }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::tests::{Fixed, deployment, seconds};
    use crate::units::Share;

    fn linear(gateway: GatewayMove) -> Timetable {
        let shift = Shift::Linear { weight: Share::percent(40), every: Span::from_s(60) };
        Alias { shift, gateway, trailing: Span::from_s(60) }.timetable(&deployment(), &mut Fixed)
    }

    #[test]
    fn the_gateway_moves_a_step_after_the_shift_is_complete() {
        let timetable = linear(GatewayMove::After);
        assert_eq!(seconds(&timetable), [0.0, 60.0, 120.0, 125.0]);
        let Action::UpdateAlias(last) = timetable.actions[2].1 else { panic!() };
        assert_eq!(last, AliasTarget { primary: deployment().to, additional: None });
        let Action::UpdateAlias(first) = timetable.actions[0].1 else { panic!() };
        assert_eq!(first.additional, Some((deployment().to, Share::percent(40))));
    }

    #[test]
    fn or_before_it_or_never() {
        assert_eq!(seconds(&linear(GatewayMove::Before)), [0.0, 5.0, 65.0, 125.0]);
        assert_eq!(seconds(&linear(GatewayMove::None)), [0.0, 60.0, 120.0]);
    }
}
