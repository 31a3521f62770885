//! The slow model's queues: what waits in each as one list, which is looked through every time.

use crate::model::{ARRIVAL, CONTROL, Event, Model};
use crate::routing::Wish;
use cutover::ids::{Contract, Version};
use cutover::platform::Outcome;
use cutover::source::{Consumers, Delivery, Messages, Queue, Resolve, Target, Via};
use cutover::time::{Instant, Span};
use std::collections::BTreeMap;

/// What is received together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Lane {
    All,
    Written(Contract),
    Bound(Version),
}

/// The queue of one source.
#[derive(Default)]
pub struct Line {
    /// What waits, in the order in which it came.
    pub waiting: Vec<(Lane, Wish)>,
    /// The lane of everything that is in the queue, hidden and handled included.
    inside: Vec<Lane>,
    turn: Option<Lane>,
    /// How many invocations there are, and until when pollers keep batches that were turned away.
    invocations: usize,
    held: Vec<Instant>,
    added: u32,
    adds_at: Option<Instant>,
    /// Since when a poller has waited for a batch of a lane.
    gathers: BTreeMap<Lane, Instant>,
}

/// How often what queues do was put to the test.
#[derive(Clone, Copy, Default, Debug)]
pub struct Seen {
    pub batches: u64,
    pub failed_with_others: u64,
    pub seen_again: u64,
    pub turned_away: u64,
    pub too_old: u64,
    pub added: u64,
    pub gathered: u64,
    pub sorted: u64,
    pub took_turns: u64,
    pub closed: u64,
    pub backlog: u64,
    pub held_up: u64,
    pub halved: u64,
    pub given_up: u64,
}

impl Seen {
    pub fn all(&self) -> [u64; 14] {
        [
            self.batches,
            self.failed_with_others,
            self.seen_again,
            self.turned_away,
            self.too_old,
            self.added,
            self.gathered,
            self.sorted,
            self.took_turns,
            self.closed,
            self.backlog,
            self.held_up,
            self.halved,
            self.given_up,
        ]
    }

    pub fn add(&mut self, other: &Self) {
        self.batches += other.batches;
        self.failed_with_others += other.failed_with_others;
        self.seen_again += other.seen_again;
        self.turned_away += other.turned_away;
        self.too_old += other.too_old;
        self.added += other.added;
        self.gathered += other.gathered;
        self.sorted += other.sorted;
        self.took_turns += other.took_turns;
        self.closed += other.closed;
        self.backlog += other.backlog;
        self.held_up += other.held_up;
        self.halved += other.halved;
        self.given_up += other.given_up;
    }
}

