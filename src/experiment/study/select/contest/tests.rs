//! Contests on made-up rows.

use super::*;
use crate::metrics::{Bound, Kind};
use crate::results::Row;
use crate::results::selection::Constraint;

/// One strategy: its latency and its incompatible requests of 1,000 handled, by replication.
struct Made {
    latency: fn(u32) -> f64,
    incompatible: fn(u32) -> f64,
}

const fn made(latency: fn(u32) -> f64) -> Made {
    Made { latency, incompatible: |_| 0.0 }
}

/// What all strategies of a replication share: chance, far larger than any difference.
fn chance(n: u32) -> f64 {
    f64::from((n * 7_919) % 1_000)
}

/// 1 and -1 in turn, whose variance over the first 20 is 20/19.
fn turns(n: u32) -> f64 {
    if n.is_multiple_of(2) { 1.0 } else { -1.0 }
}

fn metric(kind: Kind) -> Metric {
    Metric { kind, version: None }
}

fn question(indifference: f64, constraints: Vec<Constraint>) -> Question {
    Question { metric: metric(Kind::LatencyMean), indifference, constraints, most: 400 }
}

fn at_most(share: f64, tolerance: f64) -> Constraint {
    Constraint { metric: metric(Kind::IncompatibleShare), bound: Bound::AtMost(share), tolerance }
}

fn row(made: &Made, n: u32, metrics: &[Metric]) -> Row {
    let incompatible = (made.incompatible)(n);
    let value = |metric: &Metric| match metric.kind {
        Kind::Handled | Kind::Attempts | Kind::Served => Some(1_000.0),
        Kind::Incompatible => Some(incompatible),
        Kind::IncompatibleShare => Some(incompatible / 1_000.0),
        Kind::LatencyMean => Some((made.latency)(n)).filter(|latency| latency.is_finite()),
        _ => Some(0.0),
    };
    Row { values: metrics.iter().map(value).collect(), censored: vec![false; metrics.len()], first: 0.0 }
}

/// Runs a contest to its end; `edit` may change a row, by strategy and replication.
fn edited(question: &Question, strategies: &[Made], edit: impl Fn(usize, u32, &mut Row)) -> Selection {
    run(question, strategies, false, edit)
}

/// The same; whether load feeds back.
fn run(question: &Question, strategies: &[Made], feeds_back: bool, edit: impl Fn(usize, u32, &mut Row)) -> Selection {
    let metrics = Metric::all(&[]);
    let mut contest = Contest::new(question, &metrics, 0.95, strategies.len());
    loop {
        let wanted = contest.wanted();
        let each = strategies.iter().enumerate().zip(&wanted).map(|((place, made), &wanted)| {
            let rows = (0..wanted).map(|n| {
                let mut row = row(made, n, &metrics);
                edit(place, n, &mut row);
                vec![row]
            });
            rows.collect::<Vec<_>>()
        });
        let rows: Vec<Vec<Vec<Row>>> = each.collect();
        let samples: Vec<_> =
            rows.iter().map(|rows| Sample::new(rows, &[1.0], &metrics).fed_back(feeds_back)).collect();
        if contest.look(&samples) {
            return contest.outcome(&samples);
        }
        assert!(contest.wanted() != wanted, "it goes on, or ends");
    }
}

fn contest(question: &Question, strategies: &[Made]) -> Selection {
    edited(question, strategies, |_, _, _| ())
}

#[test]
fn differences_without_chance_are_decided_at_once() {
    let strategies = [made(|n| 5.0 + chance(n)), made(chance), made(|n| 0.5 + chance(n)), made(chance)];
    let found = contest(&question(1.0, Vec::new()), &strategies);
    assert_eq!((found.decision, found.runs.as_slice()), (Decision::Chosen(1), &[20, 20, 20, 20][..]));
    let standings = [Standing::Worse(1), Standing::Chosen, Standing::Worse(1), Standing::Identical];
    assert_eq!(found.standings, standings);
    assert_eq!(found.margins[0], Some(Margin { than: 1, low: 5.0, high: 5.0 }));
    assert_eq!(found.cost, Cost { spent: 80, equal: 80, two_stage: Some(80) });
}

