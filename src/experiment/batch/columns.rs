//! What a scenario's files have columns for, and the results in these columns.

use super::describe;
use super::summarise::{self, Sums};
use crate::experiment::infer::disaster::Worst;
use crate::experiment::infer::gate;
use crate::experiment::infer::known::Known;
use crate::experiment::infer::{compare, decision};
use crate::experiment::levers;
use crate::ids::{Contract, Version};
use crate::metrics::Metric;
use crate::results::{Difference, Row, ScenarioResults, StrategyResults, Stratum};
use crate::scenario::Scenario;
use crate::stats::rare;
use crate::strategy::Strategy;
use std::collections::BTreeSet;

/// What was simulated of a strategy, and what is known of it besides.
pub(in crate::experiment) struct Simulated {
    pub(in crate::experiment) strata: Vec<Stratum>,
    /// By replication and stratum.
    pub(in crate::experiment) rows: Vec<Vec<Row>>,
    /// By stratum.
    pub(in crate::experiment) sums: Vec<Option<Sums>>,
    pub(in crate::experiment) known: Known,
}

/// What the files of a scenario have columns for.
pub(in crate::experiment) struct Columns {
    pub(in crate::experiment) versions: Vec<Version>,
    pub(in crate::experiment) contracts: Vec<Contract>,
    pub(in crate::experiment) metrics: Vec<Metric>,
}

impl Columns {
    pub(in crate::experiment) fn new(scenario: &Scenario) -> Self {
        let versions = scenario.versions();
        let contracts: BTreeSet<_> =
            versions.iter().map(|&version| scenario.service.release(version).contract).collect();
        let versions: Vec<_> = versions.into_iter().collect();
        Self { metrics: Metric::all(&versions), contracts: contracts.into_iter().collect(), versions }
    }

    /// The results of a scenario.
    pub(in crate::experiment) fn results(
        self,
        scenario: &Scenario,
        of_strategies: Vec<Simulated>,
        (confidence, relevant): (f64, f64),
    ) -> ScenarioResults {
        // Strategies may have unequal numbers where replications are spent on the best ones.
        let replications = of_strategies.iter().map(|of| of.rows.len()).max().unwrap_or(0) as u32;
        let known: Vec<Known> = of_strategies.iter().map(|of| of.known.clone()).collect();
        let summarised = |(strategy, simulated): (&Strategy, Simulated)| {
            let seen = (&self.contracts[..], &self.versions[..]);
            summarise::strategy(scenario, strategy, simulated, &self.metrics, seen, confidence)
        };
        let strategies: Vec<_> = scenario.strategies.iter().zip(of_strategies).map(summarised).collect();
        let weights: Vec<Vec<f64>> =
            strategies.iter().map(|strategy| strategy.strata.iter().map(|stratum| stratum.weight).collect()).collect();
        let worst = Worst::new(scenario);
        let sample = |place: usize| {
            let strategy: &StrategyResults = &strategies[place];
            worst.sample(&strategy.rows, &weights[place], &self.metrics, &known[place])
        };
        let samples: Vec<_> = (0..strategies.len()).map(sample).collect();
        let mut differences = compare::differences(&samples, confidence);
        compare::know(&mut differences, &known);
        let family = compare::of_family(confidence, strategies.len());
        for found in &mut differences {
            found.turns_at = worst.turns_at(found, &strategies, &self.metrics);
            if Worst::withholds(found, &samples, family) {
                *found = Difference::not_compared(found.metric, found.a, found.b);
            }
        }
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
            source: scenario.source.clone(),
            overrides: scenario.overrides.clone(),
            window: scenario.window,
            bin: scenario.bin,
            replications,
            traffic: describe::traffic(scenario),
            compatibility: describe::compatibility(scenario),
            assumptions: levers::told(scenario),
            versions: self.versions,
            contracts: self.contracts,
            metrics: self.metrics,
            strategies,
            differences,
            best,
            decision,
            relevant,
            unseen: rare::none_of(replications, 0.95),
            feeds_back: worst.feeds_back,
            gates,
            precision: Vec::new(),
            warm_up: None,
        }
    }
}
