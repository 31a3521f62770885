//! Random sources of every kind.

use super::super::common::ms;
use super::Dice;
use cutover::dist::Law;
use cutover::ids::Name;
use cutover::source::trace::{HELD, Reading, Wanted};
use cutover::source::{
    Arrivals, Backlog, Bursty, Caller, Clients, Constant, Consumers, Delivery, Diurnal, Ends, Firings, Invocation,
    Jitter, Messages, Poisson, Pollers, Producer, Profile, Queue, Resolve, Retries, Schedule, Source, Spread, State,
    Sticky, Stream, Target, Trace, Users, Via,
};
use cutover::time::{Instant, Span};
use cutover::units::{Factor, Rate};

pub fn source(dice: &mut Dice, place: u32, warm_up: Span, after: Span) -> Source {
    let window = (Instant::ZERO.before(warm_up), Instant::ZERO + after);
    let arrivals = match dice.below(20) {
        0 => Arrivals::Trace(trace(dice, window)),
        1 => Arrivals::Trace(counts(dice, window)),
        2 => Arrivals::Schedule(schedule(dice, window.0)),
        3 if !dice.round => Arrivals::Diurnal(diurnal(dice)),
        4 if !dice.round => Arrivals::Profile(profile(dice)),
        5 if !dice.round => Arrivals::Bursty(bursty(dice)),
        6..10 => Arrivals::Users(users(dice)),
        k if dice.round || k < 13 => Arrivals::Constant(periodic(dice, window.0)),
        _ => Arrivals::Poisson(Poisson { rate: rate(dice) }),
    };
    let clients = dice.once_in(3).then(|| Clients { old: dice.share(), half_life: dice.span(5_000) + ms(10) });
    let caller = Caller {
        timeout: dice.once_in(3).then(|| dice.span(900) + ms(1)),
        retries: dice.once_in(2).then(|| retries(dice)),
    };
    let producer = Producer { at: dice.span(3_000), lag: dice.law(4_000) };
    let via = match dice.below(8) {
        0 | 1 => Via::Direct(producer),
        2 | 3 if !matches!(arrivals, Arrivals::Users(_)) => Via::Queue(producer, queue(dice)),
        _ => Via::Gateway,
    };
    let clients = clients.filter(|_| via == Via::Gateway);
    let caller = if via.queue().is_some() { Caller::default() } else { caller };
    Source { name: format!("s{place}"), arrivals, via, clients, caller }
}

fn invocation(dice: &mut Dice) -> Invocation {
    let backoff = ms(50) + dice.span(900);
    Invocation {
        retries: dice.below(3) as u8,
        after: [dice.span(1_500), dice.span(3_000)],
        backoff,
        most: backoff + dice.span(4_000),
        max_age: ms(500) + dice.span(9_000),
    }
}

fn queue(dice: &mut Dice) -> Queue {
    let delivery = match dice.below(6) {
        0 | 1 => Delivery::Invocation(invocation(dice)),
        2 | 3 => Delivery::Messages(messages(dice)),
        _ => return stream(dice),
    };
    Queue {
        name: Name::new("q"),
        delivery,
        resolve: dice.of(&[Resolve::Dequeue, Resolve::Enqueue]),
        consumers: if dice.once_in(4) { Consumers::ByVersion } else { Consumers::Any },
        target: if dice.once_in(4) { Target::WhenOldGone } else { Target::AtOnce },
        backlog: match dice.once_in(3) {
            true => Backlog { messages: dice.below(20), age: dice.span(2_000) },
            false => Backlog::default(),
        },
    }
}

