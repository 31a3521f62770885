//! Counts for a weight: the split, the next ones on the way there, and those behind a router.

use super::cells::{Extent, Flag, counts, set};
use crate::tables::table::{Case, Cells};
use cutover::controller::argo::{
    Course, Limits, PERCENT, ReplicaSets, Router, Size, State, Step, Weights, Whole, approach, carriers, split,
};
use serde::Deserialize;

/// The best split for a weight.
#[derive(Deserialize)]
pub struct Split {
    spec_replicas: Option<u32>,
    weight: u32,
    max_weight: Option<Whole>,
    max_surge: Extent,
}

impl Case for Split {
    const HEADER: &'static str = "case,spec_replicas,weight,max_weight,max_surge,expected_canary,expected_stable";

    fn found(&self) -> Cells {
        let replicas = self.spec_replicas.unwrap_or(1);
        let Limits { surge, .. } = Limits::of(self.max_surge.0, self.max_surge.0, replicas);
        counts(split(replicas, self.weight, self.max_weight.unwrap_or(PERCENT), surge))
    }
}

/// The next counts without a router.
#[derive(Deserialize)]
pub struct Basic {
    spec_replicas: Option<u32>,
    #[serde(alias = "set_weight")]
    weight: u32,
    max_surge: Extent,
    max_unavailable: Extent,
    promote_full: Option<Flag>,
    stable_spec: u32,
    stable_available: u32,
    canary_spec: u32,
    canary_available: u32,
    older_spec: u32,
    older_available: u32,
}

impl Case for Basic {
    const HEADER: &'static str = "case,spec_replicas,weight,max_surge,max_unavailable,stable_spec,stable_available,\
        canary_spec,canary_available,older_spec,older_available,expected_canary,expected_stable";

    fn found(&self) -> Cells {
        let replicas = self.spec_replicas.unwrap_or(1);
        let limits = Limits::of(self.max_surge.0, self.max_unavailable.0, replicas);
        let sets = ReplicaSets {
            canary: Some(set(self.canary_spec, self.canary_available)),
            stable: Some(set(self.stable_spec, self.stable_available)),
            older: set(self.older_spec, self.older_available),
        };
        let is_promoted = matches!(self.promote_full, Some(Flag(true)));
        let state = if is_promoted { State::PromotedInFull } else { State::Stepping };
        let weight = Course { steps: &[Step::SetWeight(self.weight)], passed: 0, state }.weight();
        counts(approach(replicas, limits, weight, &sets))
    }
}

/// The same, by name. Without a router the scale that a step sets changes nothing.
#[derive(Deserialize)]
pub struct Named(Basic);

impl Case for Named {
    const HEADER: &'static str = "case,name,spec_replicas,set_weight,set_canary_scale_ignored,max_surge,\
        max_unavailable,promote_full,stable_spec,stable_available,canary_spec,canary_available,older_spec,\
        older_available,expected_canary,expected_stable";

    fn found(&self) -> Cells {
        self.0.found()
    }
}

/// The pods for a weight.
#[derive(Deserialize)]
pub struct Carriers {
    spec_replicas: Option<u32>,
    weight: u32,
    max_weight: Option<Whole>,
}

impl Case for Carriers {
    const HEADER: &'static str = "case,spec_replicas,weight,max_weight,expected_replicas";

    fn found(&self) -> Cells {
        let pods = carriers(self.spec_replicas.unwrap_or(1), self.weight, self.max_weight.unwrap_or(PERCENT));
        vec![("expected_replicas", pods.to_string())]
    }
}

/// Counts behind a router whose weights are known; those are per cent. Nothing is aborted.
#[derive(Deserialize)]
pub struct Routed {
    spec_replicas: Option<u32>,
    desired_weight: u32,
    dynamic_stable_scale: Flag,
    min_pods_per_replicaset: Option<u32>,
    actual_canary_weight: Option<u32>,
    actual_stable_weight: Option<u32>,
}

impl Case for Routed {
    const HEADER: &'static str = "case,spec_replicas,desired_weight,dynamic_stable_scale,min_pods_per_replicaset,\
        actual_canary_weight,actual_stable_weight,expected_canary,expected_stable";

    fn found(&self) -> Cells {
        let router = Router {
            replicas: self.spec_replicas.unwrap_or(1),
            whole: PERCENT,
            least_pods: self.min_pods_per_replicaset,
            is_stable_dynamic: self.dynamic_stable_scale.0,
        };
        let actual = match (self.actual_canary_weight, self.actual_stable_weight) {
            (None, None) => None,
            (canary, stable) => Some(Weights { canary: canary.unwrap_or(0), stable: stable.unwrap_or(0) }),
        };
        counts(router.counts(Size::Weight(self.desired_weight), actual, false))
    }
}
