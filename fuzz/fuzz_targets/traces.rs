//! Any bytes as a trace, read in one of several ways: refused with a reason, or replayed alike from memory and file.
#![no_main]

use cutover::experiment::Replication;
use cutover::random::Seed;
use cutover::scenario::{self, Options, Scenario};
use cutover::source::trace::{Empty, HELD, Reading, TraceError, Value, Wanted};
use cutover::source::{Arrivals, Spread, Trace};
use cutover::time::{Instant, Span};
use cutover::units::Factor;
use cutover_fuzz::{file, is_small};
use libfuzzer_sys::fuzz_target;
use std::path::Path;
use std::sync::LazyLock;

/// Where a trace is replayed.
static SCENARIO: LazyLock<Scenario> = LazyLock::new(|| {
    let text = "window = { warm_up = \"5s\", after = \"20s\" }\ntimeline.bin = \"5s\"\n[source.web]\narrivals = { poisson = \"1/s\" }\n\
                [code]\nservice = { constant = \"50ms\" }\n[function]\nidle = { constant = \"3s\" }\n[strategy]\nlatest = { latest = {} }\n";
    scenario::load(&[file("around.toml", text.as_bytes())], &Options::default()).expect("a good scenario").remove(0)
});

/// The ways of reading: the first byte of an input says which. Half of them leave to the file what it is.
fn reading(path: &Path, way: u8) -> Reading {
    let name = |name: &str| Some(name.to_owned());
    let file = Wanted {
        only: if way & 32 == 0 { Vec::new() } else { vec![("f".to_owned(), "x*".to_owned())] },
        ..Wanted::of(path)
    };
    let second = Some(Span::from_s(1));
    let file = match way & 7 {
        0 => Wanted { time: name("t_s"), ..file },
        1 => Wanted { time: name("t_s"), duration: Some(name("d_ms")), ..file },
        2 => Wanted { count: Some(name("n")), bin: second, empty: Empty::Zero, ..file },
        3 => Wanted { columns: name("1").zip(name("9")), bin: Some(Span::from_s(2)), ..file },
        4 => Wanted { value: Some(Value::Rate), ..file },
        5 => Wanted { value: Some(Value::Count), empty: Empty::Refuse, ..file },
        _ => file,
    };
    let repeat = way & 16 != 0;
    Reading {
        spread: if way & 8 == 0 { Spread::Even } else { Spread::Random },
        from: if way & 64 == 0 { Span::ZERO } else { Span::from_s(1) },
        until: (repeat && way & 4 == 0).then(|| Span::from_s(9)),
        first: repeat.then_some(Instant::ZERO),
        speed: if way & 64 == 0 { Factor::ONE } else { Factor::new(3, 2) },
        scale: if way & 128 == 0 { Factor::ONE } else { Factor::new(5, 4) },
        repeat,
        ..Reading::all(file)
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((&way, rows)) = input.split_first() else { return };
    let window = SCENARIO.window;
    let asked = reading(&file("fuzzed.csv", rows), way);
    let open = |held| Trace::open(&Reading { held, ..asked.clone() }, window.start(), window.end());
    let traces = match (open(HELD), open(0)) {
        (Ok(held), Ok(streamed)) => [held, streamed],
        (Err(one), Err(other)) => {
            assert_eq!(said(one), said(other));
            return;
        }
        (one, other) => panic!("{:?} from memory, {:?} from the file", one.err(), other.err()),
    };
    let replayed = traces.map(|trace| {
        assert!(trace.requests.is_finite() && trace.requests >= 0.0);
        let mut scenario = SCENARIO.clone();
        scenario.service.sources[0].arrivals = Arrivals::Trace(trace);
        is_small(&scenario).then(|| replay(&scenario))
    });
    assert_eq!(replayed[0], replayed[1], "memory and file differ");
});

/// What happens, request by request.
fn replay(scenario: &Scenario) -> String {
    let seed = Seed { seed: 1, replication: 0 };
    let done = Replication::watched(scenario, &scenario.strategies[0], seed, Vec::new());
    let (replication, attempts) = done.expect("a replay");
    assert!((replication.mismatched_expected).is_finite());
    format!("{attempts:?} {}", replication.mismatched_expected)
}

/// Why a trace is refused, which must be something.
fn said(error: TraceError) -> String {
    match error {
        TraceError::Unreadable(error) => error.to_string(),
        TraceError::Malformed { line, text, span, reason, cure } => {
            assert!(!reason.is_empty() && !cure.is_empty() && line > 0);
            assert!(span.start <= span.end && text.get(span).is_some(), "{reason}: no place in {text:?}");
            format!("{line} {reason} {cure}")
        }
        TraceError::Empty => "empty".to_owned(),
        TraceError::Changed => panic!("nobody writes to the file"),
        TraceError::Unfit { reason, cure } => {
            assert!(!reason.is_empty() && !cure.is_empty());
            reason + &cure
        }
    }
}
