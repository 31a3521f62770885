//! Levers: what nobody measured and figures hang on. One table has those of the platform; every rollout says which of them
//! it pulls, and brings its own.
//!
//! Three things follow: what a summary tells, what to measure before a strategy's figure is trusted, and what
//! `sweep --sensitivity` moves.

use crate::dist::Law;
use crate::idle::Idle;
use crate::platform::ColdStart;
use crate::results;
use crate::scenario::Scenario;
use crate::scenario::tables::hosts::{LAG, STARTUP};
use crate::scenario::tables::platform::{
    ALIAS_LAG, FRONT_ENDS, GATEWAY_LAG, IDLE_TIME, INIT, LATEST_LAG, MAPPING_LAG, NODES,
};
use crate::source::Via;
use crate::source::keys::{HALF_LIFE, PRODUCER_LAG};
use crate::strategy::deployment::STEP;
use crate::strategy::{Lever, On, Strategy};
use crate::text::key::{Absent, Described};

/// A key that nobody measured, and the range within which it may well lie. The ranges are ours, and wide: published is
/// none of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assumption {
    /// The key.
    pub key: String,
    /// The lower end of the range, as it is written in a scenario.
    pub low: &'static str,
    /// The upper end.
    pub high: &'static str,
    /// What it is, in words.
    pub about: &'static str,
    /// What holds where it is not written, as it is written; empty where it must be.
    pub default: &'static str,
    /// Where that comes from, in words; empty where it says that something is off.
    pub origin: String,
}

/// A lever of the platform.
struct Row {
    lever: Lever,
    /// Where its key stands.
    table: &'static str,
    key: &'static dyn Described,
    /// What it is.
    what: &'static str,
    /// What a summary calls it; nothing for what it leaves out.
    brief: &'static str,
    /// Its law under a strategy; `None` for a number.
    law: fn(&Scenario, &Strategy) -> Option<Law>,
}

impl Row {
    /// Whether it moves anything: a gateway that no source passes does not.
    fn matters(&self, scenario: &Scenario) -> bool {
        let of_gateway = matches!(self.lever, Lever::GatewayLag | Lever::GatewayNodes);
        !of_gateway || scenario.service.sources.iter().any(|source| source.via == Via::Gateway)
    }
}

const TABLE: &[Row] = &[
    Row {
        lever: Lever::GatewayLag,
        table: "gateway",
        key: &GATEWAY_LAG,
        what: "the gateway's lag",
        brief: "gateway",
        law: |scenario, _| Some(scenario.service.gateway.lag),
    },
    Row {
        lever: Lever::GatewayNodes,
        table: "gateway",
        key: &NODES,
        what: "the number of gateway nodes",
        brief: "",
        law: |_, _| None,
    },
    Row {
        lever: Lever::Step,
        table: "deployment",
        key: &STEP,
        what: "the control plane's step",
        brief: "",
        law: |_, strategy| Some(strategy.deployment.step),
    },
    Row {
        lever: Lever::FrontEnds,
        table: "function",
        key: &FRONT_ENDS,
        what: "the number of front-ends",
        brief: "",
        law: |_, _| None,
    },
    Row {
        lever: Lever::LatestLag,
        table: "function",
        key: &LATEST_LAG,
        what: "the lag of $LATEST",
        brief: "$LATEST",
        law: |scenario, _| Some(scenario.service.function.latest_lag),
    },
    Row {
        lever: Lever::MappingLag,
        table: "function",
        key: &MAPPING_LAG,
        what: "the lag of mappings",
        brief: "mappings",
        law: |scenario, _| Some(scenario.service.function.mapping_lag),
    },
    Row {
        lever: Lever::Startup,
        table: "hosts",
        key: &STARTUP,
        what: "how long replicas take to start",
        brief: "replicas start in",
        law: |scenario, strategy| Some(scenario.service.release(strategy.deployment.to).startup),
    },
    Row {
        lever: Lever::EndpointLag,
        table: "hosts.balancer",
        key: &LAG,
        what: "the balancer's lag",
        brief: "balancer",
        law: |scenario, _| scenario.service.hosts.map(|hosts| hosts.balancer.lag),
    },
    Row {
        lever: Lever::AliasLag,
        table: "function",
        key: &ALIAS_LAG,
        what: "the alias's lag",
        brief: "alias",
        law: |scenario, _| Some(scenario.service.function.alias_lag),
    },
];

/// The lags and laws behind the verdict that nobody measured, as a summary tells them.
pub(in crate::experiment) fn told(scenario: &Scenario) -> Vec<String> {
    let mut told: Vec<_> = pulled(scenario)
        .filter(|(row, _)| !row.brief.is_empty())
        .filter_map(|(row, strategy)| Some(format!("{} {}", row.brief, (row.law)(scenario, strategy)?)))
        .collect();
    if let Some(producer) = scenario.service.sources.iter().find_map(|source| source.via.producer()) {
        told.push(format!("producers {}", producer.lag));
    }
    if let Some(clients) = scenario.service.sources.iter().find_map(|source| source.clients) {
        told.push(format!("half of the old clients gone every {}", clients.half_life));
    }
    let alarms = scenario.strategies.iter().flat_map(Strategy::alarms).map(|(alarm, _)| alarm);
    if let Some(alarm) = alarms.max_by_key(|alarm| alarm.delay) {
        told.push(format!("alarms seen {} late", alarm.delay));
    }
    if let Some(strategy) = scenario.strategies.iter().find(|strategy| strategy.on() == On::Function) {
        told.push(match &scenario.service.release(strategy.deployment.from).idle {
            Idle::After(law) => format!("idle instances kept {law}"),
            Idle::Curve(curve) => format!("idle instances kept {curve}"),
            Idle::Never => "idle instances kept for ever".to_owned(),
        });
    }
    told
}

