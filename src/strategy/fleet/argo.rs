//! An Argo canary as it is carried out: what its controller does from wake to wake, with the decisions of [`argo`].
//!
//! A pass does what one reconciliation does (AR `rolloutCanary`), in the same order: the router's weight, an analysis,
//! the stable set, the canary, older sets, a pause, the end of a step. The first thing that is done to a set ends the
//! pass. A wake makes passes until one changes nothing, so that a rollout never waits for what it could do at once.

mod older;
mod sets;
mod settings;

pub use settings::{Item, Settings};

use super::{Order, Replicas};
use crate::controller::argo::{self, AbortDelay, Counts, Course, Limits, PERCENT, Progress, ReplicaSet, ReplicaSets};
use crate::controller::argo::{Router, State, Step, Verdict, Weights};
use crate::ids::Version;
use crate::strategy::{Action, AliasTarget};
use crate::time::Instant;
use crate::units::Share;
use sets::Sets;

/// The controller of a canary.
#[derive(Clone, PartialEq, Debug)]
pub struct Argo {
    settings: Settings,
    /// The steps as [`argo`] knows them.
    steps: Vec<Step>,
    abort_delay: AbortDelay,
    /// Replicas that all traffic needs (`spec.replicas`).
    replicas: u32,
    /// The version that is wanted: the canary's, until it is the stable one.
    template: Version,
    /// The version to which an abort goes back.
    stable: Version,
    sets: Sets,
    /// Steps that have been passed.
    passed: usize,
    stage: Stage,
    is_aborted: bool,
    /// What the router, if there is one, has been told last.
    target: AliasTarget,
    /// The weight in it of the version that is not stable, in per cent.
    weight: u32,
}

/// How far the present step has got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Nothing has been begun for it.
    Fresh,
    /// The rollout has been paused since then.
    Paused(Instant),
    /// An analysis has been asked for, and stands like this.
    Analysed(Verdict),
}

impl Argo {
    /// The controller of so many replicas, which all run `from` and are available.
    #[must_use]
    pub fn new(settings: Settings, replicas: u32, from: Version) -> Self {
        Self {
            steps: settings.steps.iter().map(Item::step).collect(),
            abort_delay: settings.abort_delay(),
            replicas,
            template: from,
            stable: from,
            sets: Sets::new(from, replicas),
            passed: settings.steps.len(),
            stage: Stage::Fresh,
            is_aborted: false,
            target: AliasTarget { primary: from, additional: None },
            weight: 0,
            settings,
        }
    }

    /// The template becomes that of `to`. Its steps begin, unless it is the stable version: then all are skipped. The
    /// template that there is already changes nothing, but after an abort it is tried again.
    pub fn roll(&mut self, to: Version) {
        if to != self.template || self.is_aborted {
            self.template = to;
            self.sets.raise(to);
            self.begin(if to == self.stable { self.steps.len() } else { 0 });
            self.is_aborted = false;
        }
    }

    /// Whether a canary is on its way over this version.
    #[must_use]
    pub fn goes_back_to(&self, version: Version) -> bool {
        !self.is_stable() && version == self.stable
    }

    /// So many replicas are wanted from now on.
    pub fn resize(&mut self, replicas: u32) {
        self.replicas = replicas;
    }

    /// The rollout goes back to the stable version, without a new template. Nothing to do once the template is stable.
    pub fn abort(&mut self) {
        if !self.is_stable() && !self.is_aborted {
            self.is_aborted = true;
            self.begin(0);
        }
    }

    /// The analysis that was asked for last stands like this. A verdict that nobody waits for any more, since the
    /// rollout has been aborted or has a new template, is not heard; but nobody can tell it from that of a later
    /// analysis, once one has begun.
    pub fn analysed(&mut self, verdict: Verdict) {
        if self.stage == Stage::Analysed(Verdict::Running) {
            self.stage = Stage::Analysed(verdict);
            if verdict.aborts() {
                self.abort();
            }
        }
    }

    /// Does all that is to be done now. Due at the start, after every change of a replica or call of another method,
    /// and when a span is over that it ordered.
    pub fn wake(&mut self, view: &impl Replicas, orders: &mut Vec<Order>) {
        self.sets.look(view);
        while self.pass(view.now(), orders) {}
    }

    /// Whether the wanted version is the stable one, whole, and has all traffic; after an abort, the stable version. A
    /// router's older sets may still stay for their delay.
    #[must_use]
    pub fn is_done(&self) -> bool {
        let set = self.sets.get(self.stable);
        let whole = AliasTarget { primary: self.stable, additional: None };
        let has_all = if self.settings.router { self.target == whole } else { self.has_one_set() };
        (self.is_stable() || self.is_aborted) && has_all && set.seen() == ReplicaSet::whole(self.replicas)
    }

