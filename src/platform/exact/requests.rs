//! Odds that change with time, summed over a source's expected arrivals.

use super::Means;
use super::course::Course;
use super::integral;
use crate::platform::{Cast, ContractIx, Grid, VersionIx, Window};
use crate::source::{Clients, FeedError, Part, Source};
use crate::time::Instant;

/// Errors of fewer requests than this are let stand in a panel.
const FLOOR: f64 = 1e-9;

/// The expected number of a source's first attempts in [0, after), by contract and version.
pub(super) fn sum(source: &Source, cast: &Cast, odds: &Course<'_>, window: &Window) -> Result<Means, FeedError> {
    let clients = source.clients.as_ref();
    let mut sums = vec![0.0; cast.contracts_len() * cast.versions_len()];
    for stretch in stretches(odds, clients, window).windows(2) {
        let (from, to) = (stretch[0], stretch[1]);
        match steady(odds, sums.len(), from, to) {
            // All that is needed is a count, which no source has to tell piece by piece.
            Some(steady) => {
                let requests = source.arrivals.expected(from, to)?;
                let old = match clients {
                    Some(clients) if requests > 0.0 => {
                        clients.old.as_f64() * source.arrivals.expected_decayed(from, to, clients.half_life)?
                    }
                    _ => 0.0,
                };
                let mut shares = steady;
                shape(cast, &mut shares, clients.map(|_| if requests > 0.0 { old / requests } else { 0.0 }));
                sums.iter_mut().zip(shares).for_each(|(sum, share)| *sum += share * requests);
            }
            None => moving(source, cast, odds, (from, to), &mut sums)?,
        }
    }
    let mut means = Grid::default();
    for (place, sum) in sums.into_iter().enumerate() {
        let versions = cast.versions_len();
        means[ContractIx::nth(place / versions)][VersionIx::nth(place % versions)] = sum;
    }
    Ok(Means(means))
}

/// The same where the odds move: every piece of the arrivals by itself.
fn moving(
    source: &Source,
    cast: &Cast,
    odds: &Course<'_>,
    (from, to): (Instant, Instant),
    sums: &mut [f64],
) -> Result<(), FeedError> {
    let clients = source.clients.as_ref();
    let at = |t: f64, values: &mut [f64]| {
        odds.at(t, values);
        shape(cast, values, clients.map(|clients| clients.old_share(Instant::from_ns(t as i64))));
    };
    let mut values = vec![0.0; sums.len()];
    source.arrivals.parts(from, to, &mut |part| match part {
        Part::Point { at: instant, requests } => {
            at(instant.ns() as f64, &mut values);
            sums.iter_mut().zip(&values).for_each(|(sum, odds)| *sum += odds * requests);
        }
        Part::Stretch { from, to, rates: [first, last] } => {
            let (from, to) = (from.ns() as f64, to.ns() as f64);
            let slope = (last - first) / (to - from);
            let mut weighed = |t: f64, values: &mut [f64]| {
                at(t, values);
                let rate = first + slope * (t - from);
                values.iter_mut().for_each(|odds| *odds *= rate);
            };
            integral::add(&mut weighed, (from, to), FLOOR, sums);
        }
    })
}

/// Where the client shapes the event and writes the old contract with probability `old`, its node's contract does not
/// count.
fn shape(cast: &Cast, values: &mut [f64], old: Option<f64>) {
    let Some(old) = old else { return };
    let many = cast.versions_len();
    for run in 0..many {
        let ran: f64 = values.iter().skip(run).step_by(many).sum();
        values.iter_mut().skip(run).step_by(many).for_each(|value| *value = 0.0);
        values[run] += ran * old;
        values[cast.updated().number() * many + run] += ran * (1.0 - old);
    }
}

/// The ends of stretches over which the odds are smooth.
fn stretches(odds: &Course<'_>, clients: Option<&Clients>, window: &Window) -> Vec<Instant> {
    let end = window.end();
    let rounded = odds.knots().iter().map(|knot| Instant::from_ns(knot.round() as i64));
    // A short half-life must not be stepped over.
    let halvings = clients.into_iter().flat_map(|clients| {
        [1, 4, 16, 64].map(|times| Instant::from_ns(clients.half_life.ns().saturating_mul(times) as i64))
    });
    let inner = rounded.chain(halvings).filter(|&at| at > Instant::ZERO && at < end);
    let mut ends: Vec<_> = inner.chain([Instant::ZERO, end]).collect();
    ends.sort_unstable();
    ends.dedup();
    ends
}

/// The odds in [from, to), where they do not move; they are smooth there. Only the odds: clients may move.
fn steady(odds: &Course<'_>, many: usize, from: Instant, to: Instant) -> Option<Vec<f64>> {
    let (from, last) = (from.ns() as f64, (to.ns() - 1) as f64);
    let at = |part: f64| {
        let mut values = vec![0.0; many];
        odds.at(from + (last - from) * part, &mut values);
        values
    };
    let begin = at(0.0);
    let same = |part| begin.iter().zip(at(part)).all(|(a, b): (&f64, f64)| (a - b).abs() <= 1e-14);
    [1.0, 0.5, 0.29, 0.83].into_iter().all(same).then_some(begin)
}
