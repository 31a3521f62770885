//! Whether enough of a canary is available.

use super::cells::{Flag, set};
use crate::tables::table::{Case, Cells};
use cutover::controller::argo::{Threshold, is_enough};
use serde::Deserialize;

/// A threshold, and a canary.
#[derive(Deserialize)]
pub struct Progress {
    threshold_type: String,
    threshold_value: Option<i32>,
    replicaset_is_nil: Flag,
    spec_replicas: Option<u32>,
    available: Option<u32>,
    desired: u32,
}

impl Case for Progress {
    const HEADER: &'static str =
        "case,name,threshold_type,threshold_value,replicaset_is_nil,spec_replicas,available,desired,expected_met";

    fn found(&self) -> Cells {
        let threshold = self.threshold_value.map(|value| match self.threshold_type.as_str() {
            "Percent" => Threshold::Percent(value),
            _ => Threshold::Pods(value),
        });
        let canary = set(self.spec_replicas.unwrap_or(1), self.available.unwrap_or(0));
        let is_met = is_enough(threshold, (!self.replicaset_is_nil.0).then_some(canary), self.desired);
        vec![("expected_met", u8::from(is_met).to_string())]
    }
}
