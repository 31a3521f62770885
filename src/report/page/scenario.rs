//! What the page says of one scenario.

use super::compared::{self, Table};
use super::strategies::{self, Strategy};
use super::{Beside, PageError, Who, what_if};
use crate::metrics::Cause;
use crate::report::charts::strips::{self, OVER_TIME, Strips};
use crate::report::charts::{ChartKind, applies, chosen, frontier};
use crate::report::judge::{self, caused_by, mean};
use crate::report::number::{count, percent};
use crate::report::text::notes::{self, Topic};
use crate::report::text::{costs, table, verdict};
use crate::results::{Results, ScenarioResults, Standing};
use serde::Serialize;

/// One scenario.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct View {
    pub id: String,
    pub name: String,
    /// What it is about, in prose.
    about: String,
    verdict: String,
    /// What the objectives come to, then each of them: `PASS`, `FAIL` or `UNDECIDED`, and the rest of the sentence.
    gates: Option<(String, String)>,
    objectives: Vec<(String, String)>,
    /// What was simulated, how often and with which seed.
    simulated: String,
    /// The hash of everything the figures follow from.
    hash: String,
    table: Table,
    over_time: Vec<Shown>,
    frontier: Option<Frontier>,
    /// The notes, by what they are about.
    harm: Vec<String>,
    costs: Vec<String>,
    why: Vec<String>,
    trust: Vec<String>,
    causes: Option<Causes>,
    /// What was assumed, in words; what becomes of the strategies where it is otherwise; what to measure first.
    assumed: Vec<String>,
    what_if: Option<what_if::Table>,
    measure: Option<String>,
    strategies: Vec<Strategy>,
    /// The strategy of which one request is shown: the next best that loses any.
    shown: Option<String>,
    /// The command that tells what the verdict hangs on.
    sensitivity: Option<String>,
}

/// A chart over time, and what it is called.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Shown {
    label: &'static str,
    who: Vec<Who>,
    strips: Strips,
    /// What a pointer reads, as JSON that a page may hold.
    reads: String,
}

/// Cost against risk.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Frontier {
    title: String,
    drawings: Vec<String>,
}

