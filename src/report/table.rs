//! The summary of a scenario as a table.
