//! Whole canaries on a cluster whose replicas take a fixed time to come and to go.

mod cluster;
mod oracle;
mod random;
mod routed;

use super::*;
use crate::controller::Setting;
use crate::controller::argo::{Scale, Threshold};
use crate::time::Span;
use cluster::Cluster;

const V1: Version = Version(1);
const V2: Version = Version(2);
const V3: Version = Version(3);

fn s(seconds: u64) -> Span {
    Span::from_s(seconds)
}

fn at(seconds: u64) -> Instant {
    Instant::ZERO + s(seconds)
}

fn weight(percent: u32) -> Item {
    Item::SetWeight(percent)
}

fn pause(seconds: u64) -> Item {
    Item::Pause(Some(s(seconds)))
}

/// What is written where nothing is.
fn settings(router: bool, steps: &[Item]) -> Settings {
    Settings {
        router,
        steps: steps.to_vec(),
        max_surge: Setting::DEFAULT,
        max_unavailable: Setting::DEFAULT,
        dynamic_stable: false,
        min_pods: 0,
        progress_threshold: None,
        scale_down_delay: s(30),
        abort_delay: s(30),
    }
}

#[test]
fn one_replica_of_a_tenth_gets_half_of_the_pods() {
    let mut cluster = Cluster::new(settings(false, &[weight(10), pause(60)]), 1);
    cluster.roll(V2);
    assert_eq!(cluster.until(at(30)).available([V1, V2]), [1, 1]);
    assert_eq!(cluster.targets(), []);
    cluster.run();
    // 10 s until it is available, and the pause.
    assert_eq!((cluster.done, cluster.requested([V1, V2])), (Some(at(70)), [0, 1]));
}

#[test]
fn without_steps_it_is_a_rolling_update() {
    let mut cluster = Cluster::new(settings(false, &[]), 10);
    cluster.roll(V2);
    assert_eq!(cluster.requested([V1, V2]), [8, 5], "3 more and 2 fewer than 10");
    cluster.run();
    // 5, 10 and, when all old ones are gone, no wave more.
    assert_eq!((cluster.done, cluster.requested([V1, V2])), (Some(at(20)), [0, 10]));
}

#[test]
fn a_pause_lasts_from_the_beginning_of_its_step() {
    let mut cluster = Cluster::new(settings(false, &[pause(7), weight(20), pause(100)]), 10);
    cluster.roll(V2);
    assert_eq!(cluster.until(at(6)).requested([V1, V2]), [10, 0]);
    assert_eq!(cluster.until(at(7)).requested([V1, V2]), [8, 2]);
    assert_eq!(cluster.until(at(116)).requested([V1, V2]), [8, 2]);
    assert!(cluster.until(at(117)).requested([V1, V2])[1] > 2);
}

#[test]
fn a_pause_without_an_end_has_none() {
    let mut cluster = Cluster::new(settings(false, &[weight(20), Item::Pause(None)]), 10);
    cluster.roll(V2);
    cluster.run();
    assert_eq!((cluster.done, cluster.requested([V1, V2])), (None, [8, 2]));
}

#[test]
fn an_aborted_canary_rolls_back() {
    let mut cluster = Cluster::new(settings(false, &[weight(60), pause(60), weight(80)]), 10);
    cluster.roll(V2);
    assert_eq!(cluster.until(at(60)).requested([V1, V2]), [4, 6]);
    cluster.abort();
    assert_eq!(cluster.requested([V1, V2]), [9, 4], "stable pods come first, and 8 stay available");
    cluster.run();
    assert_eq!((cluster.done, cluster.requested([V1, V2])), (Some(at(80)), [10, 0]));
    // The same template, once more.
    cluster.roll(V2);
    cluster.run();
    assert_eq!(cluster.requested([V1, V2]), [0, 10]);
}

#[test]
fn a_way_back_to_the_stable_version_has_no_steps() {
    let mut cluster = Cluster::new(settings(false, &[weight(60), pause(600)]), 10);
    cluster.roll(V2);
    cluster.until(at(100)).roll(V1);
    cluster.run();
    assert_eq!((cluster.done, cluster.requested([V1, V2])), (Some(at(120)), [10, 0]));
}

