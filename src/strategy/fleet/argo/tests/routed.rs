//! Canaries behind a router.

use super::*;

fn dynamic(steps: &[Item]) -> Settings {
    Settings { dynamic_stable: true, ..settings(true, steps) }
}

#[test]
fn pods_come_before_weight_and_old_ones_go_last() {
    let mut cluster = Cluster::new(settings(true, &[weight(20), pause(60), weight(60)]), 10);
    cluster.roll(V2);
    assert_eq!(cluster.requested([V1, V2]), [10, 2]);
    assert_eq!(cluster.until(at(9)).targets(), []);
    assert_eq!(cluster.until(at(10)).targets(), [(10, V1, 20)]);
    cluster.run();
    // 10 s for 2 canaries, the pause, 10 s for 6, 10 s for 10; then the stable one is the new one.
    let targets = [(10, V1, 20), (80, V1, 60), (90, V1, 100), (90, V2, 0)];
    assert_eq!((cluster.targets(), cluster.done), (targets.to_vec(), Some(at(90))));
    assert_eq!(cluster.orders.last(), Some(&(at(120), Order::Scale(V1, 0))));
    assert_eq!(cluster.requested([V1, V2]), [0, 10]);
    assert!(cluster.argo.is_at_rest());
}

#[test]
fn without_a_delay_old_ones_go_at_once() {
    let mut cluster = Cluster::new(Settings { scale_down_delay: Span::ZERO, ..settings(true, &[weight(50)]) }, 4);
    cluster.roll(V2);
    cluster.run();
    assert_eq!(cluster.orders.last(), Some(&(at(20), Order::Scale(V1, 0))));
}

#[test]
fn a_size_of_its_own_comes_before_the_weight() {
    let scale = |scale| Item::Scale(scale);
    let steps = [scale(Scale::Pods(3)), weight(10), scale(Scale::Weight(50)), scale(Scale::MatchTraffic), pause(5)];
    let mut cluster = Cluster::new(settings(true, &steps), 10);
    cluster.roll(V2);
    assert_eq!(cluster.requested([V1, V2]), [10, 3]);
    assert_eq!(cluster.until(at(19)).requested([V1, V2]), [10, 5]);
    assert_eq!(cluster.until(at(20)).requested([V1, V2]), [10, 1]);
    assert_eq!(cluster.targets(), [(10, V1, 10)]);
}

#[test]
fn an_abort_takes_the_weight_at_once_and_the_canary_later() {
    let mut cluster = Cluster::new(settings(true, &[weight(20), pause(600)]), 10);
    cluster.roll(V2);
    cluster.until(at(50)).abort();
    assert_eq!(cluster.targets(), [(10, V1, 20), (50, V1, 0)]);
    assert_eq!((cluster.done, cluster.requested([V1, V2])), (Some(at(50)), [10, 2]));
    cluster.until(at(79));
    assert_eq!((cluster.argo.is_at_rest(), cluster.requested([V1, V2])), (false, [10, 2]));
    cluster.until(at(80));
    assert_eq!((cluster.argo.is_at_rest(), cluster.requested([V1, V2])), (true, [10, 0]));
}

#[test]
fn an_aborted_canary_may_stay_for_ever() {
    let mut cluster =
        Cluster::new(Settings { abort_delay: Span::ZERO, ..settings(true, &[weight(20), pause(600)]) }, 10);
    cluster.roll(V2);
    cluster.until(at(50)).abort();
    cluster.run();
    assert_eq!(cluster.requested([V1, V2]), [10, 2]);
    assert!(cluster.argo.is_at_rest());
}

#[test]
fn a_scale_request_keeps_pods_before_weight() {
    let mut cluster = Cluster::new(settings(true, &[weight(20), pause(100), weight(60)]), 10);
    cluster.roll(V2);
    cluster.until(at(50)).resize(20);
    assert_eq!(cluster.requested([V1, V2]), [20, 4]);
    cluster.run();
    assert_eq!(cluster.targets(), [(10, V1, 20), (120, V1, 60), (130, V1, 100), (130, V2, 0)]);
    assert_eq!(cluster.requested([V1, V2]), [0, 20]);
}

