//! `alias`: every source asks for the alias `live`, which is re-pointed at once or in steps.

use super::shift::Shift;
use super::{Action, AliasTarget, Delay, Deployment, Script, Step};
use crate::ids::Qualifier;
use crate::time::Span;

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
    pub(super) fn script(self, deployment: &Deployment) -> Script {
        let &Deployment { from, to, .. } = deployment;
        let redeploy = Step::Do(Action::RedeployGateway { shape: to, qualifier: Qualifier::Alias });
        let mut steps = Vec::new();
        if self.gateway == GatewayMove::Before {
            steps.extend([redeploy, Step::Delay(Delay::UpdateAlias)]);
        }
        let mut before = Span::ZERO;
        for (after, weight) in self.shift.stages() {
            if after > before {
                steps.push(Step::Wait(Span::from_ns(after.ns() - before.ns())));
            }
            before = after;
            steps.push(Step::Do(Action::UpdateAlias(match weight.is_whole() {
                true => AliasTarget { primary: to, additional: None },
                false => AliasTarget { primary: from, additional: Some((to, weight)) },
            })));
        }
        if self.gateway == GatewayMove::After {
            steps.extend([Step::Delay(Delay::RedeployGateway), redeploy]);
        }
        Script::new(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::script::seconds;
    use crate::strategy::tests::deployment;
    use crate::units::Share;

    fn linear(gateway: GatewayMove) -> Vec<(f64, Action)> {
        let shift = Shift::Linear { weight: Share::percent(40), every: Span::from_s(60) };
        seconds(&Alias { shift, gateway, trailing: Span::from_s(60) }.script(&deployment()))
    }

    fn times(actions: &[(f64, Action)]) -> Vec<f64> {
        actions.iter().map(|&(at, _)| at).collect()
    }

    #[test]
    fn the_gateway_moves_a_step_after_the_shift_is_complete() {
        let actions = linear(GatewayMove::After);
        assert_eq!(times(&actions), [0.0, 60.0, 120.0, 125.0]);
        let Action::UpdateAlias(last) = actions[2].1 else { panic!() };
        assert_eq!(last, AliasTarget { primary: deployment().to, additional: None });
        let Action::UpdateAlias(first) = actions[0].1 else { panic!() };
        assert_eq!(first.additional, Some((deployment().to, Share::percent(40))));
    }

    #[test]
    fn or_before_it_or_never() {
        assert_eq!(times(&linear(GatewayMove::Before)), [0.0, 5.0, 65.0, 125.0]);
        assert_eq!(times(&linear(GatewayMove::None)), [0.0, 60.0, 120.0]);
    }
}
