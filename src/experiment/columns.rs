//! What a scenario's files have columns for, and the results in these columns.

use super::describe;
use super::gate;
use super::metrics::Metric;
use super::results::{Row, ScenarioResults};
use super::summarise::{self, Sums};
use super::{compare, decision};
use crate::ids::{Contract, Version};
use crate::scenario::Scenario;
use std::collections::BTreeSet;

/// What the files of a scenario have columns for.
pub(super) struct Columns {
    pub(super) versions: Vec<Version>,
    pub(super) contracts: Vec<Contract>,
    pub(super) metrics: Vec<Metric>,
}

impl Columns {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let versions: BTreeSet<_> = scenario
            .strategies
            .iter()
            .flat_map(|strategy| [strategy.deployment.from, strategy.deployment.to])
            .collect();
        let contracts: BTreeSet<_> =
            versions.iter().map(|&version| scenario.service.release(version).contract).collect();
        let versions: Vec<_> = versions.into_iter().collect();
        Self { metrics: Metric::all(&versions), contracts: contracts.into_iter().collect(), versions }
    }

    pub(super) fn results(
        self,
        scenario: &Scenario,
        rows: Vec<Vec<Row>>,
        sums: Vec<Option<Sums>>,
        (confidence, relevant): (f64, f64),
    ) -> ScenarioResults {
        // Strategies may have unequal numbers where replications are spent on the best ones.
        let replications = rows.iter().map(Vec::len).max().unwrap_or(0) as u32;
        let mut differences = compare::differences(&rows, &self.metrics, confidence);
        let strategies: Vec<_> = scenario
            .strategies
            .iter()
            .zip(rows.into_iter().zip(sums))
            .map(|(strategy, (rows, sums))| {
                summarise::strategy(
                    scenario,
                    strategy,
                    rows,
                    sums.as_ref(),
                    &self.metrics,
                    (&self.contracts, &self.versions),
                    confidence,
                )
            })
            .collect();
        let lucky = |place: usize| strategies[place].forgotten.is_some();
        compare::withdraw(&mut differences, |place, metric| lucky(place) && gate::fails(self.metrics[metric].kind));
        let means: Vec<Vec<_>> = strategies
            .iter()
            .map(|strategy| strategy.estimates.iter().map(|estimate| estimate.mean).collect())
            .collect();
        let deploys: Vec<_> = strategies.iter().map(|strategy| strategy.replaces.is_some()).collect();
        let best = compare::best(&means, &deploys, &self.metrics, &differences);
        let decision = decision::decide(&strategies, &self.metrics, &differences, relevant);
        let gates = gate::gates(scenario, &strategies, &self.metrics, confidence);
        ScenarioResults {
            name: scenario.name.clone(),
            title: scenario.title.clone(),
            hash: scenario.hash.clone(),
            window: scenario.window,
            bin: scenario.bin,
            replications,
            traffic: describe::traffic(scenario),
            compatibility: describe::compatibility(scenario),
            assumptions: describe::assumptions(scenario),
            versions: self.versions,
            contracts: self.contracts,
            metrics: self.metrics,
            strategies,
            differences,
            best,
            decision,
            relevant,
            gates,
            precision: Vec::new(),
            warm_up: None,
        }
    }
}
