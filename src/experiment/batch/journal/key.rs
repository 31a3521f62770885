//! What a run is to its journal: two runs with the same key have the same replications.

use crate::scenario::Scenario;
use serde::{Deserialize, Serialize};

/// What a run is: two runs with the same key have the same replications.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Key {
    /// The program's version.
    pub version: String,
    /// The program's build, as a hash: the same version of the source may still change. `None` where the program cannot
    /// tell its own, which is like no other build, not even another that cannot.
    pub build: Option<String>,
    /// The seed.
    pub seed: u64,
    /// Every scenario.
    pub scenarios: Vec<ScenarioKey>,
}

/// What a scenario is to a journal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ScenarioKey {
    /// Its name.
    pub name: String,
    /// The hash of everything its figures follow from.
    pub hash: String,
    /// The names of its strategies, in order.
    pub strategies: Vec<String>,
}

impl Key {
    /// The key of a run of these scenarios by the program whose hash is `build`.
    #[must_use]
    pub fn new(scenarios: &[Scenario], seed: u64, build: Option<String>) -> Self {
        let scenario = |scenario: &Scenario| ScenarioKey {
            name: scenario.name.clone(),
            hash: scenario.hash.clone(),
            strategies: scenario.strategies.iter().map(|strategy| strategy.name.clone()).collect(),
        };
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { version, build, seed, scenarios: scenarios.iter().map(scenario).collect() }
    }

    /// In what the run of `known` differs, and what to do about it; `None` where it is the same run, for certain.
    pub(super) fn difference(&self, known: &Self) -> Option<(&'static str, &'static str)> {
        if known.version != self.version || known.build != self.build {
            return Some(ANOTHER_BUILD);
        }
        if self.build.is_none() {
            return Some(("of a build of cutover that could not be told", "make the program readable"));
        }
        let all = |key: &Self, pick: fn(&ScenarioKey) -> &String| -> Vec<String> {
            key.scenarios.iter().map(|scenario| pick(scenario).clone()).collect()
        };
        let differ = |pick| all(known, pick) != all(self, pick);
        match () {
            () if known == self => None,
            () if known.seed != self.seed => Some(("with another seed", "give the same --seed")),
            () if differ(|scenario| &scenario.name) => Some(("of other scenarios", "give the same paths")),
            () if differ(|scenario| &scenario.hash) => {
                Some(("of another state of the scenarios", "give the same files, --set and --replications"))
            }
            () => Some(("with other strategies", "give the same --only")),
        }
    }
}

/// What is said of a journal that another build of the program wrote.
pub(super) const ANOTHER_BUILD: (&str, &str) = ("of another build of cutover", "resume it with that build");
