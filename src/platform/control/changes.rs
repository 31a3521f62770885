//! What the resources of the control plane hold after each of their changes.

use crate::ids::{Contract, Qualifier, Version};
use crate::platform::Service;
use crate::source::Source;
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
    /// The wiring of each source that is wired by itself; `None` for the others.
    pub direct: Vec<Option<Wires>>,
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

/// The wiring of a source that is wired by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wires {
    /// Which contract its producer writes after each of its own deployments.
    pub written: Vec<Contract>,
    /// What its mapping asks for after each change.
    pub asked: Vec<Qualifier>,
}

impl Changes {
    /// None, before `strategy` has done anything.
    #[must_use]
    pub fn new(service: &Service, strategy: &Strategy) -> Self {
        let deployment = &strategy.deployment;
        let (contract, qualifier) = (service.release(deployment.from).contract, strategy.rollout.qualifier(deployment));
        let wires =
            |source: &Source| source.via.producer().map(|_| Wires { written: vec![contract], asked: vec![qualifier] });
        Self {
            direct: service.sources.iter().map(wires).collect(),
            revisions: vec![Revision { contract, qualifier }],
            latest: vec![deployment.from],
            targets: vec![AliasTarget { primary: deployment.from, additional: None }],
            contracts: service.releases.iter().map(|release| release.contract).collect(),
        }
    }

    /// The deployment of a version begins: producers are to write its contract.
    pub fn begin(&mut self, version: Version) {
        let contract = self.contract(version);
        self.direct.iter_mut().flatten().for_each(|wires| wires.written.push(contract));
    }

    fn contract(&self, version: Version) -> Contract {
        self.contracts[usize::from(version.0) - 1]
    }

    /// Changes a resource.
    pub fn make(&mut self, action: Action) {
        match action {
            Action::RedeployGateway { shape, qualifier } => {
                let contract = self.contract(shape);
                self.revisions.push(Revision { contract, qualifier });
            }
            Action::UpdateCode(version) => self.latest.push(version),
            Action::UpdateAlias(target) => self.targets.push(target),
            Action::Rewire { source, qualifier } => {
                if let Some(wires) = &mut self.direct[source] {
                    wires.asked.push(qualifier);
                }
            }
            Action::Replicas(_) | Action::Provision { .. } => {}
        }
    }
}
