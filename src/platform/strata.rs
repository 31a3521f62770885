//! Strata: what chance decides once a rollout, with a known probability, is taken as given one way after the other.
//!
//! A route forgotten in one rollout of fifty, or a burst that falls into one window of thirty, is seen in a few replications
//! or in none, and then every interval is wrong. So each replication is run several times on the same draws: as it most
//! likely goes, and once for each way in which it may go otherwise. The ways exclude each other, and their exact weights
//! add up to 1, so that the weighted sum is unbiased, and its variance no larger than that of a plain replication.
//!
//! The ways are told apart by the first thing that goes otherwise, the forgotten routes standing first, the busiest of them
//! before all others: what comes before it goes as is likely, what comes after is drawn. So nothing rare with a large effect
//! is left to luck.

use super::{Fate, Given, Service, Window};
use crate::random::Seed;
use crate::source::{Arrivals, Bursts, Source};
use crate::strategy::{Forgetting, Strategy};
use crate::time::Instant;

/// At most so many ways have a stratum of their own; the others, whichever matters least, share one.
const OWN: usize = 5;

/// One way in which a rollout may go, as far as chance decides that once with a known probability.
#[derive(Clone, PartialEq, Debug)]
pub struct Stratum {
    /// What is given in it: `all` (nothing), `none` (nothing happens that may), `forgotten:web` (that route is, and none of a
    /// busier source), `bursting:web` (at the start), `burst:web` (later), `rest` (one of those that matter least).
    pub name: String,
    /// Its probability.
    pub weight: f64,
}

/// A stratum, and what is given in it.
#[derive(Clone, PartialEq, Debug)]
pub struct Way {
    /// How it is told.
    pub stratum: Stratum,
    /// One of these, by their weights.
    fates: Vec<(f64, Fate)>,
}

impl Way {
    /// What is given in it in one replication.
    #[must_use]
    pub fn fate(&self, seed: Seed) -> &Fate {
        let drawn = seed.stream("stratum", &self.stratum.name).bits(0, 0) >> 11;
        let mut left = drawn as f64 / (1_u64 << 53) as f64 * self.stratum.weight;
        let found = self.fates.iter().find(|(weight, _)| {
            left -= weight;
            left < 0.0
        });
        // Rounding may leave the last one out.
        &found.unwrap_or(&self.fates[self.fates.len() - 1]).1
    }
}

/// One thing that chance decides: as it likely goes, and otherwise.
struct Factor {
    source: usize,
    likely: Given,
    otherwise: Vec<Otherwise>,
}

struct Otherwise {
    name: String,
    probability: f64,
    given: Given,
    /// About how many requests depend on it.
    requests: f64,
}

/// The strata of a strategy, the likeliest first. They depend on no other strategy.
#[must_use]
pub fn of(service: &Service, strategy: &Strategy, window: Window) -> Vec<Way> {
    let mut factors = forgotten(service, strategy, window);
    factors.extend(bursts(service, window));
    if factors.is_empty() {
        let stratum = Stratum { name: "all".to_owned(), weight: 1.0 };
        return vec![Way { stratum, fates: vec![(1.0, Fate::default())] }];
    }
    let (mut likely, mut weight) = (Fate::default(), 1.0);
    let mut ways = Vec::new();
    for factor in factors {
        for Otherwise { name, probability, given, requests } in &factor.otherwise {
            let mut fate = likely.clone();
            fate.give(factor.source, |known| add(known, *given));
            let weight = weight * probability;
            let stratum = Stratum { name: name.clone(), weight };
            ways.push((requests * weight, Way { stratum, fates: vec![(weight, fate)] }));
        }
        likely.give(factor.source, |known| add(known, factor.likely));
        weight *= 1.0 - factor.otherwise.iter().map(|other| other.probability).sum::<f64>();
    }
    let stratum = Stratum { name: "none".to_owned(), weight };
    let mut strata = vec![Way { stratum, fates: vec![(weight, likely)] }];
    strata.extend(merged(ways));
    strata
}