#[test]
fn a_third_version_first_drains_the_second() {
    let mut cluster = Cluster::new(settings(false, &[weight(50), pause(60)]), 4);
    cluster.roll(V2);
    assert_eq!(cluster.until(at(30)).requested([V1, V2, V3]), [2, 2, 0]);
    cluster.roll(V3);
    // One pod more than 4 may be there, and one fewer: the older set is spared until the canary is there.
    assert_eq!(cluster.requested([V1, V2, V3]), [2, 1, 2]);
    cluster.run();
    assert_eq!(cluster.requested([V1, V2, V3]), [0, 0, 4]);
    // 50 % begin again at 30 s: 10 s until available, the pause, and 10 s for the rest.
    assert_eq!(cluster.done, Some(at(110)));
}

#[test]
fn of_older_sets_the_youngest_goes_first() {
    let bounds =
        Settings { max_surge: Setting::Number(1), max_unavailable: Setting::Number(0), ..settings(false, &[]) };
    let mut cluster = Cluster::new(Settings { steps: vec![weight(25), pause(600)], ..bounds }, 8);
    let (v4, versions) = (Version(4), [V1, V2, V3, Version(4)]);
    cluster.roll(V2);
    assert_eq!(cluster.until(at(30)).requested(versions), [6, 2, 0, 0]);
    cluster.roll(V3);
    assert_eq!(cluster.until(at(40)).requested(versions), [6, 1, 2, 0]);
    cluster.roll(v4);
    // One of the third version is not available yet, and makes room.
    assert_eq!(cluster.requested(versions), [6, 1, 1, 1]);
    assert_eq!(cluster.until(at(50)).requested(versions), [6, 1, 0, 2]);
    assert_eq!(cluster.until(at(60)).requested(versions), [6, 0, 0, 2]);
}

#[test]
fn a_scale_request_keeps_the_weight() {
    let mut cluster = Cluster::new(settings(false, &[weight(20), pause(100)]), 10);
    cluster.roll(V2);
    assert_eq!(cluster.until(at(50)).requested([V1, V2]), [8, 2]);
    cluster.resize(20);
    assert_eq!(cluster.until(at(61)).requested([V1, V2]), [16, 4]);
    cluster.resize(5);
    assert_eq!(cluster.until(at(90)).requested([V1, V2]), [4, 1]);
    cluster.run();
    assert_eq!(cluster.requested([V1, V2]), [0, 5]);
    cluster.resize(7);
    assert!(!cluster.argo.is_done());
    cluster.run();
    assert!(cluster.argo.is_done());
    assert_eq!(cluster.requested([V1, V2]), [0, 7]);
    cluster.resize(0);
    cluster.roll(V1);
    cluster.run();
    assert!(cluster.argo.is_at_rest(), "without replicas there is nothing to wait for");
}

#[test]
fn an_analysis_lets_a_canary_go_on_or_not() {
    let steps = [weight(20), Item::Analysis(4), weight(40)];
    for (verdict, done, requested) in [
        (Verdict::Successful, Some(at(50)), [0, 10]),
        (Verdict::Failed, Some(at(30)), [10, 0]),
        (Verdict::Error, Some(at(30)), [10, 0]),
        (Verdict::Inconclusive, None, [8, 2]),
    ] {
        let mut cluster = Cluster::new(settings(false, &steps), 10);
        cluster.roll(V2);
        cluster.until(at(15));
        assert_eq!(cluster.orders.iter().filter(|&&(_, order)| order == Order::Analyse(4)).count(), 1);
        cluster.analysed(Verdict::Running);
        cluster.until(at(20)).analysed(verdict);
        cluster.run();
        assert_eq!((cluster.done, cluster.requested([V1, V2])), (done, requested), "{verdict:?}");
        cluster.analysed(Verdict::Failed);
        assert_eq!(cluster.requested([V1, V2]), requested, "nobody waits for it any more");
    }
}

#[test]
fn a_rollout_that_waits_for_a_person_is_not_scaled() {
    let mut cluster = Cluster::new(settings(false, &[weight(20), Item::Analysis(0)]), 10);
    cluster.roll(V2);
    cluster.until(at(20)).analysed(Verdict::Inconclusive);
    cluster.resize(20);
    assert_eq!(cluster.requested([V1, V2]), [8, 2]);
    cluster.abort();
    cluster.run();
    assert_eq!(cluster.requested([V1, V2]), [20, 0]);
}
