//! The director: goes through the items of a plan, or the only one, and takes back what alarms or people stop.

use super::{Item, Stage, Task, stages};
use crate::ids::{Qualifier, Version};
use crate::strategy::{
    Action, AliasTarget, AtStart, AtTimeout, Command, Delay, Guard, Resource, Script, Step, Then, View, Wake, Wanted,
    provisioned,
};
use crate::time::{Instant, Span};
use std::ops::Range;

/// A plan and how far it has got.
#[derive(Clone, PartialEq, Debug)]
pub struct Director {
    items: Vec<Item>,
    state: State,
    /// The item in progress.
    place: usize,
    script: Script,
    /// The version that has yet to begin.
    to_begin: Option<Version>,
    held: Held,
    /// What the last deployment found, and the resources that it has changed, in the order in which it first did. Nothing once it
    /// is taken back.
    last: Option<(Held, Vec<Resource>)>,
    /// What every source asked for in the beginning.
    first: Qualifier,
    /// How long a person takes for each mapping that is re-pointed.
    each: Span,
    /// The alarms that are looked at, among those of all items.
    alarms: Range<usize>,
    /// Of these, those that were on before the start.
    ignored: Vec<usize>,
    /// When the item in progress is given up, and what then happens.
    deadline: Option<(Instant, AtTimeout)>,
}

/// What each resource holds.
#[derive(Clone, PartialEq, Debug)]
struct Held {
    gateway: (Version, Qualifier),
    code: Version,
    alias: AliasTarget,
    /// What the mapping of each source asks for that has ever been re-pointed.
    mappings: Vec<(usize, Qualifier)>,
    /// The version whose replicas, or stack, were wanted last.
    replicas: Version,
    /// How long that stack is kept when it is left.
    kept: Span,
    /// The environments that are kept ready.
    provisioned: provisioned::Shares,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// The script of an item goes on.
    Working,
    /// What must be over before this item begins.
    Before(usize),
    /// An item is done; it is watched before the next one.
    Watched,
    /// All is done; alarms are still looked at.
    Watching,
    /// An alarm has stopped it, and it is taken back.
    Stopped,
    /// Nothing happens any more.
    Over,
}

impl Director {
    /// At the first item.
    #[must_use]
    pub fn new(items: Vec<Item>) -> Self {
        let first = stages(&items).next();
        let provisioned =
            first.and_then(|stage| Some((stage.deployment.from, stage.deployment.provisioned?.environments)));
        let provisioned = provisioned.into_iter().collect();
        let first = first.map(|stage| (stage.deployment.from, stage.rollout.qualifier(&stage.deployment)));
        let gateway @ (_, qualifier) = first.unwrap_or((Version(1), Qualifier::Latest));
        let alias = AliasTarget { primary: gateway.0, additional: None };
        let (code, mappings, replicas) = (gateway.0, Vec::new(), gateway.0);
        let held = Held { gateway, code, alias, mappings, replicas, kept: Span::ZERO, provisioned };
        let (script, ignored) = (Script::new(Vec::new()), Vec::new());
        Self {
            items,
            state: State::Before(0),
            place: 0,
            script,
            to_begin: None,
            held,
            last: None,
            first: qualifier,
            each: Span::ZERO,
            alarms: 0..0,
            ignored,
            deadline: None,
        }
    }

