//! The rollout: its controller is woken, its alarms are looked at.

use super::faults::Faults;
use super::fleet::{FLEET, Yard};
use super::kept::{KEEPS, WARMS};
use super::{PoolRelease, Simulation, SourceState, aheads, new_pool, warm_idle};
use crate::controller::argo::Measurement;
use crate::engine::{Calendar, Rank};
use crate::ids::Version;
use crate::platform::Fate;
use crate::platform::control::{Control, Course, Hands, Live};
use crate::platform::index::{Cast, MOST_VERSIONS, VersionIx};
use crate::platform::observer::Observer;
use crate::platform::record::Attempt;
use crate::platform::service::{Service, Window};
use crate::platform::watch::probe::Probe;
use crate::platform::watch::signals::Signal;
use crate::platform::way::expected::Running;
use crate::platform::way::router::Router;
use crate::random::Seed;
use crate::strategy::fleet::Seen;
use crate::strategy::{Action, Alarm, Strategy, Wake, Wanted, Watched};
use crate::time::{Instant, Span};

/// The handle of the event that begins a rollout. Those below are turns of its controller.
const START: u32 = 1 << 20;
/// The handle of what its controller wants to be woken for whatever it waits for.
const RUNG: u32 = START + 1;
/// The handle of the measurements of an analysis.
const MEASURES: u32 = START + 2;
/// The handle of the first alarm's looks; the others' follow.
const LOOKS: u32 = START + 3;

impl<O: Observer> Simulation<O> {
    /// Begins the rollout of a strategy that replaces the version which has served so far: until then all of them are the
    /// same, but for what this exchanges.
    pub fn begin(
        &mut self,
        service: &Service,
        strategy: &Strategy,
        (seed, fate): (Seed, &Fate),
        window: Window,
        calendar: &mut Calendar,
    ) {
        self.cast = Cast::new(service, strategy);
        for place in VersionIx::first(MOST_VERSIONS).skip(1) {
            self.pools[place] = new_pool(service, self.cast.version(place), strategy);
        }
        self.warm_idle = warm_idle(seed, &self.cast);
        for source in &mut self.sources {
            source.ahead.truncate(1);
            source.ahead.extend(aheads(service, &self.cast, source.service).skip(1));
        }
        self.faults = Faults::new(service, (seed, fate));
        self.releases = PoolRelease::each(service, &self.cast, seed, &self.faults);
        self.levels.change_to(self.cast.versions_len());
        if let Some(hosts) = &mut self.hosts {
            hosts.change_to(service, &self.cast, seed, |version| self.faults.outages(version));
        }
        let control = Control::new(service, strategy, seed, fate);
        self.running = Running::new(service, &self.cast, &control);
        self.router = Router::new(service, strategy, control, seed);
        self.watch(service, strategy, seed, window, |_| true);
        (self.reacts, self.adds_up) =
            (self.reacts | !service.events.is_empty(), self.adds_up | !service.events.is_empty());
        let patience = service.sources.iter().filter_map(|source| source.caller.timeout).max();
        let ahead = patience.unwrap_or(Span::ZERO);
        self.probes = strategy.analyses().iter().map(|analysis| Probe::new(analysis, ahead)).collect();
        self.live = Some(Live::new(service, strategy, seed, fate));
        self.observer.changed(Instant::ZERO, &self.router.control, false);
        self.expect_outages(calendar);
        self.expect_scalings(service, calendar);
        if strategy.rollout.deploys() && !strategy.reacts() {
            let place = self.cast.place_of(strategy.deployment.to);
            expect_warm(place, self.hosts.is_none(), Instant::ZERO, calendar);
        }
        calendar.push(Instant::ZERO, Rank::Control, START);
        self.crowded = self.fill_queues(calendar).err();
    }

