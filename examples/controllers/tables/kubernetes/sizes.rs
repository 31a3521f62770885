//! Scale requests in the middle of a rollout.

use super::passes::{new, old};
use super::settings::{Name, Written};
use crate::tables::table::{Case, Cells};
use cutover::controller::kubernetes::{Extent, ReplicaSet, Target, scale};
use serde::Deserialize;

/// Sets in a cell, each with a number of pods: `name:replicas`, with `;` between them.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Sets(Vec<(String, u32)>);

#[derive(Deserialize)]
pub struct Named {
    old_deployment_replicas: u32,
    old_max_surge: Written,
    new_deployment_replicas: u32,
    new_max_surge: Written,
    new_rs_before: Sets,
    old_rs_before_newest_first: Sets,
    desired_replicas_annotation_override: Sets,
}

#[derive(Deserialize)]
pub struct Three {
    old_deployment_replicas: u32,
    new_deployment_replicas: u32,
    max_surge: Written,
    new_rs_before: u32,
    old_newer_before: u32,
    old_oldest_before: u32,
}

impl TryFrom<String> for Sets {
    type Error = String;

    fn try_from(cell: String) -> Result<Self, String> {
        let set = |text: &str| {
            let (name, replicas) = text.trim().rsplit_once(':')?;
            Some((name.to_owned(), replicas.parse().ok()?))
        };
        let sets = cell.split(';').filter(|text| !text.trim().is_empty());
        let read = sets.map(|text| set(text).ok_or_else(|| format!("{text} is not name:replicas")));
        read.collect::<Result<_, _>>().map(Self)
    }
}

/// `maxUnavailable` is 1 wherever a scale request is tried; it has no say in it.
fn target(replicas: u32, surge: Written) -> Target {
    Name::RollingUpdate.target(replicas, surge, Written(None))
}

/// As noted on a set that such a Deployment has sized.
fn sized(set: ReplicaSet, by: Target) -> ReplicaSet {
    ReplicaSet { sized_for: Some(Extent { replicas: by.replicas, most: by.most() }), ..set }
}

impl Case for Named {
    const HEADER: &str = "case,name,old_deployment_replicas,old_max_surge,new_deployment_replicas,new_max_surge,\
                          new_rs_before,old_rs_before_newest_first,desired_replicas_annotation_override,\
                          expected_new_rs,expected_old_rs,note";

    fn found(&self) -> Cells {
        let (old_sets, new_sets) = (&self.old_rs_before_newest_first.0, &self.new_rs_before.0);
        let by = |name: &str| {
            let noted = self.desired_replicas_annotation_override.0.iter().find(|(set, _)| set == name);
            target(noted.map_or(self.old_deployment_replicas, |&(_, replicas)| replicas), self.old_max_surge)
        };
        let old_sets = old_sets.iter().rev().map(|(name, spec)| (name, sized(old(*spec, 0), by(name))));
        let new_sets = new_sets.iter().map(|(name, spec)| (name, sized(new(*spec, 0), by(name))));
        let (names, mut sets): (Vec<_>, Vec<_>) = old_sets.chain(new_sets).unzip();
        scale(&mut sets, target(self.new_deployment_replicas, self.new_max_surge));
        let written = |is_new: bool| {
            let sets = names.iter().zip(&sets).rev().filter(|(_, set)| set.is_new == is_new);
            sets.map(|(name, set)| format!("{name}:{}", set.spec)).collect::<Vec<_>>().join(";")
        };
        vec![("expected_new_rs", written(true)), ("expected_old_rs", written(false))]
    }
}

impl Case for Three {
    const HEADER: &str = "case,old_deployment_replicas,new_deployment_replicas,max_surge,new_rs_before,\
                          old_newer_before,old_oldest_before,expected_new_rs,expected_old_newer,expected_old_oldest";

    fn found(&self) -> Cells {
        let before = target(self.old_deployment_replicas, self.max_surge);
        let sets = [old(self.old_oldest_before, 0), old(self.old_newer_before, 0), new(self.new_rs_before, 0)];
        let mut sets = sets.map(|set| sized(set, before));
        scale(&mut sets, target(self.new_deployment_replicas, self.max_surge));
        let [oldest, newer, new] = sets.map(|set| set.spec.to_string());
        vec![("expected_new_rs", new), ("expected_old_newer", newer), ("expected_old_oldest", oldest)]
    }
}
