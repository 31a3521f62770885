//! The slow model's batches: what one invocation does with several events.

use crate::faults::below;
use crate::model::Model;
use crate::routing::{Try, Wish};
use cutover::platform::Outcome;
use cutover::time::{Instant, Span};

impl Model<'_> {
    /// Those of some events that are not too old; the others are given up.
    pub fn young_enough(&mut self, batch: Vec<Wish>, most: Span, now: Instant) -> Vec<Wish> {
        let is_old = |wish: &Wish| now.since(wish.request.unwrap()) > most;
        let (old, batch): (Vec<Wish>, Vec<Wish>) = batch.into_iter().partition(is_old);
        for wish in old {
            self.seen.too_old += 1;
            let attempt = self.routing.attempt(wish, None, now, self.seed);
            self.tries.push(attempt);
            self.write(self.tries.len() - 1, now, Outcome::WaitedOut, (false, None), false);
            self.left(&wish, now);
        }
        batch
    }

    /// The function is called with these events; answers the numbers of their attempts, and how they were turned away, if they were.
    pub fn call_with(&mut self, batch: &[Wish], now: Instant) -> (Vec<usize>, Option<Outcome>) {
        let first = batch[0];
        let asked = self.asked_for(first, now);
        self.seen.sorted += u64::from(asked.is_some() && self.queue(first.source).unwrap().sorts());
        if now >= Instant::ZERO {
            for &wish in batch {
                self.mismatched_expected += self.routing.odds(wish, asked, &|version| self.lets_in(version, now), now);
            }
        }
        let leader = self.routing.attempt(first, asked, now, self.seed);
        let (version, revision, alias_view) = (leader.version, leader.revision, leader.alias_view);
        let numbers: Vec<usize> = (self.tries.len()..self.tries.len() + batch.len()).collect();
        let others = batch[1..].iter().map(|&wish| {
            let attempt = self.routing.attempt(wish, Some(version), now, self.seed);
            Try { revision, alias_view, ..attempt }
        });
        let others: Vec<Try> = others.collect();
        let outcome = match () {
            () if leader.refused => Some(Outcome::Refused),
            () if !self.lets_in(version, now) => Some(Outcome::Throttled),
            () => None,
        };
        let more = others.iter().fold(Span::ZERO, |sum, attempt| sum + attempt.drawn[0]);
        let longest = self.routing.service.release(version).timeout.unwrap_or(Span::LONGEST);
        let drawn = leader.drawn.map(|drawn| drawn + more);
        let (cut, service) = (drawn.map(|drawn| drawn > longest), drawn.map(|drawn| drawn.min(longest)));
        self.tries.push(Try { drawn, cut, service, ..leader });
        self.tries.extend(others);
        match outcome {
            None => {
                self.seen.batches += u64::from(numbers.len() > 1);
                self.together.push((now, numbers.len() as u64 - 1));
                self.batches.insert(numbers[0], numbers[1..].to_vec());
                self.serve(numbers[0], now);
            }
            Some(outcome) => {
                self.seen.turned_away += 1;
                numbers.iter().for_each(|&number| self.write(number, now, outcome, (false, None), false));
            }
        }
        (numbers, outcome)
    }

    /// How each event of an invocation ends that is over, of which this is the first.
    pub fn end_batch(&mut self, instance: usize, first: usize, partial: bool, now: Instant) -> Vec<(usize, Outcome)> {
        let numbers: Vec<usize> = std::iter::once(first).chain(self.batches.remove(&first).unwrap()).collect();
        let run = (self.tries[first].version, self.tries[first].begun, now);
        self.ran(instance, run);
        let leader = &self.tries[first];
        let (born, cut) = (self.instances[instance].born, leader.cut[usize::from(leader.initialised)]);
        let fails = |number: usize| {
            let attempt = &self.tries[number];
            let share = self.routing.faults().fails(attempt.version, attempt.arrival, born);
            attempt.rejected || attempt.crashes || below(share, attempt.failure_bits)
        };
        let reset = cut || numbers.iter().any(|&number| self.tries[number].crashes);
        let all_fail = reset || (!partial && numbers.iter().any(|&number| fails(number)));
        let end = |&number: &usize| match () {
            () if self.tries[number].rejected => (number, Outcome::Incompatible),
            () if all_fail || fails(number) => (number, Outcome::Failed),
            () => (number, Outcome::Served),
        };
        let ends: Vec<(usize, Outcome)> = numbers.iter().map(end).collect();
        let with_others = ends.iter().filter(|&&(number, end)| end == Outcome::Failed && !fails(number)).count();
        self.seen.failed_with_others += with_others as u64;
        self.instances[instance].must_initialise = reset;
        ends
    }

    /// Writes down how an event of a batch ended; what befalls the instance befalls the first one.
    pub fn write_of_batch(
        &mut self,
        instance: usize,
        (number, is_first): (usize, bool),
        (outcome, last): (Outcome, bool),
        now: Instant,
    ) {
        let life = &self.instances[instance];
        let (cold, ready, reset) = (life.cold && is_first, life.became_ready, life.must_initialise && is_first);
        self.write(number, now, outcome, (cold, ready.filter(|_| cold)), reset);
        self.attempts.last_mut().unwrap().last = last;
    }
}
