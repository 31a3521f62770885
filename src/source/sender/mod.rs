//! Who sends: callers who wait and try again, clients that update by themselves, producers, and queues that take over.

pub(super) mod caller;
pub(super) mod clients;
pub(super) mod queue;
pub(super) mod via;
