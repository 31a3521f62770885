mod choices;
mod formats;

use super::*;
use crate::random::Seed;
use std::io::Write;
use tempfile::NamedTempFile;

const START: Instant = Instant::ZERO;

fn at(s: f64) -> Instant {
    Instant::from_ns((s * 1e9).round() as i64)
}

fn file(content: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file
}

fn requests(path: &std::path::Path) -> Reading {
    let (time, duration) = (Some("t_s".to_owned()), Some(Some("lambda_ms".to_owned())));
    Reading { first: Some(Instant::ZERO), ..Reading::all(Wanted { time, duration, ..Wanted::of(path) }) }
}

fn counts(path: &std::path::Path, bin_s: u64, spread: Spread) -> Reading {
    let (count, bin) = (Some(Some("n".to_owned())), Some(Span::from_s(bin_s)));
    Reading { first: Some(Instant::ZERO), spread, ..Reading::all(Wanted { count, bin, ..Wanted::of(path) }) }
}

fn read(text: &str) -> Result<Trace, TraceError> {
    let file = file(text);
    Trace::open(&requests(file.path()), START, START + Span::from_s(10))
}

fn arrivals(trace: &Trace, start: Instant, end: Instant, replication: u64) -> Vec<Instant> {
    let mut feed = trace.feed(Seed { seed: 1, replication }, "web", start, end);
    let list: Vec<_> = std::iter::repeat_with(|| feed.advance()).take_while(|&at| at != Instant::END).collect();
    assert_eq!(feed.failure(), None);
    assert!(list.is_sorted() && list.iter().all(|&at| at >= start && at < end), "{list:?}");
    list
}

/// The same trace from memory and from the file.
fn both(reading: &Reading, start: Instant, end: Instant) -> [Trace; 2] {
    let open = |held| Trace::open(&Reading { held, ..reading.clone() }, start, end).unwrap();
    let traces = [open(HELD), open(0)];
    assert_eq!(traces.each_ref().map(Trace::is_held), [true, false]);
    traces
}

fn seconds(list: &[Instant]) -> Vec<f64> {
    list.iter().map(|at| at.seconds()).collect()
}

fn plain(trace: &Trace, from: f64, to: f64) -> f64 {
    trace.expected(at(from), at(to), Weight(None)).unwrap()
}

#[test]
fn rows_land_from_the_first_instant_on() {
    let trace = read("lambda_ms,t_s\n1.5,100\n2,100.25\n3,100.25\n4,110\n").unwrap();
    assert_eq!((trace.requests, trace.rows, trace.skipped), (3.0, 4, 1));
    let mut feed = trace.feed(Seed { seed: 1, replication: 0 }, "web", START, START + Span::from_s(10));
    assert_eq!(feed.advance(), Instant::ZERO);
    assert_eq!(feed.service(), Some(Span::from_ns(1_500_000)));
    assert_eq!(feed.advance().ns(), 250_000_000);
    assert_eq!(feed.advance().ns(), 250_000_000);
    assert_eq!(feed.advance(), Instant::END);
}

#[test]
fn the_place_of_a_mistake_is_named() {
    for (text, line, underlined) in [
        ("t_s,lambda_ms\n1,2\n2,x7\n", 3, "x7"),
        ("t_s,lambda_ms\n1,-2\n", 2, "-2"),
        ("t_s,lambda_ms\n1,2\n3\n", 3, "3"),
        ("t_s,other\n1,2\n", 1, "t_s,other"),
        ("t_s,lambda_ms\nabc,1\n", 2, "abc"),
        ("t_s,lambda_ms,t_s\n1,2,3\n", 1, "t_s"),
        ("t_s,lambda_ms\n1,\"2\n", 2, "\"2"),
        ("\n\"x, y\" , t_s,lambda_ms\n\"1,5\", 1, \"z\"\n", 3, "z"),
    ] {
        let Err(TraceError::Malformed { line: at, text: row, span, .. }) = read(text) else { panic!("{text}") };
        assert_eq!((at, &row[span]), (line, underlined), "{text}");
    }
    assert!(matches!(read("t_s,lambda_ms\n"), Err(TraceError::Empty)));
    assert!(matches!(read(""), Err(TraceError::Empty)));
}

