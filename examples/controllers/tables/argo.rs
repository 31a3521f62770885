//! The tables of the Argo Rollouts canary controller.

mod aborts;
mod cells;
mod counts;
mod rollouts;
mod thresholds;

use crate::tables::table::Table;

/// All of them.
pub const TABLES: [Table; 11] = [
    Table::of::<counts::Split>("the best split for a weight"),
    Table::of::<counts::Basic>("the next counts without a router"),
    Table::of::<counts::Named>("the next counts without a router, by name"),
    Table::of::<counts::Carriers>("the pods for a weight"),
    Table::of::<counts::Routed>("counts behind a router"),
    Table::of::<aborts::Scaled>("counts behind a router, with scales and aborts"),
    Table::of::<aborts::Dynamic>("counts behind a router, with a dynamic stable set"),
    Table::of::<aborts::Weight>("the weight of an aborted canary beside a dynamic stable set"),
    Table::of::<thresholds::Progress>("whether enough of a canary is available"),
    Table::of::<rollouts::Canary>("whole canaries, summaries"),
    Table::trajectories::<rollouts::Canary>("whole canaries, states"),
];
