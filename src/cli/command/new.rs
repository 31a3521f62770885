//! `cutover new`: write a commented scenario to be filled in, around a recorded trace if there is one.

use crate::cli::{Failure, note, say};
use crate::cure::cure;
use crate::scenario::{self, Options};
use crate::shown;
use crate::source::Trace;
use crate::source::trace::{Reading, Wanted};
use crate::text::diagnostic::quote;
use crate::time::{Instant, Span};
use clap::Args;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The scenario that `new` writes: what a user must say of a system first.
const TEMPLATE: &str = include_str!("new.toml");
/// Its traffic.
const TRAFFIC: &str =
    "arrivals = { poisson = \"50/s\" }                  # assumed: the mean rate; bursts, curves, traces: as well";
/// Its window.
const BEFORE: Span = Span::from_s(600);
const AFTER: Span = Span::from_s(900);

const EXAMPLE: &str = "\
Fill in your own figures, then run it:

  cutover new mine.toml
  cutover new mine.toml --trace access.log.gz    around the traffic of a log
  cutover check mine.toml
  cutover run mine.toml

A trace is read as it is: logs of load balancers and web servers, results of load tests, exports of dashboards, CSV. What
it is, and what was found in it, is said; what it leaves open, and what to write for it, too.";

/// Write a commented scenario to be filled in; an existing file is never overwritten.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct New {
    /// The file to write, as in mine.toml
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Recorded traffic to replay, as in access.log.gz
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
}

impl New {
    pub fn run(&self) -> Result<(), Failure> {
        let path = shown::path(&self.file);
        let refused = |error: std::io::Error| {
            let cure = match error.kind() {
                std::io::ErrorKind::AlreadyExists => "choose another name, or remove that file first",
                _ => cure(&error),
            };
            Failure::Refused(format!("cannot write {path}: {error}; {cure}"))
        };
        if let Some(trace) = &self.trace {
            let named = quote(&trace.to_string_lossy());
            if let Err(error) = std::fs::metadata(trace) {
                return Err(Failure::Refused(format!("cannot read {named}: {error}; name the file with the traffic")));
            }
            if trace.to_str().is_none() {
                let cure = "rename it: a scenario is UTF-8 text";
                return Err(Failure::Refused(format!("the name of {named} is no UTF-8 text; {cure}")));
            }
        }
        // Kept, so that the scenario's check need not read it again.
        let opened = self.trace.as_deref().and_then(|trace| {
            let all = Reading::all(Wanted::of(trace));
            Trace::open(&all, Instant::ZERO.before(BEFORE), Instant::ZERO + AFTER).ok()
        });
        let traffic = self.trace.as_deref().map(|trace| self.traffic(trace, opened.as_ref()));
        let text = traffic.map_or_else(|| TEMPLATE.to_owned(), |traffic| TEMPLATE.replace(TRAFFIC, &traffic));
        let mut file = OpenOptions::new().write(true).create_new(true).open(&self.file).map_err(refused)?;
        // By its own name, so that what it says can be copied.
        if let Err(error) = file.write_all(text.replace("FILE", &path).as_bytes()) {
            drop(file);
            // Half a file would be in the way of the next try.
            let _ = std::fs::remove_file(&self.file);
            return Err(refused(error));
        }
        drop(file);
        if self.trace.is_some() {
            let read = scenario::load(std::slice::from_ref(&self.file), &Options::default()).inspect_err(|_| {
                note(&format!("{path} written; the trace leaves something open, to be written there:"));
            })?;
            read.iter().flat_map(|scenario| &scenario.notes).for_each(|text| note(&format!("note: {text}")));
        }
        say(&format!("{path} written; fill it in, then: cutover run {path}\n"))
    }

    /// The source that replays a trace: as often as the window is long.
    fn traffic(&self, trace: &Path, opened: Option<&Trace>) -> String {
        let beside = self.file.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder == Path::new("."));
        let file =
            if beside { trace.to_owned() } else { std::path::absolute(trace).unwrap_or_else(|_| trace.to_owned()) };
        // A JSON string is one of TOML.
        let file = serde_json::Value::from(file.to_string_lossy()).to_string().replace('\u{7f}', "\\u007F");
        let again = opened.is_some_and(|trace| trace.length() < BEFORE + AFTER && trace.rows > 1);
        let again = if again { ", loop = true" } else { "" };
        format!(
            "arrivals = {{ trace = {{ file = {file}{again} }} }}      # recorded; `first`, `speed` and `scale` move and change it"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_traffic_and_the_window_are_those_of_the_template() {
        assert_eq!(TEMPLATE.matches(TRAFFIC).count(), 1);
        assert!(TEMPLATE.contains("window = { warm_up = \"10m\", after = \"15m\" }"));
    }
}