    pub(in crate::strategy) fn wake(&mut self, why: Wake, view: &impl View, commands: &mut Vec<Command>) {
        match (why, self.state) {
            (Wake::Start, _) => {
                commands.extend(self.items.iter().filter_map(Item::interrupts).map(Command::RingAt));
                self.before(0, view, commands);
            }
            (Wake::Over, State::Before(item)) => self.begin(item, view, commands),
            (Wake::Over, State::Watched) => self.settle(commands),
            (Wake::Over, State::Watching) => self.end(commands),
            (Wake::Over, State::Working | State::Stopped) => self.go_on(commands),
            (Wake::Failed, State::Working) => match self.script.last_hook().map(|hook| hook.then) {
                Some(Then::RollBack) => self.stop(commands),
                _ => self.go_on(commands),
            },
            (Wake::Rung, State::Working | State::Watched | State::Before(_)) => {
                self.interrupt(view, commands);
                self.time_out(view, commands);
            }
            (Wake::Alarm(alarm), State::Working | State::Watched | State::Before(_) | State::Watching)
                if self.alarms.contains(&alarm) && !self.ignored.contains(&alarm) =>
            {
                self.stop(commands);
            }
            (Wake::TurnedDown, State::Working) => self.stop(commands),
            (Wake::Over | Wake::Failed | Wake::Rung | Wake::Alarm(_) | Wake::TurnedDown, _) => {}
        }
    }

    /// An alarm, a hook or an analysis stops it: the last deployment is taken back, and that is all.
    fn stop(&mut self, commands: &mut Vec<Command>) {
        self.state = State::Stopped;
        self.to_begin = None;
        commands.push(Command::Stopped);
        self.take_back();
        self.go_on(commands);
    }

    /// The item in progress has taken too long, if it has.
    fn time_out(&mut self, view: &impl View, commands: &mut Vec<Command>) {
        let Some((_, then)) = self.deadline.filter(|&(at, _)| self.state == State::Working && at <= view.now()) else {
            return;
        };
        commands.push(Command::TimedOut);
        match then {
            AtTimeout::RollBack => self.stop(commands),
            AtTimeout::Stop => self.end(commands),
        }
    }

    /// An item is next: it begins as soon as it may.
    fn before(&mut self, place: usize, view: &impl View, commands: &mut Vec<Command>) {
        match self.items.get(place).and_then(|item| item.at).filter(|&at| at > view.now()) {
            Some(at) => {
                self.state = State::Before(place);
                commands.push(Command::WakeIn(at.since(view.now())));
            }
            None => self.begin(place, view, commands),
        }
    }

    fn begin(&mut self, place: usize, view: &impl View, commands: &mut Vec<Command>) {
        self.place = place;
        let Some(item) = self.items.get(place) else {
            commands.push(Command::Through);
            return self.end(commands);
        };
        // What was waited for may be over before its time has come.
        if item.at.is_some_and(|at| at > view.now()) {
            return self.before(place, view, commands);
        }
        match item.task.clone() {
            Task::Wait(law) => {
                self.state = State::Before(place + 1);
                commands.push(Command::Pause(law));
            }
            Task::RollBack => {
                (self.alarms, self.deadline) = (0..0, None);
                commands.push(Command::TakeBack);
                self.take_back();
                self.state = State::Working;
                self.go_on(commands);
            }
            Task::Deploy(stage) => self.deploy(&stage, view, commands),
        }
    }

    fn deploy(&mut self, stage: &Stage, view: &impl View, commands: &mut Vec<Command>) {
        let (mut alarms, mut hooks) = (0, 0);
        for before in stages(&self.items[..self.place]) {
            alarms += before.alarms();
            hooks += before.hooks().len();
        }
        self.alarms = alarms..alarms + stage.alarms();
        let on: Vec<usize> = self.alarms.clone().filter(|&alarm| view.is_in_alarm(alarm)).collect();
        self.last = Some((self.held.clone(), Vec::new()));
        commands.push(Command::Next);
        if stage.guard.as_ref().is_some_and(|guard| guard.at_start == AtStart::Stop) && !on.is_empty() {
            commands.push(Command::Stopped);
            return self.end(commands);
        }
        self.ignored = on;
        let timeout = stage.guard.as_ref().and_then(|guard| guard.timeout);
        self.deadline = timeout.map(|timeout| (view.now() + timeout.after, timeout.then));
        commands.extend(self.deadline.map(|(at, _)| Command::RingAt(at)));
        self.to_begin = Some(stage.deployment.to);
        self.each = stage.rollout.by_hand().map_or(Span::ZERO, |by_hand| by_hand.each);
        let script = stage.rollout.script(&stage.deployment);
        self.script = match &stage.guard {
            Some(guard) => guard.hooks.within(&script, hooks),
            None => script,
        };
        self.state = State::Working;
        self.go_on(commands);
    }

