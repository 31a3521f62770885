//! The odds of a request at any time, before a lag is drawn: who holds what is a matter of probability.

use super::Inexact;
use super::course::{Course, thinned};
use super::delays::Delays;
use crate::dist::Law;
use crate::ids::Version;
use crate::math;
use crate::platform::control::Pointed;
use crate::platform::way::ways::{CERTAIN, Ways};
use crate::platform::{Cast, ContractIx, Each, Service, VersionIx};
use crate::source::{Producer, Via};
use crate::strategy::{Forgetting, Strategy};
use crate::time::Instant;
use crate::units::Share;

/// What is less probable than this is left out.
const NEVER: f64 = 1e-18;

/// Tells `visit` with which probability an observer holds each change at `t`, from 0 for none: the highest-numbered one
/// that has reached it, of which each comes after a lag of its own. Changes that it cannot hold are not told.
fn held(changes: &[Instant], lag: &Law, t: f64, mut visit: impl FnMut(usize, f64)) {
    let least = lag.least().ns() as f64;
    let begun = changes.partition_point(|at| at.ns() as f64 + least <= t);
    // That nothing after a change has come.
    let mut none = 1.0;
    for (place, at) in changes[..begun].iter().enumerate().rev() {
        let reached = lag.cdf(t - at.ns() as f64);
        visit(place + 1, none * reached);
        none *= 1.0 - reached;
        if none < NEVER {
            return;
        }
    }
    visit(0, none);
}

/// Of an unbounded law's knots no more than these are needed: they only guide who integrates.
const GUIDES: usize = 1_024;

/// When changes begin and end to reach observers, and whether at once.
fn knots(changes: &[Instant], lag: &Law) -> (Vec<f64>, bool) {
    let spans = lag.knots();
    let mut knots: Vec<f64> = changes.iter().flat_map(|at| spans.iter().map(|span| at.ns() as f64 + span)).collect();
    if spans.len() > 2 && knots.len() > GUIDES {
        knots.sort_by(f64::total_cmp);
        knots = thinned(&knots, GUIDES);
    }
    (knots, lag.is_constant() && !changes.is_empty())
}

/// More steps than these cannot be moved together in reasonable time.
const MOST_STEPS: usize = 1_000;

fn delayed<'a>(course: Course<'a>, laws: &[Law]) -> Result<Course<'a>, Inexact> {
    if !laws.is_empty() && course.steps() && course.knots().len() > MOST_STEPS {
        return Err(Inexact::Steps);
    }
    Ok(laws.iter().fold(course, Course::delayed))
}

/// How the route of a source may be re-pointed, each with its probability.
pub(super) type Pointings = Vec<(f64, Pointed)>;

/// The odds that a request of the source at `place` is written in each contract and run by each version, row by row; its route may be
/// pointed in these ways.
///
/// # Errors
/// [`Inexact::Steps`].
pub(super) fn table<'a>(
    service: &'a Service,
    strategy: &'a Strategy,
    delays: &'a Delays,
    (place, pointed): (usize, &'a Pointings),
) -> Result<Course<'a>, Inexact> {
    let function = &service.function;
    let cast = Cast::new(service, strategy);
    let (contracts, versions) = (cast.contracts_len(), cast.versions_len());
    let mut ways = Ways::new(&cast);
    ways.extend(&delays.made);
    let [redeployments, updates, moves] = &delays.changes;

    // Who shapes the events and what is asked for: the nodes of the gateway tell both, else the producer and the mapping.
    let shapers = match service.sources[place].via {
        Via::Gateway => vec![delayed(holders(redeployments.clone(), service.gateway.lag), &delays.of_resource[0])?],
        Via::Direct(Producer { at, lag }) | Via::Queue(Producer { at, lag }, _) => {
            let producer = holders(vec![Instant::ZERO + at], lag);
            vec![producer, holders(delays.mappings[place].clone(), function.mapping_lag)]
        }
    };
    let front_ends = |wiring: usize, changes: &'a [Instant], lag: &'a Law| {
        let share = |parts: &u64| *parts as f64 / CERTAIN as f64;
        let leads_to: Vec<Vec<f64>> =
            ways.leads_to[wiring].iter().map(|odds| odds.iter().take(versions).map(share).collect()).collect();
        let (ends, steps) = knots(changes, lag);
        let course = Course::new(versions, ends, steps, move |t, values| {
            values.fill(0.0);
            held(changes, lag, t, |change, share| {
                values.iter_mut().zip(&leads_to[change]).for_each(|(value, odds)| *value += share * odds);
            });
        });
        delayed(course, &delays.of_resource[wiring + 1])
    };
    let code = front_ends(0, updates, &function.latest_lag)?;
    let alias = front_ends(1, moves, &function.alias_lag)?;

    let all = || shapers.iter().chain([&code, &alias]);
    let steps = all().any(Course::steps);
    let knots = all().flat_map(|course| course.knots().iter().copied()).collect();
    let table = Course::new(contracts * versions, knots, steps, move |t, values| {
        let held_by = |course: &Course<'_>| {
            let mut held_by = vec![0.0; course.values()];
            course.at(t, &mut held_by);
            held_by
        };
        let leads_to = [&code, &alias].map(|course| {
            let odds = held_by(course);
            Each::<Version, f64>::from_fn(|place| odds.get(place.number()).copied().unwrap_or_default())
        });
        let shapers: Vec<_> = shapers.iter().map(held_by).collect();
        values.fill(0.0);
        for &(chance, pointed) in pointed {
            let table = match &shapers[..] {
                [producer, mapping] => ways.direct(place, pointed, (producer, mapping), (&leads_to, 1.0)),
                _ => ways.table(pointed, shapers[0].iter().copied(), (&leads_to, 1.0)),
            };
            for (place, value) in values.iter_mut().enumerate() {
                *value += chance * table[ContractIx::nth(place / versions)][VersionIx::nth(place % versions)];
            }
        }
    });
    delayed(table, &delays.of_all)
}

