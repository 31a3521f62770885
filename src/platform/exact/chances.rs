//! The odds of a request at any time, before a lag is drawn: who holds what is a matter of probability.

use super::Inexact;
use super::course::{Course, thinned};
use super::delays::Delays;
use crate::dist::Law;
use crate::ids::Version;
use crate::math;
use crate::platform::way::ways::{CERTAIN, Ways};
use crate::platform::{Cast, ContractIx, Each, MOST_VERSIONS, Service, VersionIx};
use crate::strategy::{Forgetting, Strategy};
use crate::time::Instant;

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

/// The odds that a request is written in each contract and run by each version, row by row, of a source whose route is forgotten with probability `forgotten`.
///
/// # Errors
/// [`Inexact::Steps`].
pub(super) fn table<'a>(
    service: &'a Service,
    strategy: &'a Strategy,
    delays: &'a Delays,
    forgotten: f64,
) -> Result<Course<'a>, Inexact> {
    let function = &service.function;
    let cast = Cast::new(service, strategy);
    let (contracts, versions) = (cast.contracts_len(), cast.versions_len());
    let mut ways = Ways::new(&cast);
    ways.extend(&delays.made);
    let [redeployments, updates, moves] = &delays.changes;

    let (lag, revisions) = (&service.gateway.lag, delays.made.revisions.len());
    let (ends, steps) = knots(redeployments, lag);
    let nodes = Course::new(revisions, ends, steps, move |t, values| {
        values.fill(0.0);
        held(redeployments, lag, t, |revision, share| values[revision] = share);
    });
    let nodes = delayed(nodes, &delays.of_resource[0])?;
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

    let of = [&nodes, &code, &alias].map(|course| (course.knots().to_vec(), course.steps()));
    let steps = of.iter().any(|&(_, steps)| steps);
    let knots = of.into_iter().flat_map(|(knots, _)| knots).collect();
    let table = Course::new(contracts * versions, knots, steps, move |t, values| {
        let mut held_by = vec![0.0; revisions];
        nodes.at(t, &mut held_by);
        let leads_to = [&code, &alias].map(|course| {
            let mut odds = [0.0; MOST_VERSIONS];
            course.at(t, &mut odds[..versions]);
            Each::<Version, f64>::from_fn(|place| odds[place.number()])
        });
        let of = |forgotten| ways.table(forgotten, held_by.iter().copied(), &leads_to, 1.0);
        let (kept, lost) = (of(false), of(true));
        for (place, value) in values.iter_mut().enumerate() {
            let (written, run) = (ContractIx::nth(place / versions), VersionIx::nth(place % versions));
            *value = (1.0 - forgotten) * kept[written][run] + forgotten * lost[written][run];
        }
    });
    delayed(table, &delays.of_all)
}

/// The probability that the route of each source is forgotten.
pub(super) fn forgotten(service: &Service, strategy: &Strategy) -> Vec<f64> {
    let sources = 0..service.sources.len();
    match strategy.rollout.forgetting() {
        None => vec![0.0; sources.len()],
        Some(Forgetting::Sources(always)) => {
            sources.map(|place| f64::from(u8::from(always.contains(&place)))).collect()
        }
        Some(Forgetting::Chance(chance)) => vec![chance.threshold().parts() as f64 / CERTAIN as f64; sources.len()],
    }
}

/// The probability that every observer of every resource holds the last change by a time, one value; `None` where nothing
/// changes.
///
/// # Errors
/// [`Inexact::Steps`].
pub(super) fn settled<'a>(service: &'a Service, delays: &'a Delays) -> Result<Option<Course<'a>>, Inexact> {
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
