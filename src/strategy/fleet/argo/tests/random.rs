//! Thousands of canaries at random: whatever is written and whatever happens, some things hold, and it ends.

use super::*;

/// A linear congruential generator.
struct Lcg(u64);

impl Lcg {
    /// Below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn small(&mut self, end: u64) -> u32 {
        u32::try_from(self.below(end)).unwrap()
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }

    fn setting(&mut self) -> Setting {
        let number = i32::try_from(self.below(4)).unwrap();
        self.one_of(&[Setting::Number(number), Setting::Percent(number * 25)])
    }

    fn item(&mut self) -> Item {
        let percent = self.one_of(&[1, 10, 25, 33, 50, 75, 99, 100]);
        let pods = 1 + self.small(6);
        let scale = self.one_of(&[Scale::Pods(pods), Scale::Weight(percent), Scale::MatchTraffic]);
        let span = self.below(40);
        self.one_of(&[weight(percent), weight(percent), pause(span), Item::Scale(scale), Item::Analysis(0)])
    }

    fn settings(&mut self) -> Settings {
        let router = self.below(3) > 0;
        let dynamic_stable = router && self.below(2) > 0;
        let steps: Vec<_> = (0..self.below(7)).map(|_| self.item()).collect();
        let percent = self.one_of(&[1, 50, 90, 100]);
        Settings {
            router,
            steps,
            max_surge: self.setting(),
            max_unavailable: self.setting(),
            dynamic_stable,
            min_pods: self.one_of(&[0, 0, 1, 2, 3]),
            progress_threshold: self.one_of(&[None, None, Some(Threshold::Percent(percent))]),
            scale_down_delay: s(self.one_of(&[0, 7, 30])),
            abort_delay: s(self.one_of(&[0, 7, 30])),
        }
    }
}

/// What happens to a rollout.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Event {
    Roll(u16),
    Resize(u32),
    Abort,
    Crash(u32),
    Pass,
}

fn happen(cluster: &mut Cluster, event: Event) {
    match event {
        Event::Roll(version) => cluster.roll(Version(version)),
        Event::Resize(replicas) => cluster.resize(replicas),
        Event::Abort => cluster.abort(),
        Event::Crash(which) => cluster.crash(which as usize),
        Event::Pass => {}
    }
}

/// The shares of traffic that a router gives, in per cent.
fn shares(argo: &Argo) -> Vec<(Version, u32)> {
    let rest = (argo.target.primary, PERCENT.get() - argo.weight);
    argo.target.additional.map(|(version, _)| (version, argo.weight)).into_iter().chain([rest]).collect()
}

/// What holds after every wake behind a router.
fn check(cluster: &Cluster, before: &Argo, has_crashed: bool) {
    let argo = &cluster.argo;
    if !argo.settings.router {
        return;
    }
    // No traffic is given to where nobody is. It may stay where nobody is any more, if the stable set cannot take it;
    // and that may be given what is less than a pod by a weight that falls.
    let is_dynamic = argo.settings.dynamic_stable;
    let may_stay = has_crashed || is_dynamic || argo.lacks_stable();
    let had = shares(before);
    for (version, share) in shares(argo).into_iter().filter(|&(version, _)| !may_stay || version != argo.stable) {
        let is_new = had.iter().all(|&(other, share)| other != version || share == 0);
        let is_there = cluster.available([version]) != [0];
        assert!(is_there || share == 0 || (may_stay && !is_new), "{version:?} gets {share} of {argo:?}");
    }
    let is_whole = cluster.requested([argo.stable]) == [argo.replicas];
    let is_halted = argo.stage == Stage::Analysed(Verdict::Inconclusive);
    assert!(is_dynamic || is_whole || is_halted, "the stable set stays whole: {argo:?}");
}

