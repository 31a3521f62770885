//! Selection: which strategy is best, found with a stated probability, replications being spent where that is hard.
//!
//! All strategies begin with the same number of replications. After that the procedure looks every few, in index order,
//! and gives more only to those on which the choice hangs; strategies are compared on the replications that both have.
//! What is decided at a look follows from the rows alone, so the result depends on no thread. `docs/statistics.md`
//! says what is promised and why; `contest` decides, `bounds` has the intervals.

mod bounds;
mod contest;
mod entrant;
mod unseen;

pub use contest::Contest;

use crate::experiment::batch::journal::Journal;
use crate::experiment::batch::{Batch, Finished};
use crate::experiment::settings::{BatchError, Settings};
use crate::results::ScenarioResults;
use crate::results::selection::{Question, Selection};
use crate::scenario::Scenario;

/// Leaves in a scenario what can be chosen: the strategies that deploy something. The names of the others.
pub fn enter(scenario: &mut Scenario) -> Vec<String> {
    let (enter, stay): (Vec<_>, Vec<_>) =
        scenario.strategies.drain(..).partition(|strategy| strategy.rollout.deploys());
    scenario.strategies = enter;
    stay.into_iter().map(|strategy| strategy.name).collect()
}

/// Chooses among the strategies of a scenario, all of which compete. `finished` is told the number of requests that
/// each finished job simulated. What `journal` holds is not simulated again, and what is simulated is put there before
/// it counts.
///
/// # Errors
/// [`BatchError`], for the first job that had to be given up.
pub fn run(
    scenario: &Scenario,
    question: &Question,
    settings: &Settings,
    journal: Option<&Journal>,
    finished: Finished<'_>,
) -> Result<(ScenarioResults, Selection), BatchError> {
    let mut batch = Batch::new(std::slice::from_ref(scenario), settings, journal, finished)?;
    let metrics = batch.columns(0).metrics.clone();
    let mut contest = Contest::new(question, &metrics, settings.confidence, scenario.strategies.len());
    loop {
        let wanted = contest.wanted();
        batch.advance(|_, strategy| wanted[strategy])?;
        let samples: Vec<_> = (0..scenario.strategies.len()).map(|strategy| batch.sample(0, strategy)).collect();
        if contest.look(&samples) {
            let selection = contest.outcome(&samples);
            return Ok((batch.results().remove(0), selection));
        }
    }
}
