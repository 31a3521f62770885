//! `cutover explain`: one request of one rollout, and why it went where it did.

use crate::cli::argument::replication::OneReplication;
use crate::cli::{Failure, say};
use crate::experiment::study::explain::{First, Which, story};
use crate::report::files::json;
use crate::report::text;
use crate::report::text::look::Look;
use crate::scenario::Scenario;
use crate::strategy::Strategy;
use clap::{Args, ValueEnum};

const EXAMPLE: &str = "\
Examples:
  cutover explain scenarios/lesson.toml --strategy alias
  cutover explain scenarios/lesson.toml --strategy latest --first lost --replication 3
  cutover explain scenarios/lesson.toml --strategy canary --request web:120500 --format json

Requests are numbered from 0 within their source, the warm-up's included.";

/// Tell the story of one request: what was done, who learnt of it when, which way it went, and why.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Explain {
    #[command(flatten)]
    of: OneReplication,
    /// Which request: its source and its number, as in web:120500
    #[arg(long, value_name = "SOURCE:INDEX", conflicts_with = "first")]
    request: Option<String>,
    /// The first request from t = 0 on of which this is true
    #[arg(long, value_enum, default_value_t = Of::Incompatible)]
    first: Of,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Printed::Text)]
    format: Printed,
}

/// How a story is printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Printed {
    /// In words
    Text,
    /// With every adoption, for programs
    Json,
}

/// Of what the first.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Of {
    /// It met code that could not read it
    Incompatible,
    /// It was lost to its user
    Lost,
    /// It started an instance
    Cold,
}

impl Explain {
    pub fn run(&self, look: &Look) -> Result<(), Failure> {
        let scenario = &self.of.scenario("explain")?;
        let strategy = self.of.strategy(scenario)?;
        let which = match &self.request {
            Some(request) => request_of(scenario, request)?,
            None => Which::First(match self.first {
                Of::Incompatible => First::Incompatible,
                Of::Lost => First::Lost,
                Of::Cold => First::Cold,
            }),
        };
        let story = story(scenario, strategy, self.of.seed(), which);
        let story = story.map_err(|error| Failure::Unfinished(error.to_string()))?;
        let Some(story) = story else { return Err(Failure::Refused(self.nothing(strategy))) };
        say(&match self.format {
            Printed::Text => text::studies::story::text(&story, look),
            Printed::Json => json::printed(&serde_json::to_value(&story).unwrap_or_default()),
        })
    }

    fn nothing(&self, strategy: &Strategy) -> String {
        let (name, replication) = (&strategy.name, self.of.replication);
        match (&self.request, self.first) {
            (Some(request), _) => format!(
                "--request: {request} is not sent in replication {replication} of {name}; numbers count from the start of the warm-up"
            ),
            (None, Of::Incompatible) => {
                format!(
                    "no request meets code that cannot read it in replication {replication} of {name}; try --first lost or another --replication"
                )
            }
            (None, Of::Lost) => {
                format!("no request is lost in replication {replication} of {name}; try another --replication")
            }
            (None, Of::Cold) => {
                format!(
                    "no request starts an instance in replication {replication} of {name}; try another --replication"
                )
            }
        }
    }
}

fn request_of(scenario: &Scenario, text: &str) -> Result<Which, Failure> {
    let sources = || scenario.service.sources.iter().map(|source| source.name.as_str()).collect::<Vec<_>>().join(", ");
    let refused = |reason: String| Failure::Refused(format!("--request: {reason}"));
    let (name, index) =
        text.rsplit_once(':').ok_or_else(|| refused("write SOURCE:INDEX, such as web:120500".to_owned()))?;
    let source = scenario.service.sources.iter().position(|source| source.name == name);
    let source = source.ok_or_else(|| refused(format!("there is no source `{name}`; there are {}", sources())))?;
    let index =
        index.parse().map_err(|_| refused(format!("`{index}` is no number; write one such as {name}:120500")))?;
    Ok(Which::Request(source as u32, index))
}