    /// Lets the alarms of a strategy see what ends from now on, those that are wanted; what they have seen so far they keep.
    pub(super) fn watch(
        &mut self,
        service: &Service,
        strategy: &Strategy,
        seed: Seed,
        window: Window,
        wanted: impl Fn(&Alarm) -> bool,
    ) {
        let mut seen = std::mem::take(&mut self.signals).into_iter();
        let signal = |(alarm, new): (&Alarm, Version)| {
            let known = if alarm.watches == Watched::All { seen.next() } else { None };
            let new = self.cast.place_of(new);
            known.unwrap_or_else(|| Signal::new(alarm, new, seed, (window.start(), window.end())))
        };
        self.signals = strategy.alarms().filter(|(alarm, _)| wanted(alarm)).map(signal).collect();
        let watches = !self.signals.is_empty() || !strategy.analyses().is_empty();
        // What an alarm counts is recorded when it ends, and no sooner.
        // What waits goes on once an attempt has ended.
        let watches = watches || self.overflow.is_some();
        self.sources.iter_mut().for_each(|source| source.follows = watches || source.goes_on());
        self.adds_up = strategy.reacts() || service.hangs_together(strategy.on());
        // What queues take over goes another way.
        self.reacts = self.adds_up || !self.queues.is_empty();
    }

    /// An attempt has ended, or it is known when its caller will give up.
    #[inline]
    pub(super) fn seen(&mut self, attempt: &Attempt, version: VersionIx) {
        self.signals.iter_mut().for_each(|signal| signal.ended(attempt, version));
        self.probes.iter_mut().for_each(|probe| probe.ended(attempt, version));
    }

    /// The rollout begins, what its controller waited for is over, or an alarm is looked at.
    pub(super) fn control(&mut self, now: Instant, handle: u32, calendar: &mut Calendar) {
        let Some(live) = &self.live else { return };
        if (handle < START && live.has_forgotten(handle)) || (handle >= LOOKS && !live.is_watching()) {
            return;
        }
        // Alarms are looked at before anything else is done at an instant.
        let looked_at = if handle == START || live.is_watching() { self.signals.len() } else { 0 };
        self.signals[..looked_at].iter_mut().for_each(|signal| signal.look(now));
        if handle == START {
            self.wake(Wake::Start, now, calendar);
        } else {
            for alarm in 0..looked_at {
                if self.signals[alarm].is_in_alarm() {
                    self.wake(Wake::Alarm(alarm), now, calendar);
                }
            }
            // An alarm may just have made it forget.
            if handle == MEASURES {
                self.with_live(now, calendar, |live, whole| live.measure(now, whole));
                self.running.look_again();
            } else if handle == RUNG {
                self.wake(Wake::Rung, now, calendar);
            } else if handle < START && self.live.as_ref().is_some_and(|live| !live.has_forgotten(handle)) {
                self.wake(Wake::Over, now, calendar);
            }
        }
        self.look_later(handle, calendar);
    }

    /// Has the calendar come back for the next look: at every alarm in the beginning, else at the one just looked at.
    fn look_later(&self, handle: u32, calendar: &mut Calendar) {
        if !self.live.as_ref().is_some_and(Live::is_watching) {
            return;
        }
        for (signal, looks) in self.signals.iter().zip(LOOKS..) {
            let at = signal.next_look();
            if (handle == START || handle == looks) && at < self.end {
                calendar.push(at, Rank::Control, looks);
            }
        }
    }

    fn wake(&mut self, why: Wake, now: Instant, calendar: &mut Calendar) {
        self.with_live(now, calendar, |live, whole| live.wake(why, now, whole));
        self.running.look_again();
    }

    /// The fleet looks at its replicas.
    pub(super) fn look_at_fleet(&mut self, now: Instant, calendar: &mut Calendar) {
        self.with_live(now, calendar, |live, whole| live.look(now, whole));
    }

