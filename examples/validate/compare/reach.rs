//! How far any keep-alive can go on the recorded runs of AWS Lambda, and what the recordings say beyond it.

use super::lambda::{Arrival, Confusion, KEEP_ALIVE_S, MEASURED, Run, Setting};
use cutover::platform::Choice;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The longest keep-alive that is tried, in seconds.
pub const LONGEST_S: u64 = 1_800;

/// Every constant keep-alive from 1 s to [`LONGEST_S`] in steps of a second, replayed with one choice of the idle
/// instance. Hindsight: what comes out best was chosen by the answer.
pub fn every_keep_alive(run: &Run, choose: Choice) -> Vec<(u64, Confusion)> {
    let replay = run.replay(Arrival::Sent);
    let one = |keep_alive_s| (keep_alive_s, replay.compare(Setting { keep_alive_s, choose, ..MEASURED }));
    (1..=LONGEST_S).into_par_iter().map(one).collect()
}

/// The one with most flags right; the shortest of equals.
pub fn best(tried: &[(u64, Confusion)]) -> &(u64, Confusion) {
    tried.iter().reduce(|best, next| if next.1.right() > best.1.right() { next } else { best }).unwrap()
}

/// What is asked of a replay: better than always warm, 16 cold starts found, and as many simulated to within 6.
pub fn is_good(found: &Confusion) -> bool {
    found.right() > found.always_warm() && found.both >= 16 && found.simulated().abs_diff(found.recorded()) <= 6
}

/// Wrong flags that no keep-alive can avoid, even if the recorded past is given before each request: a request is called
/// cold if every instance known by then is busy, or idle for longer than the keep-alive. The threshold with the fewest
/// wrong flags, in seconds, with how many recorded cold starts it misses and how many it invents.
pub struct Bound {
    pub keep_alive_s: f64,
    pub missed: u32,
    pub invented: u32,
}

/// The bound over all thresholds: it changes only at a recorded idle time.
pub fn bound(run: &Run) -> Bound {
    // How long the instance that was idle for the shortest time had been idle; none if nothing was.
    let mut free_s = BTreeMap::new();
    let mut seen: Vec<(Option<f64>, bool)> = Vec::new();
    for request in &run.requests {
        let idle = free_s.values().map(|free_s: &f64| request.t_s - free_s).filter(|&idle_s| idle_s >= 0.0);
        let shortest = idle.min_by(f64::total_cmp);
        // The very first request of a run finds the instance that was warm before.
        seen.push((if free_s.is_empty() { Some(0.0) } else { shortest }, request.cold == 1));
        free_s.insert(request.instance, request.end_s());
    }
    let wrong = |keep_alive_s: f64| {
        let mut bound = Bound { keep_alive_s, missed: 0, invented: 0 };
        for &(idle_s, cold) in &seen {
            let called_cold = idle_s.is_none_or(|idle_s| idle_s > keep_alive_s);
            bound.missed += u32::from(cold && !called_cold);
            bound.invented += u32::from(!cold && called_cold);
        }
        bound
    };
    let thresholds = seen.iter().filter_map(|&(idle_s, _)| idle_s);
    let fewest = |bound: &Bound| bound.missed + bound.invented;
    thresholds.map(wrong).min_by_key(fewest).unwrap()
}

/// What a run's instances say about their age, in seconds.
#[derive(Default)]
pub struct Ages {
    /// The oldest instance that still served, when it began its last request.
    pub oldest_s: f64,
    /// The ages of instances that were recycled early when the request came that they could have served.
    pub recycled_s: Vec<f64>,
    /// How many more were recycled early, but had been warm before the run, so that their age is not known.
    pub unknown: u32,
}

/// The ages of a run's instances, from their first request on.
pub fn ages(run: &Run) -> Ages {
    let mut ages = Ages::default();
    // Born, last free; the first instance of a run is older than the run.
    let mut known: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    let was_born_here = |instance: u32| run.requests.iter().any(|r| r.instance == instance && r.cold == 1);
    for request in &run.requests {
        let all_free = known.values().all(|&(_, free_s)| free_s < request.t_s);
        let last = known.iter().max_by(|a, b| a.1.1.total_cmp(&b.1.1)).map(|(&instance, &life)| (instance, life));
        if let (1, true, Some((instance, (born_s, free_s)))) = (request.cold, all_free, last)
            && request.t_s - free_s < KEEP_ALIVE_S as f64
        {
            if was_born_here(instance) {
                ages.recycled_s.push(request.t_s - born_s);
            } else {
                ages.unknown += 1;
            }
        }
        let life = known.entry(request.instance).or_insert((request.t_s, 0.0));
        if was_born_here(request.instance) {
            ages.oldest_s = ages.oldest_s.max(request.t_s - life.0);
        }
        life.1 = request.end_s();
    }
    ages.recycled_s.sort_by(|a, b| b.total_cmp(a));
    ages
}
