//! Whole rollouts: passes until nothing changes, at every tick at which pods become available.

use super::passes::{new, old};
use super::settings::{Name, Written, resolved};
use crate::tables::rollout::Rollout;
use crate::tables::table::{Case, Cells};
use cutover::controller::kubernetes::{ReplicaSet, Status, Target, sync};
use serde::Deserialize;
use std::collections::VecDeque;

#[derive(Deserialize)]
pub struct Rolling {
    replicas: u32,
    max_surge: Written,
    max_unavailable: Written,
    /// From the creation of a pod until it is available; below 0 it never is.
    ready_ticks: i64,
}

/// A rollout so far. Deleted pods are gone at once, and of new pods none is ever deleted.
struct Progress {
    target: Target,
    /// The old set and the new one.
    sets: [ReplicaSet; 2],
    /// At which ticks how many new pods become available.
    due: VecDeque<(i64, u32)>,
    /// How many ticks had a pass that changed something.
    waves: u32,
    passes: u32,
    peak: u64,
    least: u64,
}

impl Rolling {
    fn target(&self) -> Target {
        Name::RollingUpdate.target(self.replicas, self.max_surge, self.max_unavailable)
    }

    /// The rollout to its end, or to where it is stuck, with what happens at every tick: `visit`.
    fn run(&self, mut visit: impl FnMut(i64, &Progress)) -> (i64, Progress) {
        let all = self.replicas;
        let mut rollout = Progress {
            target: self.target(),
            sets: [old(all, all), new(0, 0)],
            due: VecDeque::new(),
            waves: 0,
            passes: 0,
            peak: all.into(),
            least: all.into(),
        };
        let mut tick = 0;
        loop {
            rollout.settle(tick, self.ready_ticks);
            visit(tick, &rollout);
            if rollout.status().is_complete(all) {
                return (tick, rollout);
            }
            let Some(&(next, _)) = rollout.due.front() else { return (-1, rollout) };
            tick = next;
            while let Some(&(due, count)) = rollout.due.front()
                && due == tick
            {
                rollout.sets[1].available += count;
                rollout.due.pop_front();
            }
        }
    }
}

impl Progress {
    /// Passes until nothing changes.
    fn settle(&mut self, tick: i64, ready_ticks: i64) {
        let passes = self.passes;
        loop {
            let before = self.sets[1].spec;
            if !sync(&mut self.sets, self.target) {
                break;
            }
            self.passes += 1;
            let created = self.sets[1].spec - before;
            match ready_ticks {
                ..0 => {}
                0 => self.sets[1].available += created,
                _ if created > 0 => self.due.push_back((tick.saturating_add(ready_ticks), created)),
                _ => {}
            }
            self.sets[0].available = self.sets[0].spec;
            self.watch();
        }
        self.waves += u32::from(self.passes > passes);
    }

    fn watch(&mut self) {
        let [old, new] = self.sets;
        self.peak = self.peak.max(u64::from(old.spec) + u64::from(new.spec));
        self.least = self.least.min(u64::from(old.available) + u64::from(new.available));
    }

    fn status(&self) -> Status {
        let [old, new] = self.sets;
        let available = old.available.saturating_add(new.available);
        Status { total: old.spec.saturating_add(new.spec), updated: new.spec, ready: available, available }
    }
}

impl Case for Rolling {
    const HEADER: &str = "case,replicas,max_surge,max_unavailable,resolved_surge,resolved_unavailable,ready_ticks,\
                          expected_done_tick,expected_waves,expected_peak_pods,expected_min_available,final_old_pods,\
                          final_new_pods,scaling_syncs";

    fn found(&self) -> Cells {
        let (done, rollout) = self.run(|_, _| {});
        let mut cells = resolved(rollout.target);
        cells.extend([
            ("expected_done_tick", done.to_string()),
            ("expected_waves", rollout.waves.to_string()),
            ("expected_peak_pods", rollout.peak.to_string()),
            ("expected_min_available", rollout.least.to_string()),
            ("final_old_pods", rollout.sets[0].spec.to_string()),
            ("final_new_pods", rollout.sets[1].spec.to_string()),
            ("scaling_syncs", rollout.passes.to_string()),
        ]);
        cells
    }
}

impl Rollout for Rolling {
    const TRAJECTORIES: &str = "case,tick,old_pods,new_pods,new_available";

    fn states(&self) -> Vec<Cells> {
        let mut states = Vec::new();
        self.run(|tick, rollout| {
            let [old, new] = rollout.sets;
            states.push(vec![
                ("tick", tick.to_string()),
                ("old_pods", old.spec.to_string()),
                ("new_pods", new.spec.to_string()),
                ("new_available", new.available.to_string()),
            ]);
        });
        states
    }
}
