//! Exact figures without simulation: what a strategy's counts are on average, and how long its rollout takes.
//!
//! A node holds a revision, and a front-end a change, with probabilities that follow from the lags' laws alone. Odds
//! are bilinear in them, and nodes and front-ends are independent, so the odds of a request at any time are the same table
//! as in `odds.rs` with probabilities in place of shares. Summed over the expected arrivals they are the mean, over all
//! rollouts, of what `expected.rs` computes for one.

mod chances;
mod course;
mod delays;
mod duration;
mod integral;
mod requests;

pub use duration::Duration;

use crate::ids::Version;
use crate::platform::index::{Cast, Each, Grid};
use crate::platform::way::expected;
use crate::platform::{Service, Window};
use crate::source::{FeedError, Via};
use crate::strategy::{On, Rollout, Strategy};
use delays::Delays;
use std::fmt;

/// Expected numbers of attempts, by contract and version.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Means(pub Grid<f64>);

/// What [`Means`] say about a deployment, under the names of the metrics.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Counts {
    /// Attempts.
    pub handled: Each<Version, f64>,
    /// Attempts in another contract than the version's.
    pub mismatched: Each<Version, f64>,
    /// Mismatched attempts in a newer contract than the version's.
    pub ahead: f64,
    /// Mismatched attempts in an older contract than the version's.
    pub behind: f64,
    /// Attempts in a contract that the version does not accept.
    pub incompatible: Each<Version, f64>,
    /// Mismatched attempts that the version accepts.
    pub near_misses: f64,
}

/// The exact figures of a strategy.
#[derive(Clone, PartialEq, Debug)]
pub struct Exact {
    /// For each source: its first attempts in [0, after); `None` where they are not known beforehand.
    pub sources: Vec<Option<Means>>,
    /// All first attempts that are known beforehand: what [`expected::mismatched`] counts of them averages, over rollouts,
    /// to the mismatched ones.
    pub first: Means,
    /// Why these are not all attempts; empty where they are.
    pub besides: Vec<Besides>,
    /// How long the rollout takes; `None` where nothing is deployed.
    pub duration: Option<Duration>,
}

/// Attempts that are not known beforehand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Besides {
    /// Limits decide which attempts are let in.
    Limits,
    /// Events stop attempts on their way.
    Events,
    /// The users of this source come back when they are answered.
    Users(String),
    /// The callers of this source try again.
    Retries(String),
    /// A queue takes over what this source sends, and tries again.
    Queue(String),
}

/// Why nothing of a strategy can be told exactly.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Inexact {
    /// Alarms or hooks decide what is done.
    #[error("alarms or hooks may stop it")]
    Guarded,
    /// Each deployment of a plan begins when the one before has settled.
    #[error("its deployments wait for one another")]
    Planned,
    /// It waits until environments are ready.
    #[error("it waits until provisioned environments are ready, however long that takes")]
    Provisioned,
    /// Which replica serves hangs on all that came before.
    #[error("which replica of hosts serves hangs on all that came before")]
    OnHosts,
    /// Random delays of the control plane that can only be drawn.
    #[error("the control plane's random delays move its changes against each other")]
    Tangled,
    /// More steps than can be averaged over in reasonable time.
    #[error("a random delay of the control plane moves more than 1,000 steps together")]
    Steps,
    /// A trace that is not held in memory cannot be read again.
    #[error(transparent)]
    Feed(#[from] FeedError),
}

/// The exact figures of `strategy`.
///
/// # Errors
/// [`Inexact`], where random delays cannot be averaged over or a trace cannot be read again.
pub fn figures(service: &Service, strategy: &Strategy, window: &Window) -> Result<Exact, Inexact> {
    match strategy.rollout {
        _ if strategy.on() == On::Hosts => return Err(Inexact::OnHosts),
        Rollout::Plan(_) => return Err(Inexact::Planned),
        _ if strategy.guard.is_some() => return Err(Inexact::Guarded),
        _ => {}
    }
    let delays = Delays::new(service, strategy)?;
    let cast = Cast::new(service, strategy);
    let pointed = chances::pointed(service, strategy);
    let mut sources = Vec::with_capacity(service.sources.len());
    // Sources behind the gateway whose routes are re-pointed alike share their odds.
    let mut known: Vec<(usize, course::Course<'_>)> = Vec::new();
    for (place, source) in service.sources.iter().enumerate() {
        if !expected::is_known_beforehand(service, strategy, source) {
            sources.push(None);
            continue;
        }
        let is_alike = |&(other, _): &(usize, _)| {
            source.via == Via::Gateway && service.sources[other].via == source.via && pointed[other] == pointed[place]
        };
        let course = match known.iter().position(is_alike) {
            Some(course) => course,
            None => {
                known.push((place, chances::table(service, strategy, &delays, (place, &pointed[place]))?));
                known.len() - 1
            }
        };
        sources.push(Some(requests::sum(source, &cast, &known[course].1, window)?));
    }
    let mut first = Means::default();
    sources.iter().flatten().for_each(|means| first.add(means));
    let settled = chances::settled(service, &delays, &pointed)?.filter(|_| strategy.rollout.deploys());
    let duration = settled.map(|settled| Duration::new(&settled, window));
    Ok(Exact { sources, first, besides: besides(service), duration })
}

fn besides(service: &Service) -> Vec<Besides> {
    let limits = service.function.limits.any().then_some(Besides::Limits);
    let events = (!service.events.is_empty()).then_some(Besides::Events);
    let of_sources = service.sources.iter().flat_map(|source| {
        let users = matches!(source.arrivals, crate::source::Arrivals::Users(_));
        let users = users.then(|| Besides::Users(source.name.clone()));
        let retries = source.caller.retries.map(|_| Besides::Retries(source.name.clone()));
        let queue = source.via.queue().map(|_| Besides::Queue(source.name.clone()));
        users.into_iter().chain(retries).chain(queue)
    });
    limits.into_iter().chain(events).chain(of_sources).collect()
}

impl Exact {
    /// Whether the first attempts that are known beforehand are all attempts there are.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.besides.is_empty()
    }
}

impl Means {
    fn add(&mut self, other: &Self) {
        let rows = self.0.iter_mut().zip(other.0.iter());
        rows.flat_map(|(mine, theirs)| mine.iter_mut().zip(theirs.iter())).for_each(|(sum, mean)| *sum += mean);
    }

    /// What they say about `strategy`.
    #[must_use]
    pub fn counts(&self, service: &Service, strategy: &Strategy) -> Counts {
        let cast = Cast::new(service, strategy);
        let mut counts = Counts::default();
        for (written, contract) in cast.contracts() {
            for (run, version) in cast.versions() {
                let (attempts, release) = (self.0[written][run], service.release(version));
                counts.handled[run] += attempts;
                if contract != release.contract {
                    counts.mismatched[run] += attempts;
                    *(if contract > release.contract { &mut counts.ahead } else { &mut counts.behind }) += attempts;
                    counts.near_misses += if release.accepts(contract) { attempts } else { 0.0 };
                }
                counts.incompatible[run] += if release.accepts(contract) { 0.0 } else { attempts };
            }
        }
        counts
    }
}

impl fmt::Display for Besides {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limits => write!(f, "limits decide which attempts are let in"),
            Self::Events => write!(f, "events stop attempts on their way"),
            Self::Users(source) => write!(f, "the users of {source} come back when they are answered"),
            Self::Retries(source) => write!(f, "the callers of {source} try again"),
            Self::Queue(source) => write!(f, "the queue of {source} tries again"),
        }
    }
}
