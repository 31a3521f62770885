//! Environments that are kept ready: how many of each version are wanted, and from when on they can be used.

use crate::ids::Version;
use crate::platform::{ColdStart, Service};
use crate::random::Seed;
use crate::strategy::{Provisioned, Strategy};
use crate::time::{Instant, Span};
use rand_distr::Distribution;

/// What is kept ready under one strategy; nothing where nobody asks for any.
#[derive(Clone, Debug)]
pub struct Provisions {
    settings: Option<Provisioned>,
    /// How long an environment of each release takes to be initialised, the first at place 0.
    inits: Vec<ColdStart>,
    seed: Seed,
    kept: Vec<(Version, Kept)>,
}

/// What is kept ready of one version.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Kept {
    /// How many environments are wanted, which are paid for from then on.
    pub wanted: u32,
    /// When all of them can be used: no sooner can any that are more than before.
    pub ready_at: Instant,
    /// How many of them could be used before they were asked for.
    there: u32,
    /// How often more were asked for, and how many in all.
    asked: u64,
    made: u64,
}

impl Provisions {
    /// What there is before `strategy` has done anything.
    #[must_use]
    pub fn new(service: &Service, strategy: &Strategy, seed: Seed) -> Self {
        let settings = strategy.deployment.provisioned;
        let environments = settings.map_or(0, |settings| settings.environments);
        let old = Kept { wanted: environments, ready_at: Instant::BEGINNING, there: environments, asked: 0, made: 0 };
        Self {
            settings,
            inits: service.releases.iter().map(|release| release.cold).collect(),
            seed,
            kept: vec![(strategy.deployment.from, old)],
        }
    }

    /// What is kept ready of a version.
    #[must_use]
    pub fn of(&self, version: Version) -> Kept {
        self.kept.iter().find(|&&(other, _)| other == version).map(|&(_, kept)| kept).unwrap_or_default()
    }

    /// From `now` on so many are wanted of a version.
    pub fn want(&mut self, now: Instant, version: Version, environments: u32) {
        let mut kept = self.of(version);
        if kept.ready_at <= now {
            kept.there = kept.wanted;
        }
        kept.wanted = environments;
        kept.there = kept.there.min(environments);
        kept.ready_at = now;
        let more = environments - kept.there;
        if let (Some(settings), 1..) = (self.settings, more) {
            kept.ready_at = now + self.takes(&settings, version, &kept, more);
            (kept.asked, kept.made) = (kept.asked + 1, kept.made + u64::from(more));
        }
        self.kept.retain(|&(other, _)| other != version);
        self.kept.push((version, kept));
    }

    /// How long it takes until so many more can be used: all at once, when the last one is initialised.
    fn takes(&self, settings: &Provisioned, version: Version, kept: &Kept, more: u32) -> Span {
        let name = version.to_string();
        let prepares = settings.prepare.sample(&mut self.seed.stream("provisioned-prepare", &name).at(kept.asked, 0));
        let inits = self.seed.stream("provisioned-init", &name);
        let allocated = |k: u64| Span::from_ns(u64::try_from(settings.rate.due_ns(k)).unwrap_or(u64::MAX));
        let init = |k: u64| match &self.inits[usize::from(version.0) - 1] {
            ColdStart::Init(law) => law.sample(&mut inits.at(kept.made + k - 1, 0)),
            ColdStart::Service(_) => Span::ZERO,
        };
        let last = (1..=u64::from(more)).map(|k| allocated(k) + init(k)).max();
        prepares + last.unwrap_or(Span::ZERO)
    }

    /// When everything that has been asked for by `now` can be used.
    #[must_use]
    pub fn ready_at(&self, now: Instant) -> Instant {
        self.kept.iter().map(|(_, kept)| kept.ready_at).fold(now, Instant::max)
    }
}