    /// Whether it is done, and nothing is left to be scaled down later. A canary that stays for ever after an abort may
    /// be left.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.is_done() && (self.has_one_set() || (self.is_aborted && self.abort_delay == AbortDelay::Never))
    }

    /// One reconciliation; whether it changed anything, so that another one is due at once.
    fn pass(&mut self, now: Instant, orders: &mut Vec<Order>) -> bool {
        // The stable set follows the weights of the pass before: it is not scaled down while a router is still being
        // told.
        let before = self.weights();
        let is_routed = self.route(orders);
        let is_begun = self.analyse(orders);
        let is_halted = matches!(self.stage, Stage::Analysed(verdict) if verdict.pauses());
        if !is_halted && self.scale(before, now, orders) {
            return true;
        }
        self.pause(now, orders);
        is_routed | is_begun | self.go_on(now)
    }

    /// Gives the router the weight that it is to have; whether that is a new one.
    fn route(&mut self, orders: &mut Vec<Order>) -> bool {
        let Some(router) = self.router() else { return false };
        let (sets, threshold) = (self.replica_sets(), self.settings.progress_threshold);
        let Some(weight) = router.weight(&self.course(), threshold, &sets, Some(self.weights())) else { return false };
        if self.is_stable() && router.is_stable_dynamic && self.lacks_stable() && self.is_shared_with_older() {
            // The template has gone back to a stable set that is small: all traffic waits for all of it.
            return false;
        }
        // What is left of an aborted canary's weight stays where it is: a younger canary may have no pods yet.
        let heir = self.target.additional.filter(|_| self.is_aborted).map_or(self.template, |(version, _)| version);
        let share = Share::percent(weight.min(PERCENT.get()).into());
        let target = AliasTarget { primary: self.stable, additional: (weight > 0).then_some((heir, share)) };
        if target == self.target {
            return false;
        }
        (self.target, self.weight) = (target, weight);
        orders.push(Order::Do(Action::UpdateAlias(target)));
        true
    }

    /// Asks for the present step's analysis; whether it did.
    fn analyse(&mut self, orders: &mut Vec<Order>) -> bool {
        match self.item() {
            Some(Item::Analysis(analysis)) if self.stage == Stage::Fresh => {
                orders.push(Order::Analyse(analysis));
                self.stage = Stage::Analysed(Verdict::Running);
                true
            }
            _ => false,
        }
    }

    /// Scales the first set that is not as large as it is to be now; whether there was one.
    fn scale(&mut self, before: Weights, now: Instant, orders: &mut Vec<Order>) -> bool {
        self.sets.edit(self.stable, |set| set.deadline = None);
        if !self.delays_abort() {
            self.sets.edit(self.template, |set| set.deadline = None);
        }
        let stable = self.counts(before).stable;
        (!self.is_stable() && self.sets.resize(self.stable, stable, orders))
            || self.scale_canary(now, orders)
            || self.drain_older(now, orders)
    }

    /// Scales the set of the template; whether it did. An aborted one stays for its delay, which begins when the stable
    /// set can take all traffic.
    fn scale_canary(&mut self, now: Instant, orders: &mut Vec<Order>) -> bool {
        let canary = match self.sets.get(self.template).deadline {
            _ if self.keeps_canary() => return false,
            _ if !self.delays_abort() => self.counts(self.weights()).canary,
            Some(deadline) if deadline <= now => 0,
            Some(_) => return false,
            None if self.lacks_stable() => return false,
            None => {
                self.retire(self.template, self.settings.abort_delay, now, orders);
                return false;
            }
        };
        self.sets.resize(self.template, canary, orders)
    }

    /// Begins the present step's pause.
    fn pause(&mut self, now: Instant, orders: &mut Vec<Order>) {
        if let (Some(Item::Pause(span)), Stage::Fresh) = (self.item(), self.stage) {
            self.stage = Stage::Paused(now);
            orders.extend(span.map(Order::WakeIn));
        }
    }

    /// Makes the template the stable one once all steps are passed and it is whole, or else passes the present step;
    /// whether either could be.
    fn go_on(&mut self, now: Instant) -> bool {
        if self.is_stable() || self.is_aborted {
            return false;
        }
        let (sets, threshold) = (self.replica_sets(), self.settings.progress_threshold);
        let Some(step) = self.course().step() else {
            let canary = self.sets.get(self.template).available;
            let is_whole = canary >= self.replicas || argo::is_enough(threshold, sets.canary, self.replicas);
            if is_whole {
                self.stable = self.template;
            }
            return is_whole;
        };
        let router = self.router();
        let counts = self.counts(self.weights());
        let progress = Progress {
            is_placed: argo::are_placed(router.as_ref(), threshold, &sets, counts),
            is_weight_verified: true,
            paused: if let Stage::Paused(since) = self.stage { now.since(since).ns() } else { 0 },
            is_resumed: false,
            verdict: if let Stage::Analysed(verdict) = self.stage { verdict } else { Verdict::Running },
        };
        let is_passed = step.is_passed(&progress);
        if is_passed {
            self.begin(self.passed + 1);
        }
        is_passed
    }

    /// So many steps have been passed, and nothing has been done for the next one.
    fn begin(&mut self, passed: usize) {
        (self.passed, self.stage) = (passed, Stage::Fresh);
    }

    /// The counts that canary and stable set are to be asked for, if the router has these weights.
    fn counts(&self, actual: Weights) -> Counts {
        let (course, sets) = (self.course(), self.replica_sets());
        match self.router() {
            Some(router) => router.counts(course.size(&router, &sets), Some(actual), self.is_aborted),
            None => argo::approach(self.replicas, self.limits(), course.weight(), &sets),
        }
    }

    fn router(&self) -> Option<Router> {
        let Settings { router, min_pods, dynamic_stable, .. } = self.settings;
        let least_pods = (min_pods > 0).then_some(min_pods);
        let router_of = |replicas| Router { replicas, whole: PERCENT, least_pods, is_stable_dynamic: dynamic_stable };
        router.then(|| router_of(self.replicas))
    }

    fn limits(&self) -> Limits {
        Limits::of(self.settings.max_surge, self.settings.max_unavailable, self.replicas)
    }

    fn weights(&self) -> Weights {
        Weights { canary: self.weight, stable: PERCENT.get().saturating_sub(self.weight) }
    }

    fn course(&self) -> Course<'_> {
        let state = match () {
            () if self.is_stable() => State::Stable,
            () if self.is_aborted => State::Aborted(self.abort_delay),
            () => State::Stepping,
        };
        Course { steps: &self.steps, passed: self.passed, state }
    }

    /// The present step, while steps are gone through.
    fn item(&self) -> Option<Item> {
        let is_stepping = !self.is_stable() && !self.is_aborted;
        self.settings.steps.get(self.passed).copied().filter(|_| is_stepping)
    }

    fn replica_sets(&self) -> ReplicaSets {
        let seen = |version| self.sets.get(version).seen();
        let older = self.older().fold(ReplicaSet::default(), |all, set| ReplicaSet {
            requested: all.requested.saturating_add(set.requested),
            available: all.available.saturating_add(set.available),
        });
        let stable = (!self.is_stable()).then(|| seen(self.stable));
        ReplicaSets { canary: Some(seen(self.template)), stable, older }
    }

    fn is_stable(&self) -> bool {
        self.template == self.stable
    }

    fn lacks_stable(&self) -> bool {
        self.sets.get(self.stable).available < self.replicas
    }

    /// Whether the router still sends traffic to a canary that was given up (AR `IsDynamicallyRollingBackToStable`).
    fn is_shared_with_older(&self) -> bool {
        self.target.additional.is_some_and(|(version, _)| version != self.template)
    }

    fn has_one_set(&self) -> bool {
        self.sets.iter().all(|set| set.version == self.stable || set.requested == 0)
    }

    /// Whether an aborted canary stays for a while (AR `shouldDelayScaleDownOnAbort`). Beside a dynamic stable set it
    /// goes as that comes, unless a delay of its own is written.
    fn delays_abort(&self) -> bool {
        let delays = match self.abort_delay {
            AbortDelay::Never => false,
            AbortDelay::Usual => !self.settings.dynamic_stable,
            AbortDelay::Own => true,
        };
        self.is_aborted && self.settings.router && delays
    }

    /// Whether an aborted canary stays for ever, as is written of a delay of 0. Beside a dynamic stable set it cannot:
    /// what it has would hold up its weight.
    fn keeps_canary(&self) -> bool {
        let keeps = self.abort_delay == AbortDelay::Never && !self.settings.dynamic_stable;
        self.is_aborted && self.settings.router && keeps
    }
}

#[cfg(test)]
mod tests;