/// What holds after every wake without a router, unless replicas crash or other ones are wanted.
fn check_limits(cluster: &Cluster) {
    let argo = &cluster.argo;
    if argo.settings.router {
        return;
    }
    let versions = [1, 2, 3, 4].map(Version);
    let sum = |counts: [u32; 4]| i64::from(counts.iter().sum::<u32>());
    let (requested, available) = (sum(cluster.requested(versions)), sum(cluster.available(versions)));
    let (limits, replicas) = (argo.limits(), i64::from(argo.replicas));
    assert!(cluster.targets().is_empty());
    assert!(requested <= replicas + limits.surge, "{requested} {available} {argo:?}");
    assert!(available >= replicas - limits.unavailable, "{requested} {available} {argo:?}");
}

fn rollout(seed: u64) {
    let mut random = Lcg(seed);
    // The first numbers of neighbouring seeds are alike.
    (0..3).for_each(|_| _ = random.below(1));
    let settings = random.settings();
    let may_crash = random.below(3) == 0;
    let mut cluster = Cluster::new(settings, 1 + random.small(12));
    cluster.startup = s(random.one_of(&[0, 1, 10, 50]));
    cluster.is_told_singly = random.below(2) == 0;
    let mut events = vec![(0, Event::Roll(2))];
    for _ in 0..random.below(5) {
        let version = random.one_of(&[1, 2, 3, 4]);
        let (replicas, which) = (1 + random.small(12), random.small(12));
        let crash = if may_crash { Event::Crash(which) } else { Event::Pass };
        let event = random.one_of(&[Event::Roll(version), Event::Resize(replicas), Event::Abort, crash]);
        events.push((random.below(200), event));
    }
    events.sort_by_key(|&(at, _)| at);
    let (mut has_crashed, mut has_resized) = (false, false);
    let mut steps = 0;
    let mut events = events.into_iter().peekable();
    loop {
        steps += 1;
        assert!(steps < 5_000, "it never ends: {seed} {:?}", cluster.argo);
        let mut before = cluster.argo.clone();
        let next = cluster.next();
        let analysed = cluster.asked.map(|asked| asked + s(9));
        match events.next_if(|&(second, _)| next.into_iter().chain(analysed).all(|next| at(second) <= next)) {
            Some((second, event)) => {
                before = cluster.until(at(second)).argo.clone();
                has_crashed |= matches!(event, Event::Crash(_));
                has_resized |= matches!(event, Event::Resize(_));
                happen(&mut cluster, event);
            }
            None if analysed.is_some_and(|due| next.is_none_or(|next| due <= next)) => {
                cluster.until(analysed.unwrap());
                cluster.asked = None;
                let verdict =
                    random.one_of(&[Verdict::Successful, Verdict::Successful, Verdict::Failed, Verdict::Error]);
                cluster.analysed(verdict);
            }
            None if next.is_some() => cluster.step(),
            None => break,
        }
        check(&cluster, &before, has_crashed);
        if !has_crashed && !has_resized {
            check_limits(&cluster);
        }
    }
    let argo = &cluster.argo;
    // Beside a dynamic stable set pods of an aborted canary hold up its weight, in the original too. With a delay of
    // its own they do not; otherwise `min_pods`, or a scale step that is never given up, may hold up the pods.
    let Settings { dynamic_stable, min_pods, .. } = argo.settings;
    let may_hang = argo.abort_delay == AbortDelay::Never || (argo.abort_delay == AbortDelay::Usual && min_pods > 1);
    if argo.is_aborted && dynamic_stable && may_hang {
        return;
    }
    assert!(argo.is_done() && argo.is_at_rest(), "{seed} stands still: {argo:?}");
    assert_eq!(cluster.requested([argo.stable]), [argo.replicas]);
    assert!(argo.has_one_set() || argo.abort_delay == AbortDelay::Never);
    assert_eq!(cluster.available([argo.stable]), [argo.replicas]);
}

#[test]
fn they_all_end_and_nobody_is_sent_where_nobody_is() {
    for seed in 0..20_000 {
        rollout(seed);
    }
}
