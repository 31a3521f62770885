//! What a timetable does to each resource: its changes in order, when each is made and what it leads to.

use super::Service;
use super::control::Revision;
use crate::ids::Version;
use crate::strategy::{Action, AliasTarget, Strategy, Timetable};
use crate::time::Instant;

/// The changes of every resource. Place 0 of each list is what is held before any change.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Plan {
    /// The gateway's revisions.
    pub revisions: Vec<Revision>,
    /// What `$LATEST` runs.
    pub latest: Vec<Version>,
    /// What the alias names.
    pub targets: Vec<AliasTarget>,
    /// When the gateway, `$LATEST` and the alias change.
    pub changes: [Vec<Instant>; 3],
}

impl Plan {
    /// What `timetable` does under `strategy`.
    pub fn new(service: &Service, strategy: &Strategy, timetable: &Timetable) -> Self {
        let from = strategy.deployment.from;
        let contract = |version| service.release(version).contract;
        let mut revisions = vec![Revision { contract: contract(from), qualifier: timetable.qualifier }];
        let mut latest = vec![from];
        let mut targets = vec![AliasTarget { primary: from, additional: None }];
        let mut changes = [const { Vec::new() }; 3];
        let [redeployments, updates, moves] = &mut changes;
        for &(at, action) in &timetable.actions {
            match action {
                Action::RedeployGateway { shape, qualifier } => {
                    revisions.push(Revision { contract: contract(shape), qualifier });
                    redeployments.push(at);
                }
                Action::UpdateCode(version) => {
                    latest.push(version);
                    updates.push(at);
                }
                Action::UpdateAlias(target) => {
                    targets.push(target);
                    moves.push(at);
                }
            }
        }
        Self { revisions, latest, targets, changes }
    }
}
