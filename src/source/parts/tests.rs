use super::*;
use crate::source::trace::{Reading, Trace, Wanted};
use crate::source::{Bursty, Constant, Diurnal, Firings, Poisson, Profile, Schedule, Spread, State};
use crate::units::{Factor, Rate};
use std::io::Write;

fn at(s: f64) -> Instant {
    Instant::from_ns((s * 1e9).round() as i64)
}

fn constant(hz: u64) -> Arrivals {
    Arrivals::Constant(Constant { rate: Rate::per_second(hz), first: at(-0.3) })
}

fn schedule(firings: Firings, jitter: Span) -> Arrivals {
    Arrivals::Schedule(Schedule { firings, batch: 7, jitter })
}

fn traces() -> Vec<Arrivals> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "x_s,n\n0,3\n1,0\n2,90\n3,8\n4,1\n5,20000").unwrap();
    let counts = Wanted { count: Some(Some("n".to_owned())), bin: Some(Span::from_s(2)), ..Wanted::of("") };
    let requests = Wanted { time: Some("x_s".to_owned()), ..Wanted::of("") };
    let mut traces = Vec::new();
    for (wanted, spread) in [(&counts, Spread::Random), (&counts, Spread::Even), (&requests, Spread::Random)] {
        for (repeat, scale) in [(false, Factor::ONE), (true, Factor::new(5, 2)), (true, Factor::new(1, 3))] {
            for held in [0, 1 << 19] {
                let reading = Reading {
                    spread,
                    first: Some(at(0.7)),
                    speed: Factor::new(3, 2),
                    scale,
                    repeat,
                    held,
                    ..Reading::all(Wanted { path: file.path().to_owned(), ..wanted.clone() })
                };
                traces.push(Arrivals::Trace(Trace::open(&reading, at(-5.0), at(40.0)).unwrap()));
            }
        }
    }
    // The file is gone; what was read of it stays.
    traces
}

fn all() -> Vec<Arrivals> {
    let every = |every, first| Firings::Every { every, first };
    let state = |hz, lasts| State { rate: Some(Rate::per_second(hz)), lasts: Span::from_s(lasts) };
    let rate = |hz| Some(Rate::per_second(hz));
    let points = vec![(at(0.0), rate(5)), (at(4.0), None), (at(4.0), rate(9)), (at(11.0), rate(1))];
    let profile = |period| Arrivals::Profile(Profile::new(points.clone(), period, at(3.0)).unwrap());
    let diurnal = |period| {
        let (mean, peak) = (Rate::per_second(10), Rate::per_second(19));
        Arrivals::Diurnal(Diurnal { mean, peak, peak_at: at(3.0), period, clock: at(1.0) })
    };
    let mut all = vec![
        constant(3),
        constant(10_000),
        Arrivals::Poisson(Poisson { rate: Rate::per_second(7) }),
        Arrivals::Bursty(Bursty { quiet: state(1, 30), burst: state(50, 2) }),
        diurnal(Span::from_s(86_400)),
        diurnal(Span::from_s(13)),
        diurnal(Span::from_ns(70_000)),
        profile(None),
        profile(Some(Span::from_s(12))),
        schedule(every(Span::from_s(3), at(-10.0)), Span::ZERO),
        schedule(every(Span::from_s(3), at(2.0)), Span::from_s(2)),
        schedule(every(Span::from_ns(900), at(-1.0)), Span::from_ns(100)),
        schedule(Firings::At(vec![at(0.0), at(1.0), at(17.5)]), Span::ZERO),
    ];
    all.extend(traces());
    all
}

/// The sum over [from, to) of 2^(-t / half-life), from the parts.
fn weighed(arrivals: &Arrivals, from: Instant, to: Instant, half_life: Option<Span>) -> f64 {
    let weight = Weight(half_life);
    let mut sum = 0.0;
    let told = arrivals.parts(from, to, &mut |part| match part {
        Part::Point { at, requests } => {
            assert!(at >= from && at < to && requests >= 0.0, "{arrivals:?} {part:?}");
            sum += requests * weight.at(at);
        }
        Part::Stretch { from: begin, to: end, rates: [first, last] } => {
            assert!(begin >= from && begin < end && end <= to, "{arrivals:?} {part:?}");
            let slope = (last - first) / end.since(begin).ns() as f64;
            sum += first * weight.integral(begin, end) + slope * weight.moment(begin, end);
        }
    });
    told.unwrap();
    sum
}

#[test]
fn they_add_up_to_what_is_expected() {
    for arrivals in all() {
        for (from, to) in [(0.0, 30.0), (-5.0, 1.0), (2.5, 2.6), (3.0, 9.0), (4.0, 4.0), (0.7, 6.7)] {
            let (from, to) = (at(from), at(to));
            let expected = arrivals.expected(from, to).unwrap();
            let sum = weighed(&arrivals, from, to, None);
            assert!((sum - expected).abs() <= 2e-7 * expected + 1e-9, "{arrivals:?} {from:?} {to:?}: {sum} {expected}");
            let half_life = Span::from_s(4);
            let decayed = arrivals.expected_decayed(from, to, half_life).unwrap();
            let sum = weighed(&arrivals, from, to, Some(half_life));
            assert!((sum - decayed).abs() <= 4e-7 * decayed + 1e-9, "{arrivals:?} {from:?} {to:?}: {sum} {decayed}");
        }
    }
}