    /// The next steps of the item in progress.
    fn go_on(&mut self, commands: &mut Vec<Command>) {
        // Until its first tests are over nobody hears of a version.
        if !self.script.is_unnoticed() {
            commands.extend(self.to_begin.take().map(Command::Begin));
        }
        let before = commands.len();
        self.script.wake(commands);
        for command in &commands[before..] {
            if let Command::Do(action) = command {
                self.done(*action);
            }
        }
        if commands.last() != Some(&Command::Through) {
            return;
        }
        if self.state == State::Stopped {
            return self.end(commands);
        }
        if self.place + 1 < self.items.len() {
            commands.pop();
            return match self.guard().and_then(|guard| guard.watch) {
                Some(watch) => {
                    self.state = State::Watched;
                    commands.push(Command::WakeIn(watch));
                }
                None => self.settle(commands),
            };
        }
        match self.guard().map(|guard| guard.watch) {
            None => self.end(commands),
            Some(watch) => {
                self.state = State::Watching;
                commands.extend(watch.map(Command::WakeIn));
            }
        }
    }

    /// The next item begins when everybody has followed.
    fn settle(&mut self, commands: &mut Vec<Command>) {
        self.state = State::Before(self.place + 1);
        commands.push(Command::WhenSettled);
    }

    /// A person takes back what has been deployed, or deploys again, whatever is going on.
    fn interrupt(&mut self, view: &impl View, commands: &mut Vec<Command>) {
        let waited_for = match self.state {
            State::Before(item) => item,
            _ => self.place + 1,
        };
        let due = |at: Instant| at <= view.now();
        let by_hand = |item: &Item| item.interrupts().is_some_and(due);
        if let Some(place) = (waited_for..self.items.len()).find(|&place| by_hand(&self.items[place])) {
            commands.push(Command::Forget);
            self.begin(place, view, commands);
        }
    }

    /// The guard of the deployment that was done last.
    fn guard(&self) -> Option<&Guard> {
        let place = self.place.min(self.items.len() - 1);
        match &self.items[place].task {
            Task::Deploy(stage) => stage.guard.as_ref(),
            Task::Wait(_) | Task::RollBack => None,
        }
    }

    fn end(&mut self, commands: &mut Vec<Command>) {
        self.state = State::Over;
        commands.push(Command::End);
    }

    /// Something is done.
    fn done(&mut self, action: Action) {
        let resource = action.resource();
        if let Some((_, changed)) = &mut self.last
            && !changed.contains(&resource)
        {
            changed.push(resource);
        }
        match action {
            Action::RedeployGateway { shape, qualifier } => self.held.gateway = (shape, qualifier),
            Action::UpdateCode(version) => self.held.code = version,
            Action::UpdateAlias(target) => self.held.alias = target,
            Action::Rewire { source, qualifier } => {
                self.held.mappings.retain(|&(other, _)| other != source);
                self.held.mappings.push((source, qualifier));
            }
            Action::Replicas(Wanted::Roll(version)) => self.held.replicas = version,
            Action::Replicas(Wanted::Raise(version, kept)) => (self.held.replicas, self.held.kept) = (version, kept),
            Action::Replicas(Wanted::Retire(..)) => {}
            Action::Provision { version, environments } => {
                provisioned::want(&mut self.held.provisioned, version, environments);
            }
        }
    }

