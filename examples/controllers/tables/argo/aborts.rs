//! Counts and weights behind a router where a step sets a scale, or the rollout is aborted.

use super::cells::{self, Flag, counts, set};
use crate::tables::table::{Case, Cells};
use cutover::controller::argo::{AbortDelay, Course, PERCENT, ReplicaSets, Router, Scale, Size, State, Step, Weights};
use serde::Deserialize;

/// A scale that a step sets, and what takes it back.
#[derive(Deserialize)]
pub struct Scaled {
    spec_replicas: Option<u32>,
    set_weight: u32,
    set_canary_scale_replicas: Option<u32>,
    set_canary_scale_weight: Option<u32>,
    match_traffic_weight: Flag,
    promote_full: Flag,
    aborted: Flag,
    abort_scale_down_delay_seconds: Option<u64>,
    min_pods_per_replicaset: Option<u32>,
}

impl Case for Scaled {
    const HEADER: &'static str = "case,name,spec_replicas,set_weight,set_canary_scale_replicas,\
        set_canary_scale_weight,match_traffic_weight,promote_full,aborted,abort_scale_down_delay_seconds,\
        min_pods_per_replicaset,expected_canary,expected_stable";

    fn found(&self) -> Cells {
        let scale = match (self.set_canary_scale_replicas, self.set_canary_scale_weight) {
            _ if self.match_traffic_weight.0 => Some(Scale::MatchTraffic),
            (Some(pods), _) => Some(Scale::Pods(pods)),
            (None, Some(weight)) => Some(Scale::Weight(weight)),
            (None, None) => None,
        };
        let steps: Vec<_> = [Step::SetWeight(self.set_weight)].into_iter().chain(scale.map(Step::SetScale)).collect();
        let state = match () {
            () if self.promote_full.0 => State::PromotedInFull,
            () if self.aborted.0 => State::Aborted(AbortDelay::written(self.abort_scale_down_delay_seconds)),
            () => State::Stepping,
        };
        let router = Router {
            replicas: self.spec_replicas.unwrap_or(1),
            whole: PERCENT,
            least_pods: self.min_pods_per_replicaset,
            is_stable_dynamic: false,
        };
        let course = Course { steps: &steps, passed: steps.len() - 1, state };
        counts(router.counts(course.size(&router, &ReplicaSets::default()), None, self.aborted.0))
    }
}

/// A dynamic stable set; the first step is the present one.
#[derive(Deserialize)]
pub struct Dynamic {
    spec_replicas: Option<u32>,
    set_weight_steps: cells::Weights,
    aborted: Flag,
    current_canary_weight: u32,
    current_stable_weight: u32,
    canary_spec: u32,
    canary_available: u32,
    stable_spec: u32,
    stable_available: u32,
}

impl Case for Dynamic {
    const HEADER: &'static str = "case,name,spec_replicas,set_weight_steps,aborted,current_canary_weight,\
        current_stable_weight,canary_spec,canary_available,stable_spec,stable_available,expected_canary,\
        expected_stable";

    fn found(&self) -> Cells {
        let router = dynamic(self.spec_replicas.unwrap_or(1), true);
        let canary = set(self.canary_spec, self.canary_available);
        let stable = set(self.stable_spec, self.stable_available);
        // Where a row has no pods at all, there are no replica sets: so it is named.
        let exists = canary != set(0, 0) || stable != set(0, 0);
        let sets = ReplicaSets {
            canary: exists.then_some(canary),
            stable: exists.then_some(stable),
            ..ReplicaSets::default()
        };
        let state = if self.aborted.0 { State::Aborted(AbortDelay::Usual) } else { State::Stepping };
        let course = Course { steps: &self.set_weight_steps.0, passed: 0, state };
        let actual = Weights { canary: self.current_canary_weight, stable: self.current_stable_weight };
        counts(router.counts(course.size(&router, &sets), Some(actual), self.aborted.0))
    }
}

/// The weight of an aborted canary.
#[derive(Deserialize)]
pub struct Weight {
    spec_replicas: Option<u32>,
    set_weight_steps: cells::Weights,
    dynamic_stable_scale: Flag,
    abort_scale_down_delay_seconds: Option<u64>,
    canary_spec: u32,
    canary_available: u32,
    stable_spec: u32,
    stable_available: u32,
}

impl Case for Weight {
    const HEADER: &'static str = "case,name,spec_replicas,set_weight_steps,dynamic_stable_scale,\
        abort_scale_down_delay_seconds,canary_spec,canary_available,stable_spec,stable_available,expected_weight";

    fn found(&self) -> Cells {
        let router = dynamic(self.spec_replicas.unwrap_or(1), self.dynamic_stable_scale.0);
        let sets = ReplicaSets {
            canary: Some(set(self.canary_spec, self.canary_available)),
            stable: Some(set(self.stable_spec, self.stable_available)),
            ..ReplicaSets::default()
        };
        let state = State::Aborted(AbortDelay::written(self.abort_scale_down_delay_seconds));
        let weight = match (Course { steps: &self.set_weight_steps.0, passed: 0, state }).size(&router, &sets) {
            Size::Weight(weight) => weight,
            Size::Pods(_) => unreachable!("these steps set no scale"),
        };
        vec![("expected_weight", weight.to_string())]
    }
}

const fn dynamic(replicas: u32, is_stable_dynamic: bool) -> Router {
    Router { replicas, whole: PERCENT, least_pods: None, is_stable_dynamic }
}