#[test]
fn a_way_back_to_the_stable_version_has_no_steps() {
    let mut cluster = Cluster::new(settings(true, &[weight(20), pause(600)]), 10);
    cluster.roll(V2);
    cluster.until(at(50)).roll(V1);
    assert_eq!(cluster.targets(), [(10, V1, 20), (50, V1, 0)]);
    assert_eq!((cluster.done, cluster.until(at(79)).requested([V1, V2])), (Some(at(50)), [10, 2]));
    cluster.run();
    assert_eq!(cluster.requested([V1, V2]), [10, 0]);
}

#[test]
fn a_third_version_takes_the_second_ones_place() {
    let mut cluster = Cluster::new(settings(true, &[weight(20), pause(60)]), 10);
    cluster.roll(V2);
    cluster.until(at(30)).roll(V3);
    assert_eq!(cluster.targets().last(), Some(&(30, V1, 0)));
    assert_eq!(cluster.requested([V1, V2, V3]), [10, 0, 2], "no traffic reaches it, so no delay");
    cluster.run();
    // 10 s, the pause, 10 s.
    assert_eq!((cluster.done, cluster.requested([V1, V2, V3])), (Some(at(110)), [0, 0, 10]));
}

#[test]
fn an_older_set_stays_while_pods_are_missing() {
    let mut cluster = Cluster::new(settings(true, &[Item::Scale(Scale::Pods(1)), pause(600)]), 4);
    cluster.roll(V2);
    cluster.until(at(30)).crash(0);
    cluster.crash(0);
    cluster.roll(V3);
    // 2 and 1 are available, and 3 have to be.
    assert_eq!(cluster.until(at(39)).requested([V1, V2, V3]), [4, 1, 1]);
    assert_eq!(cluster.until(at(40)).requested([V1, V2, V3]), [4, 0, 1]);
}

#[test]
fn a_set_with_pods_has_no_few() {
    let steps = [weight(10), pause(10), weight(50), pause(10)];
    let mut cluster = Cluster::new(Settings { min_pods: 3, ..settings(true, &steps) }, 10);
    cluster.roll(V2);
    assert_eq!(cluster.requested([V1, V2]), [10, 3]);
    assert_eq!(cluster.until(at(20)).requested([V1, V2]), [10, 5]);
    cluster.run();
    assert_eq!(cluster.requested([V1, V2]), [0, 10]);
}

#[test]
fn part_of_a_canary_may_be_enough() {
    let threshold = Some(Threshold::Percent(50));
    let mut cluster = Cluster::new(Settings { progress_threshold: threshold, ..settings(true, &[weight(40)]) }, 10);
    cluster.roll(V2);
    cluster.until(at(10)).crash(10);
    cluster.crash(10);
    // Six more have begun at 10 s, so that eight of ten are there 10 s later, and all at 20 s.
    cluster.run();
    assert_eq!(cluster.targets().last(), Some(&(20, V2, 0)));
}

#[test]
fn a_dynamic_stable_set_goes_as_the_canary_comes() {
    let mut cluster = Cluster::new(dynamic(&[weight(25), pause(10), weight(75), pause(10)]), 4);
    cluster.roll(V2);
    assert_eq!(cluster.requested([V1, V2]), [4, 1]);
    assert_eq!(cluster.until(at(10)).requested([V1, V2]), [3, 1]);
    assert_eq!(cluster.until(at(29)).requested([V1, V2]), [3, 3]);
    assert_eq!(cluster.until(at(30)).requested([V1, V2]), [1, 3]);
    assert_eq!(cluster.until(at(49)).requested([V1, V2]), [1, 4]);
    cluster.run();
    let targets = [(10, V1, 25), (30, V1, 75), (50, V1, 100), (50, V2, 0)];
    assert_eq!((cluster.targets(), cluster.done), (targets.to_vec(), Some(at(50))));
    assert_eq!(cluster.orders.last(), Some(&(at(50), Order::Scale(V1, 0))), "no delay");
}

