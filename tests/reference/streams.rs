//! The slow model's streams: lanes of records, looked through every time.

use crate::model::Model;
use crate::routing::Wish;
use cutover::source::Stream;
use cutover::time::{Instant, Span};

/// The lanes of one stream.
#[derive(Default)]
pub struct Lanes {
    pub all: Vec<Lane>,
    pub touched: Option<usize>,
    looks_at: Option<Instant>,
    held_up: u128,
}

#[derive(Default)]
pub struct Lane {
    pub waiting: Vec<Wish>,
    /// Batches to be tried again, the first one last, and how often each has failed.
    pub again: Vec<(Vec<Wish>, u32)>,
    again_at: Option<Instant>,
    is_busy: bool,
    gathers: Option<Instant>,
    held_up: Option<Instant>,
    failures: u32,
}

impl Lanes {
    /// For how long lanes were held up, in nanoseconds.
    pub fn held_up(&self, end: Instant) -> u128 {
        let still = self.all.iter().filter_map(|lane| lane.held_up);
        self.held_up + still.map(|since| u128::from(end.since(since.max(Instant::ZERO)).ns())).sum::<u128>()
    }
}

/// When shards are read next, after `now`.
fn read_after(stream: &Stream, now: Instant) -> Instant {
    let mut at = Instant::ZERO;
    while at > now {
        at = at.before(stream.poll);
    }
    while at <= now {
        at = at + stream.poll;
    }
    at
}