#[test]
fn it_stops_where_the_interval_is_as_wide_as_the_indifference() {
    // Error 0.8 * 0.05 of one pair: factor 19/2 (0.04^(-2/19) - 1) = 3.8314. The difference has mean 0 and variance
    // 20/19, so that half the interval is 10.0826 / r + 0.2: at most 0.4 from r = 50.4 on.
    let strategies = [made(chance), made(|n| chance(n) + turns(n))];
    let found = contest(&question(0.4, Vec::new()), &strategies);
    assert_eq!((found.decision, found.runs.as_slice()), (Decision::Chosen(0), &[60, 60][..]));
    assert_eq!(found.standings[1], Standing::Close);
    let margin = found.margins[1].unwrap();
    assert!((margin.high - (10.082_6 / 60.0 + 0.2)).abs() < 1e-4 && (margin.low + margin.high).abs() < 1e-9);
    // Student's t of 19 degrees, one-sided 5 %: 1.7291; 1.7291^2 * 20/19 / 0.16 = 19.7, so 20 each.
    assert_eq!(found.cost.two_stage, Some(40));
}

#[test]
fn only_those_on_which_it_hangs_are_given_more() {
    // The second is beaten at the first look; the third is compared until it is close enough.
    let strategies = [made(chance), made(|n| chance(n) + 3.0 + turns(n)), made(|n| chance(n) + turns(n))];
    let found = contest(&question(0.4, Vec::new()), &strategies);
    assert_eq!(found.runs[1], 20);
    assert!(found.runs[0] == found.runs[2] && found.runs[0] > 50, "{:?}: a smaller error for each of two", found.runs);
    assert_eq!(found.cost.spent, u64::from(20 + 2 * found.runs[0]));
    assert_eq!(found.cost.equal, u64::from(3 * found.runs[0]));
}

#[test]
fn more_is_better_where_the_metric_says_so() {
    let mut question = question(1.0, Vec::new());
    question.metric = metric(Kind::Served);
    let strategies = [made(chance), made(chance)];
    let place = Metric::all(&[]).iter().position(|known| *known == question.metric).unwrap();
    let found = edited(&question, &strategies, |strategy, n, row| {
        row.values[place] = Some(900.0 + chance(n) + 10.0 * strategy as f64);
    });
    assert_eq!(found.decision, Decision::Chosen(1));
    assert_eq!(found.margins[0], Some(Margin { than: 1, low: 10.0, high: 10.0 }), "worse is positive");
}

#[test]
fn whoever_breaks_a_constraint_beats_nobody() {
    let best = Made { incompatible: |n| 50.0 + turns(n), ..made(chance) };
    let good = Made { incompatible: |n| 10.0 + turns(n), ..made(|n| chance(n) + 3.0) };
    let strategies = [best, good, made(|n| chance(n) + 9.0)];
    let found = contest(&question(1.0, vec![at_most(0.02, 0.002)]), &strategies);
    assert_eq!(found.decision, Decision::Chosen(1));
    assert_eq!(found.standings, [Standing::Breaks(0), Standing::Chosen, Standing::Worse(1)]);
    assert_eq!(found.keeps, [vec![Some(false)], vec![Some(true)], vec![Some(true)]]);
    assert_eq!((found.few, found.cost.two_stage), (vec![false, false, true], None));
    let nobody = contest(&question(1.0, vec![at_most(0.005, 0.002)]), &strategies[..2]);
    assert_eq!(nobody.decision, Decision::Nobody);
}

#[test]
fn a_bound_is_looked_at_until_it_is_told() {
    // Mean 10.5 of 1,000, variance 9 * 20/19, the bound 10 ± 0.5: at the far end of the zone. Two errors of 0.025: half
    // the interval is 4.8404 * 9.474 / (0.5 r) + 0.25, and its lower end is 9.5 once that is 1: r = 122.3; at the look after
    // 121, whose last value is a high one, it already is.
    let near = Made { incompatible: |n| 10.5 + 3.0 * turns(n), ..made(chance) };
    let found = contest(&question(1.0, vec![at_most(0.01, 0.000_5)]), &[near, made(|n| chance(n) + 9.0)]);
    assert_eq!(found.standings, [Standing::Breaks(0), Standing::Chosen]);
    assert_eq!(found.runs, [121, 20], "the other waits meanwhile");
}

#[test]
fn what_is_absent_or_cut_short_is_not_judged() {
    let place = |kind| Metric::all(&[]).iter().position(|known| *known == metric(kind)).unwrap();
    let latency = place(Kind::LatencyMean);
    let strategies = || [made(chance), made(|n| chance(n) + 2.0), made(|n| chance(n) + 9.0)];
    let absent = edited(&question(1.0, Vec::new()), &strategies(), |strategy, n, row| {
        if (strategy, n) == (0, 7) {
            row.values[latency] = None;
        }
    });
    assert_eq!(absent.decision, Decision::Chosen(1));
    assert_eq!(absent.standings[0], Standing::Absent("latency_mean_ms".to_owned()));
    let cut = |strategy| {
        edited(&question(1.0, Vec::new()), &strategies(), move |place, n, row| {
            row.censored[latency] = place == strategy && n % 3 == 0;
        })
    };
    assert_eq!(cut(0).standings[0], Standing::CutShort("latency_mean_ms".to_owned()));
    assert_eq!(cut(0).decision, Decision::Chosen(1));
    let none = edited(&question(1.0, Vec::new()), &strategies(), |_, _, row| row.values[latency] = None);
    assert_eq!(none.decision, Decision::Nobody);
}

