//! How far the reading of a file has come, for whoever has set a watch: the command line shows a bar.

use std::path::Path;
use std::sync::OnceLock;

/// Sees files being read.
pub trait Watch: Send + Sync {
    /// So many bytes of a file have been read, of so many that it has; called for every block.
    fn read(&self, path: &Path, bytes: u64, of: u64);
    /// A file is read no longer.
    fn done(&self, path: &Path);
}

static WATCH: OnceLock<Box<dyn Watch>> = OnceLock::new();

/// Sets the watch of this process; the first one stays.
pub fn watch(watch: Box<dyn Watch>) {
    let _ = WATCH.set(watch);
}

/// The reading of one file.
pub(super) struct Bar {
    path: Box<Path>,
    of: u64,
}

impl Bar {
    pub fn new(path: &Path, of: u64) -> Self {
        Self { path: path.into(), of }
    }

    pub fn at(&self, bytes: u64) {
        if let Some(watch) = WATCH.get() {
            watch.read(&self.path, bytes, self.of);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(watch) = WATCH.get() {
            watch.done(&self.path);
        }
    }
}
