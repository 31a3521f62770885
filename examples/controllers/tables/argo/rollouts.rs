//! Whole rollouts without a router: N stable pods give way to as many canaries, step by step.
//!
//! At each tick the pods that are due become available. Then, until nothing changes: the stable set is given the size asked
//! for, else the canary is, else the present step is tried. A deleted pod is gone at once, unavailable ones first.

use super::cells::{Extent, Steps};
use crate::tables::rollout::Rollout;
use crate::tables::table::{Case, Cells};
use cutover::controller::argo::{
    Course, Limits, Progress, ReplicaSet, ReplicaSets, State, Step, Verdict, approach, are_placed,
};
use serde::Deserialize;

/// What a rollout is given.
#[derive(Deserialize)]
pub struct Canary {
    replicas: Option<u32>,
    max_surge: Extent,
    max_unavailable: Extent,
    steps: Steps,
    ready_ticks: i64,
}

impl Case for Canary {
    const HEADER: &'static str = "case,replicas,max_surge,max_unavailable,steps,ready_ticks,resolved_surge,\
        resolved_unavailable,expected_done_tick,expected_peak_pods,expected_min_available";

    fn found(&self) -> Cells {
        let limits = self.limits();
        let walk = self.walk();
        let done = walk.done.map_or("-1".to_owned(), |tick| tick.to_string());
        vec![
            ("resolved_surge", limits.surge.to_string()),
            ("resolved_unavailable", limits.unavailable.to_string()),
            ("expected_done_tick", done),
            ("expected_peak_pods", walk.peak.to_string()),
            ("expected_min_available", walk.least.to_string()),
        ]
    }
}

impl Rollout for Canary {
    const TRAJECTORIES: &'static str = "case,tick,step_index,stable_pods,canary_pods,canary_available";

    fn states(&self) -> Vec<Cells> {
        self.walk().states
    }
}

/// One version's pods, and when those that are not available will be.
#[derive(Default)]
struct Pods {
    set: ReplicaSet,
    /// The ticks and how many; the soonest first.
    due: Vec<(u64, u32)>,
}

/// A rollout while it goes on, and what is to be told of it.
struct Walk {
    stable: Pods,
    canary: Pods,
    passed: usize,
    paused_since: Option<u64>,
    states: Vec<Cells>,
    peak: u32,
    least: u32,
    done: Option<u64>,
}

impl Canary {
    fn replicas(&self) -> u32 {
        self.replicas.unwrap_or(1)
    }

    fn limits(&self) -> Limits {
        Limits::of(self.max_surge.0, self.max_unavailable.0, self.replicas())
    }

    /// The whole rollout, from tick to tick at which something is due, until it is done or nothing is due any more.
    fn walk(&self) -> Walk {
        let replicas = self.replicas();
        let stable = Pods { set: ReplicaSet::whole(replicas), due: Vec::new() };
        let (canary, states) = (Pods::default(), Vec::new());
        let mut walk =
            Walk { stable, canary, passed: 0, paused_since: None, states, peak: replicas, least: replicas, done: None };
        let mut now = Some(0);
        while let Some(tick) = now {
            let before = walk.place();
            walk.stable.come(tick);
            walk.canary.come(tick);
            while self.changes(&mut walk, tick) {
                walk.look();
            }
            let is_whole = walk.canary.set == ReplicaSet::whole(replicas) && walk.stable.set.requested == 0;
            let is_done = is_whole && walk.passed == self.steps.0.len();
            if is_done || walk.place() != before {
                walk.tell(tick);
            }
            if is_done {
                walk.done = Some(tick);
                break;
            }
            now = [walk.stable.next(), walk.canary.next(), self.end_of_pause(&walk)].into_iter().flatten().min();
        }
        walk
    }

    /// Does the next thing that is to be done at once; whether there was any.
    fn changes(&self, walk: &mut Walk, tick: u64) -> bool {
        let course = Course { steps: &self.steps.0, passed: walk.passed, state: State::Stepping };
        let older = ReplicaSet::default();
        let sets = ReplicaSets { canary: Some(walk.canary.set), stable: Some(walk.stable.set), older };
        let counts = approach(self.replicas(), self.limits(), course.weight(), &sets);
        if counts.stable != walk.stable.set.requested {
            walk.stable.resize(counts.stable, tick, self.ready_ticks);
            return true;
        }
        if counts.canary != walk.canary.set.requested {
            walk.canary.resize(counts.canary, tick, self.ready_ticks);
            return true;
        }
        let since = *walk.paused_since.get_or_insert(tick);
        let progress = Progress {
            is_placed: are_placed(None, None, &sets, counts),
            is_weight_verified: true,
            paused: tick - since,
            is_resumed: false,
            verdict: Verdict::Running,
        };
        let is_passed = course.step().is_some_and(|step| step.is_passed(&progress));
        if is_passed {
            walk.passed += 1;
            walk.paused_since = None;
        }
        is_passed
    }

    fn end_of_pause(&self, walk: &Walk) -> Option<u64> {
        match self.steps.0.get(walk.passed) {
            Some(&Step::Pause(Some(ticks))) => walk.paused_since?.checked_add(ticks),
            _ => None,
        }
    }
}

impl Walk {
    /// What is told when it changes.
    fn place(&self) -> (u32, u32, usize) {
        (self.stable.set.requested, self.canary.set.requested, self.passed)
    }

    fn look(&mut self) {
        self.peak = self.peak.max(self.stable.set.requested + self.canary.set.requested);
        self.least = self.least.min(self.stable.set.available + self.canary.set.available);
    }

    fn tell(&mut self, tick: u64) {
        self.states.push(vec![
            ("tick", tick.to_string()),
            ("step_index", self.passed.to_string()),
            ("stable_pods", self.stable.set.requested.to_string()),
            ("canary_pods", self.canary.set.requested.to_string()),
            ("canary_available", self.canary.set.available.to_string()),
        ]);
    }
}

impl Pods {
    /// Those that are due have become available.
    fn come(&mut self, tick: u64) {
        let due: u32 = self.due.extract_if(.., |&mut (at, _)| at <= tick).map(|(_, pods)| pods).sum();
        self.set.available += due;
    }

    /// When the next ones will.
    fn next(&self) -> Option<u64> {
        self.due.first().map(|&(at, _)| at)
    }

    /// As many pods are asked for. New ones are available after so many ticks; below 0 never.
    fn resize(&mut self, pods: u32, tick: u64, ready_ticks: i64) {
        let more = pods.saturating_sub(self.set.requested);
        let mut fewer = self.set.requested.saturating_sub(pods);
        self.set.requested = pods;
        if let Ok(after) = u64::try_from(ready_ticks)
            && more > 0
        {
            self.due.push((tick + after, more));
            self.come(tick);
        }
        while let Some((_, due)) = self.due.last_mut().filter(|_| fewer > 0) {
            let gone = fewer.min(*due);
            (*due, fewer) = (*due - gone, fewer - gone);
            if *due == 0 {
                self.due.pop();
            }
        }
        self.set.available = self.set.available.min(pods);
    }
}