fn stream(dice: &mut Dice) -> Queue {
    let delivery = Delivery::Stream(Stream {
        shards: 1 + dice.below(4),
        batch: 1 + dice.below(6),
        window: if dice.once_in(2) { Span::ZERO } else { dice.span(1_500) },
        parallel: 1 + dice.below(3),
        poll: ms(100) + dice.span(900),
        retries: dice.once_in(2).then(|| dice.below(3)),
        max_age: dice.once_in(3).then(|| ms(500) + dice.span(4_000)),
        bisect: dice.once_in(2),
    });
    let (consumers, target) = (Consumers::Any, Target::AtOnce);
    let name = Name::new("q");
    Queue { name, delivery, resolve: Resolve::Dequeue, consumers, target, backlog: Backlog::default() }
}

fn messages(dice: &mut Dice) -> Messages {
    let start = 1 + dice.below(4);
    Messages {
        visibility: ms(100) + dice.span(2_500),
        batch: 1 + dice.below(4),
        window: if dice.once_in(2) { Span::ZERO } else { dice.span(900) },
        partial: dice.once_in(2),
        receives: 1 + dice.below(4) as u8,
        retention: if dice.once_in(3) { ms(200) + dice.span(5_000) } else { Span::LONGEST },
        pollers: Pollers { start, step: dice.once_in(2).then(|| ms(50) + dice.span(900)), most: start + dice.below(6) },
    }
}

fn users(dice: &mut Dice) -> Users {
    let sticky = |dice: &mut Dice| if dice.once_in(2) { Span::ZERO } else { dice.span(8_000) };
    Users {
        count: 1 + dice.below(12),
        think: dice.law(900),
        session: 1 + dice.below(12),
        pause: Law::Uniform { low: ms(100), high: ms(100) + dice.span(2_000) },
        sticky: Sticky { old: sticky(dice), new: sticky(dice) },
    }
}

fn retries(dice: &mut Dice) -> Retries {
    let backoff = dice.span(1_500);
    let after = Ends { failed: !dice.once_in(4), throttled: !dice.once_in(4), expired: !dice.once_in(4) };
    Retries {
        attempts: 2 + dice.below(4) as u8,
        backoff,
        most: backoff + dice.span(4_000),
        jitter: if dice.round { Jitter::None } else { dice.of(&[Jitter::Full, Jitter::Half, Jitter::None]) },
        after,
    }
}

fn rate(dice: &mut Dice) -> Rate {
    Rate::per_second(u64::from(1 + dice.below(20)))
}

fn periodic(dice: &mut Dice, start: Instant) -> Constant {
    let rate = if dice.round { Rate::new(1, 100_000_000 * u64::from(1 + dice.below(8))) } else { rate(dice) };
    let first = match dice.below(3) {
        0 => start,
        1 => start + dice.span(3_000),
        _ => start.before(dice.span(3_000)),
    };
    Constant { rate, first }
}

fn diurnal(dice: &mut Dice) -> Diurnal {
    let mean = 1 + dice.below(15);
    let peak = mean + dice.below(mean + 1);
    Diurnal {
        mean: Rate::per_second(mean.into()),
        peak: Rate::per_second(peak.into()),
        peak_at: Instant::ZERO + dice.span(9_000),
        period: dice.span(9_000) + ms(300),
        clock: Instant::ZERO.before(dice.span(20_000)),
    }
}

fn profile(dice: &mut Dice) -> Profile {
    let mut at = Instant::ZERO.before(dice.span(6_000));
    let mut points = vec![(at, Some(rate(dice)))];
    for _ in 0..dice.below(5) {
        at = at + dice.span(4_000);
        points.push((at, (!dice.once_in(4)).then(|| rate(dice))));
    }
    let length = at.since(points[0].0);
    let period = dice.once_in(2).then(|| length + dice.span(2_000) + ms(1));
    Profile::new(points, period, Instant::ZERO + dice.span(3_000)).unwrap()
}

fn bursty(dice: &mut Dice) -> Bursty {
    let quiet = State { rate: (!dice.once_in(2)).then(|| rate(dice)), lasts: dice.span(3_000) + ms(1) };
    Bursty { quiet, burst: State { rate: Some(Rate::per_second(40)), lasts: dice.span(1_000) + ms(1) } }
}

