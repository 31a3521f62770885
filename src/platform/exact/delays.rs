//! When a script's actions are, where the control plane takes a random time: each random delay moves a whole resource, or
//! everything.

use super::Inexact;
use crate::dist::Law;
use crate::platform::Service;
use crate::platform::control::Changes;
use crate::strategy::{Resource, Step, Strategy};
use crate::time::{Instant, Span};

/// The changes of every resource as they are made where every random delay is nothing, and those delays.
pub(super) struct Delays {
    /// What the gateway, `$LATEST` and the alias hold after each change.
    pub made: Changes,
    /// When they change.
    pub changes: [Vec<Instant>; 3],
    /// When the mapping of each source changes.
    pub mappings: Vec<Vec<Instant>>,
    /// What delays all changes of the gateway, of `$LATEST` or of the alias, and nothing else.
    pub of_resource: [Vec<Law>; 3],
    /// What delays every change.
    pub of_all: Vec<Law>,
}

impl Delays {
    /// The delays of `strategy`.
    ///
    /// # Errors
    /// [`Inexact::Tangled`], where a random delay moves some changes of a resource and not others, or two resources of
    /// three.
    pub fn new(service: &Service, strategy: &Strategy) -> Result<Self, Inexact> {
        let deployment = &strategy.deployment;
        let mut delays = Self {
            made: Changes::new(service, strategy),
            changes: [const { Vec::new() }; 3],
            mappings: vec![Vec::new(); service.sources.len()],
            of_resource: [const { Vec::new() }; 3],
            of_all: Vec::new(),
        };
        // Producers follow by themselves.
        delays.made.begin(deployment.to);
        let mut now = Instant::ZERO;
        // The random delays so far, and how many of them come before each change of each resource.
        let mut random: Vec<Law> = Vec::new();
        let mut after = [const { Vec::new() }; 3];
        for step in strategy.rollout.script(deployment).steps() {
            match *step {
                Step::Wait(span) => now = now + span,
                // Only what is guarded has any.
                Step::Hook(_) => return Err(Inexact::Guarded),
                Step::WhenThere | Step::WhenSettled if deployment.provisioned.is_some() => {
                    return Err(Inexact::Provisioned);
                }
                Step::WhenThere | Step::WhenSettled => return Err(Inexact::OnHosts),
                Step::Delay(delay) => {
                    let law = service.delay(deployment, delay);
                    match law.is_constant() {
                        // Its only value, whichever law it is written as.
                        true => now = now + Span::from_ns_f64(law.knots().first().copied().unwrap_or(0.0)),
                        false => random.push(law),
                    }
                }
                Step::Do(action) => {
                    delays.made.make(action);
                    let resource = match action.resource() {
                        Resource::Gateway => 0,
                        Resource::Code => 1,
                        Resource::Alias => 2,
                        Resource::Mapping(source) => {
                            if !random.is_empty() {
                                return Err(Inexact::Tangled);
                            }
                            delays.mappings[source].push(now);
                            continue;
                        }
                        Resource::Provisioned => continue,
                        Resource::Replicas | Resource::Stacks => return Err(Inexact::OnHosts),
                    };
                    delays.changes[resource].push(now);
                    after[resource].push(random.len());
                }
            }
        }
        for (place, law) in random.into_iter().enumerate() {
            delays.sort(after.each_ref().map(|after| moved(after, place)), law)?;
        }
        Ok(delays)
    }

    /// Puts a delay by `law`, which moves these resources, where it belongs.
    fn sort(&mut self, moves: [Option<bool>; 3], law: Law) -> Result<(), Inexact> {
        let [Some(gateway), Some(code), Some(alias)] = moves else { return Err(Inexact::Tangled) };
        let moves = [gateway, code, alias];
        let changed = |resource: usize| !self.changes[resource].is_empty();
        match moves.iter().filter(|&&moves| moves).count() {
            0 => {}
            1 => (0..3).filter(|&resource| moves[resource]).for_each(|resource| self.of_resource[resource].push(law)),
            _ if (0..3).all(|resource| moves[resource] || !changed(resource)) => self.of_all.push(law),
            _ => return Err(Inexact::Tangled),
        }
        Ok(())
    }
}

/// Whether random delay `place` moves the changes that have so many delays before them; `None` if only some.
fn moved(after: &[usize], place: usize) -> Option<bool> {
    let moved = after.iter().filter(|&&delays| delays > place).count();
    (moved == 0 || moved == after.len()).then_some(moved > 0)
}
