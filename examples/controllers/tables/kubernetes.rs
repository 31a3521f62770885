//! The tables of the Kubernetes Deployment's controller.

mod passes;
mod rollouts;
pub mod settings;
mod sizes;

use crate::tables::table::Table;

/// All of them.
pub const TABLES: [Table; 15] = [
    Table::of::<settings::Resolved>("fences of a rolling update, faulty settings too"),
    Table::of::<settings::Grid>("fences of a rolling update"),
    Table::of::<settings::Missing>("how many pods may be unavailable"),
    Table::of::<settings::Complete>("whether a rollout is complete"),
    Table::of::<settings::Progressing>("whether a rollout gets on"),
    Table::of::<passes::NewSize>("the size of the new set"),
    Table::of::<passes::NewSide>("the new side of a pass"),
    Table::of::<passes::OldSide>("the old side of a pass"),
    Table::of::<passes::CleanUp>("old pods that are not available"),
    Table::of::<passes::ScaleDown>("old pods that are available"),
    Table::of::<passes::Pass>("one pass"),
    Table::of::<sizes::Named>("a scale request; sets by name"),
    Table::of::<sizes::Three>("a scale request; three sets"),
    Table::of::<rollouts::Rolling>("whole rollouts, in a row each"),
    Table::trajectories::<rollouts::Rolling>("whole rollouts, tick by tick"),
];