/// How likely an observer holds each of these changes, after none of them.
fn holders<'a>(changes: Vec<Instant>, lag: Law) -> Course<'a> {
    let (ends, steps) = knots(&changes, &lag);
    Course::new(changes.len() + 1, ends, steps, move |t, values| {
        values.fill(0.0);
        held(&changes, &lag, t, |change, share| values[change] = share);
    })
}

/// How the route of each source may be re-pointed.
pub(super) fn pointed(service: &Service, strategy: &Strategy) -> Vec<Pointings> {
    let Some(by_hand) = strategy.rollout.by_hand() else {
        return vec![vec![(1.0, Pointed::Rightly)]; service.sources.len()];
    };
    let chance = |share: Share| share.threshold().parts() as f64 / CERTAIN as f64;
    let (wrong, others) = (chance(by_hand.wrong.chance), &by_hand.wrong.others);
    let of_source = |place: usize| {
        let forget = match &by_hand.forgetting {
            Forgetting::Sources(always) => f64::from(u8::from(always.contains(&place))),
            Forgetting::Chance(share) => chance(*share),
        };
        let mistaken = others.iter().map(|&to| {
            let pointed = Pointed::Instead { of: strategy.deployment.to, to };
            ((1.0 - forget) * wrong / others.len() as f64, pointed)
        });
        let known = [((1.0 - forget) * (1.0 - wrong), Pointed::Rightly), (forget, Pointed::Forgotten)];
        known.into_iter().chain(mistaken).filter(|&(chance, _)| chance > 0.0).collect()
    };
    (0..service.sources.len()).map(of_source).collect()
}

/// The probability that every observer of every resource holds the last change by a time, one value; `None` where nothing
/// changes.
///
/// # Errors
/// [`Inexact::Steps`].
pub(super) fn settled<'a>(
    service: &'a Service,
    delays: &'a Delays,
    pointed: &[Pointings],
) -> Result<Option<Course<'a>>, Inexact> {
    let function = &service.function;
    let resources = [
        (service.gateway.nodes, &service.gateway.lag),
        (function.front_ends, &function.latest_lag),
        (function.front_ends, &function.alias_lag),
    ];
    let mut courses = Vec::new();
    for (resource, (observers, lag)) in resources.into_iter().enumerate() {
        let Some(&last) = delays.changes[resource].last() else { continue };
        let (ends, steps) = knots(&[last], lag);
        let course = Course::new(1, ends, steps, move |t, values| {
            values.fill(math::pow(lag.cdf(t - last.ns() as f64), f64::from(observers)));
        });
        courses.push(delayed(course, &delays.of_resource[resource])?);
    }
    let lag = &function.mapping_lag;
    for (changes, pointed) in delays.mappings.iter().zip(pointed) {
        let Some(&last) = changes.last() else { continue };
        let (ends, steps) = knots(&[last], lag);
        // One that is forgotten is not waited for.
        let forgotten: f64 =
            pointed.iter().filter(|(_, pointed)| *pointed == Pointed::Forgotten).map(|(chance, _)| chance).sum();
        courses.push(Course::new(1, ends, steps, move |t, values| {
            values.fill(forgotten + (1.0 - forgotten) * lag.cdf(t - last.ns() as f64));
        }));
    }
    if courses.is_empty() {
        return Ok(None);
    }
    let knots = courses.iter().flat_map(|course| course.knots().iter().copied()).collect();
    let steps = courses.iter().any(Course::steps);
    let all = Course::new(1, knots, steps, move |t, values| {
        let mut one = [1.0];
        values.fill(1.0);
        for course in &courses {
            course.at(t, &mut one);
            values.iter_mut().for_each(|value| *value *= one[0]);
        }
    });
    Ok(Some(delayed(all, &delays.of_all)?))
}
