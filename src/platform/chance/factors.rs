//! What chance decides once a rollout, one thing at a time: a forgotten route, when a source bursts, an event, a hook.

use super::fate::{Given, Thing};
use crate::faults::Event;
use crate::platform::{Service, Window};
use crate::source::{Arrivals, Bursts, Source};
use crate::strategy::{Forgetting, Hook, Slip, Strategy};
use crate::time::Instant;
use crate::units::Share;

/// One thing that chance decides: as it likely goes, and otherwise.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Factor {
    pub thing: Thing,
    pub likely: Given,
    pub otherwise: Vec<Otherwise>,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) struct Otherwise {
    pub name: String,
    pub probability: f64,
    pub given: Given,
    /// About how many requests depend on it.
    pub requests: f64,
}

impl Factor {
    pub fn likely_probability(&self) -> f64 {
        1.0 - self.otherwise.iter().map(|other| other.probability).sum::<f64>()
    }
}

/// The probability that at least so many factors go otherwise.
pub(super) fn at_least(wanted: usize, factors: &[Factor]) -> f64 {
    let (mut none, mut one) = (1.0, 0.0);
    for factor in factors {
        let likely = factor.likely_probability();
        (none, one) = (none * likely, one * likely + none * (1.0 - likely));
    }
    match wanted {
        0 => 1.0,
        1 => 1.0 - none,
        _ => (1.0 - none - one).max(0.0),
    }
}

/// The routes that may be forgotten or mistaken, the busiest first.
pub(super) fn slips(service: &Service, strategy: &Strategy, window: Window) -> Vec<Factor> {
    let Some(by_hand) = strategy.rollout.by_hand() else { return Vec::new() };
    let factor = |(place, source): (usize, &Source)| {
        let forget = match &by_hand.forgetting {
            Forgetting::Chance(chance) => chance.as_f64(),
            Forgetting::Sources(always) => f64::from(u8::from(always.contains(&place))),
        };
        let wrong = (1.0 - forget) * by_hand.wrong.chance.as_f64();
        let all = [
            (Slip::None, "re-pointed", 1.0 - forget - wrong),
            (Slip::Forgotten, "forgotten", forget),
            (Slip::Wrong, "wrong", wrong),
        ];
        let requests = source.arrivals.about(Instant::ZERO, window.end());
        let given = |slip| Given { slip: Some(slip), ..Given::default() };
        let likely = all.into_iter().rev().max_by(|a, b| a.2.total_cmp(&b.2)).map_or(Slip::None, |(slip, ..)| slip);
        let other = |(slip, what, probability)| Otherwise {
            name: format!("{what}:{}", source.name),
            probability,
            given: given(slip),
            requests,
        };
        let otherwise: Vec<_> =
            all.into_iter().filter(|&(slip, _, chance)| slip != likely && chance > 0.0).map(other).collect();
        (!otherwise.is_empty()).then(|| Factor { thing: Thing::Source(place), likely: given(likely), otherwise })
    };
    let mut factors: Vec<Factor> = service.sources.iter().enumerate().filter_map(factor).collect();
    factors.sort_by(|a, b| b.otherwise[0].requests.total_cmp(&a.otherwise[0].requests));
    factors
}

/// The sources whose bursts mostly miss the window, where a burst may do more than add its own requests: where something
/// is limited, or waited for only so long.
pub(super) fn bursts(service: &Service, strategy: &Strategy, window: Window) -> Vec<Factor> {
    let matters =
        service.hangs_together(strategy.on()) || service.sources.iter().any(|source| source.caller.timeout.is_some());
    let span = window.end().since(window.start());
    let all: f64 = service.sources.iter().map(|source| source.arrivals.about(Instant::ZERO, window.end())).sum();
    let given = |bursts| Given { bursts: Some(bursts), ..Given::default() };
    let factor = |(source, of): (usize, &Source)| {
        let Arrivals::Bursty(bursty) = of.arrivals else { return None };
        let other = |(what, bursts)| Otherwise {
            name: format!("{what}:{}", of.name),
            probability: bursty.chance(bursts, span),
            given: given(bursts),
            requests: all,
        };
        let otherwise = [("bursting", Bursts::AtStart), ("burst", Bursts::Later)].map(other).into();
        let seldom = matters && bursty.chance(Bursts::Never, span) >= 0.5;
        seldom.then(|| Factor { thing: Thing::Source(source), likely: given(Bursts::Never), otherwise })
    };
    service.sources.iter().enumerate().filter_map(factor).collect()
}

/// The events that may happen or not, and the hooks that may fail.
pub(super) fn uncertain(service: &Service, strategy: &Strategy, window: Window) -> Vec<Factor> {
    let about = |from: Instant, to: Instant| -> f64 {
        service.sources.iter().map(|source| source.arrivals.about(from, to.min(window.end()))).sum()
    };
    let happens = |thing, chance, name: String, requests| {
        let given = |happens| Given { happens: Some(happens), ..Given::default() };
        by_chance(thing, chance, ([name.clone(), format!("no-{name}")], given), requests)
    };
    let event = |(place, event): (usize, &Event)| {
        let name = format!("event:{}", place + 1);
        happens(Thing::Event(place), event.chance, name, about(event.at, event.end()))
    };
    let hook = |(run, hook): (usize, Hook)| {
        happens(Thing::Hook(run), hook.fails, format!("hook:{}", run + 1), about(Instant::ZERO, window.end()))
    };
    let events = service.events.iter().enumerate().filter_map(event);
    events.chain(strategy.hooks().into_iter().enumerate().filter_map(hook)).collect()
}

/// What happens with this chance, or not: what each is called, and what is given then. `None` where it is certain.
fn by_chance(
    thing: Thing,
    chance: Share,
    ([so, not_so], given): ([String; 2], impl Fn(bool) -> Given),
    requests: f64,
) -> Option<Factor> {
    if chance.is_zero() || chance.is_whole() {
        return None;
    }
    let (chance, is_likely) = (chance.as_f64(), chance.as_f64() > 0.5);
    let (name, probability) = if is_likely { (not_so, 1.0 - chance) } else { (so, chance) };
    let otherwise = vec![Otherwise { name, probability, given: given(!is_likely), requests }];
    Some(Factor { thing, likely: given(is_likely), otherwise })
}