/// What to measure before a strategy's figure is trusted, the greatest first: a share of forgotten routes, which lasts; then
/// lags by their means.
///
/// Old and new meet while a gateway node and a front-end have not both adopted their change, and clients that update by
/// themselves go on writing the old format whatever is deployed.
pub(in crate::experiment) fn hangs_on(scenario: &Scenario, strategy: &Strategy) -> Vec<results::Assumption> {
    if !strategy.rollout.deploys() {
        return Vec::new();
    }
    let levers = strategy.rollout.levers().decisive.into_iter().filter_map(|lever| {
        if let Lever::Own(own) = lever {
            return Some((f64::INFINITY, results::Assumption { what: own.what, value: own.value.to_string() }));
        }
        let row = TABLE.iter().find(|row| row.lever == lever && row.matters(scenario))?;
        let law = (row.law)(scenario, strategy)?;
        Some((law.mean_ns(), results::Assumption { what: row.what, value: law.to_string() }))
    });
    // What is lost until an alarm stops it hangs on the alarm.
    let alarms = strategy.alarms().map(|(alarm, _)| {
        (f64::INFINITY, results::Assumption { what: "how late the alarm is seen", value: alarm.delay.to_string() })
    });
    let clients = scenario.service.sources.iter().filter_map(|source| source.clients).map(|clients| {
        let what = "the half-life of old clients";
        (clients.half_life.ns() as f64, results::Assumption { what, value: clients.half_life.to_string() })
    });
    let producers = scenario.service.sources.iter().filter_map(|source| source.via.producer()).map(|producer| {
        let what = "the lag of the producers of direct sources";
        (producer.lag.mean_ns(), results::Assumption { what, value: producer.lag.to_string() })
    });
    let mut all: Vec<_> = alarms.take(1).chain(levers).chain(clients.take(1)).chain(producers.take(1)).collect();
    // Stable: of equals the one that the strategy names first.
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all.into_iter().map(|(_, assumption)| assumption).collect()
}

/// The assumptions that enter a scenario's figures, with their ranges.
#[must_use]
pub fn moved(scenario: &Scenario) -> Vec<Assumption> {
    let releases = &scenario.service.releases;
    let mut moved: Vec<_> = pulled(scenario).filter_map(|(row, _)| of_key(row.table, row.key)).collect();
    if releases.iter().all(|release| !matches!(release.idle, Idle::Never)) {
        moved.extend(of_key("function", &IDLE_TIME));
    }
    if releases.iter().all(|release| matches!(release.cold, ColdStart::Init(_))) {
        moved.extend(of_key("function", &INIT));
    }
    for strategy in &scenario.strategies {
        for lever in strategy.rollout.levers().decisive {
            if let Lever::Own(own) = lever
                && let Some((low, high)) = own.range
            {
                moved.push(Assumption {
                    key: format!("strategy.{}.{}.{}", strategy.name, own.kind, own.key),
                    low,
                    high,
                    about: own.what,
                    default: "",
                    origin: String::new(),
                });
            }
        }
    }
    for source in scenario.service.sources.iter().filter(|source| source.clients.is_some()) {
        moved.extend(of_key(&format!("source.{}.clients", source.name), &HALF_LIFE));
    }
    for source in scenario.service.sources.iter().filter(|source| source.via.producer().is_some()) {
        moved.extend(of_key(&format!("source.{}.producer", source.name), &PRODUCER_LAG));
    }
    moved
}

fn of_key(table: &str, key: &dyn Described) -> Option<Assumption> {
    let tries = key.tries()?;
    let (default, origin) = match key.absent() {
        Absent::Default(text, origin) => (text, origin.words()),
        Absent::Required(_) | Absent::Otherwise(_) => ("", String::new()),
    };
    let (low, high, about) = (tries.low, tries.high, key.about());
    Some(Assumption { key: format!("{table}.{}", key.name()), low, high, about, default, origin })
}

/// The levers of the platform that a scenario's rollouts pull, each with the first strategy that does.
fn pulled(scenario: &Scenario) -> impl Iterator<Item = (&'static Row, &Strategy)> {
    TABLE.iter().filter(|row| row.matters(scenario)).filter_map(|row| {
        let pulls = |strategy: &&Strategy| {
            let levers = strategy.rollout.levers();
            levers.decisive.contains(&row.lever) || levers.further.contains(&row.lever)
        };
        Some((row, scenario.strategies.iter().find(pulls)?))
    })
}
