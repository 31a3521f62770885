//! A scenario on standard input.

use std::io::{self, Read};
use std::path::Path;
use std::sync::OnceLock;

/// What is written in place of a path.
const DASH: &str = "-";
/// The scenario's name.
pub(super) const NAME: &str = "stdin";
/// What it is called where a mistake in it is shown.
pub(super) const SHOWN: &str = "<stdin>";

/// Whether `path` stands for standard input.
pub(super) fn is_meant(path: &Path) -> bool {
    path.as_os_str() == DASH
}

/// Its content, up to `most` bytes. It can be read once, and is asked for by every point of a sweep.
pub(super) fn content(most: u64) -> io::Result<Vec<u8>> {
    static CONTENT: OnceLock<io::Result<Vec<u8>>> = OnceLock::new();
    let read = || {
        let mut bytes = Vec::new();
        io::stdin().lock().take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match CONTENT.get_or_init(read) {
        Ok(bytes) => Ok(bytes.clone()),
        Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
    }
}