#[test]
fn one_field_is_no_plural() {
    let Err(TraceError::Malformed { reason, .. }) = read("t_s,lambda_ms\n3\n") else { panic!() };
    assert_eq!(reason, "this row has 1 field, the header has 2");
}

#[test]
fn what_is_in_the_file_is_what_is_in_memory() {
    // 20,000 rows, so that not every one is marked, at uneven times.
    let mut content = String::from("t_s,lambda_ms\n");
    let mut time = 0;
    for i in 0..20_000_u64 {
        time += i * i * 7_919 % 1_000;
        content += &format!("{}.{:03},{}\n", time / 1_000, time % 1_000, i % 13);
    }
    let file = file(&content);
    for (repeat, from) in [(false, 0), (false, 100), (true, 100)] {
        let until = repeat.then(|| Span::from_s(700));
        let reading = Reading { repeat, from: Span::from_s(from), until, ..requests(file.path()) };
        let (start, end) = (at(if repeat { -900.0 } else { 50.0 }), at(5_000.0));
        let [held, streamed] = both(&reading, start, end);
        assert_eq!(arrivals(&held, start, end, 0), arrivals(&streamed, start, end, 0));
        assert_eq!((held.requests, held.skipped, held.hash()), (streamed.requests, streamed.skipped, streamed.hash()));
        for (a, b) in [(50.0, 51.0), (60.0, 600.5), (599.5, 612.25), (1_000.0, 1_000.001), (100.0, 4_999.0)] {
            let [a, b] = [at(a), at(b)];
            for weight in [Weight(None), Weight(Some(Span::from_s(300)))] {
                let [x, y] = [&held, &streamed].map(|trace| trace.expected(a, b, weight).unwrap());
                assert!((x - y).abs() <= 1e-9 * x, "{x} {y}");
            }
            let inside = arrivals(&streamed, start, end, 0).iter().filter(|&&at| at >= a && at < b).count();
            assert_eq!(streamed.expected(a, b, Weight(None)).unwrap(), inside as f64);
        }
    }
}

#[test]
fn a_copy_of_a_feed_goes_its_own_way() {
    let content: String = (0..30_000).map(|i| format!("{i},1\n")).collect();
    let file = file(&format!("t_s,lambda_ms\n{content}"));
    let end = at(1e6);
    let trace = Trace::open(&Reading { held: 0, ..requests(file.path()) }, START, end).unwrap();
    let mut feed = trace.feed(Seed { seed: 1, replication: 0 }, "web", START, end);
    for _ in 0..10_000 {
        feed.advance();
    }
    let mut copy = feed.clone();
    let rest = |feed: &mut Feed| -> Vec<_> { (0..20_001).map(|_| feed.advance()).collect() };
    let (mine, theirs) = (rest(&mut feed), rest(&mut copy));
    assert_eq!((mine[0], mine[20_000]), (at(10_000.0), Instant::END));
    assert_eq!(mine, theirs);
}

#[test]
fn what_was_read_stays_whatever_becomes_of_the_file() {
    let content: String = (0..30_000).map(|i| format!("{i},1\n")).collect();
    let file = file(&format!("t_s,lambda_ms\n{content}"));
    let end = at(1e6);
    let open = || Trace::open(&Reading { held: 0, ..requests(file.path()) }, START, end).unwrap();
    let trace = open();
    assert_eq!(trace, open());
    let before = arrivals(&trace, START, end, 0);
    std::fs::write(file.path(), "t_s,lambda_ms\n0,1\n").unwrap();
    assert_eq!(arrivals(&trace, START, end, 0), before);
    let now = open();
    assert!(now.hash() != trace.hash() && now.rows == 1 && now != trace);
}

#[test]
fn rows_in_any_order_are_sorted() {
    let file = file("t_s,lambda_ms\n5,2\n7,3\n5,4\n1,5\n");
    for trace in both(&requests(file.path()), START, at(100.0)) {
        let mut feed = trace.feed(Seed { seed: 1, replication: 0 }, "web", START, at(100.0));
        let all: Vec<_> =
            (0..4).map(|_| (feed.advance().seconds(), feed.service().unwrap().ns() / 1_000_000)).collect();
        assert_eq!(all, [(0.0, 5), (4.0, 2), (4.0, 4), (6.0, 3)]);
    }
}

