//! Which assumptions a strategy's mismatches hang on: what to measure before its figure is trusted.

use crate::dist::Law;
use crate::results::Assumption;
use crate::scenario::Scenario;
use crate::strategy::{Forgetting, GatewayMove, Rollout, Strategy};

/// The assumptions, the greatest first: a share of forgotten routes, which lasts; then lags by their means.
///
/// Old and new meet while a gateway node and a front-end have not both adopted their change. Under `latest` and `alias`
/// that lasts for the control plane's step and as long as the lags differ. Under `pinned` a node changes its format
/// and its target together. Clients that update by themselves go on writing the old format whatever is deployed.
pub(in crate::experiment) fn assumptions(scenario: &Scenario, strategy: &Strategy) -> Vec<Assumption> {
    let (service, function) = (&scenario.service, &scenario.service.function);
    let law = |what, law: &Law| (law.mean_ns(), Assumption { what, value: law.to_string() });
    let step = law("the control plane's step", &strategy.deployment.step);
    let gateway = law("the gateway's lag", &service.gateway.lag);
    let lags = match &strategy.rollout {
        Rollout::None => return Vec::new(),
        Rollout::Latest(_) => vec![gateway, step, law("the lag of $LATEST", &function.latest_lag)],
        Rollout::Alias(alias) => {
            let lag = law("the alias's lag", &function.alias_lag);
            if alias.gateway == GatewayMove::None { vec![lag] } else { vec![gateway, step, lag] }
        }
        Rollout::Pinned(_) => match strategy.rollout.forgetting() {
            Some(Forgetting::Chance(share)) => {
                let what = "the share of forgotten routes";
                vec![(f64::INFINITY, Assumption { what, value: share.to_string() })]
            }
            _ => Vec::new(),
        },
    };
    let clients = service.sources.iter().filter_map(|source| source.clients).map(|clients| {
        let what = "the half-life of old clients";
        (clients.half_life.ns() as f64, Assumption { what, value: clients.half_life.to_string() })
    });
    let mut all: Vec<_> = lags.into_iter().chain(clients.take(1)).collect();
    // Stable: of equals the one named first above, since all nodes of a fleet wait for it.
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all.into_iter().map(|(_, assumption)| assumption).collect()
}
