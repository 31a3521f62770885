//! Progress while long traces are read: a bar at a terminal, nothing elsewhere.

use crate::shown;
use crate::source::trace::progress::{self, Watch};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What is read in less is over before anybody wonders.
const LONG: Duration = Duration::from_millis(700);

/// Shows the files that are being read, if anybody looks.
pub fn show(quiet: bool) {
    if !quiet && io::stderr().is_terminal() {
        progress::watch(Box::new(Bars(Mutex::default())));
    }
}

struct Bars(Mutex<BTreeMap<PathBuf, Bar>>);

struct Bar {
    since: Instant,
    bar: Option<ProgressBar>,
}

impl Watch for Bars {
    #[expect(clippy::disallowed_methods, reason = "how long somebody has waited")]
    fn read(&self, path: &Path, bytes: u64, of: u64) {
        let mut bars = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !bars.contains_key(path) {
            bars.insert(path.to_owned(), Bar { since: Instant::now(), bar: None });
        }
        let Some(Bar { since, bar }) = bars.get_mut(path) else { return };
        if bar.is_none() && since.elapsed() > LONG {
            let new = ProgressBar::with_draw_target(Some(of), ProgressDrawTarget::stderr());
            let words = "{msg}: {bar:32} {bytes}/{total_bytes}, {eta} left";
            if let Ok(style) = ProgressStyle::with_template(words) {
                new.set_style(style);
            }
            new.set_message(shown::path(path));
            *bar = Some(new);
        }
        if let Some(bar) = bar {
            bar.set_position(bytes);
        }
    }

    fn done(&self, path: &Path) {
        let mut bars = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Bar { bar: Some(bar), .. }) = bars.remove(path) {
            bar.finish_and_clear();
        }
    }
}
