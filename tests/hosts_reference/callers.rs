//! The slow model's callers: who waits to try again, and users with their sessions.

use crate::model::{ARRIVAL, Event, Model};
use cutover::ids::{Contract, Version};
use cutover::platform::Outcome;
use cutover::source::{Arrivals, Retries, Source, Users};
use cutover::time::{Instant, Span};
use rand_distr::Distribution;

/// A caller's wish: an attempt to be made.
#[derive(Clone, Copy)]
pub struct Wish {
    pub source: usize,
    pub index: u64,
    pub attempt: u32,
    /// When the request arrived; `None` for a user's next request.
    pub request: Option<Instant>,
    /// How long the code takes, where the source knows.
    pub known: Option<Span>,
    /// The contract of an earlier attempt's client.
    pub contract: Option<Contract>,
}

/// A person of a closed loop.
#[derive(Default)]
pub struct Person {
    next: u32,
    left: u32,
    whole: bool,
    counted: bool,
    harmed: bool,
    mixed: bool,
    contract: Option<Contract>,
    cookie: Option<(Version, Instant)>,
    /// The versions that answered in this session, in order.
    saw: Vec<Version>,
}

/// What happened to the users' sessions.
#[derive(Default)]
pub struct Sessions {
    pub seen: u64,
    pub mixed: u64,
    pub flipped: u64,
    pub harmed: u64,
    /// When each flipped.
    pub flips: Vec<Instant>,
}

impl Model<'_> {
    pub fn source(&self, place: usize) -> &Source {
        &self.service.sources[place]
    }

    pub fn users(&self, place: usize) -> Option<Users> {
        match self.source(place).arrivals {
            Arrivals::Users(users) => Some(users),
            _ => None,
        }
    }

    /// The first attempts of all requests that are known beforehand.
    pub fn send(&mut self, start: Instant) {
        for (source, of) in self.service.sources.iter().enumerate() {
            let mut feed = of.feed(self.seed, start, self.end, None);
            for index in 0.. {
                let at = feed.advance();
                if at >= self.end {
                    break;
                }
                let known = feed.service();
                let wish = Wish { source, index, attempt: 0, request: Some(at), known, contract: None };
                self.schedule(at, ARRIVAL, Event::Attempt(wish));
            }
        }
    }

    /// All users sit down.
    pub fn seat_users(&mut self, start: Instant) {
        let service = self.service;
        for (place, source) in service.sources.iter().enumerate() {
            let Some(users) = self.users(place) else { continue };
            for user in 0..users.count {
                let (left, wait) = users.seat(self.seed.stream("seat", &source.name).bits(user.into(), 0));
                self.people.insert((place, user), Person { left, ..Person::default() });
                self.plan(place, user, start + wait);
            }
        }
    }

    /// A user's attempt begins: the contract of the client, and the version on which a cookie keeps the user.
    pub fn sends(&mut self, wish: &mut Wish, now: Instant) -> Option<Version> {
        self.users(wish.source)?;
        let drawn = self.source(wish.source).clients.map(|_| self.client(wish.source, wish.index, now));
        let person = self.people.get_mut(&(wish.source, Users::user(wish.index))).unwrap();
        if wish.request.is_none() {
            if now >= Instant::ZERO && person.whole && !person.counted {
                person.counted = true;
                self.sessions.seen += 1;
            }
            person.contract = person.contract.or(drawn);
            wish.contract = person.contract;
        }
        person.cookie.filter(|&(_, until)| now < until).map(|(version, _)| version)
    }

    pub fn retries(&self, number: usize, outcome: Outcome) -> Option<Retries> {
        let wish = self.tries[number].wish;
        let retries = self.source(wish.source).caller.retries?;
        let wanted = match outcome {
            Outcome::Incompatible | Outcome::Failed | Outcome::Killed | Outcome::Refused | Outcome::Unreadable => {
                retries.after.failed
            }
            Outcome::Throttled => retries.after.throttled,
            Outcome::Expired | Outcome::WaitedOut => retries.after.expired,
            Outcome::Served | Outcome::InFlight | Outcome::Waiting => false,
        };
        (wanted && wish.attempt + 1 < u32::from(retries.attempts)).then_some(retries)
    }

    /// What the caller does after an attempt that ends at `now`.
    pub fn follow(&mut self, number: usize, outcome: Outcome, now: Instant) {
        let attempt = &self.tries[number];
        let wish = attempt.wish;
        let source = &self.service.sources[wish.source];
        if let Some(retries) = self.retries(number, outcome) {
            let made = wish.attempt + 1;
            let wait = retries.wait(made as u8, self.seed.stream("backoff", &source.name).at(wish.index, made.into()));
            let contract = source.clients.map(|_| attempt.contract);
            let wish = Wish { attempt: made, request: Some(attempt.request), contract, ..wish };
            self.schedule(now + wait, ARRIVAL, Event::Attempt(wish));
        } else if let Some(users) = self.users(wish.source) {
            let user = Users::user(wish.index);
            let person = self.people.get_mut(&(wish.source, user)).unwrap();
            if outcome.is_lost() && person.counted && !person.harmed {
                person.harmed = true;
                self.sessions.harmed += 1;
            }
            let (law, purpose) = if person.left == 0 { (users.pause, "pause") } else { (users.think, "think") };
            let stream = self.seed.stream(purpose, &source.name);
            let wait = law.sample(&mut stream.at(user.into(), person.next.into()));
            self.plan(wish.source, user, now + wait);
        }
    }

    /// A user will send the next request at `at`.
    fn plan(&mut self, source: usize, user: u32, at: Instant) {
        let session = self.users(source).unwrap().session;
        let person = self.people.get_mut(&(source, user)).unwrap();
        if person.left == 0 {
            *person =
                Person { next: person.next, left: session, cookie: person.cookie, whole: true, ..Person::default() };
        }
        let index = Users::index(user, person.next);
        (person.left, person.next) = (person.left - 1, person.next + 1);
        let wish = Wish { source, index, attempt: 0, request: None, known: None, contract: None };
        self.schedule(at, ARRIVAL, Event::Attempt(wish));
    }

    /// A user hears from a version.
    pub fn answered(&mut self, number: usize, now: Instant) {
        let (wish, version) = (self.tries[number].wish, self.tries[number].version);
        let Some(users) = self.users(wish.source) else { return };
        let person = self.people.get_mut(&(wish.source, Users::user(wish.index))).unwrap();
        if person.cookie.is_none_or(|(_, until)| now >= until) {
            let span = if version == self.versions[0] { users.sticky.old } else { users.sticky.new };
            person.cookie = (span > Span::ZERO).then(|| (version, now + span));
        }
        let turn = |version: Version| self.versions.iter().position(|&other| other == version).unwrap();
        // A version answered after one whose turn comes later.
        let flips = |saw: &[Version]| {
            (0..saw.len()).any(|later| saw[..later].iter().any(|&version| turn(version) > turn(saw[later])))
        };
        let before = flips(&person.saw);
        person.saw.push(version);
        if person.counted {
            if person.saw.iter().any(|&version| version != person.saw[0]) && !person.mixed {
                person.mixed = true;
                self.sessions.mixed += 1;
            }
            if flips(&person.saw) && !before {
                self.sessions.flipped += 1;
                self.sessions.flips.push(now);
            }
        }
    }
}
