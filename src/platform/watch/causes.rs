//! Causes: why an attempt met a version that it was not written for. Of several reasons the first one that holds is the cause.

use crate::ids::{Qualifier, Version};
use crate::metrics::Cause;
use crate::platform::Service;
use crate::platform::control::{Control, Pointed};
use crate::platform::index::{Cast, ContractIx};
use crate::platform::record::{Attempt, Way};
use crate::source::Arrivals;
use crate::strategy::On;
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// Mismatched attempts by cause.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Causes([u64; Cause::ALL.len()]);

impl Causes {
    /// How many a cause had.
    #[must_use]
    pub const fn of(&self, cause: Cause) -> u64 {
        self.0[cause as usize]
    }

    /// One more.
    pub const fn count(&mut self, cause: Cause) {
        self.0[cause as usize] += 1;
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine += theirs);
    }
}

/// What a rollout has done so far, as far as causes hang on it: of each resource what each change brings, and since when.
#[derive(Clone, Debug)]
pub struct Blame {
    cast: Cast,
    on_hosts: bool,
    sources: Vec<Sender>,
    pointed: Vec<Pointed>,
    revisions: Vec<(Instant, (ContractIx, Qualifier))>,
    latest: Vec<(Instant, ContractIx)>,
    targets: Vec<(Instant, (ContractIx, Option<ContractIx>))>,
    /// The contract of the version that goes live, from each beginning on.
    begun: Vec<(Instant, ContractIx)>,
    /// Whether it is being taken back.
    back: Vec<(Instant, bool)>,
}

/// A source.
#[derive(Clone, Debug, Default)]
struct Sender {
    has_users: bool,
    has_clients: bool,
    is_queued: bool,
    wires: Option<Wires>,
}

/// What the producer of a source that is wired by itself writes, with the moment at which it does, and what its mapping is to ask for.
#[derive(Clone, Debug, Default)]
struct Wires {
    written: Vec<(Instant, (Instant, ContractIx))>,
    asked: Vec<(Instant, Qualifier)>,
}

/// The last change that was made by a moment.
fn last<T: Copy>(changes: &[(Instant, T)], at: Instant) -> Option<T> {
    changes[..changes.partition_point(|&(made, _)| made <= at)].last().map(|&(_, what)| what)
}

impl Blame {
    /// Before a rollout has done anything.
    #[must_use]
    pub fn new(service: &Service, cast: &Cast, on: On) -> Self {
        let sender = |source: &crate::source::Source| Sender {
            has_users: matches!(source.arrivals, Arrivals::Users(_)),
            has_clients: source.clients.is_some(),
            is_queued: source.via.queue().is_some(),
            wires: source.via.producer().map(|_| Wires::default()),
        };
        Self {
            cast: *cast,
            on_hosts: on == On::Hosts,
            sources: service.sources.iter().map(sender).collect(),
            pointed: vec![Pointed::Rightly; service.sources.len()],
            revisions: Vec::new(),
            latest: Vec::new(),
            targets: Vec::new(),
            begun: Vec::new(),
            back: Vec::new(),
        }
    }

    /// The control plane has been changed at `now`; `back`: whether what was deployed is being taken back.
    pub fn learn(&mut self, now: Instant, control: &Control, back: bool) {
        let changes = &control.changes;
        // What is held from the beginning has always been made.
        let made = |known: usize| if known == 0 { Instant::BEGINNING } else { now };
        self.pointed.clone_from(&control.pointed);
        for revision in self.revisions.len()..changes.revisions.len() {
            let of = changes.revisions[revision];
            let written = self.cast.place_of_contract(of.contract);
            self.revisions.push((made(revision), (written, of.qualifier)));
        }
        for change in self.latest.len()..changes.latest.len() {
            self.latest.push((made(change), self.spoken(changes.latest[change])));
        }
        for change in self.targets.len()..changes.targets.len() {
            let target = changes.targets[change];
            let leads = (self.spoken(target.primary), target.additional.map(|(version, _)| self.spoken(version)));
            self.targets.push((made(change), leads));
        }
        let (cast, begun) = (self.cast, &mut self.begun);
        for (place, sender) in self.sources.iter_mut().enumerate() {
            let (Some(wires), Some(held), Some(direct)) =
                (&mut sender.wires, &changes.direct[place], &control.direct[place])
            else {
                continue;
            };
            for change in wires.written.len()..held.written.len() {
                let reached = direct.producer.reaches(change as u32).unwrap_or(Instant::BEGINNING);
                let at = if change == 0 { Instant::BEGINNING } else { now + direct.at };
                wires.written.push((at, (reached, cast.place_of_contract(held.written[change]))));
            }
            for change in wires.asked.len()..held.asked.len() {
                wires.asked.push((made(change), held.asked[change]));
            }
        }
        for &(at, version) in &control.begun[begun.len()..] {
            begun.push((at, cast.spoken(cast.place_of(version))));
        }
        if self.back.last().is_some_and(|&(_, before)| before) != back {
            self.back.push((now, back));
        }
    }

