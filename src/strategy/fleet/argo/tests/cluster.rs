//! A cluster without chance: replicas are available 10 s after they were asked for, and gone 5 s after they were not.

use super::*;
use crate::strategy::fleet::{Replicas, Seen};

/// A replica, and what it does.
#[derive(Clone, Copy)]
struct Pod {
    version: Version,
    state: Life,
}

#[derive(Clone, Copy, PartialEq)]
enum Life {
    Starting(Instant),
    Available,
    Going(Instant),
}

/// The cluster, and the controller that it obeys.
pub struct Cluster {
    pub argo: Argo,
    pub orders: Vec<(Instant, Order)>,
    /// When the controller said so first after it had said otherwise.
    pub done: Option<Instant>,
    pub startup: Span,
    /// Whether the controller is woken after every replica, and not only after all that change at a moment.
    pub is_told_singly: bool,
    /// When an analysis was asked for.
    pub asked: Option<Instant>,
    now: Instant,
    pods: Vec<Pod>,
    wakes: Vec<Instant>,
}

struct View<'cluster>(&'cluster [Pod], Instant);

impl Replicas for View<'_> {
    fn now(&self) -> Instant {
        self.1
    }

    fn of(&self, version: Version) -> Seen {
        let count = |is: fn(Life) -> bool| {
            let pods = self.0.iter().filter(|pod| pod.version == version && is(pod.state));
            u32::try_from(pods.count()).unwrap()
        };
        let available = count(|life| life == Life::Available);
        Seen { ready: available, available, running: count(|_| true) }
    }
}

impl Cluster {
    pub fn new(settings: Settings, replicas: u32) -> Self {
        let pod = Pod { version: V1, state: Life::Available };
        Self {
            argo: Argo::new(settings, replicas, V1),
            orders: Vec::new(),
            done: Some(Instant::ZERO),
            startup: s(10),
            is_told_singly: false,
            asked: None,
            now: Instant::ZERO,
            pods: vec![pod; replicas as usize],
            wakes: Vec::new(),
        }
        .woken()
    }

    pub fn roll(&mut self, to: Version) {
        self.argo.roll(to);
        self.wake();
    }

    pub fn resize(&mut self, replicas: u32) {
        self.argo.resize(replicas);
        self.wake();
    }

    pub fn abort(&mut self) {
        self.argo.abort();
        self.wake();
    }

    pub fn analysed(&mut self, verdict: Verdict) {
        self.argo.analysed(verdict);
        self.wake();
    }

    /// A replica that is available starts anew.
    pub fn crash(&mut self, which: usize) {
        let due = self.now + self.startup;
        let mut available = self.pods.iter_mut().filter(|pod| pod.state == Life::Available);
        if let Some(pod) = available.nth(which) {
            pod.state = Life::Starting(due);
            self.wake();
        }
    }

    /// Everything that happens until then.
    pub fn until(&mut self, end: Instant) -> &mut Self {
        while self.next().is_some_and(|next| next <= end) {
            self.step();
        }
        self.now = self.now.max(end);
        self
    }

    /// Everything that happens.
    pub fn run(&mut self) {
        let mut steps = 0;
        while self.next().is_some() {
            self.step();
            steps += 1;
            assert!(steps < 20_000, "it never ends");
        }
    }

    pub fn available<const N: usize>(&self, versions: [Version; N]) -> [u32; N] {
        versions.map(|version| View(&self.pods, self.now).of(version).available)
    }

    pub fn requested<const N: usize>(&self, versions: [Version; N]) -> [u32; N] {
        versions.map(|version| self.argo.sets.get(version).requested)
    }

    /// What the router has been told, and when, in seconds: the stable version and the weight of the other.
    pub fn targets(&self) -> Vec<(u64, Version, u64)> {
        let told = |&(at, order): &(Instant, Order)| match order {
            Order::Do(Action::UpdateAlias(target)) => {
                let weight = target.additional.map_or(0, |(_, share)| share.of(100));
                Some((at.since(Instant::ZERO).ns() / s(1).ns(), target.primary, weight))
            }
            _ => None,
        };
        self.orders.iter().filter_map(told).collect()
    }

    /// The next moment at which something is due, if there is any.
    pub fn next(&self) -> Option<Instant> {
        let pods = self.pods.iter().filter_map(|pod| match pod.state {
            Life::Starting(due) | Life::Going(due) => Some(due),
            Life::Available => None,
        });
        pods.chain(self.wakes.iter().copied()).min()
    }

    /// All that is due next happens.
    pub fn step(&mut self) {
        let Some(now) = self.next() else { return };
        assert!(now >= self.now);
        self.now = now;
        self.wakes.retain(|&due| due != now);
        self.pods.retain(|pod| pod.state != Life::Going(now));
        let most = if self.is_told_singly { 1 } else { usize::MAX };
        for pod in self.pods.iter_mut().filter(|pod| pod.state == Life::Starting(now)).take(most) {
            pod.state = Life::Available;
        }
        self.wake();
    }

    fn woken(mut self) -> Self {
        self.wake();
        assert!(self.orders.is_empty(), "it is as it is to be");
        self
    }

    fn wake(&mut self) {
        let mut orders = Vec::new();
        self.argo.wake(&View(&self.pods, self.now), &mut orders);
        for &order in &orders {
            self.orders.push((self.now, order));
            match order {
                Order::Scale(version, replicas) => self.scale(version, replicas as usize),
                Order::WakeIn(span) => self.wakes.push(self.now + span),
                Order::Do(_) => {}
                Order::Analyse(_) => self.asked = Some(self.now),
            }
        }
        self.done = if self.argo.is_done() { self.done.or(Some(self.now)) } else { None };
    }

    /// Replicas come or go: first those that are not available, and of equal ones the youngest.
    fn scale(&mut self, version: Version, replicas: usize) {
        let is_alive = |pod: &Pod| pod.version == version && !matches!(pod.state, Life::Going(_));
        let alive = self.pods.iter().filter(|pod| is_alive(pod)).count();
        let state = Life::Starting(self.now + self.startup);
        self.pods.extend((alive..replicas).map(|_| Pod { version, state }));
        for _ in replicas..alive {
            let is_starting = |pod: &Pod| matches!(pod.state, Life::Starting(_));
            let all = || self.pods.iter().enumerate().filter(|(_, pod)| is_alive(pod));
            let last = all().rfind(|(_, pod)| is_starting(pod)).or_else(|| all().next_back());
            let at = last.map(|(at, _)| at).unwrap();
            self.pods[at].state = Life::Going(self.now + s(5));
        }
    }
}