#[test]
fn a_piece_is_cut_out_sped_up_and_moved() {
    let file = file("t_s,lambda_ms\n1000,1\n1010,1\n1020,1\n1030,1\n1040,1\n");
    let reading = Reading {
        from: Span::from_s(10),
        until: Some(Span::from_s(40)),
        first: Some(at(-5.0)),
        speed: Factor::new(2, 1),
        ..requests(file.path())
    };
    for trace in both(&reading, at(-60.0), at(60.0)) {
        assert_eq!(seconds(&arrivals(&trace, at(-60.0), at(60.0), 0)), [-5.0, 0.0, 5.0]);
        assert_eq!((trace.rows, trace.skipped, trace.requests), (5, 2, 3.0));
    }
}

#[test]
fn a_piece_is_repeated_to_both_sides() {
    let file = file("t_s,lambda_ms\n7,1\n8,1\n11,1\n");
    let reading = Reading { repeat: true, ..requests(file.path()) };
    // The mean gap is 2 s, so that it begins anew after 6 s.
    for trace in both(&reading, at(-7.0), at(13.0)) {
        assert_eq!(trace.period, Some(Span::from_s(6)));
        assert_eq!(
            seconds(&arrivals(&trace, at(-7.0), at(13.0), 0)),
            [-6.0, -5.0, -2.0, 0.0, 1.0, 4.0, 6.0, 7.0, 10.0, 12.0]
        );
        assert_eq!((plain(&trace, -7.0, 13.0), plain(&trace, 0.0, 1.0)), (10.0, 1.0));
        assert_eq!(plain(&trace, 0.0, 6e6), 3e6);
    }
    let until = Reading { until: Some(Span::from_s(100)), ..reading };
    assert_eq!(Trace::open(&until, START, at(1.0)).unwrap().period, Some(Span::from_s(100)));
}

#[test]
fn counts_are_spread_within_their_bins() {
    let file = file("n\n2\n0\n4\n");
    for trace in both(&counts(file.path(), 10, Spread::Even), START, at(100.0)) {
        assert_eq!(seconds(&arrivals(&trace, START, at(100.0), 0)), [2.5, 7.5, 21.25, 23.75, 26.25, 28.75]);
        assert_eq!((plain(&trace, 0.0, 2.5), plain(&trace, 2.5, 21.26)), (0.0, 3.0));
    }
    let [held, streamed] = both(&counts(file.path(), 10, Spread::Random), START, at(100.0));
    assert_eq!(arrivals(&held, START, at(100.0), 5), arrivals(&streamed, START, at(100.0), 5));
    assert!((plain(&held, 5.0, 22.0) - (1.0 + 0.8)).abs() < 1e-12);
    for replication in 0..200 {
        let list = arrivals(&held, START, at(100.0), replication);
        let within = |from: f64, to: f64| list.iter().filter(|&&t| t >= at(from) && t < at(to)).count();
        assert_eq!([within(0.0, 10.0), within(10.0, 20.0), within(20.0, 30.0)], [2, 0, 4]);
    }
}

#[test]
fn a_bin_that_begins_before_the_window_sends_its_part() {
    let file = file("n\n1000\n");
    let reading = Reading { first: Some(at(-5.0)), ..counts(file.path(), 10, Spread::Even) };
    for trace in both(&reading, START, at(100.0)) {
        assert_eq!(arrivals(&trace, START, at(100.0), 0).len(), 500);
        assert_eq!((plain(&trace, 0.0, 100.0), trace.requests), (500.0, 500.0));
    }
}

