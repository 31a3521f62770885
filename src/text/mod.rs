//! Reading what a user writes: a text as a tree that knows its places, typed values, and every mistake with its reason
//! and cure.
//!
//! A file is parsed into a tree (`document`), overrides are laid over it (`overrides`), and readers walk it by hand
//! (`reader`, `log`). A key is described once (`key`, `kind`, `shelf`), for its reader, for editors (`schema`) and for
//! people. The floor knows TOML, quantities and laws, and nothing of what a scenario is about: the shelves
//! above read their own settings with it.

pub(crate) mod diagnostic;
pub(crate) mod document;
pub(crate) mod key;
pub(crate) mod kind;
pub(crate) mod law;
pub(crate) mod log;
pub(crate) mod measure;
pub(crate) mod name;
pub(crate) mod overrides;
pub(crate) mod pattern;
pub(crate) mod quantity;
pub(crate) mod reader;
pub(crate) mod schema;
pub(crate) mod shelf;
pub(crate) mod suggestion;

pub use diagnostic::{Diagnostic, Diagnostics};
pub use overrides::Override;
pub use suggestion::{metric_of, suggestion};