    fn spoken(&self, version: Version) -> ContractIx {
        self.cast.spoken(self.cast.place_of(version))
    }

    /// The cause of a mismatched attempt that went this way.
    #[must_use]
    pub fn cause(&self, attempt: &Attempt, way: Way) -> Cause {
        let (place, at) = (attempt.source as usize, attempt.arrival);
        let sender = &self.sources[place];
        let (writes, runs) = (way.contract, self.cast.spoken(way.version));
        let newest = last(&self.begun, at).unwrap_or(ContractIx::FIRST);
        let asked = self.asked(sender, way);
        match () {
            () if sender.has_users && way.is_kept() => Cause::Cookie,
            () if sender.has_clients && writes != newest => Cause::Client,
            () if sender.is_queued && sender.writes(at) != Some(writes) => Cause::Queued,
            () if self.is_mistaken(place, asked) => Cause::Route,
            () if last(&self.back, at) == Some(true) => Cause::Rollback,
            () if asked == Some(Qualifier::Alias) && self.is_split(way) => Cause::Weight,
            () => {
                let is_writer_older =
                    if (writes == newest) == (runs == newest) { writes < runs } else { runs == newest };
                if is_writer_older { self.late_writer(sender, runs, at) } else { self.late_runner(sender, way, at) }
            }
        }
    }

    /// What the change of its gateway's node, or of its mapping, has routes ask for.
    fn asked(&self, sender: &Sender, way: Way) -> Option<Qualifier> {
        let change = usize::from(way.revision);
        match &sender.wires {
            Some(wires) => wires.asked.get(change).map(|&(_, asked)| asked),
            None => self.revisions.get(change).map(|&(_, (_, asked))| asked),
        }
    }

    /// Whether the route of a source does not ask for what it should.
    fn is_mistaken(&self, source: usize, asked: Option<Qualifier>) -> bool {
        match self.pointed[source] {
            Pointed::Rightly => false,
            // A mapping that is forgotten is never changed.
            Pointed::Forgotten => {
                self.sources[source].wires.is_some() || asked != self.revisions.first().map(|&(_, (_, first))| first)
            }
            Pointed::Instead { of, .. } => asked == Some(Qualifier::Number(of)),
        }
    }

    fn is_split(&self, way: Way) -> bool {
        let target = self.targets.get(usize::from(way.alias_view));
        target.is_some_and(|&(_, (_, additional))| additional.is_some())
    }

    /// Who writes is the older: nobody has told it yet to write what is read, or it has not learnt of that.
    fn late_writer(&self, sender: &Sender, runs: ContractIx, at: Instant) -> Cause {
        let written = match &sender.wires {
            Some(wires) => last(&wires.written, at).map(|(_, written)| written),
            None => last(&self.revisions, at).map(|(written, _)| written),
        };
        if written == Some(runs) { Cause::NodeLate } else { Cause::NotYet }
    }

    /// The code is the older.
    fn late_runner(&self, sender: &Sender, way: Way, at: Instant) -> Cause {
        let asked = match &sender.wires {
            Some(wires) => last(&wires.asked, at),
            None => last(&self.revisions, at).map(|(_, asked)| asked),
        };
        let leads = |asked: Option<Qualifier>| match asked {
            Some(Qualifier::Number(version)) => self.spoken(version) == way.contract,
            Some(Qualifier::Latest) => last(&self.latest, at) == Some(way.contract),
            Some(Qualifier::Alias) => last(&self.targets, at)
                .is_some_and(|(primary, second)| primary == way.contract || second == Some(way.contract)),
            Some(Qualifier::Any) | None => way.is_ending(),
        };
        match () {
            () if !leads(asked) => Cause::NotYet,
            () if !leads(self.asked(sender, way)) => Cause::NodeLate,
            () if self.on_hosts => Cause::BalancerLate,
            () => Cause::FrontEndLate,
        }
    }
}

impl Sender {
    /// What the producer writes at a moment: the last change that has reached it.
    fn writes(&self, at: Instant) -> Option<ContractIx> {
        let wires = self.wires.as_ref()?;
        wires.written.iter().rev().find(|&&(_, (reached, _))| reached <= at).map(|&(_, (_, written))| written)
    }
}