#[test]
fn beside_a_dynamic_stable_set_an_abort_walks_back() {
    // 25 % and 75 % of 4, as in the original's own tests; the delay is the usual one, then one of its own.
    for (delay, canary) in [(30, 1), (10, 3)] {
        let steps = [weight(25), pause(10), weight(75), pause(600)];
        let mut cluster = Cluster::new(Settings { abort_delay: s(delay), ..dynamic(&steps) }, 4);
        cluster.roll(V2);
        cluster.until(at(100)).abort();
        assert_eq!(cluster.until(at(109)).requested([V1, V2]), [3, 3], "its pods are needed for now");
        assert_eq!(cluster.until(at(110)).requested([V1, V2]), [4, canary]);
        assert_eq!(cluster.targets().last(), Some(&(110, V1, 25)));
        cluster.until(at(120));
        assert_eq!(cluster.targets().last(), Some(&(120, V1, 0)));
        assert_eq!(cluster.done, Some(at(120)));
        assert_eq!(cluster.requested([V1, V2]), [4, if delay == 30 { 0 } else { 3 }]);
        cluster.run();
        assert_eq!(cluster.requested([V1, V2]), [4, 0]);
        assert!(cluster.argo.is_at_rest());
    }
}

#[test]
fn a_way_back_to_a_dynamic_stable_set_waits_for_all_of_it() {
    // All of it, even if less is enough to go on.
    let threshold = Some(Threshold::Percent(50));
    let mut cluster = Cluster::new(Settings { progress_threshold: threshold, ..dynamic(&[weight(25), pause(600)]) }, 4);
    cluster.roll(V2);
    cluster.until(at(50)).roll(V1);
    assert_eq!(cluster.until(at(59)).requested([V1, V2]), [4, 1]);
    assert_eq!(cluster.targets(), [(10, V1, 25)]);
    assert_eq!(cluster.until(at(60)).requested([V1, V2]), [4, 0]);
    assert_eq!(cluster.targets(), [(10, V1, 25), (60, V1, 0)]);
}

#[test]
fn a_third_version_beside_a_dynamic_stable_set_leaves_the_second_its_traffic() {
    let mut cluster = Cluster::new(dynamic(&[weight(50), pause(60)]), 4);
    cluster.roll(V2);
    cluster.until(at(30)).roll(V3);
    assert_eq!(cluster.until(at(39)).requested([V1, V2, V3]), [2, 2, 2]);
    assert_eq!(cluster.targets(), [(10, V1, 50)]);
    assert_eq!(cluster.until(at(40)).requested([V1, V2, V3]), [2, 0, 2]);
    assert_eq!(cluster.orders.iter().filter(|(_, order)| matches!(order, Order::Do(_))).count(), 2);
    cluster.run();
    assert_eq!(cluster.requested([V1, V2, V3]), [0, 0, 4]);
}

#[test]
fn an_abort_leaves_traffic_with_a_version_that_has_pods() {
    let mut cluster = Cluster::new(dynamic(&[weight(50), pause(60)]), 4);
    cluster.roll(V2);
    cluster.until(at(30)).roll(V3);
    cluster.until(at(35)).abort();
    // The third version had no pod yet, and the second one's are needed until the stable set is whole.
    let told = |cluster: &Cluster| {
        cluster.orders.iter().rev().find_map(|&(_, order)| match order {
            Order::Do(Action::UpdateAlias(target)) => target.additional.map(|(version, _)| version),
            _ => None,
        })
    };
    assert_eq!((told(cluster.until(at(39))), cluster.available([V2])), (Some(V2), [2]));
    cluster.run();
    assert_eq!(cluster.targets().last().map(|&(_, version, weight)| (version, weight)), Some((V1, 0)));
    assert_eq!(cluster.requested([V1, V2, V3]), [4, 0, 0]);
}
