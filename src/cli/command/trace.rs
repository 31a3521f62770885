//! `cutover trace`: a stretch of one rollout as a file for the Perfetto viewer.

use crate::cli::argument::replication::OneReplication;
use crate::cli::{Failure, note, say};
use crate::experiment::study::trace::{TraceError, Wanted, moment, trace};
use crate::report::files::single::{self, SingleError};
use crate::report::trace::{sampled, write};
use crate::shown;
use crate::text::quantity;
use crate::time::Instant;
use crate::units::grouped;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use std::path::PathBuf;

const EXAMPLE: &str = "\
Examples:
  cutover trace scenarios/lesson.toml --strategy alias -o alias.pftrace
  cutover trace scenarios/lesson.toml --strategy latest --replication 3 -o latest.pftrace
  cutover trace scenarios/ways.toml --strategy rolling --until 2m --most 20000 -o rolling.pftrace

Open the file at https://ui.perfetto.dev, which reads it in the browser. An attempt is
a slice on the track of the instance or the replica that ran it, in the colour of its
version, or in another one if it was lost or a near miss. Click on one for its source
and its number, of which explain tells the story. Attempts belong to the stretch in which
they arrive.";

/// What the names of such files end with.
const EXTENSION: &str = "pftrace";
/// How many attempts may be asked for: more are no use in a viewer.
const MOST: u64 = 1_000_000;

/// Write a stretch of one replication for the Perfetto viewer: what was done, who followed, where every request ran.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Trace {
    #[command(flatten)]
    of: OneReplication,
    /// From when on, as in -30s; by default from 10 s before t = 0
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<String>,
    /// Until when, as in 5m; by default until 10 s after the rollout is over
    ///
    /// It is over when everybody has followed what was done last, and the last attempt has ended that was mismatched, or that was
    /// lost where none is in the 10 s before t = 0.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// How many attempts at most
    ///
    /// Of more, those of requests that went wrong are kept first, up to half of the room where others are left out; which of them, and
    /// of the others, lots decide, the same ones every time.
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = RangedU64ValueParser::<u64>::new().range(..=MOST))]
    most: u64,
    /// The file to write, as in output/alias.pftrace
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Trace {
    pub fn run(&self) -> Result<(), Failure> {
        let (from, until) = (instant("--from", self.from.as_deref())?, instant("--until", self.until.as_deref())?);
        let scenario = self.of.scenario("trace")?;
        let strategy = self.of.strategy(&scenario)?;
        single::claim(&self.output, EXTENSION).map_err(|error| Failure::Refused(error.to_string()))?;
        let wanted = Wanted { from, until, most: self.most as usize };
        let trace = trace(&scenario, strategy, self.of.seed(), wanted).map_err(|error| match error {
            TraceError::Simulation(error) => Failure::Unfinished(error.to_string()),
            refused => Failure::Refused(refused.to_string()),
        })?;
        if let Some(told) = sampled(&trace.sample) {
            note(&format!("note: {told} Raise --most, or choose a shorter stretch with --from and --until."));
        }
        let unfinished = |error: SingleError| Failure::Unfinished(error.to_string());
        single::put(&self.output, |to| write(&trace, to)).map_err(unfinished)?;
        say(&format!(
            "{} written: {} attempts from {} to {}; open it at https://ui.perfetto.dev\n",
            shown::path(&self.output),
            grouped(trace.sample.kept as f64, 0),
            moment(trace.from),
            moment(trace.until)
        ))
    }
}

/// A moment that a user wrote.
fn instant(option: &str, text: Option<&str>) -> Result<Option<Instant>, Failure> {
    let refused = |(reason, cure)| Failure::Refused(format!("{option}: {reason}; {cure}"));
    text.map(quantity::instant_of).transpose().map_err(refused)
}
