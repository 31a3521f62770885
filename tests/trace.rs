//! `cutover trace`: what a viewer reads from the file is what happened in the replication.

use cutover::experiment::Replication;
use cutover::experiment::study::explain::{Which, story};
use cutover::experiment::study::trace::{Wanted, trace};
use cutover::platform::{Attempt, Outcome};
use cutover::random::Seed;
use cutover::report::trace::{sampled, write};
use cutover::results::trace::Trace;
use cutover::scenario::{Options, Override, Scenario, load};
use cutover::strategy::Strategy;
use cutover::time::Instant;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};

const SEED: Seed = Seed { seed: 1, replication: 2 };
const ALL: usize = 1_000_000;

/// A scenario with some keys overridden, and one of its strategies.
fn scenario(name: &str, strategy: &str, overrides: &[&str]) -> (Scenario, Strategy) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    let overrides = overrides.iter().map(|text| Override::new(text)).collect();
    let scenario = load(&[path], &Options { overrides, ..Options::default() }).unwrap().remove(0);
    let strategy = scenario.strategies.iter().find(|known| known.name == strategy).unwrap().clone();
    (scenario, strategy)
}

/// One of each: functions with cold starts, hosts with lines, limits with retries, a queue, a stream, users, and sources that are wired by
/// themselves.
const EACH: [(&str, &str); 8] = [
    ("lesson.toml", "alias"),
    ("ways.toml", "rolling"),
    ("canary-analysis.toml", "canary-analysed"),
    ("retry-storm.toml", "alias"),
    ("queue-residue.toml", "at-once"),
    ("stream-poison.toml", "at-once"),
    ("sessions.toml", "canary"),
    ("wiring-by-hand.toml", "alias"),
];

fn seconds(s: i64) -> Instant {
    Instant::from_ns(s * 1_000_000_000)
}

fn between(scenario: &(Scenario, Strategy), from: i64, until: i64, most: usize) -> Trace {
    let wanted = Wanted { from: Some(seconds(from)), until: Some(seconds(until)), most };
    trace(&scenario.0, &scenario.1, SEED, wanted).unwrap()
}

/// The attempts of a replication that arrive in a stretch.
fn attempts((scenario, strategy): &(Scenario, Strategy), from: Instant, until: Instant) -> Vec<Attempt> {
    let (_, mut attempts) = Replication::watched(scenario, strategy, SEED, Vec::<Attempt>::new()).unwrap();
    attempts.retain(|of| (from..until).contains(&of.arrival));
    attempts.sort_by_key(|of| (of.arrival, of.source, of.index, of.attempt));
    attempts
}

/// A field of a message: a number, of whatever width, or bytes.
#[derive(Clone, Copy, Debug)]
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl Field<'_> {
    fn number(self) -> u64 {
        let Field::Number(number) = self else { panic!("{self:?} is no number") };
        number
    }

    fn text(self) -> String {
        let Field::Bytes(bytes) = self else { panic!("{self:?} is no text") };
        String::from_utf8(bytes.to_vec()).unwrap()
    }
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for place in 0..10 {
        let (&first, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        number |= u64::from(first & 0x7f) << (7 * place);
        if first < 0x80 {
            return number;
        }
    }
    panic!("a number that does not end");
}

/// The fields of a message of Protocol Buffers, by their numbers.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let field = match tag & 7 {
            0 => Field::Number(varint(&mut bytes)),
            1 => {
                let (fixed, rest) = bytes.split_first_chunk().unwrap();
                bytes = rest;
                Field::Number(u64::from_le_bytes(*fixed))
            }
            2 => {
                let len = varint(&mut bytes) as usize;
                let (inside, rest) = bytes.split_at(len);
                bytes = rest;
                Field::Bytes(inside)
            }
            kind => panic!("fields of kind {kind} are not written"),
        };
        all.push((tag >> 3, field));
    }
    all
}

fn message(field: Field<'_>) -> Vec<(u64, Field<'_>)> {
    let Field::Bytes(bytes) = field else { panic!("{field:?} is no message") };
    fields(bytes)
}

