//! Callers between two attempts: requests that wait to be tried again, and users who think before their next one.

use crate::platform::index::{ContractIx, VersionIx};
use crate::platform::record::Call;
use crate::platform::room::Crowded;
use crate::platform::room::{EVENT, MOST_CALLERS, Room};
use crate::source::{Arrivals, Source, Sticky};
use crate::time::{Instant, Span};

/// All callers that wait, and all users.
#[derive(Clone, Debug)]
pub struct Callers {
    waiting: Vec<Option<Call>>,
    free: Vec<u32>,
    users: Vec<User>,
    /// Where the users of each source begin.
    first: Vec<u32>,
    /// What was counted of the sessions.
    pub sessions: Sessions,
}

/// Sessions of users with a request in [0, after).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sessions {
    /// All of them.
    pub seen: u64,
    /// Those that more than one version answered.
    pub mixed: u64,
    /// Those that an earlier version answered after a later one had.
    pub flipped: u64,
    /// Those that lost a request.
    pub harmed: u64,
}

/// What a caller takes of memory, in bytes: with its places in a list and the calendar, and an eighth for lists that grow.
pub const CALLER: u64 = (size_of::<Option<Call>>() + size_of::<u32>() + EVENT) as u64 * 9 / 8;

/// One user, in a session or between two.
#[derive(Clone, Copy, Debug, Default)]
pub struct User {
    /// The number of the next request.
    next: u32,
    /// Requests of the session still to be sent.
    left: u32,
    /// The contract of the client that the session began with, where clients shape the events.
    pub contract: Option<ContractIx>,
    /// The version that answered first, and until when the user stays with it.
    cookie: Option<(VersionIx, Instant)>,
    /// Whether the session was seen from its first request on.
    whole: bool,
    /// Whether it is counted.
    counted: bool,
    /// Which versions answered, a bit each.
    saw: u8,
    flipped: bool,
    /// Whether it has lost a request since it counts.
    harmed: bool,
    /// Whether it is counted as one that more than one version answered.
    mixed: bool,
}

impl Callers {
    /// Nobody waits, and no user has begun a session.
    pub fn new(sources: &[Source]) -> Self {
        let mut users = 0;
        let mut first = Vec::with_capacity(sources.len());
        for source in sources {
            first.push(users as u32);
            users += users_of(source) as usize;
        }
        let (waiting, free) = (Vec::new(), Vec::new());
        Self { waiting, free, users: vec![User::default(); users], first, sessions: Sessions::default() }
    }

    /// Lets a call wait, under the handle that is answered.
    ///
    /// # Errors
    /// [`Crowded`], when too many wait.
    pub fn wait(&mut self, call: Call, room: &mut Room) -> Result<u32, Crowded> {
        if let Some(place) = self.free.pop() {
            self.waiting[place as usize] = Some(call);
            return Ok(place);
        }
        let place =
            u32::try_from(self.waiting.len()).ok().filter(|&place| place < MOST_CALLERS).ok_or(Crowded::Callers)?;
        room.take(CALLER)?;
        self.waiting.push(Some(call));
        Ok(place)
    }

    /// Takes the call that waited under `handle`.
    pub fn take(&mut self, handle: u32) -> Option<Call> {
        let call = self.waiting[handle as usize].take();
        if call.is_some() {
            self.free.push(handle);
        }
        call
    }

    /// Every call that waits.
    pub fn waiting(&self) -> impl Iterator<Item = &Call> {
        self.waiting.iter().flatten()
    }

    /// User `user` of a source.
    pub fn user(&mut self, source: u32, user: u32) -> &mut User {
        &mut self.users[(self.first[source as usize] + user) as usize]
    }

    /// The version that a user is kept on at `now`.
    pub fn kept_on(&mut self, source: u32, user: u32, now: Instant) -> Option<VersionIx> {
        self.user(source, user).cookie.and_then(|(version, until)| (now < until).then_some(version))
    }

    /// A request of a user arrives at `now`: its session is counted once it has one in [0, after).
    pub fn sends(&mut self, source: u32, user: u32, now: Instant) {
        let user = self.user(source, user);
        let counts = now >= Instant::ZERO && user.whole && !user.counted;
        user.counted |= counts;
        self.sessions.seen += u64::from(counts);
    }

    /// A user has been answered by `version` at `now`; answers whether a session that counts flipped by it.
    pub fn answered(&mut self, source: u32, user: u32, version: VersionIx, sticky: Sticky, now: Instant) -> bool {
        let user = self.user(source, user);
        if user.cookie.is_none_or(|(_, until)| now >= until) {
            let span = if version == VersionIx::FIRST { sticky.old } else { sticky.new };
            user.cookie = (span > Span::ZERO).then(|| (version, now + span));
        }
        let this = 1 << version.number();
        // A later version's bit is the higher one.
        let flips = user.saw >= this << 1 && !user.flipped;
        user.saw |= this;
        user.flipped |= flips;
        if !user.counted {
            return false;
        }
        // A retry may have met the new version before the session came to count.
        let mixes = !user.saw.is_power_of_two() && !user.mixed;
        user.mixed |= mixes;
        self.sessions.mixed += u64::from(mixes);
        self.sessions.flipped += u64::from(flips);
        flips
    }

    /// A user has lost a request.
    pub fn lost(&mut self, source: u32, user: u32) {
        let user = self.user(source, user);
        let harms = user.counted && !user.harmed;
        user.harmed |= harms;
        self.sessions.harmed += u64::from(harms);
    }
}

impl User {
    /// Joins a session that has `left` requests to go and is not counted; none for a user between sessions.
    pub const fn join(&mut self, left: u32) {
        self.left = left;
    }

    /// The number of the next request.
    pub const fn next(&self) -> u32 {
        self.next
    }

    /// Whether the next request begins a session.
    pub const fn is_between_sessions(&self) -> bool {
        self.left == 0
    }

    /// Begins the next request, and with it a session of `requests` if none is left; answers its number.
    pub fn begin_next(&mut self, requests: u32) -> u32 {
        if self.is_between_sessions() {
            *self = Self { next: self.next, left: requests, cookie: self.cookie, whole: true, ..Self::default() };
        }
        self.left -= 1;
        self.next += 1;
        self.next - 1
    }
}

fn users_of(source: &Source) -> u32 {
    match &source.arrivals {
        Arrivals::Users(users) => users.count,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: VersionIx = VersionIx::FIRST;
    const NEW: VersionIx = VersionIx::nth(1);

    #[test]
    fn a_session_that_mixed_before_it_counts_is_counted_once_it_does() {
        let mut callers = Callers { users: vec![User::default()], first: vec![0], ..Callers::new(&[]) };
        let sticky = Sticky { old: Span::ZERO, new: Span::ZERO };
        let at = Instant::from_ns;
        callers.user(0, 0).begin_next(4);
        callers.sends(0, 0, at(-2));
        assert!(!callers.answered(0, 0, OLD, sticky, at(-1)));
        // To a retry of what was sent in the warm-up.
        assert!(!callers.answered(0, 0, NEW, sticky, at(1)));
        callers.sends(0, 0, at(2));
        assert!(callers.answered(0, 0, OLD, sticky, at(3)));
        assert!(!callers.answered(0, 0, NEW, sticky, at(4)));
        assert_eq!(callers.sessions, Sessions { seen: 1, mixed: 1, flipped: 1, harmed: 0 });
    }
}
