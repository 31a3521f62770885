//! Selection: which strategy is best, found with a stated probability, replications being spent where that is hard.
//!
//! All strategies begin with the same number of replications. After that the procedure looks every few, in index order,
//! and gives more only to those on which the choice hangs; strategies are compared on the replications that both have.
//! What is decided at a look follows from the rows alone, so the result depends on no thread. `docs/statistics.md`
//! says what is promised and why; [`contest`] decides, [`bounds`] has the intervals.

mod bounds;
mod contest;
mod entrant;
mod outcome;

pub use contest::Contest;
pub use outcome::{Cost, Decision, Margin, Selection, Standing};

use super::batch::{Batch, Finished};
use super::journal::Journal;
use super::metrics::{Bound, Metric};
use super::results::ScenarioResults;
use super::settings::{BatchError, Settings};
use crate::scenario::Scenario;
use crate::strategy::{Forgetting, Strategy};

/// From one look to the next.
pub const STEP: u32 = 10;

/// What is asked.
#[derive(Clone, PartialEq, Debug)]
pub struct Question {
    /// The metric that is to be best; it has a direction.
    pub metric: Metric,
    /// A difference that does not matter, in the metric's unit; above zero.
    pub indifference: f64,
    /// What a strategy must keep to in order to be chosen.
    pub constraints: Vec<Constraint>,
    /// How many replications of a strategy at most.
    pub most: u32,
}

/// What the mean of a metric must keep to.
#[derive(Clone, PartialEq, Debug)]
pub struct Constraint {
    /// The metric.
    pub metric: Metric,
    /// The bound, in the metric's unit.
    pub bound: Bound,
    /// How near the bound a mean may be taken either way, in the metric's unit; above zero.
    pub tolerance: f64,
}

impl Constraint {
    /// The bound's value.
    #[must_use]
    pub const fn at(&self) -> f64 {
        match self.bound {
            Bound::AtMost(at) | Bound::AtLeast(at) => at,
        }
    }
}

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
    let together = scenario.strategies.iter().map(hit_as_a_whole).collect();
    let mut contest = Contest::new(question, &metrics, settings.confidence, together);
    loop {
        let wanted = contest.wanted();
        batch.advance(|_, strategy| wanted[strategy])?;
        let rows: Vec<_> = (0..scenario.strategies.len()).map(|strategy| batch.rows(0, strategy)).collect();
        if contest.look(&rows) {
            let selection = contest.outcome(&rows);
            return Ok((batch.results().remove(0), selection));
        }
    }
}

/// Whether chance may hit a whole rollout at once, so that its failures say nothing of their number elsewhere.
fn hit_as_a_whole(strategy: &Strategy) -> bool {
    matches!(strategy.rollout.forgetting(), Some(Forgetting::Chance(share)) if !share.is_zero())
}
