//! The odds of a request at any time, before a lag is drawn: who holds what is a matter of probability.

use super::course::Course;
use super::delays::Delays;
use crate::dist::Law;
use crate::platform::Service;
use crate::platform::ways::{CERTAIN, Ways};
use crate::strategy::{Forgetting, Strategy};
use crate::time::Instant;

/// The probability that an observer holds each change at `t`: the highest-numbered one that has reached it, of which each
/// comes after a lag of its own. Writes one more value than there are changes.
fn held(changes: &[Instant], lag: &Law, t: f64, values: &mut [f64]) {
    // That nothing after change k has come.
    let mut none = 1.0;
    let (nothing, come) = match values.split_first_mut() {
        Some(split) => split,
        None => return,
    };
    for (value, at) in come.iter_mut().zip(changes).rev() {
        let reached = lag.cdf(t - at.ns() as f64);
        *value = none * reached;
        none *= 1.0 - reached;
    }
    *nothing = none;
}

fn knots(changes: &[Instant], lag: &Law) -> Vec<f64> {
    let spans = lag.knots();
    changes.iter().flat_map(|at| spans.iter().map(|span| at.ns() as f64 + span)).collect()
}

fn delayed<'a>(course: Course<'a>, laws: &[Law]) -> Course<'a> {
    laws.iter().fold(course, Course::delayed)
}

/// The odds that a request is written in the old or new contract and run by the old or new version, four values row by
/// row, of a source whose route is forgotten with probability `forgotten`.
pub(super) fn table<'a>(
    service: &'a Service,
    strategy: &'a Strategy,
    delays: &'a Delays,
    forgotten: f64,
) -> Course<'a> {
    let plan = &delays.plan;
    let function = &service.function;
    let ways = Ways::new(service, &strategy.deployment, &plan.revisions, &plan.latest, &plan.targets);
    let [redeployments, updates, moves] = &plan.changes;

    let lag = &service.gateway.lag;
    let nodes = Course::new(plan.revisions.len(), knots(redeployments, lag), move |t, values| {
        held(redeployments, lag, t, values);
    });
    let nodes = delayed(nodes, &delays.of_resource[0]);
    let wirings = [(0, updates, &function.latest_lag), (1, moves, &function.alias_lag)];
    let front_ends = wirings.map(|(wiring, changes, lag)| {
        let leads_to: Vec<[f64; 2]> =
            ways.leads_to[wiring].iter().map(|odds| odds.map(|parts| parts as f64 / CERTAIN as f64)).collect();
        let course = Course::new(2, knots(changes, lag), move |t, values| {
            let mut held_by = vec![0.0; changes.len() + 1];
            held(changes, lag, t, &mut held_by);
            for (version, value) in values.iter_mut().enumerate() {
                *value = held_by.iter().zip(&leads_to).map(|(held, odds)| held * odds[version]).sum();
            }
        });
        delayed(course, &delays.of_resource[wiring + 1])
    });
    let knots = [&nodes].into_iter().chain(&front_ends).flat_map(|course| course.knots().iter().copied()).collect();
    let revisions = plan.revisions.len();
    let table = Course::new(4, knots, move |t, values| {
        let mut held_by = vec![0.0; revisions];
        nodes.at(t, &mut held_by);
        let mut leads_to = [[0.0; 2]; 2];
        front_ends.iter().zip(&mut leads_to).for_each(|(course, odds)| course.at(t, odds));
        let of = |forgotten| ways.table(forgotten, held_by.iter().copied(), &leads_to, 1.0);
        let (kept, lost) = (of(false), of(true));
        for (place, value) in values.iter_mut().enumerate() {
            let (written, run) = (place / 2, place % 2);
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
pub(super) fn settled<'a>(service: &'a Service, delays: &'a Delays) -> Option<Course<'a>> {
    let function = &service.function;
    let resources = [
        (service.gateway.nodes, &service.gateway.lag),
        (function.front_ends, &function.latest_lag),
        (function.front_ends, &function.alias_lag),
    ];
    let mut courses = Vec::new();
    for (resource, (observers, lag)) in resources.into_iter().enumerate() {
        let Some(&last) = delays.plan.changes[resource].last() else { continue };
        let course = Course::new(1, knots(&[last], lag), move |t, values| {
            values.fill(crate::math::pow(lag.cdf(t - last.ns() as f64), f64::from(observers)));
        });
        courses.push(delayed(course, &delays.of_resource[resource]));
    }
    if courses.is_empty() {
        return None;
    }
    let knots = courses.iter().flat_map(|course| course.knots().iter().copied()).collect();
    let all = Course::new(1, knots, move |t, values| {
        let mut one = [1.0];
        values.fill(1.0);
        for course in &courses {
            course.at(t, &mut one);
            values.iter_mut().for_each(|value| *value *= one[0]);
        }
    });
    Some(delayed(all, &delays.of_all))
}
