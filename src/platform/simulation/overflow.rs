//! Attempts that wait at the balancer until a replica has room for them.

use super::Simulation;
use crate::engine::{Calendar, Rank};
use crate::platform::function::instance::{Instance, State};
use crate::platform::index::{Each, VersionIx};
use crate::platform::record::{Call, Observer, Outcome, Way};
use crate::platform::room::Crowded;
use crate::platform::way::expected::Known;
use crate::time::{Instant, Span};

impl<O: Observer> Simulation<O> {
    /// An attempt waits for room; `known`: what is known of it, where its odds count.
    pub(super) fn wait_for_room(
        &mut self,
        call: &Call,
        way: Way,
        (node, is_any): (u32, bool),
        known: Option<&Known>,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let place = self.enter(call, way, node, now)?;
        // Its contract is drawn now, its version found later: the odds of every version are those of now.
        let odds = Each::from_fn(|version: VersionIx| {
            let of = |known: &Known| Known { version: known.version.map(|(_, told)| (version, told)), ..*known };
            known.map_or(0.0, |known| self.running.odds(&mut self.router.control, now, &of(known)))
        });
        let Some(hosts) = self.hosts.as_deref_mut() else { return Ok(()) };
        hosts.overflow.wait(place, (!is_any).then_some(way.version), odds);
        let wait = hosts.settings.overflow.unwrap_or(Span::ZERO).min(self.sources[call.source as usize].patience);
        let rest = &mut self.instances.rest[place as usize];
        (rest.gives_up, rest.alarms) = (now + wait, 1);
        // As long as it stands in line, its place is kept.
        rest.deadline = Instant::BEGINNING;
        calendar.push(rest.gives_up, Rank::Expiry, place);
        Ok(())
    }

    /// A replica takes those who wait, as long as it has room.
    pub(super) fn fill(&mut self, replica: u32, now: Instant, calendar: &mut Calendar) {
        loop {
            let Some(hosts) = self.hosts.as_deref_mut() else { return };
            let version = hosts.replicas[replica as usize].version;
            if !hosts.replicas[replica as usize].is_ready() || !hosts.takes(replica) {
                return;
            }
            let Some((place, odds)) = hosts.overflow.next(version) else { return };
            self.instances.rest[place as usize].deadline = Instant::END;
            let instance = &mut self.instances.hot[place as usize];
            if instance.condition.state() == State::Gone {
                self.clear(place);
                continue;
            }
            instance.way.version = version;
            self.running.add_odds(odds);
            self.put(place, replica, now, calendar);
        }
    }

    /// An attempt has waited for room too long.
    pub(super) fn wait_no_longer(&mut self, place: u32, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        let Instance { at, index, source, way, attempt, .. } = self.instances.hot[place as usize];
        let rest = &self.instances.rest[place as usize];
        let contract = self.kept_contract(source, way);
        let call = Call { source, attempt, index, request: rest.request, since: at, contract, known: rest.known };
        self.instances.hot[place as usize].condition.enter(State::Gone);
        self.turn_away_after(&call, way, (at, Outcome::WaitedOut), now, calendar)
    }
}
