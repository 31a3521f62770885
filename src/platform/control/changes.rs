//! What the resources of the control plane hold after each of their changes.

use crate::ids::{Contract, Qualifier, Version};
use crate::platform::Service;
use crate::strategy::{Action, AliasTarget, Strategy};

/// One list a resource. Place 0 of each is what is held before any change.
#[derive(Clone, Debug)]
pub struct Changes {
    /// The gateway's revisions: what each writes and asks for.
    pub revisions: Vec<Revision>,
    /// What `$LATEST` runs after each update.
    pub latest: Vec<Version>,
    /// What the alias names after each move.
    pub targets: Vec<AliasTarget>,
    /// The contract of each release, the first at place 0.
    contracts: Vec<Contract>,
}

/// An immutable revision of the gateway's configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Revision {
    /// The contract in which it shapes events.
    pub contract: Contract,
    /// What its routes ask for.
    pub qualifier: Qualifier,
}

impl Changes {
    /// None, before `strategy` has done anything.
    #[must_use]
    pub fn new(service: &Service, strategy: &Strategy) -> Self {
        let deployment = &strategy.deployment;
        let (contract, qualifier) = (service.release(deployment.from).contract, strategy.rollout.qualifier(deployment));
        Self {
            revisions: vec![Revision { contract, qualifier }],
            latest: vec![deployment.from],
            targets: vec![AliasTarget { primary: deployment.from, additional: None }],
            contracts: service.releases.iter().map(|release| release.contract).collect(),
        }
    }

    /// Changes a resource.
    pub fn make(&mut self, action: Action) {
        match action {
            Action::RedeployGateway { shape, qualifier } => {
                let contract = self.contracts[usize::from(shape.0) - 1];
                self.revisions.push(Revision { contract, qualifier });
            }
            Action::UpdateCode(version) => self.latest.push(version),
            Action::UpdateAlias(target) => self.targets.push(target),
            Action::Replicas(_) => {}
        }
    }
}