fn find<'a>(of: &[(u64, Field<'a>)], number: u64) -> Option<Field<'a>> {
    of.iter().find(|(known, _)| *known == number).map(|&(_, field)| field)
}

/// Words by their numbers, of one kind.
fn words(interned: &[(u64, Field<'_>)], kind: u64) -> BTreeMap<u64, String> {
    let of = interned.iter().filter(|(known, _)| *known == kind).map(|&(_, word)| message(word));
    of.map(|word| (find(&word, 1).unwrap().number(), find(&word, 2).unwrap().text())).collect()
}

/// The slice of an attempt.
#[derive(Debug, Default)]
struct Slice {
    track: u64,
    begins: u64,
    ends: u64,
    name: String,
    colour: String,
    told: BTreeMap<String, String>,
    numbers: BTreeMap<String, u64>,
    flows: Vec<u64>,
    /// Its cold start, or its wait in a line.
    parts: Vec<(String, u64, u64)>,
}

impl Slice {
    /// Source, index, attempt and arrival.
    fn whose(&self) -> (String, u64, u64, i64) {
        let number = |key: &str| self.numbers[key];
        (self.told["source"].clone(), number("index"), number("attempt"), number("arrival_ns").cast_signed())
    }
}

/// What a viewer reads.
#[derive(Debug, Default)]
struct Viewed {
    /// Tracks by number: name, parent.
    tracks: BTreeMap<u64, (String, Option<u64>)>,
    slices: Vec<Slice>,
    /// Time, track and name.
    instants: Vec<(u64, String, String)>,
    counters: BTreeMap<String, Vec<(u64, f64)>>,
}

/// Reads a trace as a viewer does; what does not nest, does not end or goes back in time is refused.
fn view(bytes: &[u8]) -> Viewed {
    let mut viewed = Viewed::default();
    let mut kinds: BTreeMap<u64, BTreeMap<u64, String>> = BTreeMap::new();
    let mut open: BTreeMap<u64, Vec<Slice>> = BTreeMap::new();
    let mut last = 0;
    for (_, packet) in fields(bytes) {
        let packet = message(packet);
        if let Some(interned) = find(&packet, 12) {
            assert_eq!(find(&packet, 13).unwrap().number(), 3, "what is interned begins anew, and is needed");
            let interned = message(interned);
            kinds = [1, 2, 3, 29, 43].map(|kind| (kind, words(&interned, kind))).into();
        }
        if let Some(track) = find(&packet, 60).map(message) {
            let (name, parent) = (find(&track, 2).unwrap().text(), find(&track, 5).map(Field::number));
            assert!(parent.is_none_or(|parent| viewed.tracks.contains_key(&parent)));
            viewed.tracks.insert(find(&track, 1).unwrap().number(), (name, parent));
        }
        let Some(event) = find(&packet, 11).map(message) else { continue };
        let at = find(&packet, 8).unwrap().number();
        assert!(at >= last, "packets stand in order of time");
        last = at;
        let track = find(&event, 11).unwrap().number();
        let on = &viewed.tracks[&track].0;
        let name = find(&event, 10).map(|name| kinds[&2][&name.number()].clone());
        let stack = open.entry(track).or_default();
        match find(&event, 9).unwrap().number() {
            1 => {
                let mut slice = Slice { track, begins: at, name: name.unwrap(), ..Slice::default() };
                slice.flows = event.iter().filter(|(known, _)| *known == 47).map(|(_, flow)| flow.number()).collect();
                slice.colour = find(&event, 54).map_or_else(String::new, |of| kinds[&43][&of.number()].clone());
                for note in event.iter().filter(|(known, _)| *known == 4).map(|&(_, note)| message(note)) {
                    let key = kinds[&3][&find(&note, 1).unwrap().number()].clone();
                    match find(&note, 17) {
                        Some(word) => {
                            slice.told.insert(key, kinds[&29][&word.number()].clone());
                        }
                        None => {
                            let number = find(&note, 3).or_else(|| find(&note, 4)).unwrap();
                            slice.numbers.insert(key, number.number());
                        }
                    }
                }
                assert_eq!(
                    stack.is_empty(),
                    !slice.told.is_empty(),
                    "attempts do not overlap, and parts lie within them"
                );
                stack.push(slice);
            }
            2 => {
                let ended = Slice { ends: at, ..stack.pop().unwrap() };
                match stack.last_mut() {
                    Some(whole) => whole.parts.push((ended.name, ended.begins, at)),
                    None => viewed.slices.push(ended),
                }
            }
            3 => viewed.instants.push((at, on.clone(), name.unwrap())),
            4 => {
                let value = f64::from_bits(find(&event, 44).unwrap().number());
                viewed.counters.entry(on.clone()).or_default().push((at, value));
            }
            kind => panic!("events of kind {kind} are not written"),
        }
    }
    assert!(open.values().all(Vec::is_empty), "every slice ends");
    viewed
}

fn bytes(trace: &Trace) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(trace, &mut bytes).unwrap();
    bytes
}

#[test]
fn every_attempt_of_the_stretch_is_a_slice_that_says_what_happened_to_it() {
    for (file, name) in EACH {
        let of = scenario(file, name, &["window.after=2m"]);
        let told = between(&of, -5, 30, ALL);
        let viewed = view(&bytes(&told));
        let (from, until) = (seconds(-5), seconds(30));
        let all = attempts(&of, from, until);
        assert_eq!(viewed.slices.len(), all.len(), "{file}");
        assert_eq!((told.sample.attempts, told.sample.kept), (all.len() as u64, all.len() as u64), "{file}");
        let by: BTreeMap<_, &Slice> = viewed.slices.iter().map(|slice| (slice.whose(), slice)).collect();
        let mut cold = 0;
        for attempt in &all {
            let source = of.0.service.sources[attempt.source as usize].name.clone();
            let slice = by[&(source, attempt.index, attempt.attempt.into(), attempt.arrival.ns())];
            let ns = |at: u64| at.cast_signed() + from.ns();
            assert_eq!(ns(slice.ends), attempt.end.ns(), "{file} {slice:?}");
            assert!(ns(slice.begins) >= attempt.arrival.ns() && slice.begins <= slice.ends, "{file} {slice:?}");
            let version = attempt.version.to_string();
            assert_eq!((&slice.told["version"], &slice.told["contract"]), (&version, &attempt.contract.to_string()));
            assert_eq!(slice.numbers["revision"], u64::from(attempt.revision));
            assert!(slice.name.starts_with(&version) && slice.colour.ends_with(&version), "{file} {slice:?}");
            assert_eq!(slice.colour.starts_with("lost"), attempt.outcome.is_lost(), "{file} {slice:?}");
            let outcome = format!("{:?}", attempt.outcome).to_lowercase();
            let is_told = slice.told["outcome"].replace(' ', "");
            assert!(outcome == is_told || attempt.outcome == Outcome::WaitedOut, "{outcome} {is_told}");
            // Where it lies.
            let (track, parent) = &viewed.tracks[&slice.track];
            let above = parent.map(|parent| viewed.tracks[&parent].0.as_str());
            match attempt.handled() {
                true => {
                    assert!(track.starts_with("instance ") || track.starts_with("replica "), "{file}: {track}");
                    assert_eq!(above, Some(version.as_str()), "{file}: {track}");
                }
                false => assert_eq!(track, "not served", "{file} {slice:?}"),
            }
            let parts = slice.parts.iter();
            assert!(parts.clone().all(|(_, begins, ends)| slice.begins <= *begins && *ends <= slice.ends));
            assert_eq!(parts.filter(|(name, ..)| name == "cold start").count(), usize::from(attempt.cold), "{file}");
            cold += usize::from(attempt.cold);
            let after = slice.parts.last().map_or(slice.begins, |(.., ends)| *ends);
            if attempt.handled() {
                let waited = slice.numbers["wait_ns"].cast_signed();
                assert_eq!(ns(after), attempt.arrival.ns() + waited, "{file} {slice:?}");
            }
        }
        assert!(cold > 0 || told.on_hosts || file == "stream-poison.toml" || file == "queue-residue.toml", "{file}");
        // Attempts of one request, and of no other, are joined.
        let mut flows: BTreeMap<u64, BTreeSet<_>> = BTreeMap::new();
        for slice in &viewed.slices {
            assert!(slice.numbers["attempt"] == 0 || slice.flows.len() == 1);
            let (source, index, ..) = slice.whose();
            for &flow in &slice.flows {
                flows.entry(flow).or_default().extend([(source.clone(), index)]);
            }
        }
        assert!(flows.values().all(|whose| whose.len() == 1), "{file}");
    }
}

#[test]
fn a_replica_serves_no_more_at_once_than_it_can() {
    let of = scenario("ways.toml", "rolling", &["window.after=2m", "hosts.concurrency=2", "hosts.replicas=4"]);
    let viewed = view(&bytes(&between(&of, -5, 30, ALL)));
    let mut changes: BTreeMap<&str, Vec<(u64, i32)>> = BTreeMap::new();
    let mut lines = 0;
    for slice in &viewed.slices {
        let begins = slice.parts.last().map_or(slice.begins, |(.., ends)| *ends);
        lines += slice.parts.len();
        let of = changes.entry(&viewed.tracks[&slice.track].0).or_default();
        of.extend([(begins, 1), (slice.ends, -1)].iter().filter(|_| begins < slice.ends));
    }
    changes.remove("not served");
    assert!(lines > 0 && changes.len() >= 4, "{lines}");
    for (replica, mut of) in changes {
        of.sort_unstable();
        let mut served = 0;
        for (_, change) in of {
            served += change;
            assert!((0..=2).contains(&served), "{replica}");
        }
    }
}

#[test]
fn outcomes_add_up_to_the_figures_of_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let set = ["--set", "window.after=40s"];
    let run =
        ["run", "scenarios/lesson.toml", "--only", "alias", "--replications", "1", "--seed", "7", "--quiet", "-o"];
    let out = folder.path().to_str().unwrap();
    assert!(cutover(&[&run[..], &[out, "--charts", "none"], &set].concat()).status.success());
    let table = std::fs::read_to_string(folder.path().join("replications.csv")).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    let figure = |name: &str| {
        let column = rows[0].iter().position(|column| *column == name).unwrap();
        rows[1][column].parse::<usize>().unwrap_or(0)
    };
    let file = format!("{out}/a.pftrace");
    let told =
        ["trace", "scenarios/lesson.toml", "--strategy", "alias", "--seed", "7", "--from", "0s", "--until", "40s"];
    assert!(cutover(&[&told[..], &["-o", &file], &set].concat()).status.success());
    let viewed = view(&std::fs::read(file).unwrap());
    let count = |is: &dyn Fn(&Slice) -> bool| viewed.slices.iter().filter(|slice| is(slice)).count();
    assert_eq!(count(&|_| true), figure("attempts"));
    for outcome in ["served", "incompatible"] {
        assert_eq!(count(&|slice| slice.told["outcome"] == outcome), figure(outcome), "{outcome}");
    }
    assert_eq!(count(&|slice| slice.told.contains_key("cause")), figure("mismatched"));
    assert_eq!(
        count(&|slice| slice.told.get("cause").is_some_and(|of| of == "node_late")),
        figure("mismatched.node_late")
    );
    assert_eq!(count(&|slice| !slice.parts.is_empty()), figure("cold_starts"));
    assert!(figure("mismatched") > 0 && figure("cold_starts") > 0);
}