/// Why there were mismatches, by strategy.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Causes {
    /// The causes that there are: each with its key, and in words.
    heads: Vec<(String, &'static str)>,
    rows: Vec<CausesOf>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
struct CausesOf {
    who: Who,
    /// A figure a cause, and which part of the strategy's mismatches it is.
    cells: Vec<(String, f64, String)>,
}

/// What is told of a scenario at a place of the run.
pub fn view(
    scenario: &ScenarioResults,
    results: &Results,
    place: usize,
    (beside, sets): (&Beside, &str),
) -> Result<View, PageError> {
    let id = format!("s{place}");
    let who = who(scenario, &id);
    let file = &beside.file;
    let seed = if results.seed == 1 { String::new() } else { format!(" --seed {}", results.seed) };
    let explain = format!("cutover explain {file}{sets}{seed}");
    let notes = notes::by_topic(scenario, results.confidence);
    let about = |topic: Topic| -> Vec<String> {
        notes.iter().filter(|(of, _)| *of == topic).map(|(_, note)| note.clone()).collect()
    };
    let split = |line: String| {
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        (word.to_owned(), rest.to_owned())
    };
    Ok(View {
        name: scenario.name.clone(),
        about: scenario.title.clone(),
        verdict: verdict::sentence(scenario),
        gates: verdict::gates(scenario).map(split),
        objectives: about(Topic::Objectives).into_iter().map(split).collect(),
        harm: about(Topic::Harm),
        simulated: table::simulated(scenario, results.seed, results.confidence),
        hash: scenario.hash.clone(),
        table: compared::table(scenario, &who)?,
        over_time: over_time(scenario, &who)?,
        frontier: frontier::for_page(scenario)?.map(|(title, drawings)| Frontier { title, drawings }),
        costs: about(Topic::Cost),
        why: about(Topic::Why),
        causes: causes(scenario, &who),
        assumed: scenario.assumptions.clone(),
        what_if: what_if::table(scenario, &beside.what_if),
        measure: costs::measure(scenario),
        strategies: strategies::all(scenario, &who, beside, &explain),
        shown: judge::order(scenario)
            .iter()
            .find(|&&place| beside.stories.get(place).is_some_and(Option::is_some))
            .map(|&place| who[place].id.clone()),
        trust: strategies::margin(scenario).into_iter().chain(about(Topic::Trust)).collect(),
        // A verdict takes two.
        sensitivity: (judge::contestants(scenario).len() > 1)
            .then(|| format!("cutover sweep {file}{sets}{seed} --sensitivity")),
        id,
    })
}

/// The strategies of a scenario, in its order.
fn who(scenario: &ScenarioResults, id: &str) -> Vec<Who> {
    let colours = strips::colours(scenario).into_iter().enumerate();
    let alone = scenario.strategies.len() == 1;
    let of = |((place, colour), name): ((usize, String), String)| {
        let standing = match judge::standing(scenario, place) {
            Standing::Open | Standing::Refused => "",
            _ if alone => "",
            standing => standing.word(),
        };
        Who { id: format!("{id}-{place}"), name, colour, standing }
    };
    let names = scenario.strategies.iter().map(|strategy| strategy.name.clone());
    colours.zip(names).map(of).collect()
}

/// The charts over time: those that the finding asks for, and what shows how one version took over from another.
fn over_time(scenario: &ScenarioResults, who: &[Who]) -> Result<Vec<Shown>, PageError> {
    let happens = |key| (0..scenario.strategies.len()).any(|place| mean(scenario, place, key) > Some(0.0));
    let mut kinds = chosen(scenario);
    // Where all that is lost is lost to formats, mismatches say the same.
    let is_said = kinds.first() == Some(&ChartKind::Mismatches);
    kinds.extend((happens("lost") && !is_said).then_some(ChartKind::Lost));
    kinds.extend(happens("mismatched").then_some(ChartKind::Causes));
    kinds.extend([ChartKind::Traffic, ChartKind::Latency]);
    kinds.extend(happens("cold_starts").then_some(ChartKind::Instances));
    kinds.extend(happens("sessions_flipped").then_some(ChartKind::Sessions));
    kinds.extend([ChartKind::Replicas, ChartKind::Backlog]);
    let mut shown: Vec<Shown> = Vec::new();
    for kind in kinds {
        let wanted = OVER_TIME.contains(&kind) && applies(scenario, kind);
        if !wanted || shown.iter().any(|known| known.strips.name == kind.name()) {
            continue;
        }
        let Some(strips) = strips::strips(scenario, kind)? else { continue };
        let reads: Vec<_> = strips.strips.iter().map(|strip| &strip.reads).collect();
        let reads = serde_json::json!({
            "low": strips.time.low, "high": strips.time.high, "bend": strips.time.bend, "strips": reads,
        });
        // Nothing in it may end the element that it stands in.
        let reads = reads.to_string().replace('<', "\\u003c");
        let who = strips.strips.iter().map(|strip| who[strip.place].clone()).collect();
        shown.push(Shown { label: label(kind), who, strips, reads });
    }
    Ok(shown)
}

/// What a chart is called beside others.
const fn label(kind: ChartKind) -> &'static str {
    match kind {
        ChartKind::Lost => "Lost requests",
        ChartKind::Mismatches => "Mismatches",
        ChartKind::Causes => "Causes",
        ChartKind::Sessions => "Sessions thrown back",
        ChartKind::Traffic => "Who serves",
        ChartKind::Latency => "Latency",
        ChartKind::Instances => "Instances",
        ChartKind::Replicas => "Replicas",
        ChartKind::Spend => "Spending",
        ChartKind::Backlog => "Backlog",
        ChartKind::Comparison | ChartKind::Frontier | ChartKind::Rollout => "",
    }
}

/// Why there were mismatches; `None` where there were none.
fn causes(scenario: &ScenarioResults, who: &[Who]) -> Option<Causes> {
    let order = judge::order(scenario);
    let any = |cause: &Cause| order.iter().any(|&place| caused_by(scenario, place, *cause) > 0.0);
    let seen: Vec<Cause> = Cause::ALL.into_iter().filter(any).collect();
    let rows = order.iter().filter(|&&place| mean(scenario, place, "mismatched") > Some(0.0)).map(|&place| {
        let all: f64 = seen.iter().map(|&cause| caused_by(scenario, place, cause)).sum();
        let cell = |&cause: &Cause| match caused_by(scenario, place, cause) {
            0.0 => ("0".to_owned(), 0.0, String::new()),
            n => (count(if n >= 10.0 { n.round() } else { n }), (n / all * 100.0).round() / 100.0, percent(n / all)),
        };
        CausesOf { who: who[place].clone(), cells: seen.iter().map(cell).collect() }
    });
    let rows: Vec<CausesOf> = rows.collect();
    let head = |cause: &Cause| (format!("mismatched.{}", cause.key()), cause.told());
    (!seen.is_empty() && !rows.is_empty()).then(|| Causes { heads: seen.iter().map(head).collect(), rows })
}