impl Model<'_> {
    pub fn append(&mut self, stream: &Stream, wish: Wish) {
        let count = stream.shards * stream.parallel;
        let draw = self.seed.stream("shard", &self.source(wish.source).name);
        let lane = draw.below(count, wish.index, 0) as usize;
        let lanes = self.shards.entry(wish.source).or_default();
        lanes.all.resize_with(count as usize, Lane::default);
        lanes.all[lane].waiting.push(wish);
        lanes.touched = Some(lane);
    }

    pub fn read(&mut self, source: usize, stream: &Stream, now: Instant) {
        let lanes = self.shards.entry(source).or_default();
        let all: Vec<usize> = lanes.touched.take().map_or((0..lanes.all.len()).collect(), |lane| vec![lane]);
        let mut looks = Vec::new();
        for lane in all {
            loop {
                match self.next_of_lane(source, lane, stream, now) {
                    (Some(batch), _) => self.handle(source, lane, stream, batch, now),
                    (None, look) => {
                        looks.extend(look);
                        break;
                    }
                }
            }
        }
        let lanes = self.shards.get_mut(&source).unwrap();
        if let Some(&at) = looks.iter().min()
            && !lanes.looks_at.is_some_and(|known| now < known && known <= at)
        {
            lanes.looks_at = Some(at);
            self.look_at_queue(source, at);
        }
    }

    /// The next batch of a lane, or when there may be one.
    fn next_of_lane(
        &mut self,
        source: usize,
        lane: usize,
        stream: &Stream,
        now: Instant,
    ) -> (Option<Vec<Wish>>, Option<Instant>) {
        let lane = &mut self.shards.get_mut(&source).unwrap().all[lane];
        if lane.is_busy {
            return (None, None);
        }
        if !lane.again.is_empty() {
            if let Some(at) = lane.again_at.filter(|&at| at > now) {
                return (None, Some(at));
            }
            lane.again_at = None;
            let (batch, failures) = lane.again.pop().unwrap();
            lane.failures = failures;
            return (Some(batch), None);
        }
        // What came by the last time that the shard was read.
        let readable = |wish: &Wish| read_after(stream, wish.request.unwrap() + Span::ZERO);
        let is_there = |wish: &Wish| {
            let sent = wish.request.unwrap();
            let at = if read_after(stream, Instant::from_ns(sent.ns() - 1)) == sent { sent } else { readable(wish) };
            (at <= now, at)
        };
        let there = lane.waiting.iter().filter(|wish| is_there(wish).0).count().min(stream.batch as usize);
        if there == 0 {
            return (None, lane.waiting.first().map(|wish| is_there(wish).1));
        }
        let until = *lane.gathers.get_or_insert(now) + stream.window;
        if there < stream.batch as usize && now < until {
            self.seen.gathered += 1;
            let more = lane.waiting.get(there).map(|wish| is_there(wish).1);
            return (None, Some(more.map_or(until, |more| more.min(until))));
        }
        lane.gathers = None;
        lane.failures = 0;
        (Some(lane.waiting.drain(..there).collect()), None)
    }

    fn handle(&mut self, source: usize, lane: usize, stream: &Stream, batch: Vec<Wish>, now: Instant) {
        let batch = self.young_enough(batch, stream.max_age.unwrap_or(Span::LONGEST), now);
        if batch.is_empty() {
            return self.lane_is_done(source, lane, now);
        }
        let (numbers, turned_away) = self.call_with(&batch, now);
        if turned_away.is_some() {
            let failures = self.shards[&source].all[lane].failures;
            let again = numbers.iter().map(|&number| self.tried_again(number)).collect();
            let at = read_after(stream, now);
            let lane = &mut self.shards.get_mut(&source).unwrap().all[lane];
            lane.held_up.get_or_insert(now);
            lane.again_at = Some(at);
            lane.again.push((again, failures));
        } else {
            self.shards.get_mut(&source).unwrap().all[lane].is_busy = true;
            self.lane_of.insert(numbers[0], lane);
        }
    }

    /// The event of an attempt, to be tried once more.
    fn tried_again(&self, number: usize) -> Wish {
        let wish = self.tries[number].wish;
        Wish { attempt: if wish.attempt == 255 { 1 } else { wish.attempt + 1 }, ..wish }
    }

    fn lane_is_done(&mut self, source: usize, lane: usize, now: Instant) {
        let lanes = self.shards.get_mut(&source).unwrap();
        let lane = &mut lanes.all[lane];
        if lane.again.is_empty()
            && let Some(since) = lane.held_up.take()
        {
            self.seen.held_up += 1;
            lanes.held_up += u128::from(now.since(since.max(Instant::ZERO)).ns());
        }
    }

    /// An invocation of records, of which this is the first, is over.
    pub fn handled_records(&mut self, stream: &Stream, instance: usize, first: usize, now: Instant) {
        let source = self.tries[first].wish.source;
        let place = self.lane_of.remove(&first).unwrap();
        let ends = self.end_batch(instance, first, false, now);
        let numbers: Vec<usize> = ends.iter().map(|&(number, _)| number).collect();
        let failures = {
            let lanes = self.shards.get_mut(&source).unwrap();
            lanes.touched = Some(place);
            lanes.all[place].is_busy = false;
            lanes.all[place].failures
        };
        let fails = ends[0].1.is_lost();
        let halves = stream.bisect && numbers.len() > 1;
        let gives_up = fails && !halves && stream.retries.is_some_and(|most| failures == most);
        let is_over = !fails || gives_up;
        self.seen.given_up += u64::from(gives_up);
        for (number, outcome) in ends {
            self.write_of_batch(instance, (number, number == first), (outcome, is_over), now);
            if is_over {
                let wish = self.tries[number].wish;
                self.left(&wish, now);
            }
        }
        if is_over {
            return self.lane_is_done(source, place, now);
        }
        let mut again: Vec<Wish> = numbers.iter().map(|&number| self.tried_again(number)).collect();
        let at = read_after(stream, now);
        let lane = &mut self.shards.get_mut(&source).unwrap().all[place];
        lane.held_up.get_or_insert(now);
        lane.again_at = Some(at);
        if halves {
            self.seen.halved += 1;
            let second = again.split_off(again.len().div_ceil(2));
            lane.again.push((second, 0));
            lane.again.push((again, 0));
        } else {
            lane.again.push((again, failures + 1));
        }
    }
}
