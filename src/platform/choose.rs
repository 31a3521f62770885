//! Which idle instance serves the next request. No platform documents its choice, so it is a parameter.

/// The rule by which a pool picks one of its idle instances.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Choice {
    /// The one that became idle last: the others age and are reclaimed (default).
    #[default]
    MostRecent,
    /// The one that has been idle longest.
    LeastRecent,
    /// The one that was created last, as SimFaaS does.
    Newest,
    /// Any, with equal probability.
    Random,
}