#[test]
fn actions_and_who_followed_are_those_that_explain_tells() {
    for (file, name) in EACH {
        let of = scenario(file, name, &["window.after=2m"]);
        let told = between(&of, -5, 60, 0);
        let viewed = view(&bytes(&told));
        assert!(viewed.slices.is_empty() && told.sample.kept == 0);
        let all = attempts(&of, seconds(0), seconds(60));
        let story = story(&of.0, &of.1, SEED, Which::Request(all[0].source, all[0].index)).unwrap().unwrap();
        let on = |track: &str| {
            let own = viewed.instants.iter().filter(move |(_, on, _)| on == track);
            own.map(|(at, _, what)| (*at as f64 / 1e9 - 5.0, what.clone())).collect::<Vec<_>>()
        };
        let actions: Vec<_> = story.actions.iter().filter(|deed| deed.at_s <= 60.0).collect();
        let control = on("control plane");
        assert_eq!(control[0], (0.0, "t = 0".to_owned()), "{file}");
        assert_eq!(control.len(), actions.len() + 1, "{file}");
        for ((at, what), deed) in control[1..].iter().zip(actions) {
            assert!((at - deed.at_s).abs() < 1e-6 && *what == deed.action, "{file}: {what} {deed:?}");
        }
        let direct =
            story.adoptions.iter().filter(|of| of.who.starts_with("producer") || of.who.starts_with("mapping"));
        assert_eq!(on("producers and mappings").len(), direct.filter(|of| of.at_s <= 60.0).count(), "{file}");
        // The share of nodes at any time is that of those who have adopted by then.
        let nodes = f64::from(of.0.service.gateway.nodes);
        for (name, points) in
            viewed.counters.iter().filter(|(name, _)| name.starts_with("gateway nodes on revision 1:"))
        {
            let adopted = |at: f64| {
                let own = story.adoptions.iter().filter(|of| of.who.starts_with("node ") && of.holds == "revision 1");
                own.filter(|of| of.at_s <= at + 1e-9).count() as f64
            };
            for &(at, value) in points {
                let expected = 100.0 * adopted(at as f64 / 1e9 - 5.0) / nodes;
                assert!((value - expected).abs() < 1e-6, "{file}: {name} at {at}: {value} {expected}");
            }
        }
        let queued: Vec<_> = viewed.counters.iter().filter(|(name, _)| name.starts_with("events in ")).collect();
        assert_eq!(queued.len(), usize::from(["queue-residue.toml", "stream-poison.toml"].contains(&file)), "{file}");
        assert!(queued.iter().all(|(_, points)| points.iter().any(|&(_, value)| value > 0.0)), "{file}");
        assert!(viewed.counters.values().all(|points| points[0].0 == 0 && points.len() > 1), "{file}");
    }
}

