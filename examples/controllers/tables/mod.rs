//! Tables of what other projects' controllers do, held against the controllers of this crate. A table is known by its header,
//! whatever its name.

mod argo;
mod kubernetes;
mod rollout;
mod table;

use std::path::Path;
use table::{Held, Opened, Table};

/// The tables that are known.
const SHELVES: &[&[Table]] = &[&kubernetes::TABLES, &argo::TABLES];

/// Compares a file row by row; why that cannot be done, in words.
pub fn held(file: &Path) -> Result<Held, String> {
    let opened = Opened::open(file)?;
    let known = SHELVES.iter().copied().flatten().find(|table| opened.has_header(table.header));
    let unknown = || format!("its header is of no table known here: {}\n{}", opened.header(), headers());
    let table = known.ok_or_else(unknown)?;
    (table.hold)(&opened.read()?)
}

/// What is known, for a message.
pub fn headers() -> String {
    let rows = SHELVES.iter().copied().flatten().map(|table| format!("\n  {}:\n    {}", table.about, table.header));
    format!("a table is known by its header; these are:{}", rows.collect::<String>())
}