    pub(super) fn with_live(
        &mut self,
        now: Instant,
        calendar: &mut Calendar,
        act: impl FnOnce(&mut Live, &mut Whole<'_>),
    ) {
        let Self { live: Some(live), router, signals, probes, hosts, pools, levels, room, crowded, end, .. } = self
        else {
            return;
        };
        let yard = hosts.as_deref_mut().map(|hosts| Yard { hosts, pools, levels, room, crowded, end: *end });
        act(live, &mut Whole { router, signals, probes, calendar, yard });
        self.observer.changed(now, &self.router.control, live.is_taken_back());
    }

    /// What the rollout came to so far.
    #[must_use]
    pub fn course(&self) -> Course {
        self.live.as_ref().map(|live| live.course(&self.router.control, self.end)).unwrap_or_default()
    }
}

/// What a controller's commands are carried out with.
pub(super) struct Whole<'a> {
    router: &'a mut Router,
    signals: &'a mut [Signal],
    probes: &'a [Probe],
    calendar: &'a mut Calendar,
    /// The replicas, where the code runs on hosts.
    yard: Option<Yard<'a>>,
}

impl Hands for Whole<'_> {
    fn is_in_alarm(&self, alarm: usize) -> bool {
        self.signals.get(alarm).is_some_and(Signal::is_in_alarm)
    }

    fn begin(&mut self, now: Instant, version: Version) {
        self.router.begin(now, version);
        let place = self.router.place_of(version);
        self.signals.iter_mut().for_each(|signal| signal.begin(now, place));
        expect_warm(place, self.yard.is_none(), now, self.calendar);
    }

    fn act(&mut self, now: Instant, action: Action) {
        if let (Action::Replicas(Wanted::Roll(version) | Wanted::Raise(version, _)), Some(yard)) =
            (action, &mut self.yard)
        {
            yard.hosts.aim = self.router.place_of(version);
        }
        self.router.act(now, action);
        if let Action::Provision { version, .. } = action {
            let handle = KEEPS + self.router.place_of(version).number() as u32;
            let ready_at = self.router.control.provisions.of(version).ready_at;
            self.calendar.push(now, Rank::Control, handle);
            if ready_at > now {
                self.calendar.push(ready_at, Rank::Control, handle);
            }
        }
    }

    fn ready_at(&self, now: Instant) -> Instant {
        self.router.control.provisions.ready_at(now)
    }

    fn settles_at(&mut self, now: Instant) -> Instant {
        self.router.control.settles_at(now)
    }

    fn wake_at(&mut self, at: Instant, turn: Option<u32>) {
        self.calendar.push(at, Rank::Control, turn.unwrap_or(RUNG));
    }

    fn replicas(&self, version: Version) -> Seen {
        let place = self.router.place_of(version);
        self.yard.as_ref().map(|yard| yard.hosts.seen(place)).unwrap_or_default()
    }

    fn scale(&mut self, now: Instant, version: Version, replicas: u32) {
        let place = self.router.place_of(version);
        if let Some(yard) = &mut self.yard {
            yard.scale(now, place, replicas, self.calendar);
        }
    }

    fn look_at(&mut self, at: Instant) {
        self.calendar.push(at, Rank::Control, FLEET);
    }

    fn measure_at(&mut self, at: Instant) {
        self.calendar.push(at, Rank::Control, MEASURES);
    }

    fn measure(&self, now: Instant, analysis: usize) -> Measurement {
        let aim = self.yard.as_ref().map(|yard| yard.hosts.aim);
        self.probes[analysis].measure(now, aim.unwrap_or(VersionIx::FIRST))
    }
}

/// The calendar watches the moment at which instances of a version are warm, if it runs on a function.
fn expect_warm(version: VersionIx, on_function: bool, now: Instant, calendar: &mut Calendar) {
    if on_function {
        calendar.push(now, Rank::Control, WARMS + version.number() as u32);
    }
}

impl SourceState {
    /// Whether its callers go on after an attempt.
    pub(super) const fn goes_on(&self) -> bool {
        self.users.is_some() || self.caller.retries.is_some() || self.queue.is_some()
    }
}