fn schedule(dice: &mut Dice, start: Instant) -> Schedule {
    let every = dice.span(3_000) + ms(100);
    let firings = if dice.once_in(3) {
        let mut at = start.before(dice.span(2_000));
        let mut instants = vec![at];
        for _ in 0..dice.below(6) {
            at = at + every;
            instants.push(at);
        }
        Firings::At(instants)
    } else {
        Firings::Every { every, first: start.before(dice.span(2_000)) }
    };
    let jitter = if dice.round { Span::ZERO } else { dice.span(3_000).min(every) };
    Schedule { firings, batch: 1 + dice.below(6), jitter }
}

/// What a trace is asked for beside its columns: often the whole of it, once, as it stands.
fn reading(dice: &mut Dice, file: Wanted, spread: Spread, start: Instant) -> Reading {
    Reading {
        file,
        spread,
        from: if dice.once_in(4) { dice.span(500) } else { Span::ZERO },
        until: None,
        first: (!dice.once_in(3)).then(|| start.before(dice.span(2_000))),
        speed: dice.of(&[Factor::ONE, Factor::ONE, Factor::new(2, 1), Factor::new(1, 2)]),
        scale: dice.of(&[Factor::ONE, Factor::ONE, Factor::new(1, 2), Factor::new(5, 2)]),
        repeat: dice.once_in(3),
        held: dice.of(&[0, HELD]),
    }
}

/// The trace, or none of its pieces if what is asked of it does not fit.
fn open(dice: &mut Dice, rows: &str, wanted: Wanted, spread: Spread, (start, end): (Instant, Instant)) -> Trace {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), rows).unwrap();
    let asked = reading(dice, Wanted { path: file.path().to_owned(), ..wanted }, spread, start);
    // A single row cannot be repeated, and a short trace may have no row behind `from`.
    let plain = Reading { from: Span::ZERO, repeat: false, ..asked.clone() };
    Trace::open(&asked, start, end).unwrap_or_else(|_| Trace::open(&plain, start, end).unwrap())
}

/// Recorded arrivals, some of them at one instant, some outside the window, with durations or without.
fn trace(dice: &mut Dice, window: (Instant, Instant)) -> Trace {
    let mut rows = String::from("t_ns,lambda_ns\n");
    let mut at = 0;
    for _ in 0..=dice.below(100) {
        rows += &format!("{at},{}\n", dice.span(600).ns());
        at += dice.span(500).ns();
    }
    let duration = dice.once_in(2).then(|| "lambda_ns".to_owned());
    let wanted = Wanted { time: Some("t_ns".to_owned()), duration: Some(duration), ..Wanted::of("") };
    open(dice, &rows, wanted, Spread::Random, window)
}

/// Recorded numbers of arrivals, by rows or by columns.
fn counts(dice: &mut Dice, window: (Instant, Instant)) -> Trace {
    let numbers: Vec<_> = (0..=dice.below(12)).map(|_| (1 + dice.below(6)).to_string()).collect();
    let bin = dice.span(1_500) + ms(100);
    let spread = if dice.round || dice.once_in(2) { Spread::Even } else { Spread::Random };
    if dice.once_in(3) {
        let names: Vec<_> = (0..numbers.len()).map(|k| format!("c{k}")).collect();
        let columns = Some((names[0].clone(), names[names.len() - 1].clone()));
        let rows = format!("{}\n{}\n", names.join(","), numbers.join(","));
        return open(dice, &rows, Wanted { columns, bin: Some(bin), ..Wanted::of("") }, spread, window);
    }
    let rows = format!("n\n{}\n", numbers.join("\n"));
    let wanted = Wanted { count: Some(Some("n".to_owned())), bin: Some(bin), ..Wanted::of("") };
    open(dice, &rows, wanted, spread, window)
}
