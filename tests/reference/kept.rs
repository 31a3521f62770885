//! The slow model's environments that are kept ready: counted anew every time from the lives of all instances.

use crate::model::{Event, Life, Model, State};
use crate::routing::Routing;
use cutover::ids::Version;
use cutover::platform::ColdStart;
use cutover::time::{Instant, Span};
use rand_distr::Distribution;

/// How many environments of a version are wanted, as the control plane has been told.
#[derive(Clone, Copy, Default)]
pub struct Wanted {
    environments: u32,
    ready_at: Option<Instant>,
    /// How many there were before the last change, how often more were wanted, and how many in all.
    there: u32,
    asked: u64,
    made: u64,
}

/// What happens besides when a controller is woken.
pub enum Besides {
    Keep(Version),
    Warm(Version),
}

impl Routing<'_> {
    /// A version is to have so many environments.
    pub fn provision(&mut self, version: Version, environments: u32, now: Instant) {
        let of = self.wanted.entry(version).or_default();
        if of.ready_at.is_none_or(|at| at <= now) {
            of.there = of.environments;
        }
        of.there = of.there.min(environments);
        (of.environments, of.ready_at) = (environments, None);
        let more = environments - of.there;
        self.besides.push((now, Besides::Keep(version)));
        if more == 0 {
            return;
        }
        let settings = self.provisioned.unwrap();
        let name = version.to_string();
        let begun = now + settings.prepare.sample(&mut self.seed.stream("provisioned-prepare", &name).at(of.asked, 0));
        let ready = (0..more).map(|place| {
            let allocated = begun + Span::from_ns(settings.rate.due_ns(u64::from(place) + 1) as u64);
            let mut draw = self.seed.stream("provisioned-init", &name).at(of.made + u64::from(place), 0);
            match &self.service.release(version).cold {
                ColdStart::Init(law) => allocated + law.sample(&mut draw),
                ColdStart::Service(_) => allocated,
            }
        });
        let at = ready.max().unwrap();
        of.ready_at = Some(at);
        (of.asked, of.made) = (of.asked + 1, of.made + u64::from(more));
        if at > now {
            self.besides.push((at, Besides::Keep(version)));
        }
    }

    /// When all environments that are wanted will be there.
    pub fn provisioned_at(&self, now: Instant) -> Instant {
        self.wanted.values().filter_map(|of| of.ready_at).max().unwrap_or(now).max(now)
    }
}

impl Model<'_> {
    fn kept(&self, version: Version) -> impl Iterator<Item = usize> {
        let is_alive = move |life: &Life| life.kept && life.version == version && life.state() != State::Gone;
        (0..self.instances.len()).filter(move |&instance| is_alive(&self.instances[instance]))
    }

    pub fn kept_idle(&self, version: Version) -> Option<usize> {
        let idle = self.kept(version).filter(|&instance| self.instances[instance].state() == State::Idle);
        idle.max_by_key(|&instance| self.instances[instance].idle_order)
    }

    /// Whether a version has any.
    pub fn keeps(&self, version: Version) -> bool {
        self.kept(version).next().is_some()
    }

    /// How much of the function's concurrency they take.
    pub fn reserved(&self) -> usize {
        let of = |version: Version| (self.told(version) as usize).max(self.kept(version).count());
        self.routing.versions.iter().map(|&version| of(version)).sum()
    }

    /// How many were wanted of a version at the last change.
    fn told(&self, version: Version) -> u32 {
        let last = self.keeping.iter().rev().find(|&&(_, other, _)| other == version);
        last.map_or(0, |&(.., environments)| environments)
    }

    /// Those that the old version has had for long.
    pub fn begin_kept(&mut self, start: Instant) {
        let Some(settings) = self.routing.provisioned else { return };
        let old = self.routing.from;
        self.routing.wanted.insert(old, Wanted { environments: settings.environments, ..Wanted::default() });
        self.keeping.push((start, old, settings.environments));
        (0..settings.environments).for_each(|_| self.start_kept(old, start));
    }

    fn start_kept(&mut self, version: Version, now: Instant) {
        let instance = self.launch(version, now, State::Idle, None);
        (self.instances[instance].kept, self.instances[instance].idle_order) = (true, self.became_idle);
        self.became_idle += 1;
    }

    /// An environment that is kept ready is done with a request; answers whether it was one.
    pub fn rests_kept(&mut self, instance: usize, now: Instant) -> bool {
        let (version, kept) = (self.instances[instance].version, self.instances[instance].kept);
        if kept && self.kept(version).count() > self.told(version) as usize {
            self.leave(instance, now, false);
        } else if kept {
            self.enter(instance, State::Idle, now);
            self.instances[instance].idle_order = self.became_idle;
            self.became_idle += 1;
        }
        kept
    }

    pub fn besides(&mut self, besides: &Besides, now: Instant) {
        match *besides {
            Besides::Keep(version) => {
                let Wanted { environments, ready_at, .. } = self.routing.wanted[&version];
                self.keeping.push((now, version, environments));
                while self.kept(version).count() > environments as usize
                    && let Some(idle) = self.kept_idle(version)
                {
                    self.leave(idle, now, false);
                }
                if ready_at.is_none_or(|at| at <= now) {
                    while self.kept(version).count() < environments as usize {
                        self.start_kept(version, now);
                    }
                }
                self.admit(now);
            }
            Besides::Warm(version) => {
                let warm = self.routing.service.release(version).warm.unwrap_or(0) as usize;
                for _ in self.idle_of(version).count()..warm {
                    self.start_warm(version, now);
                }
            }
        }
    }

    /// For how long environments were kept ready from t = 0 on, of each version, and for how long that is billed, in environments
    /// times nanoseconds.
    pub fn held(&self) -> Vec<(Version, u128, u128)> {
        let of = |&version: &Version| {
            let (mut held, mut billed) = (0, 0);
            let changes: Vec<(Instant, u32)> =
                self.keeping.iter().filter(|&&(_, of, _)| of == version).map(|&(at, _, n)| (at, n)).collect();
            let mut since = Instant::ZERO;
            for (place, &(at, n)) in changes.iter().enumerate() {
                let next = changes.get(place + 1);
                let (until, then) = next.map_or((self.end, n), |&(at, n)| (at, n));
                if place == 0 || changes[place - 1].1 == 0 {
                    since = at.max(Instant::ZERO);
                }
                let span = u128::from(until.max(Instant::ZERO).since(at.max(Instant::ZERO)).ns()) * u128::from(n);
                let whole = u128::from(until.max(since).since(since).ns());
                let rounded = whole.div_ceil(300_000_000_000) * 300_000_000_000 - whole;
                held += span;
                billed += span + rounded * u128::from(n.saturating_sub(then));
            }
            (version, held, billed)
        };
        self.routing.versions.iter().map(of).collect()
    }

    pub fn schedule_besides(&mut self) {
        for (at, besides) in std::mem::take(&mut self.routing.besides) {
            self.schedule(at, crate::model::CONTROL, Event::Besides(besides));
        }
    }
}
