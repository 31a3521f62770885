//! The sentences below the table.
