//! Stacks side by side, each of them whole: what a blue/green deployment switches between.

use super::{Order, Replicas};
use crate::ids::Version;
use crate::time::Instant;

/// Stacks, by version.
#[derive(Clone, PartialEq, Debug)]
pub struct Stacks {
    replicas: u32,
    stacks: Vec<Stack>,
    /// What was raised last.
    raised: Version,
}

#[derive(Clone, PartialEq, Debug)]
struct Stack {
    version: Version,
    /// How many replicas it was given.
    spec: u32,
    /// Until when it is kept; [`Instant::END`] for ever.
    until: Instant,
}

impl Stacks {
    /// One whole stack of a version.
    #[must_use]
    pub fn new(replicas: u32, version: Version) -> Self {
        Self { replicas, stacks: vec![Stack { version, spec: replicas, until: Instant::END }], raised: version }
    }

    pub(super) fn raise(&mut self, version: Version) {
        self.raised = version;
        match self.stacks.iter_mut().find(|stack| stack.version == version) {
            Some(stack) => stack.until = Instant::END,
            None => self.stacks.push(Stack { version, spec: 0, until: Instant::END }),
        }
    }

    pub(super) fn retire(&mut self, version: Version, at: Instant) {
        self.stacks.iter_mut().filter(|stack| stack.version == version).for_each(|stack| stack.until = at);
    }

    pub(super) const fn resize(&mut self, replicas: u32) {
        self.replicas = replicas;
    }

    pub(super) fn look(&mut self, view: &impl Replicas, orders: &mut Vec<Order>) {
        for stack in &mut self.stacks {
            let spec = if stack.until <= view.now() { 0 } else { self.replicas };
            if spec != stack.spec {
                stack.spec = spec;
                orders.push(Order::Scale(stack.version, spec));
            }
            if stack.until > view.now() && stack.until < Instant::END {
                orders.push(Order::WakeIn(stack.until.since(view.now())));
            }
        }
    }

    pub(super) fn is_done(&self, view: &impl Replicas) -> bool {
        view.of(self.raised).available >= self.replicas
    }
}
