//! How a strategy goes live: one of the kinds, and what can be asked of any of them.

use super::{Alias, ArgoCanary, BlueGreen, Latest, Pinned, Plan, Recreate, Rolling};
use super::{Analysis, ByHand, Deployment, Fleet, GatewayMove, Levers, On, Replacing, Script, Wiring, fleet};
use crate::ids::Qualifier;

/// The kinds of rollout.
#[derive(Clone, PartialEq, Debug)]
pub enum Rollout {
    /// Nothing is deployed, where it runs.
    None(On),
    /// Every source asks for `$LATEST`.
    Latest(Latest),
    /// Every source asks for a published number.
    Pinned(Pinned),
    /// Every source asks for the alias.
    Alias(Alias),
    /// Replicas are replaced some by some.
    Rolling(Rolling),
    /// All old replicas end before a new one begins.
    Recreate(Recreate),
    /// A second stack, and a switch.
    BlueGreen(BlueGreen),
    /// A canary of Argo Rollouts.
    ArgoCanary(ArgoCanary),
    /// Several deployments follow one another.
    Plan(Plan),
}

impl Rollout {
    /// What runs the code.
    pub(crate) fn on(&self) -> On {
        match self {
            Self::None(on) => *on,
            Self::Rolling(_) | Self::Recreate(_) | Self::BlueGreen(_) | Self::ArgoCanary(_) => On::Hosts,
            Self::Latest(_) | Self::Pinned(_) | Self::Alias(_) => On::Function,
            Self::Plan(plan) => plan.stages().next().map_or(On::Function, |first| first.rollout.on()),
        }
    }

    /// What keeps the replicas of hosts, so many before anything is done.
    pub(super) fn fleet(&self, replicas: u32, deployment: &Deployment) -> Option<Fleet> {
        match self {
            Self::None(On::Hosts) => {
                Some(Fleet::Deployment(fleet::Deployment::new(replicas, Replacing::Recreate, deployment.from, None)))
            }
            Self::Rolling(rolling) => Some(rolling.fleet(replicas, deployment)),
            Self::Recreate(recreate) => Some(recreate.fleet(replicas, deployment)),
            Self::BlueGreen(_) => Some(BlueGreen::fleet(replicas, deployment)),
            Self::ArgoCanary(canary) => Some(canary.fleet(replicas, deployment)),
            Self::None(On::Function) | Self::Latest(_) | Self::Pinned(_) | Self::Alias(_) => None,
            Self::Plan(plan) => plan.stages().next().and_then(|first| first.rollout.fleet(replicas, deployment)),
        }
    }

    /// Whether one controller carries out both, so that one may follow the other in a plan: on hosts they differ in the gateway at most.
    pub(super) fn continues(&self, before: &Self) -> bool {
        let are_functions = self.on() == On::Function && before.on() == On::Function;
        are_functions || self.without_gateway() == before.without_gateway()
    }

    /// The same on hosts, whatever becomes of the gateway.
    fn without_gateway(&self) -> Self {
        let gateway = GatewayMove::None;
        match self.clone() {
            Self::Rolling(own) => Self::Rolling(Rolling { gateway, ..own }),
            Self::Recreate(own) => Self::Recreate(Recreate { gateway, ..own }),
            Self::BlueGreen(own) => Self::BlueGreen(BlueGreen { gateway, ..own }),
            Self::ArgoCanary(own) => Self::ArgoCanary(ArgoCanary { gateway, ..own }),
            other => other,
        }
    }

    pub(super) fn analyses(&self) -> &[Analysis] {
        match self {
            Self::ArgoCanary(canary) => &canary.analyses,
            Self::Plan(plan) => plan.stages().next().map_or(&[], |first| first.rollout.analyses()),
            _ => &[],
        }
    }

    /// Whether its controller can begin anew while another deployment of it is still going on.
    pub(super) const fn rolls_over(&self) -> bool {
        matches!(self, Self::Rolling(_) | Self::Recreate(_) | Self::ArgoCanary(_))
    }

    /// What every route asks for before the deployment.
    #[must_use]
    pub fn qualifier(&self, deployment: &Deployment) -> Qualifier {
        match self {
            Self::None(On::Function) | Self::Pinned(_) => Qualifier::Number(deployment.from),
            Self::None(On::Hosts) | Self::Rolling(_) | Self::Recreate(_) => Qualifier::Any,
            Self::BlueGreen(blue_green) => blue_green.qualifier(deployment),
            Self::ArgoCanary(canary) => canary.qualifier(),
            Self::Latest(_) => Qualifier::Latest,
            Self::Alias(_) => Qualifier::Alias,
            Self::Plan(plan) => match plan.stages().next() {
                Some(first) => first.rollout.qualifier(&first.deployment),
                None => Qualifier::Number(deployment.from),
            },
        }
    }

    /// What is done step by step, whatever happens; nothing of a plan, which is directed.
    #[must_use]
    pub fn script(&self, deployment: &Deployment) -> Script {
        let script = self.own_script(deployment);
        match &deployment.provisioned {
            Some(provisioned) if self.deploys() => provisioned.within(script, deployment),
            _ => script,
        }
    }

    /// The same without what is kept ready.
    fn own_script(&self, deployment: &Deployment) -> Script {
        match self {
            Self::None(_) | Self::Plan(_) => Script::new(Vec::new()),
            Self::Latest(latest) => latest.script(deployment),
            Self::Pinned(pinned) => pinned.script(deployment),
            Self::Alias(alias) => alias.script(deployment),
            Self::Rolling(rolling) => rolling.script(deployment),
            Self::Recreate(recreate) => recreate.script(deployment),
            Self::BlueGreen(blue_green) => blue_green.script(deployment),
            Self::ArgoCanary(canary) => canary.script(deployment),
        }
    }

    /// What its figures hang on.
    #[must_use]
    pub fn levers(&self) -> Levers {
        match self {
            Self::None(_) => Levers::default(),
            Self::Latest(_) => Latest::levers(),
            Self::Pinned(pinned) => pinned.levers(),
            Self::Alias(alias) => alias.levers(),
            Self::Rolling(rolling) => rolling.levers(),
            Self::Recreate(recreate) => recreate.levers(),
            Self::BlueGreen(blue_green) => blue_green.levers(),
            Self::ArgoCanary(canary) => canary.levers(),
            Self::Plan(plan) => plan.levers(),
        }
    }

    /// Whether it deploys anything.
    #[must_use]
    pub const fn deploys(&self) -> bool {
        !matches!(self, Self::None(_))
    }

    /// Whether it ever splits requests between two versions by weight.
    #[must_use]
    pub fn splits(&self) -> bool {
        match self {
            Self::Alias(alias) => alias.shift.stages().any(|(_, share)| !share.is_whole()),
            Self::ArgoCanary(canary) => canary.settings.router,
            Self::Plan(plan) => plan.stages().any(|stage| stage.rollout.splits()),
            _ => false,
        }
    }

    /// How a person re-points the routes; `None` where nobody does.
    #[must_use]
    pub const fn by_hand(&self) -> Option<&ByHand> {
        match self {
            Self::Pinned(Pinned { wiring: Wiring::ByHand(by_hand), .. }) => Some(by_hand),
            _ => None,
        }
    }
}