#[test]
fn bins_of_one_time_are_summed_and_overlaps_refused() {
    let file = file("minute_min,app,n\n0,a,1\n0,b,2\n1,a,1\n3,a,1\n3,b,1\n");
    let reading = |bin, only: &[(&str, &str)]| {
        let only = only.iter().map(|&(column, value)| (column.to_owned(), value.to_owned())).collect();
        let (time, count, bin) = (Some("minute_min".to_owned()), Some(Some("n".to_owned())), Some(Span::from_s(bin)));
        let wanted = Wanted { time, count, bin, only, ..Wanted::of(file.path()) };
        Reading { first: Some(Instant::ZERO), spread: Spread::Even, ..Reading::all(wanted) }
    };
    for trace in both(&reading(60, &[]), START, at(1e3)) {
        assert_eq!(seconds(&arrivals(&trace, START, at(1e3), 0)), [10.0, 30.0, 50.0, 90.0, 195.0, 225.0]);
        assert_eq!(trace.rows, 3);
    }
    let some = Trace::open(&reading(60, &[("app", "b")]), START, at(1e3)).unwrap();
    assert_eq!(seconds(&arrivals(&some, START, at(1e3), 0)), [15.0, 45.0, 210.0]);
    let Err(TraceError::Malformed { line, text, span, .. }) = Trace::open(&reading(61, &[]), START, at(1e3)) else {
        panic!()
    };
    assert_eq!((line, &text[span]), (4, "1"));
    let none = reading(60, &[("app", "c")]);
    let Err(TraceError::Unfit { reason, .. }) = Trace::open(&none, START, at(1e3)) else { panic!() };
    assert_eq!(reason, "no row of this trace has `c` in column `app`");
}

#[test]
fn columns_may_be_bins() {
    // The layout of the functions' invocations that Azure published in 2019, cut down to three minutes.
    let file = file("HashOwner,HashApp,Trigger,1,2,3\nx,a,http,1,0,2\ny,b,timer,0,1,0\nx,b,http,1,1,0\n");
    let (columns, bin) = (Some(("1".to_owned(), "3".to_owned())), Some(Span::from_s(60)));
    let wanted = Wanted { columns, bin, ..Wanted::of(file.path()) };
    let reading = Reading { first: Some(Instant::ZERO), spread: Spread::Even, ..Reading::all(wanted.clone()) };
    let trace = Trace::open(&reading, START, at(1e3)).unwrap();
    assert_eq!(seconds(&arrivals(&trace, START, at(1e3), 0)), [15.0, 45.0, 75.0, 105.0, 135.0, 165.0]);
    let only = vec![("HashOwner".to_owned(), "x".to_owned()), ("HashApp".to_owned(), "b".to_owned())];
    let trace =
        Trace::open(&Reading { file: Wanted { only, ..wanted }, repeat: true, ..reading }, START, at(200.0)).unwrap();
    assert_eq!(seconds(&arrivals(&trace, START, at(200.0), 0)), [30.0, 90.0]);
    assert_eq!(trace.period, Some(Span::from_s(180)));
}

#[test]
fn scaling_is_exact_on_average_and_nested() {
    let content: String = (0..1_000).map(|i| format!("{i},1\n")).collect();
    let file = file(&format!("t_s,lambda_ms\n{content}"));
    let open = |scale| Trace::open(&Reading { scale, ..requests(file.path()) }, START, at(1e3)).unwrap();
    let [tenth, half, more] = [Factor::new(1, 10), Factor::new(1, 2), Factor::new(5, 2)].map(open);
    assert_eq!(plain(&more, 0.0, 10.0), 25.0);
    assert!((tenth.requests - 100.0).abs() < 1e-9);
    for replication in 0..20 {
        let [tenth, half, more] = [&tenth, &half, &more].map(|trace| arrivals(trace, START, at(1e3), replication));
        assert!(tenth.iter().all(|at| half.contains(at)));
        // Five standard deviations of a binomial, 9.5 and 15.8.
        assert!((tenth.len() as f64 - 100.0).abs() < 48.0 && (half.len() as f64 - 500.0).abs() < 79.0);
        assert_eq!(more.len() - half.len(), 2_000);
    }
}

#[test]
fn what_cannot_be_repeated_is_refused() {
    let unfit = |reading: &Reading| match Trace::open(reading, START, at(10.0)) {
        Err(TraceError::Unfit { reason, .. }) => reason,
        other => panic!("{other:?}"),
    };
    let one = file("t_s,lambda_ms\n1,1\n");
    assert!(unfit(&Reading { repeat: true, ..requests(one.path()) }).contains("begins anew"));
    let bins = file("n\n1\n1\n");
    let reading = Reading { repeat: true, until: Some(Span::from_s(15)), ..counts(bins.path(), 10, Spread::Even) };
    assert!(unfit(&reading).contains("ends after it"));
    let late = Reading { repeat: true, from: Span::from_s(500), ..requests(one.path()) };
    assert!(unfit(&late).contains("no row lies between"));
}
