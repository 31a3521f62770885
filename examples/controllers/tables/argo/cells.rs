//! Cells that are no plain numbers.

use crate::tables::kubernetes::settings::Written;
use crate::tables::table::Cells;
use cutover::controller::Setting;
use cutover::controller::argo::{Counts, ReplicaSet, Step};
use serde::Deserialize;

/// `1` or `0`.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct Flag(pub bool);

/// Pods, or per cent of the replicas: `3` or `25%`; the default if nothing is written.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct Extent(pub Setting);

/// Weights in the order of the steps that set them: `20;60`.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub struct Weights(pub Vec<Step>);

/// Steps by letter: `w20 p10` sets the weight 20 and pauses for 10 ticks.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub struct Steps(pub Vec<Step>);

impl TryFrom<String> for Flag {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "1" | "true" => Ok(Self(true)),
            "0" | "false" | "" => Ok(Self(false)),
            _ => Err(format!("{text} is neither 1 nor 0")),
        }
    }
}

impl TryFrom<String> for Extent {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let Written(setting) = Written::try_from(text)?;
        Ok(Self(setting.unwrap_or(Setting::DEFAULT)))
    }
}

impl TryFrom<String> for Weights {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let weights = text.split(';').map(str::trim).filter(|weight| !weight.is_empty());
        let step = |weight: &str| weight.parse().map(Step::SetWeight).map_err(|_| format!("{weight} is no weight"));
        weights.map(step).collect::<Result<_, _>>().map(Self)
    }
}

impl TryFrom<String> for Steps {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let step = |step: &str| {
            let weight = step.strip_prefix('w').and_then(|weight| weight.parse().ok()).map(Step::SetWeight);
            let pause =
                step.strip_prefix('p').and_then(|ticks| ticks.parse().ok()).map(|ticks| Step::Pause(Some(ticks)));
            weight.or(pause).ok_or_else(|| format!("{step} is neither a weight such as w20 nor a pause such as p10"))
        };
        text.split_whitespace().map(step).collect::<Result<_, _>>().map(Self)
    }
}

/// A replica set as two columns tell it.
pub const fn set(requested: u32, available: u32) -> ReplicaSet {
    ReplicaSet { requested, available }
}

/// Counts, in the columns where they are expected.
pub fn counts(Counts { canary, stable }: Counts) -> Cells {
    vec![("expected_canary", canary.to_string()), ("expected_stable", stable.to_string())]
}