#[test]
fn of_too_many_whole_requests_are_kept_and_what_went_wrong_first() {
    let of = scenario("retry-storm.toml", "linear", &["window.after=2m"]);
    let whole = between(&of, 0, 90, ALL);
    let by = |trace: &Trace| {
        let mut by: BTreeMap<(usize, u64), Vec<(u32, bool)>> = BTreeMap::new();
        for of in &trace.attempts {
            by.entry((of.source, of.index)).or_default().push((of.attempt, of.went_wrong()));
        }
        by
    };
    let (all, wrong) = (by(&whole), whole.sample.wrong as usize);
    assert!(wrong > 50 && whole.attempts.len() > 4 * wrong && sampled(&whole.sample).is_none(), "{:?}", whole.sample);
    for most in [0, 1, wrong / 2, 3 * wrong, whole.attempts.len() - 1] {
        let part = between(&of, 0, 90, most);
        assert!(part.attempts.len() <= most && part.attempts.len() + 8 >= most, "{most}: {:?}", part.sample);
        assert_eq!((part.sample.attempts, part.sample.kept), (whole.sample.attempts, part.attempts.len() as u64));
        assert_eq!(part.sample.wrong, whole.sample.wrong);
        // Of a request either all attempts are there or none.
        assert!(by(&part).iter().all(|(request, own)| all[request] == *own));
        let kept: usize = by(&part).values().filter(|own| own.iter().any(|of| of.1 || of.0 > 0)).map(Vec::len).sum();
        assert_eq!(kept as u64, part.sample.wrong_kept);
        assert!(most < 2 * wrong || kept == wrong, "{most}: {:?}", part.sample);
        assert!(most >= 2 * wrong || kept + 8 >= most / 2, "{most}: {:?}", part.sample);
        let told = sampled(&part.sample).unwrap();
        let viewed = view(&bytes(&part));
        let note = (0, "not all attempts are here".to_owned(), told);
        assert_eq!(viewed.instants.iter().filter(|instant| **instant == note).count(), 1);
    }
}

