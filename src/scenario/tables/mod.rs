//! The tables of the scenario file that are on no shelf: their keys, and how they are read.

mod contracts;
pub(crate) mod hosts;
pub(crate) mod objective;
mod overflow;
pub(crate) mod platform;
pub(crate) mod prices;
mod provisioned;
pub(crate) mod release;
mod settle;
pub(crate) mod title;
pub(crate) mod window;

use crate::faults::keys::EVENTS;
use crate::source::keys::{QUEUES, SOURCES, STREAMS};
use crate::strategy::deployment::DEPLOYMENT;
use crate::strategy::guard::analysis::ANALYSES;
use crate::strategy::guard::keys::ALARMS;
use crate::strategy::keys::STRATEGIES;
use crate::text::kind::Keys;

/// All keys of the file.
pub(super) const ROOT: Keys = Keys(&[
    &title::TITLE,
    &title::REPLICATIONS,
    &window::WINDOW,
    &window::TIMELINE,
    &SOURCES,
    &QUEUES,
    &STREAMS,
    &platform::GATEWAY,
    &DEPLOYMENT,
    &release::CODE,
    &platform::FUNCTION,
    &hosts::HOSTS,
    &release::VERSIONS,
    &prices::PRICES,
    &EVENTS,
    &ALARMS,
    &ANALYSES,
    &STRATEGIES,
    &objective::OBJECTIVES,
]);
