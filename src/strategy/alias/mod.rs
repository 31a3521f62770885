//! `alias`: every source asks for the alias `live`, which is re-pointed at once or in steps.

pub mod shift;

use super::deployment::{OWN_FROM, OWN_STEP, OWN_TO};
use super::guard::keys::{AT_START, HOOKS, ON_TIMEOUT, ROLLBACK_ON, TIMEOUT, WATCH};
use super::keys::{Around, SETTINGS};
use super::lever::{Lever, Levers};
use super::{Action, AliasTarget, Delay, Deployment, Planned, Rollout, Script, Step};
use crate::ids::Qualifier;
use crate::text::key::Key;
use crate::text::kind::{self, Choice, Keys};
use crate::text::log::Checked;
use crate::text::reader::{Item, Table};
use crate::text::shelf::Variant;
use crate::time::Span;
use shift::Shift;

/// A shift of the alias and, if the format changed, a redeployment of the gateway.
#[derive(Clone, PartialEq, Debug)]
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

pub(super) const KIND: Variant<Around, Planned> = Variant {
    name: "alias",
    about: "Everybody asks for an alias, which moves from the old version to the new one: at once or in steps.",
    example: "{ alias = { shift = \"Linear10PercentEvery1Minute\" } }",
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
        &SHIFT,
        &GATEWAY,
        &TRAILING,
    ]),
    read,
};

const SHIFT: Key<Shift> = Key::new(
    "shift",
    &shift::SHIFT,
    "How the alias moves: a name of AWS CodeDeploy's, or a shift of your own such as { linear = {...} }.",
)
.defaults("AllAtOnce");

/// When the gateway is redeployed around a shift.
const MOVES: [(&str, GatewayMove); 3] =
    [("after", GatewayMove::After), ("before", GatewayMove::Before), ("none", GatewayMove::None)];

pub(super) const GATEWAY: Key<GatewayMove> =
    Key::new("gateway", &Choice(&MOVES), "When the gateway is redeployed: after the shift, before it, or not at all.")
        .defaults("after")
        .documented("as AWS CloudFormation does it, where the API refers to the alias");

const TRAILING: Key<Span> =
    Key::new("trailing", &kind::SPAN, "How long the deployment is waited for after its last step; moves nothing.")
        .defaults("0s")
        .documented("whether CodeDeploy waits after a linear shift is not documented clearly");

/// How many adoptions, of every stage by every front-end, a replication may have to remember.
const MOST_ADOPTIONS: u64 = 10_000_000;

fn read(item: &Item, around: &Around) -> Checked<Planned> {
    let mut settings = item.table(SETTINGS)?;
    let deployment = around.inherited.within(&mut settings);
    let guard = around.guard(&mut settings, true);
    let shift = settings.placed(&SHIFT).and_then(|(at, shift)| {
        let stages = shift.stages().count() as u64;
        if stages * u64::from(around.front_ends) > MOST_ADOPTIONS {
            let reason =
                format!("{stages} stages, each adopted by {} front-ends, do not fit into memory", around.front_ends);
            let cure = format!("take a larger weight, or at most {} front-ends", MOST_ADOPTIONS / stages);
            return Err(item.log.refuse(&at, reason, cure));
        }
        Ok(shift)
    });
    let gateway = gateway_move(&mut settings, around);
    let trailing = settings.read(&TRAILING);
    let cure = "write `gateway = \"after\"`, \"before\" or \"none\" instead";
    settings.forbid("order", "`order` is a setting of `latest`", cure);
    settings.finish();
    Ok((deployment?, guard?, Rollout::Alias(Alias { shift: shift?, gateway: gateway?, trailing: trailing? })))
}

/// When the gateway is redeployed: never, where no source passes it.
pub(super) fn gateway_move(settings: &mut Table, around: &Around) -> Checked<GatewayMove> {
    match settings.written_at(&GATEWAY)? {
        None if !around.wired.gateway => Ok(GatewayMove::None),
        None => settings.standard(&GATEWAY),
        Some((at, GatewayMove::After | GatewayMove::Before)) if !around.wired.gateway => {
            let cure = "drop it, or write `via = \"gateway\"` at a source";
            Err(settings.log().refuse(&at, "no source passes the gateway", cure))
        }
        Some((_, moves)) => Ok(moves),
    }
}

impl Alias {
    pub(super) fn levers(&self) -> Levers {
        use Lever::{AliasLag, FrontEnds, GatewayLag, GatewayNodes};
        match self.gateway {
            GatewayMove::None => {
                Levers { decisive: vec![AliasLag], further: vec![GatewayLag, GatewayNodes, Lever::Step, FrontEnds] }
            }
            GatewayMove::After | GatewayMove::Before => {
                Levers { decisive: vec![GatewayLag, Lever::Step, AliasLag], further: vec![GatewayNodes, FrontEnds] }
            }
        }
    }

    pub(super) fn script(&self, deployment: &Deployment) -> Script {
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
                false => AliasTarget { primary: from, additional: (!weight.is_zero()).then_some((to, weight)) },
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