#[test]
fn a_trace_has_the_same_bytes_every_time_and_without_an_end_holds_the_whole_rollout() {
    let of = scenario("lesson.toml", "alias", &[]);
    let wanted = Wanted { from: None, until: None, most: 5_000 };
    let [once, twice] = [0, 1].map(|_| trace(&of.0, &of.1, SEED, wanted).unwrap());
    assert!(once.sample.is_part());
    assert_eq!(bytes(&once), bytes(&twice));
    let (replication, all) = Replication::watched(&of.0, &of.1, SEED, Vec::<Attempt>::new()).unwrap();
    let mismatched = all.iter().filter(|of| of.contract.0 != of.version.0).map(|of| of.end).max().unwrap();
    let over = mismatched.max(replication.course.settled.unwrap());
    assert!(once.from == seconds(-10) && once.until > over && once.until < over + cutover::time::Span::from_s(12));
}

fn cutover(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cutover"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args).output().unwrap()
}

#[test]
fn the_command_writes_a_file_or_says_what_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let lesson = |args: &[&str]| cutover(&[&["trace", "scenarios/lesson.toml", "--strategy", "alias"], args].concat());
    let (new, text) = (path("deep/a.pftrace"), |of: &[u8]| String::from_utf8(of.to_vec()).unwrap());
    let done = lesson(&["--until", "5s", "--most", "300", "-o", &new]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let (said, noted) = (text(&done.stdout), text(&done.stderr));
    assert!(said.contains(" attempts from -10 s to 5 s; open it at https://ui.perfetto.dev"), "{said}");
    assert!(noted.contains("of 3,0") && noted.contains("by lot") && noted.contains("--most"), "{noted}");
    assert!(view(&std::fs::read(&new).unwrap()).slices.len() <= 300);
    // One that is there already is replaced, and nothing is left beside it.
    assert!(lesson(&["--until", "0s", "-o", &new]).status.success());
    assert_eq!(std::fs::read_dir(folder.path().join("deep")).unwrap().count(), 1);

    std::fs::write(path("mine.toml"), "mine").unwrap();
    for (args, said) in [
        (&["-o", &path("")][..], "is a folder; give a file"),
        (&["-o", &path("mine.toml")], "exists already and is no .pftrace"),
        (&["-o", &path("mine.toml/a.pftrace")], "cannot write"),
        (&["-o", &new, "--from", "5m", "--until", "-5s"], "nothing lies between --from 5 min and --until -5 s"),
        (&["-o", &new, "--from", "5s", "--until", "5s"], "let the second be the later one"),
        (&["-o", &new, "--until", "-20s"], "nothing lies between --from -10 s"),
        (&["-o", &new, "--from", "10h"], "is simulated; give --from and --until there"),
        (&["-o", &new, "--from", "-10"], "--from: "),
        (&["-o", &new, "--until", "5parsecs"], "--until: unknown unit `parsecs`"),
        (&["-o", &new, "--most", "1000001"], "1000001 is not in 0..=1000000"),
    ] {
        let refused = lesson(args);
        assert_eq!(refused.status.code(), Some(2), "{args:?}: {}", text(&refused.stderr));
        assert!(text(&refused.stderr).contains(said), "{args:?}: {}", text(&refused.stderr));
    }
    assert_eq!(std::fs::read(path("mine.toml")).unwrap(), b"mine");
    for (args, said) in [
        (&["scenarios/lesson.toml"][..], "say which of latest, pinned, alias"),
        (&["scenarios/lesson.toml", "--strategy", "aliass"], "there is no `aliass`"),
        (&["scenarios"], "trace is about one scenario: give its file, not a folder"),
    ] {
        let refused = cutover(&[&["trace", "-o", &new], args].concat());
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused.stderr).contains(said), "{}", text(&refused.stderr));
    }
}
