//! `cutover explain`: what it tells of a request is what happened to it.

use cutover::experiment::Replication;
use cutover::experiment::study::explain::{First, Which, story};
use cutover::ids::Version;
use cutover::metrics::Cause;
use cutover::platform::{Attempt, Outcome};
use cutover::random::Seed;
use cutover::results::story::Passage;
use cutover::scenario::{Options, Scenario, load};
use cutover::strategy::Strategy;
use std::path::Path;
use std::process::{Command, Output};

const SEED: Seed = Seed { seed: 1, replication: 2 };

fn scenario(name: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    load(&[path], &Options::default()).unwrap().remove(0)
}

fn attempts(scenario: &Scenario, strategy: &Strategy) -> Vec<Attempt> {
    let (_, mut attempts) = Replication::watched(scenario, strategy, SEED, Vec::<Attempt>::new()).unwrap();
    attempts.sort_by_key(|attempt| (attempt.arrival, attempt.source, attempt.index, attempt.attempt));
    attempts
}

/// Whether a passage tells of this attempt.
fn is(passage: &Passage, attempt: &Attempt) -> bool {
    let same = (passage.index, passage.attempt, passage.revision) == (attempt.index, attempt.attempt, attempt.revision);
    let times = (passage.arrival_ns, passage.end_ns) == (attempt.arrival.ns(), attempt.end.ns());
    let told = (passage.contract.as_str(), passage.version.as_str());
    same && times && told == (attempt.contract.to_string().as_str(), attempt.version.to_string().as_str())
}

#[test]
fn the_first_of_a_kind_is_found_with_its_whole_path_and_its_neighbours() {
    for (file, name) in
        [("lesson.toml", "alias"), ("lesson.toml", "latest"), ("ways.toml", "rolling"), ("retry-storm.toml", "")]
    {
        let scenario = scenario(file);
        let strategy = scenario.strategies.iter().find(|known| known.name == name).unwrap_or(&scenario.strategies[0]);
        let all = attempts(&scenario, strategy);
        for first in [First::Incompatible, First::Lost, First::Cold] {
            let is_one = |attempt: &&Attempt| {
                attempt.arrival.ns() >= 0
                    && match first {
                        First::Incompatible => attempt.outcome == Outcome::Incompatible,
                        First::Lost => attempt.last && attempt.outcome.is_lost(),
                        First::Cold => attempt.cold,
                    }
            };
            let found = story(&scenario, strategy, SEED, Which::First(first)).unwrap();
            let Some(wanted) = all.iter().find(is_one) else {
                assert!(found.is_none());
                continue;
            };
            let found = found.unwrap();
            let own: Vec<&Attempt> =
                all.iter().filter(|of| (of.source, of.index) == (wanted.source, wanted.index)).collect();
            assert_eq!(found.attempts.len(), own.len());
            assert!(found.attempts.iter().zip(&own).all(|(passage, attempt)| is(passage, attempt)), "{found:#?}");
            for passage in &found.attempts {
                assert_eq!(passage.end_ns - passage.arrival_ns, (passage.wait_ns + passage.service_ns).cast_signed());
                let version = Version(passage.version[1..].parse().unwrap());
                let differs = passage.contract != scenario.service.release(version).contract.to_string();
                assert_eq!(passage.cause.is_some(), differs && passage.instance.is_some());
            }
            // Its neighbours are those of its source.
            let others: Vec<&Attempt> = all
                .iter()
                .filter(|of| of.source == wanted.source && of.attempt == 0 && of.index != wanted.index)
                .collect();
            let place = others.partition_point(|of| of.arrival < wanted.arrival);
            let beside = [&found.before[..], &found.after[..]].concat();
            assert!(beside.iter().zip(&others[place - 2..]).all(|(passage, attempt)| is(passage, attempt)), "{file}");
        }
    }
}

#[test]
fn the_causes_of_all_requests_add_up_to_the_figures() {
    let scenario = scenario("lesson.toml");
    let strategy = &scenario.strategies[2];
    let (replication, attempts) = Replication::watched(&scenario, strategy, SEED, Vec::<Attempt>::new()).unwrap();
    let mismatched: Vec<&Attempt> =
        attempts.iter().filter(|of| of.request.ns() >= 0 && of.contract.0 != of.version.0).collect();
    let counted = replication.tally.counted().plain.causes;
    assert_eq!(Cause::ALL.map(|cause| counted.of(cause)).iter().sum::<u64>(), mismatched.len() as u64);
    // A part of them, spread over all: each has the cause of which there are some.
    for attempt in mismatched.iter().step_by(mismatched.len() / 8) {
        let told = story(&scenario, strategy, SEED, Which::Request(attempt.source, attempt.index)).unwrap().unwrap();
        let cause = told.attempts[0].cause.unwrap();
        let known = Cause::ALL.into_iter().find(|known| known.key() == cause).unwrap();
        assert!(counted.of(known) > 0 && told.counterfactual.is_some(), "{cause}");
    }
}

fn explain(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cutover"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("explain").args(args).output().unwrap()
}

#[test]
fn it_prints_a_story_or_what_to_write() {
    let told = explain(&["scenarios/lesson.toml", "--strategy", "alias", "--ascii"]);
    let text = String::from_utf8(told.stdout).unwrap();
    assert!(
        told.status.success() && text.contains("under alias is incompatible") && text.contains("Beside it"),
        "{text}"
    );
    let told = explain(&["scenarios/lesson.toml", "--strategy", "alias", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    for key in ["actions", "adoptions", "attempts", "counterfactual", "before", "after"] {
        assert!(!json[key].is_null(), "{key}");
    }
    for key in ["source", "index", "attempt", "arrival_ns", "node", "revision", "contract", "qualifier", "front_end"] {
        assert!(!json["attempts"][0][key].is_null(), "{key}");
    }
    for (args, said) in [
        (&["scenarios/lesson.toml"][..], "say which of latest, pinned, alias"),
        (&["scenarios/lesson.toml", "--strategy", "aliass"], "there is no `aliass`"),
        (&["scenarios/lesson.toml", "--strategy", "alias", "--request", "web"], "write SOURCE:INDEX"),
        (
            &["scenarios/lesson.toml", "--strategy", "alias", "--request", "shop:3"],
            "there is no source `shop`; there are web",
        ),
        (
            &["scenarios/lesson.toml", "--strategy", "alias", "--request", "web:99999999"],
            "is not sent in replication 0",
        ),
        (&["scenarios/lesson.toml", "--strategy", "pinned"], "try --first lost or another --replication"),
        (&["scenarios"], "give its file, not a folder"),
    ] {
        let refused = explain(args);
        let text = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{text}");
        assert!(text.contains(said), "{text}");
    }
}