#[test]
fn at_least_can_break_an_upper_bound_and_not_keep_it() {
    let drained = metric(Kind::OldDrained);
    let place = Metric::all(&[]).iter().position(|known| *known == drained).unwrap();
    let with = |at: f64| {
        let constraint = Constraint { metric: drained.clone(), bound: Bound::AtMost(at), tolerance: 5.0 };
        edited(&question(1.0, vec![constraint]), &[made(chance), made(|n| chance(n) + 2.0)], |strategy, _, row| {
            (row.values[place], row.censored[place]) = (Some(1_200.0), strategy == 0);
        })
    };
    assert_eq!(with(600.0).standings[0], Standing::Breaks(0));
    assert_eq!(with(1_300.0).standings, [Standing::CutShort("old_drained_s".to_owned()), Standing::Chosen]);
}

#[test]
fn none_seen_is_bounded_and_not_zero() {
    let mut question = question(0.01, Vec::new());
    question.metric = metric(Kind::Incompatible);
    // Each error is 0.05, halved for two bounds, and spent over looks: -ln(0.025 * 6 / pi^2) / 20 = 0.2093 at the
    // first. Only after many more runs is that below 0.01.
    let none = || [made(chance), made(chance)];
    let found = contest(&question, &none());
    assert_eq!(found.decision, Decision::Undecided(0));
    question.indifference = 0.25;
    assert_eq!(contest(&question, &none()).runs, [20, 20]);
    question.indifference = 0.2;
    assert_eq!(contest(&question, &none()).runs, [30, 30]);
}

#[test]
fn a_choice_is_guarded_against_rollouts_that_go_wrong_as_a_whole() {
    let mut question = question(1.0, Vec::new());
    question.metric = metric(Kind::Incompatible);
    let requests = Metric::all(&[]).iter().position(|known| *known == metric(Kind::Requests)).unwrap();
    let with = |question: &Question, feeds_back| {
        let strategies = [made(chance), Made { incompatible: |n| 20.0 + turns(n), ..made(chance) }];
        run(question, &strategies, feeds_back, |_, _, row| row.values[requests] = Some(1_000.0))
    };
    let open = with(&question, false);
    assert_eq!((open.decision, open.runs.as_slice()), (Decision::Chosen(0), &[20, 20][..]));
    assert_eq!((open.turns_at, open.unguarded()), (Some(0.021), None));
    // 21 of 1,000 requests more, on average: none in ln(0.05) / ln(0.979) = 141.2 rollouts, and the look after 133 is at 146.
    let guarded = with(&question, true);
    assert_eq!((guarded.decision, guarded.runs.as_slice()), (Decision::Chosen(0), &[146, 20][..]));
    assert_eq!(guarded.unguarded(), None);
    question.most = 100;
    let given_up = with(&question, true);
    assert_eq!((given_up.decision, given_up.runs.as_slice()), (Decision::Chosen(0), &[100, 20][..]));
    let (turns_at, unseen) = given_up.unguarded().unwrap();
    assert!(turns_at == 0.021 && (unseen - 0.029_5).abs() < 1e-4, "{unseen}");
    // A constraint turns the choice too: 3 of 1,000 to its far side.
    question.most = 2_000;
    question.constraints = vec![at_most(0.002, 0.001)];
    assert_eq!(with(&question, true).turns_at, Some(0.003));
}

#[test]
fn it_gives_up_at_the_most_and_says_what_is_left() {
    let strategies = [made(chance), made(|n| chance(n) + turns(n)), made(|n| chance(n) + 9.0)];
    let mut question = question(0.01, Vec::new());
    question.most = 45;
    let found = contest(&question, &strategies);
    assert_eq!(found.decision, Decision::Undecided(0));
    assert_eq!(found.standings, [Standing::Open, Standing::Open, Standing::Worse(0)]);
    assert_eq!(found.runs, [45, 45, 20]);
    assert!(found.margins[0].is_none() && found.margins[1].is_some());
}
