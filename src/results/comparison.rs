//! Two runs beside each other: what changed in the scenarios, which figures moved beyond chance, what flipped.

mod recorded;

pub use recorded::{Objective, Recorded, RecordedScenario, RecordedStrategy, Told};

use super::{Outcome, Verdict};
use crate::metrics::{Bound, Direction, Metric};

/// Two runs beside each other.
#[derive(Clone, PartialEq, Debug)]
pub struct Comparison {
    /// The seeds of both.
    pub seeds: (u64, u64),
    /// The versions of the program that wrote them.
    pub versions: (String, String),
    /// The confidence with which all intervals of judged figures hold together, as a share.
    pub confidence: f64,
    /// The part of the better value below which a difference does not count.
    pub relevant: f64,
    /// How many figures are judged.
    pub judged: usize,
    /// The scenarios that both have, in the order of the second.
    pub scenarios: Vec<ScenarioComparison>,
    /// The scenarios that only the first has, and only the second.
    pub alone: (Vec<String>, Vec<String>),
}

/// One scenario in both runs.
#[derive(Clone, PartialEq, Debug)]
pub struct ScenarioComparison {
    /// Its name.
    pub name: String,
    /// Whether everything that its figures follow from is the same, the seed apart.
    pub same: bool,
    /// Whether replications are compared one by one, and else why not.
    pub pairing: Pairing,
    /// The replications of both.
    pub replications: (u32, u32),
    /// The text of the file in both; `None` where the run did not record it.
    pub sources: (Option<String>, Option<String>),
    /// What the command line changed in both, as it was typed; `None` likewise.
    pub overrides: (Option<Vec<String>>, Option<Vec<String>>),
    /// The sentence of the verdict in both.
    pub verdicts: (String, String),
    /// The strategies that the figures favour in both, in order of their names.
    pub favoured: (Vec<String>, Vec<String>),
    /// The strategies that both have, in the order of the second.
    pub strategies: Vec<StrategyComparison>,
    /// The strategies that only the first has, and only the second.
    pub alone: (Vec<String>, Vec<String>),
    /// The keys of metrics that only one of them has, and those that this program does not know.
    pub unknown: Vec<String>,
    /// The objectives of either, each under one strategy.
    pub objectives: Vec<ObjectiveComparison>,
}

/// How the replications of two runs belong together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pairing {
    /// The first so many of both met the same chance and the same traffic.
    Paired(u32),
    /// Another seed: independent chance.
    OtherSeed,
    /// The same seed, but other requests.
    OtherTraffic,
}

/// One strategy in both runs.
#[derive(Clone, PartialEq, Debug)]
pub struct StrategyComparison {
    /// Its name.
    pub name: String,
    /// The metrics that both have, in the order of the files.
    pub figures: Vec<Moved>,
}

/// One figure in both runs.
#[derive(Clone, PartialEq, Debug)]
pub struct Moved {
    /// What is measured.
    pub metric: Metric,
    /// What the first run told.
    pub before: Told,
    /// What the second run told.
    pub after: Told,
    /// The mean of the second less that of the first; `None` where not compared.
    pub difference: Option<f64>,
    /// Its interval; an end is infinite where the window cut values short. `None` where not compared.
    pub interval: Option<(f64, f64)>,
    /// Whether the interval is one of paired differences.
    pub paired: bool,
    /// How the second lies beside the first.
    pub verdict: Verdict,
    /// Whether it is one of the figures that are judged: the family for which intervals are corrected.
    pub judged: bool,
    /// Whether the difference is large enough to count.
    pub relevant: bool,
}

/// An objective under one strategy in both runs.
#[derive(Clone, PartialEq, Debug)]
pub struct ObjectiveComparison {
    /// Its name.
    pub objective: String,
    /// The strategy.
    pub strategy: String,
    /// The metric's key.
    pub metric: String,
    /// What was wanted and what came of it in the first run; `None` where it has no such objective.
    pub before: Option<(Bound, Outcome)>,
    /// The same in the second.
    pub after: Option<(Bound, Outcome)>,
}

impl Moved {
    /// Whether it moved beyond chance.
    #[must_use]
    pub const fn moved(&self) -> bool {
        self.judged && matches!(self.verdict, Verdict::Lower | Verdict::Higher)
    }

    /// Whether it moved beyond chance to the worse.
    #[must_use]
    pub const fn worse(&self) -> bool {
        let worse = match self.metric.direction() {
            Direction::Lower => matches!(self.verdict, Verdict::Higher),
            Direction::Higher => matches!(self.verdict, Verdict::Lower),
            Direction::Neither => false,
        };
        self.judged && worse
    }

    /// Whether it moved beyond chance to the better.
    #[must_use]
    pub const fn better(&self) -> bool {
        self.moved() && !self.worse() && !matches!(self.metric.direction(), Direction::Neither)
    }
}

impl ObjectiveComparison {
    /// What came of it in both runs, where both have it.
    #[must_use]
    pub fn outcomes(&self) -> Option<(Outcome, Outcome)> {
        Some((self.before?.1, self.after?.1))
    }

    /// Whether it was met and is no more.
    #[must_use]
    pub fn flipped(&self) -> bool {
        self.outcomes().is_some_and(|(before, after)| before == Outcome::Met && after != Outcome::Met)
    }

    /// Whether it was met and is missed.
    #[must_use]
    pub fn broke(&self) -> bool {
        self.outcomes() == Some((Outcome::Met, Outcome::Missed))
    }
}

impl ScenarioComparison {
    /// Every figure with its strategy.
    pub fn figures(&self) -> impl Iterator<Item = (&str, &Moved)> {
        self.strategies
            .iter()
            .flat_map(|strategy| strategy.figures.iter().map(move |figure| (strategy.name.as_str(), figure)))
    }

    /// Whether something is worse, beyond chance and by enough to count, or an objective that was met is missed.
    #[must_use]
    pub fn worse(&self) -> bool {
        self.figures().any(|(_, figure)| figure.worse() && figure.relevant)
            || self.objectives.iter().any(ObjectiveComparison::broke)
    }

    /// Whether something is better, beyond chance and by enough to count.
    #[must_use]
    pub fn better(&self) -> bool {
        self.figures().any(|(_, figure)| figure.better() && figure.relevant)
    }

    /// Whether the figures favour other strategies.
    #[must_use]
    pub fn favours_others(&self) -> bool {
        self.favoured.0 != self.favoured.1
    }

    /// Whether the verdict flipped: other strategies are favoured, or an objective that was met is no more.
    #[must_use]
    pub fn flipped(&self) -> bool {
        self.favours_others() || self.objectives.iter().any(ObjectiveComparison::flipped)
    }
}