/// Leaves the ways that matter most, in their order, and merges the others.
fn merged(ways: Vec<(f64, Way)>) -> Vec<Way> {
    let mut matter: Vec<f64> = ways.iter().map(|(matters, _)| *matters).collect();
    matter.sort_by(|a, b| b.total_cmp(a));
    let most = if ways.len() <= OWN { ways.len() } else { OWN - 1 };
    let least = matter.get(most.saturating_sub(1)).copied().unwrap_or_default();
    let (mut own, mut rest) = (Vec::new(), Vec::new());
    for (matters, way) in ways {
        if matters >= least && own.len() < most { own.push(way) } else { rest.extend(way.fates) }
    }
    if !rest.is_empty() {
        let weight = rest.iter().map(|(weight, _)| weight).sum();
        own.push(Way { stratum: Stratum { name: "rest".to_owned(), weight }, fates: rest });
    }
    own
}

fn add(known: &mut Given, given: Given) {
    known.forgotten = given.forgotten.or(known.forgotten);
    known.bursts = given.bursts.or(known.bursts);
}

/// The routes that may be forgotten, the busiest first.
fn forgotten(service: &Service, strategy: &Strategy, window: Window) -> Vec<Factor> {
    let Some(Forgetting::Chance(chance)) = strategy.rollout.forgetting() else { return Vec::new() };
    if chance.is_zero() || chance.is_whole() {
        return Vec::new();
    }
    let chance = chance.as_f64();
    let is_likely = chance > 0.5;
    let given = |forgotten| Given { forgotten: Some(forgotten), bursts: None };
    let factor = |source: usize| Factor {
        source,
        likely: given(is_likely),
        otherwise: vec![Otherwise {
            name: format!("{}:{}", if is_likely { "re-pointed" } else { "forgotten" }, service.sources[source].name),
            probability: if is_likely { 1.0 - chance } else { chance },
            given: given(!is_likely),
            requests: service.sources[source].arrivals.about(Instant::ZERO, window.end()),
        }],
    };
    let mut factors: Vec<Factor> = (0..service.sources.len()).map(factor).collect();
    factors.sort_by(|a, b| b.otherwise[0].requests.total_cmp(&a.otherwise[0].requests));
    factors
}

