//! Strata: what chance decides once a rollout, with a known probability, is taken as given one way after the other.
//!
//! A route forgotten in one rollout of fifty, or a burst that falls into one window of thirty, is seen in a few replications
//! or in none, and then every interval is wrong. So each replication is run several times on the same draws: as it most
//! likely goes, and once for each way in which it may go otherwise. The ways exclude each other, and their exact weights
//! add up to 1, so that the weighted sum is unbiased, and its variance no larger than that of a plain replication.
//!
//! The ways: one thing alone goes otherwise than is likely, each in a stratum of its own (those that matter least share one);
//! or several do (`several`). In the shared ones what goes otherwise is drawn, of all that may by its weight, along a sequence
//! that leaves no gaps over the replications. So nothing rare with a large effect is left to luck.

use super::factors::{Factor, Otherwise, at_least, bursts, slips, uncertain};
use crate::platform::{Fate, Given, Service, Window};
use crate::random::Seed;
use crate::strategy::Strategy;
use std::borrow::Cow;

/// At most so many ways have a stratum of their own; the others, whichever matters least, share one.
const OWN: usize = 5;

/// One way in which a rollout may go, as far as chance decides that once with a known probability.
#[derive(Clone, PartialEq, Debug)]
pub struct Stratum {
    /// What is given in it: `all` (nothing), `none` (nothing happens that may), `forgotten:web` (that route is, and nothing else
    /// happens), `wrong:web` (that route is pointed at another version), `bursting:web` (at the start), `burst:web` (later), `event:1` (the first event happens), `hook:1` (the
    /// first run of a hook fails), `rest` (one of those that matter least), `several`.
    pub name: String,
    /// Its probability.
    pub weight: f64,
}

/// A stratum, and what is given in it.
#[derive(Clone, PartialEq, Debug)]
pub struct Way {
    /// How it is told.
    pub stratum: Stratum,
    given: Choice,
}

#[derive(Clone, PartialEq, Debug)]
enum Choice {
    /// This.
    One(Fate),
    /// One of these, by their weights.
    Any(Vec<(f64, Fate)>),
    /// Several of these factors go otherwise.
    Several(Vec<Factor>),
}

impl Way {
    /// What is given in it in one replication.
    #[must_use]
    pub fn fate(&self, seed: Seed) -> Cow<'_, Fate> {
        match &self.given {
            Choice::One(fate) => Cow::Borrowed(fate),
            Choice::Any(fates) => {
                let mut left = self.drawn(seed) * self.stratum.weight;
                let found = fates.iter().find(|(weight, _)| {
                    left -= weight;
                    left < 0.0
                });
                // Rounding may leave the last one out.
                Cow::Borrowed(&found.unwrap_or(&fates[fates.len() - 1]).1)
            }
            Choice::Several(factors) => Cow::Owned(several(factors, self.drawn(seed))),
        }
    }

    /// A number in [0, 1) for a replication: van der Corput's sequence from a random start. Each is uniform, and together they lie
    /// more evenly than independent ones, so that intervals of independent values are rather too wide.
    fn drawn(&self, seed: Seed) -> f64 {
        const WHOLE: f64 = (1_u64 << 53) as f64;
        let start = Seed { replication: 0, ..seed }.stream("stratum", &self.stratum.name).bits(0, 0) >> 11;
        let turn = seed.replication.reverse_bits() >> 11;
        ((start + turn) % (1 << 53)) as f64 / WHOLE
    }
}

/// Two factors or more go otherwise: which, by the law of all given that. `drawn` in [0, 1) is used up along the way.
fn several(factors: &[Factor], mut drawn: f64) -> Fate {
    let mut fate = Fate::default();
    // How many must still go otherwise.
    let mut wanted = 2;
    for (place, factor) in factors.iter().enumerate() {
        let (left, rest) = (at_least(wanted, &factors[place..]), &factors[place + 1..]);
        let mut given = factor.likely;
        for other in &factor.otherwise {
            let chance = other.probability * at_least(wanted - 1, rest) / left;
            if drawn < chance {
                (given, drawn, wanted) = (other.given, drawn / chance, wanted - 1);
                break;
            }
            drawn -= chance;
        }
        if given == factor.likely {
            drawn /= (factor.likely_probability() * at_least(wanted, rest) / left).max(f64::MIN_POSITIVE);
        }
        fate.give(factor.thing, |known| add(known, given));
        if wanted == 0 {
            // What comes after is drawn as it always is.
            break;
        }
    }
    fate
}

/// The strata of a strategy, the likeliest first. They depend on no other strategy.
#[must_use]
pub fn of(service: &Service, strategy: &Strategy, window: Window) -> Vec<Way> {
    let mut factors = slips(service, strategy, window);
    factors.extend(bursts(service, strategy, window));
    factors.extend(uncertain(service, strategy, window));
    let way = |name: &str, weight, given| Way { stratum: Stratum { name: name.to_owned(), weight }, given };
    if factors.is_empty() {
        return vec![way("all", 1.0, Choice::One(Fate::default()))];
    }
    let mut likely = Fate::default();
    factors.iter().for_each(|factor| likely.give(factor.thing, |known| add(known, factor.likely)));
    let none: f64 = factors.iter().map(Factor::likely_probability).product();
    let mut alone = Vec::new();
    for factor in &factors {
        for Otherwise { name, probability, given, requests } in &factor.otherwise {
            let mut fate = likely.clone();
            fate.give(factor.thing, |known| add(known, *given));
            let weight = none / factor.likely_probability() * probability;
            alone.push((requests * weight, weight, name.as_str(), fate));
        }
    }
    let several = at_least(2, &factors);
    let mut strata = vec![way("none", none, Choice::One(likely))];
    let (own, rest) = apart(alone);
    strata.extend(own.into_iter().map(|(weight, name, fate)| way(name, weight, Choice::One(fate))));
    if !rest.is_empty() {
        strata.push(way("rest", rest.iter().map(|(weight, _)| weight).sum(), Choice::Any(rest)));
    }
    if several > 0.0 {
        strata.push(way("several", several, Choice::Several(factors.clone())));
    }
    strata
}