impl Model<'_> {
    pub fn queue(&self, source: usize) -> Option<Queue> {
        self.source(source).via.queue().copied()
    }

    fn messages(&self, source: usize) -> Option<Messages> {
        self.queue(source).and_then(|queue| queue.messages().copied())
    }

    fn contract(&self, version: Version) -> Contract {
        self.routing.service.release(version).contract
    }

    fn lane(&self, wish: &Wish) -> Lane {
        let queue = self.queue(wish.source).unwrap();
        let sorts = queue.consumers == Consumers::ByVersion || queue.target == Target::WhenOldGone;
        match wish.bound {
            _ if sorts => Lane::Written(wish.contract.unwrap()),
            Some(version) => Lane::Bound(version),
            None => Lane::All,
        }
    }

    /// Everything that waits in queues at t = 0 besides is there now.
    pub fn fill_queues(&mut self) {
        let from = self.routing.from;
        for source in 0..self.routing.service.sources.len() {
            let Some(queue) = self.queue(source) else { continue };
            let sent = Instant::ZERO.before(queue.backlog.age.max(Span::from_ns(1)));
            for number in 0..u64::from(queue.backlog.messages) {
                let bound = (queue.resolve == Resolve::Enqueue).then_some(from);
                let (index, contract) = ((1 << 48) + number, Some(self.contract(from)));
                let wish = Wish {
                    source,
                    index,
                    attempt: 0,
                    request: Some(sent),
                    since: sent,
                    known: None,
                    contract,
                    bound,
                    failures: 0,
                };
                self.seen.backlog += 1;
                self.put(wish);
            }
            self.queued += u64::from(queue.backlog.messages);
            self.schedule(Instant::ZERO, CONTROL, Event::Queue(source));
        }
    }

    /// A queue is looked at again at `at`. At t = 0 all are, once the rollout has begun.
    pub fn look_at_queue(&mut self, source: usize, at: Instant) {
        if self.has_begun || at != Instant::ZERO {
            self.schedule(at, CONTROL, Event::Queue(source));
        }
    }

    fn put(&mut self, wish: Wish) {
        let lane = self.lane(&wish);
        let line = self.lines.entry(wish.source).or_default();
        line.waiting.push((lane, wish));
        if wish.attempt == 0 {
            line.inside.push(lane);
        }
    }

    /// An event is sent, or tried again, or a message is seen again.
    pub fn arrive(&mut self, mut wish: Wish, now: Instant) {
        let Some(queue) = self.queue(wish.source) else { return self.make(wish, now) };
        self.queued += u64::from(wish.attempt == 0);
        self.queued_most = self.queued_most.max(self.queued);
        let is_invocation = matches!(queue.delivery, Delivery::Invocation(_));
        if is_invocation && (wish.attempt > 0 || queue.is_plain()) {
            return self.make(wish, now);
        }
        if wish.attempt == 0 {
            let attempt = self.routing.attempt(wish, None, now, self.seed);
            wish.contract = Some(attempt.contract);
            wish.bound = (queue.resolve == Resolve::Enqueue).then_some(attempt.version);
        }
        match queue.delivery {
            Delivery::Stream(stream) => self.append(&stream, wish),
            _ => self.put(wish),
        }
        self.receive(wish.source, now);
    }

    /// The lanes from which something may be received now, that of what came first before the others.
    fn open(&mut self, source: usize, now: Instant) -> Vec<Lane> {
        let queue = self.queue(source).unwrap();
        let line = self.lines.entry(source).or_default();
        let mut lanes: Vec<Lane> = Vec::new();
        for &(lane, _) in &line.waiting {
            if !lanes.contains(&lane) {
                lanes.push(lane);
            }
        }
        // A message that is seen again stands where it came the second time.
        if queue.target == Target::WhenOldGone {
            if line.turn.is_none_or(|turn| !line.inside.contains(&turn)) {
                line.turn = lanes.first().copied();
            }
            let turn = line.turn;
            let before = lanes.len();
            lanes.retain(|&lane| Some(lane) == turn);
            self.seen.took_turns += u64::from(lanes.len() < before);
        }
        if queue.consumers == Consumers::ByVersion && !self.routing.askable() {
            let before = lanes.len();
            lanes.retain(|&lane| {
                let (_, first) = self.lines[&source].waiting.iter().find(|&&(of, _)| of == lane).unwrap();
                let there = self.routing.attempt(*first, None, now, self.seed).version;
                Lane::Written(self.contract(there)) == lane
            });
            self.seen.closed += u64::from(lanes.len() < before);
        }
        lanes
    }

    /// Everything that may be received is.
    pub fn receive(&mut self, source: usize, now: Instant) {
        let Some(queue) = self.queue(source).filter(|_| now < self.end) else { return };
        if now == Instant::ZERO && !self.has_begun {
            self.shards.entry(source).or_default().touched = None;
            return;
        }
        if let Delivery::Stream(stream) = queue.delivery {
            return self.read(source, &stream, now);
        }
        loop {
            let open = self.open(source, now);
            match queue.delivery {
                Delivery::Invocation(_) => {
                    let Some(&lane) = open.first() else { return };
                    let line = self.lines.get_mut(&source).unwrap();
                    let (taken, left) = std::mem::take(&mut line.waiting).into_iter().partition(|&(of, _)| of == lane);
                    line.waiting = left;
                    let taken: Vec<(Lane, Wish)> = taken;
                    for (_, wish) in taken {
                        self.make(wish, now);
                    }
                }
                Delivery::Stream(_) => unreachable!("a stream is read otherwise"),
                Delivery::Messages(messages) => {
                    let Some(batch) = self.poll(source, &messages, &open, now) else { return };
                    self.invoke(&messages, batch, now);
                }
            }
        }
    }

    /// The messages that a poller receives now, if one can.
    fn poll(&mut self, source: usize, messages: &Messages, open: &[Lane], now: Instant) -> Option<Vec<Wish>> {
        let pollers = messages.pollers;
        let line = self.lines.get_mut(&source).unwrap();
        line.held.retain(|&until| until > now);
        let busy = (line.invocations + line.held.len()) as u32;
        if open.is_empty() {
            line.added = line.added.min(busy.saturating_sub(pollers.start));
            line.adds_at = None;
            return None;
        }
        if busy >= pollers.start + line.added {
            let step = pollers.step.filter(|_| pollers.start + line.added < pollers.most)?;
            match line.adds_at {
                Some(at) if at <= now => {
                    (line.added, line.adds_at) = (line.added + 1, None);
                    self.seen.added += 1;
                    return self.poll(source, messages, open, now);
                }
                Some(_) => {}
                None => {
                    line.adds_at = Some(now + step);
                    self.look_at_queue(source, now + step);
                }
            }
            return None;
        }
        line.adds_at = None;
        let mut next = None;
        for &lane in open {
            let waiting = line.waiting.iter().filter(|&&(of, _)| of == lane).count();
            let until = *line.gathers.entry(lane).or_insert(now) + messages.window;
            if waiting >= messages.batch as usize || until <= now {
                line.gathers.remove(&lane);
                let (mut taken, mut left) = (Vec::new(), Vec::new());
                for (of, wish) in std::mem::take(&mut line.waiting) {
                    if of == lane && taken.len() < messages.batch as usize {
                        taken.push(wish);
                    } else {
                        left.push((of, wish));
                    }
                }
                line.waiting = left;
                return Some(taken);
            }
            next = Some(next.map_or(until, |next: Instant| next.min(until)));
        }
        if let Some(at) = next {
            self.seen.gathered += 1;
            self.look_at_queue(source, at);
        }
        None
    }

    /// The version that an event is asked for, whatever its mapping says.
    pub fn asked_for(&self, wish: Wish, now: Instant) -> Option<Version> {
        let queue = self.queue(wish.source)?;
        if !self.routing.askable() {
            return None;
        }
        let sorts = queue.consumers == Consumers::ByVersion || queue.target == Target::WhenOldGone;
        match wish.contract {
            Some(contract) if sorts => {
                let drawn = self.routing.attempt(wish, None, now, self.seed).version;
                let all = std::iter::once(drawn).chain(self.routing.versions.iter().copied());
                all.into_iter().find(|&version| self.contract(version) == contract)
            }
            _ => wish.bound,
        }
    }

    /// A poller calls the function with these messages.
    fn invoke(&mut self, messages: &Messages, batch: Vec<Wish>, now: Instant) {
        let batch = self.young_enough(batch, messages.retention, now);
        let Some(source) = batch.first().map(|first| first.source) else { return };
        let (numbers, turned_away) = self.call_with(&batch, now);
        let line = self.lines.get_mut(&source).unwrap();
        let Some(outcome) = turned_away else {
            line.invocations += 1;
            return;
        };
        let until = now + messages.visibility;
        line.held.push(until);
        for number in numbers {
            self.put_back(number, outcome, now, now);
        }
        self.look_at_queue(source, until);
    }

    /// An invocation of messages, of which this is the first, is over.
    pub fn handled_messages(&mut self, instance: usize, first: usize, now: Instant) {
        let source = self.tries[first].wish.source;
        let messages = self.messages(source).unwrap();
        self.lines.get_mut(&source).unwrap().invocations -= 1;
        for (number, outcome) in self.end_batch(instance, first, messages.partial, now) {
            let last = self.next(number, outcome, now).is_none();
            self.write_of_batch(instance, (number, number == first), (outcome, last), now);
            self.put_back(number, outcome, self.tries[first].arrival, now);
        }
    }

    /// A message that was received at `received` is seen again, unless that was the last time.
    fn put_back(&mut self, number: usize, outcome: Outcome, received: Instant, now: Instant) {
        let attempt = &self.tries[number];
        let wish = attempt.wish;
        if self.next(number, outcome, now).is_none() {
            return self.left(&wish, now);
        }
        self.seen.seen_again += 1;
        let queue = self.queue(wish.source).unwrap();
        let bound = (queue.resolve == Resolve::Enqueue).then_some(attempt.version);
        let visible = now.max(received + queue.messages().unwrap().visibility);
        let wish = Wish { attempt: wish.attempt + 1, since: now, contract: Some(attempt.contract), bound, ..wish };
        self.schedule(visible, ARRIVAL, Event::Attempt(wish));
    }

    /// An event has been handled for good, or given up.
    pub fn left(&mut self, wish: &Wish, now: Instant) {
        let Via::Queue(_, queue) = self.source(wish.source).via else { return };
        self.queued -= 1;
        if queue.target == Target::WhenOldGone {
            let lane = self.lane(wish);
            let line = self.lines.get_mut(&wish.source).unwrap();
            let place = line.inside.iter().position(|&of| of == lane).unwrap();
            line.inside.remove(place);
            self.look_at_queue(wish.source, now);
        }
    }
}