/// The sources whose bursts mostly miss the window, where a burst may do more than add its own requests: where something
/// is limited, or waited for only so long.
fn bursts(service: &Service, window: Window) -> Vec<Factor> {
    let matters = service.function.limits.any() || service.sources.iter().any(|source| source.caller.timeout.is_some());
    let span = window.end().since(window.start());
    let all: f64 = service.sources.iter().map(|source| source.arrivals.about(Instant::ZERO, window.end())).sum();
    let given = |bursts| Given { forgotten: None, bursts: Some(bursts) };
    let factor = |(source, of): (usize, &Source)| {
        let Arrivals::Bursty(bursty) = of.arrivals else { return None };
        let other = |(what, bursts)| Otherwise {
            name: format!("{what}:{}", of.name),
            probability: bursty.chance(bursts, span),
            given: given(bursts),
            requests: all,
        };
        let otherwise = [("bursting", Bursts::AtStart), ("burst", Bursts::Later)].map(other).into();
        let seldom = matters && bursty.chance(Bursts::Never, span) >= 0.5;
        seldom.then(|| Factor { source, likely: given(Bursts::Never), otherwise })
    };
    service.sources.iter().enumerate().filter_map(factor).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Options, load};

    fn ways(content: &str) -> Vec<Way> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("strata.toml");
        std::fs::write(&path, content).unwrap();
        let scenario = load(&[path], &Options::default()).unwrap().remove(0);
        of(&scenario.service, &scenario.strategies[0], scenario.window)
    }

    fn strata(content: &str) -> Vec<(String, f64)> {
        ways(content).into_iter().map(|way| (way.stratum.name, way.stratum.weight)).collect()
    }

    #[track_caller]
    fn near(found: &[(String, f64)], expected: &[(&str, f64)]) {
        assert_eq!(found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), names(expected));
        for ((name, weight), (_, wanted)) in found.iter().zip(expected) {
            assert!((weight - wanted).abs() < 1e-12, "{name}: {weight} for {wanted}");
        }
        assert!((found.iter().map(|(_, weight)| weight).sum::<f64>() - 1.0).abs() < 1e-12);
    }

    fn names<'a>(expected: &[(&'a str, f64)]) -> Vec<&'a str> {
        expected.iter().map(|(name, _)| *name).collect()
    }

    const FORGETFUL: &str = r#"pinned = { pinned = { wiring = "by-hand", forget = "10%" } }"#;

    #[test]
    fn the_busiest_forgotten_route_names_the_stratum() {
        let routes = |strategy: &str| {
            strata(&format!(
                r#"
                window = {{ warm_up = "0s", after = "60s" }}
                [source]
                slow.arrivals.poisson = "1/s"
                fast.arrivals.poisson = "9/s"
                [strategy]
                {strategy}
                "#
            ))
        };
        // Forgotten, the other as it may be; then forgotten, the busier one not.
        near(&routes(FORGETFUL), &[("none", 0.81), ("forgotten:fast", 0.1), ("forgotten:slow", 0.09)]);
        near(&routes("latest.latest = {}"), &[("all", 1.0)]);
        near(&routes(&FORGETFUL.replace("10%", "0%")), &[("all", 1.0)]);
        near(&routes(&FORGETFUL.replace("10%", "100%")), &[("all", 1.0)]);
        near(
            &routes(&FORGETFUL.replace("10%", "90%")),
            &[("none", 0.81), ("re-pointed:fast", 0.1), ("re-pointed:slow", 0.09)],
        );
    }

    #[test]
    fn many_small_routes_share_a_stratum_and_take_turns_in_it() {
        let sources: String = (0..24).map(|i| format!("s{i}.arrivals.poisson = \"0.2/s\"\n")).collect();
        let ways = ways(&format!(
            "window = {{ warm_up = \"0s\", after = \"60s\" }}\n[source]\n{sources}big.arrivals.poisson = \"50/s\"\n\
             [strategy]\n{FORGETFUL}"
        ));
        let found: Vec<_> = ways.iter().map(|way| (way.stratum.name.clone(), way.stratum.weight)).collect();
        let kept = |routes: i32| (0..routes).fold(1.0, |kept: f64, _| kept * 0.9);
        near(
            &found,
            &[
                ("none", kept(25)),
                ("forgotten:big", 0.1),
                ("forgotten:s0", 0.09),
                ("forgotten:s1", 0.081),
                ("forgotten:s2", 0.072_9),
                ("rest", kept(4) - kept(25)),
            ],
        );
        // Which one it is: the k-th of the others, the ones before it not forgotten, by its weight.
        let mut drawn = [0_u32; 25];
        for replication in 0..20_000 {
            let fate = ways[5].fate(Seed { seed: 1, replication });
            let first = (0..25).find(|&source| fate.of(source).forgotten == Some(true)).unwrap();
            assert_eq!(fate.of(24).forgotten, Some(false), "the busiest one is not");
            drawn[first] += 1;
        }
        for (source, &times) in drawn.iter().enumerate().take(24).skip(3) {
            let share = 0.1 * kept(source as i32 + 1) / (kept(4) - kept(25));
            let error = crate::math::sqrt(share * (1.0 - share) / 20_000.0);
            assert!((f64::from(times) / 20_000.0 - share).abs() < 4.0 * error, "{source}: {times}, {share}");
        }
    }

    #[test]
    fn bursts_that_mostly_miss_the_window_are_strata_where_something_is_limited() {
        let bursty = |limit: &str, quiet: &str| {
            strata(&format!(
                r#"
                window = {{ warm_up = "10s", after = "50s" }}
                source.web.arrivals.bursty = {{ quiet = "5/s", quiet_for = "{quiet}", burst = "300/s", burst_for = "10s" }}
                {limit}
                [strategy]
                {FORGETFUL}
                "#
            ))
        };
        // Quiet at the start, with probability 600 in 610, and for a minute more: e^-0.1.
        let (quiet, never) = (600.0 / 610.0, crate::math::exp(-0.1));
        let limited = "function.concurrency = 15";
        near(
            &bursty(limited, "10m"),
            &[
                ("none", 0.9 * quiet * never),
                ("forgotten:web", 0.1),
                ("bursting:web", 0.9 * 10.0 / 610.0),
                ("burst:web", 0.9 * quiet * (1.0 - never)),
            ],
        );
        near(&bursty("", "10m"), &[("none", 0.9), ("forgotten:web", 0.1)]);
        near(&bursty(limited, "60s"), &[("none", 0.9), ("forgotten:web", 0.1)]);
        assert_eq!(bursty("source.web.timeout = \"5s\"", "10m").len(), 4);
    }
}