/// In how many of these strata other requests come than in those before.
#[must_use]
pub fn traffics(strata: &[Way]) -> usize {
    let bursts = |way: &Way| match &way.given {
        Choice::One(fate) => fate.traffic() != Fate::default(),
        Choice::Any(_) => false,
        Choice::Several(factors) => factors.iter().any(|factor| factor.likely.bursts.is_some()),
    };
    // Where nothing is given of any burst, all have the same.
    if strata.iter().any(bursts) { strata.len() } else { 1 }
}

/// Those that matter most, in their order, with their weights and names; and the others.
#[expect(clippy::type_complexity, reason = "two lists of the same kind, one of them named")]
fn apart(ways: Vec<(f64, f64, &str, Fate)>) -> (Vec<(f64, &str, Fate)>, Vec<(f64, Fate)>) {
    let mut matter: Vec<f64> = ways.iter().map(|(matters, ..)| *matters).collect();
    matter.sort_by(|a, b| b.total_cmp(a));
    let most = if ways.len() <= OWN { ways.len() } else { OWN - 1 };
    let least = matter.get(most.saturating_sub(1)).copied().unwrap_or_default();
    let (mut own, mut rest) = (Vec::new(), Vec::new());
    for (matters, weight, name, fate) in ways {
        if matters >= least && own.len() < most { own.push((weight, name, fate)) } else { rest.push((weight, fate)) }
    }
    (own, rest)
}

fn add(known: &mut Given, given: Given) {
    known.slip = given.slip.or(known.slip);
    known.bursts = given.bursts.or(known.bursts);
    known.happens = given.happens.or(known.happens);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Options, load};
    use crate::strategy::Slip;

    fn ways(content: &str) -> Vec<Way> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("strata.toml");
        std::fs::write(&path, format!("code.service.constant = \"10ms\"\n{content}")).unwrap();
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
    fn a_forgotten_route_has_a_stratum_of_its_own() {
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
        let both = [("none", 0.81), ("forgotten:fast", 0.09), ("forgotten:slow", 0.09), ("several", 0.01)];
        near(&routes(FORGETFUL), &both);
        near(&routes("latest.latest = {}"), &[("all", 1.0)]);
        near(&routes(&FORGETFUL.replace("10%", "0%")), &[("all", 1.0)]);
        near(&routes(&FORGETFUL.replace("10%", "100%")), &[("all", 1.0)]);
        let both = [("none", 0.81), ("re-pointed:fast", 0.09), ("re-pointed:slow", 0.09), ("several", 0.01)];
        near(&routes(&FORGETFUL.replace("10%", "90%")), &both);
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
        let one = 0.1 * kept(24);
        let own = ["forgotten:big", "forgotten:s0", "forgotten:s1", "forgotten:s2"].map(|name| (name, one));
        let mut expected = vec![("none", kept(25))];
        expected.extend(own);
        expected.extend([("rest", 21.0 * one), ("several", 1.0 - kept(25) - 25.0 * one)]);
        near(&found, &expected);

        const REPLICATIONS: u64 = 21_000;
        let (mut alone, mut among) = ([0_u64; 25], [0_u64; 25]);
        for replication in 0..REPLICATIONS {
            let seed = Seed { seed: 1, replication };
            let forgotten = |way: &Way| {
                let fate = way.fate(seed);
                (0..25).filter(|&source| fate.of(source).slip == Some(Slip::Forgotten)).collect::<Vec<_>>()
            };
            let [one] = forgotten(&ways[5])[..] else { panic!("one of the rest alone") };
            alone[one] += 1;
            // The first two of several; the others are drawn as ever.
            let [first, second] = forgotten(&ways[6])[..] else { panic!("two are given") };
            among[first] += 1;
            among[second] += 1;
            let big = ways[6].fate(seed).of(24).slip;
            assert!(big.is_some(), "the busiest one is looked at first");
        }
        // Evenly, as a sequence without gaps is: to within a few.
        assert!(alone[3..24].iter().all(|times| times.abs_diff(REPLICATIONS / 21) < 20), "{alone:?}");
        assert_eq!(alone[24] + alone[..3].iter().sum::<u64>(), 0);
        // The busiest of several that are forgotten: P(it, and one of 24 others) over P(several).
        let share = 0.1 * (1.0 - kept(24)) / (1.0 - kept(25) - 25.0 * one);
        assert!((among[24] as f64 / REPLICATIONS as f64 - share).abs() < 0.002, "{} for {share}", among[24]);
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
                ("forgotten:web", 0.1 * quiet * never),
                ("bursting:web", 0.9 * 10.0 / 610.0),
                ("burst:web", 0.9 * quiet * (1.0 - never)),
                ("several", 0.1 * (1.0 - quiet * never)),
            ],
        );
        near(&bursty("", "10m"), &[("none", 0.9), ("forgotten:web", 0.1)]);
        near(&bursty(limited, "60s"), &[("none", 0.9), ("forgotten:web", 0.1)]);
        assert_eq!(bursty("source.web.timeout = \"5s\"", "10m").len(), 5);
    }
}