    /// Each resource that the last deployment changed becomes what it was, in the reverse of the order in which they were first
    /// changed. The first call is made at once.
    fn take_back(&mut self) {
        let (held, changed) = self.last.take().unwrap_or((self.held.clone(), Vec::new()));
        let mut steps = Vec::new();
        // A stack that is switched back to is kept, or raised anew.
        if changed.contains(&Resource::Stacks) {
            steps.extend([Step::Do(Action::Replicas(Wanted::Raise(held.replicas, held.kept))), Step::WhenThere]);
        }
        for (place, resource) in changed.into_iter().rev().enumerate() {
            let (call, back) = match resource {
                Resource::Mapping(source) => {
                    // Before any deployment, mappings ask for what the gateway's routes ask for.
                    let before = held.mappings.iter().find(|&&(other, _)| other == source);
                    let qualifier = before.map_or(self.first, |&(_, qualifier)| qualifier);
                    steps.extend((place > 0 && self.each > Span::ZERO).then_some(Step::Wait(self.each)));
                    steps.push(Step::Do(Action::Rewire { source, qualifier }));
                    continue;
                }
                Resource::Provisioned => {
                    steps.extend((place > 0).then_some(Step::Delay(Delay::UpdateProvisioned)));
                    steps.extend(provisioned::back(&self.held.provisioned, &held.provisioned).map(Step::Do));
                    continue;
                }
                Resource::Gateway => {
                    let (shape, qualifier) = held.gateway;
                    (Delay::RedeployGateway, Action::RedeployGateway { shape, qualifier })
                }
                Resource::Code => (Delay::UpdateCode, Action::UpdateCode(held.code)),
                Resource::Alias => (Delay::UpdateAlias, Action::UpdateAlias(held.alias)),
                Resource::Replicas => (Delay::UpdateReplicas, Action::Replicas(Wanted::Roll(held.replicas))),
                Resource::Stacks => {
                    let retire = Wanted::Retire(self.held.replicas, self.held.kept);
                    (Delay::UpdateReplicas, Action::Replicas(retire))
                }
            };
            steps.extend((place > 0).then_some(Step::Delay(call)));
            steps.extend((resource == Resource::Code).then_some(Step::Delay(Delay::UpdateInProgress)));
            steps.push(Step::Do(back));
            steps.extend((resource == Resource::Replicas).then_some(Step::WhenThere));
        }
        self.script = Script::new(steps);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::script::seconds;
    use crate::strategy::tests::deployment;
    use crate::strategy::{Alias, GatewayMove, Latest, Order, Rollout, Shift};

    /// When each resource is taken back after everything was done.
    fn back(rollout: &Rollout) -> Vec<(f64, Resource)> {
        let stage = Stage { deployment: deployment(), rollout: rollout.clone(), guard: None };
        let mut director = Director::new(vec![Item { at: None, task: Task::Deploy(Box::new(stage)) }]);
        director.last = Some((director.held.clone(), Vec::new()));
        seconds(&rollout.script(&deployment())).into_iter().for_each(|(_, action)| director.done(action));
        director.take_back();
        let back = seconds(&director.script);
        back.iter().map(|(at, action)| (*at, action.resource())).collect()
    }

    #[test]
    fn the_order_reverses_and_the_first_call_is_made_at_once() {
        let latest = |order| back(&Rollout::Latest(Latest { order }));
        assert_eq!(latest(Order::FunctionFirst), [(0.0, Resource::Gateway), (25.0, Resource::Code)]);
        assert_eq!(latest(Order::GatewayFirst), [(20.0, Resource::Code), (25.0, Resource::Gateway)]);
        let alias = |gateway| back(&Rollout::Alias(Alias { shift: Shift::AllAtOnce, gateway, trailing: Span::ZERO }));
        assert_eq!(alias(GatewayMove::After), [(0.0, Resource::Gateway), (5.0, Resource::Alias)]);
        assert_eq!(alias(GatewayMove::Before), [(0.0, Resource::Alias), (5.0, Resource::Gateway)]);
        assert_eq!(alias(GatewayMove::None), [(0.0, Resource::Alias)]);
    }
}
