//! One pass of the controller, and its parts.

use super::settings::{Name, Written, flag, resolved};
use crate::tables::table::{Case, Cells};
use cutover::controller::kubernetes::{
    ReplicaSet, Target, clean_up, new_size, reconcile_new, reconcile_old, scale_down, sync,
};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct NewSize {
    strategy: Name,
    deployment_replicas: u32,
    new_spec_replicas: u32,
    max_surge: Written,
    max_unavailable: Written,
    total_spec_replicas_of_all_rs_argument: i64,
}

#[derive(Deserialize)]
pub struct NewSide {
    deployment_replicas: u32,
    max_surge: Written,
    max_unavailable: Written,
    old_spec_replicas: u32,
    new_spec_replicas: u32,
}

#[derive(Deserialize)]
pub struct OldSide {
    deployment_replicas: u32,
    max_surge: Written,
    max_unavailable: Written,
    old_spec_replicas: u32,
    old_available: u32,
    new_spec_replicas: u32,
    new_available: u32,
}

#[derive(Deserialize)]
pub struct CleanUp {
    old_spec_replicas: u32,
    old_available: u32,
    max_cleanup_count: i64,
}

#[derive(Deserialize)]
pub struct ScaleDown {
    deployment_replicas: u32,
    max_surge: Written,
    max_unavailable: Written,
    old_spec_replicas: u32,
    old_available: u32,
}

#[derive(Deserialize)]
pub struct Pass {
    replicas: u32,
    max_surge: Written,
    max_unavailable: Written,
    old_oldest_spec: u32,
    old_oldest_available: u32,
    old_newer_spec: u32,
    old_newer_available: u32,
    new_spec: u32,
    new_available: u32,
}

/// A set of another template than the Deployment's.
pub fn old(spec: u32, available: u32) -> ReplicaSet {
    ReplicaSet { spec, available, ..ReplicaSet::default() }
}

/// The set of the Deployment's template.
pub fn new(spec: u32, available: u32) -> ReplicaSet {
    ReplicaSet { is_new: true, ..old(spec, available) }
}

fn rolling(replicas: u32, surge: Written, unavailable: Written) -> Target {
    Name::RollingUpdate.target(replicas, surge, unavailable)
}

impl Case for NewSize {
    const HEADER: &str = "case,name,strategy,deployment_replicas,new_spec_replicas,max_surge,max_unavailable,\
                          total_spec_replicas_of_all_rs_argument,expected_new_spec_replicas";

    fn found(&self) -> Cells {
        let target = self.strategy.target(self.deployment_replicas, self.max_surge, self.max_unavailable);
        let size = new_size(target, self.new_spec_replicas, self.total_spec_replicas_of_all_rs_argument);
        vec![("expected_new_spec_replicas", size.to_string())]
    }
}

impl Case for NewSide {
    const HEADER: &str = "case,deployment_replicas,max_surge,max_unavailable,old_spec_replicas,new_spec_replicas,\
                          scale_expected,expected_new_spec_replicas";

    fn found(&self) -> Cells {
        let mut sets = [old(self.old_spec_replicas, 0), new(self.new_spec_replicas, 0)];
        let target = rolling(self.deployment_replicas, self.max_surge, self.max_unavailable);
        let scaled = reconcile_new(&mut sets, target);
        vec![("scale_expected", flag(scaled)), ("expected_new_spec_replicas", sets[1].spec.to_string())]
    }
}

impl Case for OldSide {
    const HEADER: &str = "case,deployment_replicas,max_surge,max_unavailable,old_spec_replicas,old_available,\
                          new_spec_replicas,new_available,scale_expected,expected_old_spec_replicas";

    fn found(&self) -> Cells {
        let mut sets =
            [old(self.old_spec_replicas, self.old_available), new(self.new_spec_replicas, self.new_available)];
        let target = rolling(self.deployment_replicas, self.max_surge, self.max_unavailable);
        let scaled = reconcile_old(&mut sets, target);
        vec![("scale_expected", flag(scaled)), ("expected_old_spec_replicas", sets[0].spec.to_string())]
    }
}

impl Case for CleanUp {
    const HEADER: &str = "case,old_spec_replicas,old_available,max_cleanup_count,expected_cleanup_count";

    fn found(&self) -> Cells {
        let mut sets = [old(self.old_spec_replicas, self.old_available)];
        // It is told how many may go, and asks the Deployment for nothing.
        let target = rolling(self.old_spec_replicas, Written(None), Written(None));
        let cleaned = clean_up(&mut sets, target, self.max_cleanup_count).unwrap_or_default();
        vec![("expected_cleanup_count", cleaned.to_string())]
    }
}

impl Case for ScaleDown {
    const HEADER: &str = "case,deployment_replicas,max_surge,max_unavailable,old_spec_replicas,old_available,\
                          scale_expected,expected_old_spec_replicas";

    fn found(&self) -> Cells {
        let mut sets = [old(self.old_spec_replicas, self.old_available)];
        let target = rolling(self.deployment_replicas, self.max_surge, self.max_unavailable);
        let scaled = scale_down(&mut sets, target) > 0;
        vec![("scale_expected", flag(scaled)), ("expected_old_spec_replicas", sets[0].spec.to_string())]
    }
}

impl Case for Pass {
    const HEADER: &str = "case,replicas,max_surge,max_unavailable,old_oldest_spec,old_oldest_available,old_newer_spec,\
                          old_newer_available,new_spec,new_available,resolved_surge,resolved_unavailable,\
                          expected_action,expected_old_oldest_spec,expected_old_newer_spec,expected_new_spec";

    fn found(&self) -> Cells {
        let target = rolling(self.replicas, self.max_surge, self.max_unavailable);
        let mut sets = [
            old(self.old_oldest_spec, self.old_oldest_available),
            old(self.old_newer_spec, self.old_newer_available),
            new(self.new_spec, self.new_available),
        ];
        let action = match sync(&mut sets, target) {
            false => "none",
            true if sets[2].spec > self.new_spec => "scale_up_new",
            true if sets[2].spec < self.new_spec => "scale_down_new",
            true => "scale_down_old",
        };
        let mut cells = resolved(target);
        cells.extend([
            ("expected_action", action.to_owned()),
            ("expected_old_oldest_spec", sets[0].spec.to_string()),
            ("expected_old_newer_spec", sets[1].spec.to_string()),
            ("expected_new_spec", sets[2].spec.to_string()),
        ]);
        cells
    }
}
