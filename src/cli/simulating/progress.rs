//! Progress on stderr: a bar at a terminal, nothing elsewhere.

use crate::experiment::Done;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Finished jobs and simulated requests.
pub struct Progress {
    bar: ProgressBar,
    requests: AtomicU64,
    /// Of these, those in other strata than the likeliest.
    extra: AtomicU64,
}

impl Progress {
    pub fn new(jobs: u64, quiet: bool) -> Self {
        let hidden = quiet || !io::stderr().is_terminal();
        let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(jobs), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} replications, {eta} left") {
            bar.set_style(style);
        }
        if !hidden {
            bar.enable_steady_tick(Duration::from_millis(250));
        }
        Self { bar, requests: AtomicU64::new(0), extra: AtomicU64::new(0) }
    }

    /// A job has finished.
    pub fn finished(&self, done: Done) {
        let requests = if done.extra { &self.extra } else { &self.requests };
        requests.fetch_add(done.requests, Ordering::Relaxed);
        self.bar.inc(1);
    }

    /// Takes the bar away; how many requests were simulated in the likeliest strata, and in the others.
    pub fn done(&self) -> [u64; 2] {
        self.bar.finish_and_clear();
        [&self.requests, &self.extra].map(|requests| requests.load(Ordering::Relaxed))
    }
}
