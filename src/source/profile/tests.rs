use super::*;

const NAME: &str = "web";

fn at(s: f64) -> Instant {
    Instant::from_ns((s * 1e9) as i64)
}

fn hz(n: u64) -> Option<Rate> {
    (n > 0).then(|| Rate::per_second(n))
}

/// A day of a minute: silent, a ramp, a plateau, a jump.
fn daily() -> Profile {
    let points = vec![(at(5.0), hz(0)), (at(15.0), hz(20)), (at(30.0), hz(20)), (at(30.0), hz(50)), (at(40.0), hz(0))];
    Profile::new(points, Some(Span::from_s(60)), at(10.0)).unwrap()
}

fn ramp() -> Profile {
    Profile::new(vec![(at(-5.0), hz(4)), (at(5.0), hz(30))], None, Instant::ZERO).unwrap()
}

fn arrivals(profile: &Profile, start: Instant, end: Instant, replication: u64) -> Vec<Instant> {
    let mut feed = profile.feed(Seed { seed: 1, replication }, NAME, start, end);
    let arrivals: Vec<_> = std::iter::repeat_with(|| feed.advance()).take_while(|&at| at != Instant::END).collect();
    assert_eq!(feed.advance(), Instant::END);
    assert!(arrivals.is_sorted() && arrivals.iter().all(|&at| at >= start && at < end));
    arrivals
}

#[test]
fn the_expectation_is_the_area_under_the_line() {
    let daily = daily();
    let plain = |from: f64, to: f64| daily.expected(at(from), at(to), Weight(None));
    // By hand, 10 s earlier than by the clock: ramp 100, plateau 300, fall 250 in every minute.
    for (from, to, expected) in [
        (-5.0, 5.0, 100.0),
        (5.0, 20.0, 300.0),
        (20.0, 30.0, 250.0),
        (-5.0, 55.0, 650.0),
        (0.0, 5.0, 75.0),
        (-65.0, 55.0, 1_300.0),
        (-5.0, 6_000.0 - 5.0, 65_000.0),
        (30.0, 55.0, 0.0),
    ] {
        assert!((plain(from, to) - expected).abs() < 1e-9 * expected.max(1.0), "{from} {to} {}", plain(from, to));
    }
    let ramp = |from, to| ramp().expected(at(from), at(to), Weight(None));
    assert!((ramp(-15.0, -5.0) - 40.0).abs() < 1e-9);
    assert!((ramp(-5.0, 5.0) - 170.0).abs() < 1e-9);
    assert!((ramp(5.0, 1e9) - 30.0 * (1e9 - 5.0)).abs() < 1.0);
}

#[test]
fn decay_is_summed_over_periods_as_over_stretches() {
    let (daily, weight) = (daily(), Weight(Some(Span::from_s(45))));
    let whole = daily.expected(at(-20.0), at(700.0), weight);
    let pieces: f64 = (0..7_200)
        .map(|i| {
            let from = -20.0 + f64::from(i) * 0.1;
            daily.expected(at(from), at(from + 0.1), weight)
        })
        .sum();
    assert!((whole / pieces - 1.0).abs() < 1e-9, "{whole} {pieces}");
}

#[test]
fn arrivals_follow_the_line() {
    for profile in [daily(), ramp()] {
        // Cells of 2 s over two minutes, 200 replications; those that expect nothing hold nothing. Chi-square with at
        // most 60 degrees of freedom exceeds 99.6 once in a thousand seeds.
        let (start, end) = (at(-61.0), at(59.0));
        let mut cells = [0.0_f64; 60];
        for replication in 0..200 {
            for instant in arrivals(&profile, start, end, replication) {
                cells[(instant.since(start).ns() / 2_000_000_000) as usize] += 1.0;
            }
        }
        let mut chi2 = 0.0;
        for (cell, &count) in cells.iter().enumerate() {
            let from = start + Span::from_s(2 * cell as u64);
            let expected = 200.0 * profile.expected(from, from + Span::from_s(2), Weight(None));
            if expected < 1e-6 {
                assert_eq!(count, 0.0, "cell {cell}");
            } else {
                chi2 += (count - expected) * (count - expected) / expected;
            }
        }
        assert!(chi2 < 99.6, "chi-square {chi2}");
    }
}

#[test]
fn a_source_that_falls_silent_for_ever_ends() {
    let profile = Profile::new(vec![(at(0.0), hz(100)), (at(1.0), None)], None, Instant::ZERO).unwrap();
    assert!(!arrivals(&profile, at(0.5), at(1e6), 0).is_empty());
    assert!(arrivals(&profile, at(2.0), at(1e6), 0).is_empty());
}

#[test]
fn what_is_no_profile_is_refused() {
    let period = Some(Span::from_s(10));
    for (points, period) in [
        (vec![], None),
        (vec![(at(0.0), None)], None),
        (vec![(at(1.0), hz(1)), (at(0.0), hz(1))], None),
        (vec![(at(0.0), hz(1)), (at(10.0), hz(1))], period),
        (vec![(at(0.0), hz(1))], Some(Span::ZERO)),
    ] {
        assert!(Profile::new(points.clone(), period, Instant::ZERO).is_none(), "{points:?}");
    }
}
