//! The verdict: the first line of everything that is said of a scenario. What users lose comes first; then which strategy
//! the figures favour, if they do.

use super::chance::if_it_happens;
use super::given_up;
use super::losses::{amount, told};
use crate::report::judge::{self, deploys, mean, name};
use crate::report::number::{listed, many, percent};
use crate::results::{Outcome, ScenarioResults, Standing};

/// A loss of this part of all requests is called bad even of the best.
const BAD: f64 = 0.01;

/// From this share on it is all rollouts: the sum of two shares may lack a hair.
const ALL: f64 = 1.0 - 1e-9;

/// What the objectives come to, all together: `PASS no-breakage under pinned`, `FAIL 1 of 3 objectives`.
#[must_use]
pub fn gates(results: &ScenarioResults) -> Option<String> {
    let with = |outcome| results.gates.iter().filter(|gate| gate.outcome == outcome).count();
    let (word, many) = match (with(Outcome::Missed), with(Outcome::Undecided)) {
        (0, 0) => ("PASS", results.gates.len()),
        (0, open) => ("UNDECIDED", open),
        (missed, _) => ("FAIL", missed),
    };
    match results.gates.as_slice() {
        [] => None,
        [gate] => Some(format!("{word} {} under {}", gate.objective, name(results, gate.strategy))),
        all => Some(format!("{word} {many} of {} objectives", all.len())),
    }
}

/// The verdict in a sentence or two.
#[must_use]
pub fn sentence(results: &ScenarioResults) -> String {
    let favoured = results.decision.favoured();
    let told = |word: &str, who: fn(&ScenarioResults, usize) -> Option<String>| {
        let told: Vec<String> = favoured.iter().filter_map(|&place| who(results, place)).collect();
        (!told.is_empty()).then(|| format!(" {word}: {}.", listed(told.iter().map(String::as_str))))
    };
    let taken_back = [told("Stopped", given_up::how_often_stopped), told("Timed out", given_up::how_often_timed_out)]
        .into_iter()
        .flatten()
        .collect::<String>();
    let places = if favoured.is_empty() { (0..results.strategies.len()).collect() } else { favoured };
    let hit: String =
        places.iter().filter_map(|&place| if_it_happens(results, place)).map(|hit| format!(" {hit}")).collect();
    format!("{}{}{hit}{taken_back}", unfinished(results, &places), of_losses(results))
}

/// What is no loss because it was not over at the end, where it is so much that the losses alone would mislead.
fn unfinished(results: &ScenarioResults, places: &[usize]) -> String {
    let share = |&place: &usize| {
        let share = judge::unfinished(results, place)?;
        (share > judge::MUCH_UNFINISHED).then(|| format!("{} under {}", percent(share), name(results, place)))
    };
    let parts: Vec<String> = places.iter().filter_map(share).collect();
    match parts.is_empty() {
        true => String::new(),
        false => format!("Requests not even over at the end: {}. ", listed(parts.iter().map(String::as_str))),
    }
}

/// What is lost, and what to do for that.
fn of_losses(results: &ScenarioResults) -> String {
    let decision = &results.decision;
    let favoured = decision.favoured();
    if results.strategies.is_empty() {
        return "No strategy was run.".to_owned();
    }
    if !deploys(results) {
        return format!("Nothing is deployed; lost {}.", each(results, &decision.order));
    }
    if favoured.is_empty() && decision.standing(Standing::Open).next().is_none() {
        return unreached(results);
    }
    if results.replications == 1 {
        return format!("One run decides nothing; lost in it {}.", each(results, &decision.order));
    }
    match favoured.as_slice() {
        [] => open(results),
        [best] if decision.standings[*best] == Standing::Recommended => recommended(results, *best),
        [alone] => alone_told(results, *alone),
        group => alike(results, group),
    }
}

/// What was lost, under the first and under the last: `under latest: 1,083 requests (0.45 %, incompatible)`.
fn each(results: &ScenarioResults, places: &[usize]) -> String {
    let (Some(&best), Some(&worst)) = (places.first(), places.last()) else { return String::new() };
    let under = |place| format!("under {}: {}", name(results, place), told(results, place));
    if best == worst { under(best) } else { format!("{}; {}", under(best), under(worst)) }
}

fn loses(results: &ScenarioResults, place: usize) -> String {
    format!("{} loses {}", name(results, place), told(results, place))
}

/// How many strategies a sentence names.
const NAMED: usize = 4;

fn names(results: &ScenarioResults, places: &[usize]) -> String {
    let all = places.iter().map(|&place| name(results, place));
    if places.len() <= NAMED {
        return listed(all);
    }
    let more = format!("{} more", places.len() - (NAMED - 1));
    listed(all.take(NAMED - 1).chain([more.as_str()]))
}

/// Whether even this strategy loses so much that going live with it is no good idea.
fn is_bad(results: &ScenarioResults, place: usize) -> bool {
    mean(results, place, "lost_share") > Some(BAD)
}

/// One strategy is better than all others.
fn recommended(results: &ScenarioResults, best: usize) -> String {
    let who = name(results, best);
    let go = match () {
        () if is_bad(results, best) => format!("Even the best, {who}, loses"),
        // It is the least harm, and nothing goes live.
        () if judge::given_up(results, best) >= ALL => format!("{who} does least harm, and does not go live: it loses"),
        () => format!("Go with {who}: it loses"),
    };
    let behind: Vec<usize> = results.decision.standing(Standing::Behind).collect();
    let Some(&next) = behind.first().or(results.decision.runner_up.as_ref()) else {
        return format!("{go} {}.", told(results, best));
    };
    let is_stopped = results.decision.standings[next] == Standing::Stopped;
    let against = match behind.is_empty() {
        true if is_stopped => {
            let (who, loss) = (name(results, next), told(results, next));
            let but = match judge::given_up(results, next) {
                ALL.. => "never goes live".to_owned(),
                share => format!("is stopped in {} of its rollouts", percent(share)),
            };
            return format!("{go} {}; {who} loses {loss}, but {but}.", told(results, best));
        }
        true => format!("{}, the next, loses {}", name(results, next), told(results, next)),
        false => {
            let more = amount(results, next, "near_misses");
            let has = if behind.len() == 1 { "loses no more, but has" } else { "lose no more, but have at least" };
            format!("{} {has} {more} near misses against {}", names(results, &behind), near(results, best))
        }
    };
    format!("{go} {}; {against}.{}", told(results, best), unless(results, best, next))
}

/// What would turn the verdict on two strategies, where the rollouts that were run cannot exclude it: that a few of them lose
/// everything.
fn unless(results: &ScenarioResults, best: usize, next: usize) -> String {
    let (runs, most) = (results.replications, results.unseen);
    let turns_at = results.difference("lost", best, next).and_then(|found| found.turns_at);
    match turns_at.filter(|&turns_at| results.feeds_back && turns_at < most) {
        None => String::new(),
        Some(turns_at) => format!(
            " It would turn if {} of its rollouts lost everything; {runs} runs without one leave up to {}.",
            percent(turns_at),
            percent(most)
        ),
    }
}

/// Several are as good as the best.
fn alike(results: &ScenarioResults, group: &[usize]) -> String {
    let behind = results.decision.standing(Standing::Behind).next();
    let refused = results.decision.standing(Standing::Refused).next();
    let who = names(results, group);
    let lost = losses(results, group);
    let lead = match () {
        () if is_bad(results, group[0]) => format!("All are bad: {who} lose alike, {lost}"),
        // Not told apart is not the same.
        () if are_apart(results, group) => {
            format!("{} do not tell {who} apart: lost {lost}", many(results.replications, "run"))
        }
        () if behind.is_none() && refused.is_none() => format!("No difference between {who}: lost {lost}"),
        () => format!("Go with {who}, which are alike: lost {lost}"),
    };
    let nearer = behind.map(|next| {
        let more = amount(results, next, "near_misses");
        format!(", with {}; {} has {more}", nears(results, group), name(results, next))
    });
    let next = refused.map(|next| format!("; {}, the next, loses {}", name(results, next), told(results, next)));
    format!("{lead}{}{}.", nearer.unwrap_or_default(), next.unwrap_or_default())
}

/// What the strategies of a group lose: about the same, or from the least to the most where that is not so.
fn losses(results: &ScenarioResults, group: &[usize]) -> String {
    let lost = |place: usize| mean(results, place, "lost").unwrap_or(0.0);
    let by = |a: &usize, b: &usize| lost(*a).total_cmp(&lost(*b));
    let (Some(&least), Some(&most)) = (group.iter().min_by(|a, b| by(a, b)), group.iter().max_by(|a, b| by(a, b)))
    else {
        return String::new();
    };
    match lost(most) {
        0.0 => told(results, most),
        much if much - lost(least) <= results.relevant * lost(least) => format!("about {}", told(results, least)),
        _ => format!(
            "from {} under {} to {} under {}",
            told(results, least),
            name(results, least),
            told(results, most),
            name(results, most)
        ),
    }
}

/// Whether the means of strategies are relevantly different, though chance may have made that.
fn are_apart(results: &ScenarioResults, group: &[usize]) -> bool {
    let lost = || group.iter().filter_map(|&place| mean(results, place, "lost"));
    let (least, most) = (lost().fold(f64::INFINITY, f64::min), lost().fold(0.0, f64::max));
    most - least > results.relevant * least
}

/// Near misses in a word or a figure.
fn near(results: &ScenarioResults, place: usize) -> String {
    match mean(results, place, "near_misses") {
        Some(0.0) => "none".to_owned(),
        _ => amount(results, place, "near_misses"),
    }
}

/// The near misses of several strategies that are not told apart: the fewest and the most, where these differ.
fn nears(results: &ScenarioResults, group: &[usize]) -> String {
    let key = "near_misses";
    let known = || group.iter().copied().filter_map(|place| Some((place, mean(results, place, key)?)));
    let (Some(few), Some(most)) =
        (known().min_by(|a, b| a.1.total_cmp(&b.1)), known().max_by(|a, b| a.1.total_cmp(&b.1)))
    else {
        return "near misses unknown".to_owned();
    };
    match most.1 {
        0.0 => "no near misses".to_owned(),
        _ if few.1 == most.1 => format!("{} near misses", amount(results, most.0, key)),
        _ => {
            let [few_name, most_name] = [few.0, most.0].map(|place| name(results, place));
            let [few, most] = [few.0, most.0].map(|place| near(results, place));
            format!("{few} near misses under {few_name} and {most} under {most_name}")
        }
    }
}

/// One strategy, compared with no other.
fn alone_told(results: &ScenarioResults, alone: usize) -> String {
    format!("{}; no other strategy to compare it with.", loses(results, alone))
}

/// Nothing can be told.
fn open(results: &ScenarioResults) -> String {
    let open: Vec<usize> = results.decision.standing(Standing::Open).collect();
    let refused: Vec<usize> = results.decision.standing(Standing::Refused).collect();
    let against = match refused.first() {
        Some(&first) => format!("; {}", loses(results, first)),
        None => format!("; lost so far {}", each(results, &open[..open.len().min(2)])),
    };
    format!("No verdict: not every pair could be compared{against}.")
}

/// Nobody was reached by anything new.
fn unreached(results: &ScenarioResults) -> String {
    let deploying: Vec<usize> =
        (0..results.strategies.len()).filter(|&place| results.strategies[place].brings.is_some()).collect();
    let version = deploying.first().and_then(|&place| results.strategies[place].brings);
    let version = version.map_or_else(|| "the new version".to_owned(), |version| version.to_string());
    format!(
        "No request reached {version} under {} within {}: nothing is known of it. Lost meanwhile {}.",
        names(results, &deploying),
        results.window.after,
        each(results, &deploying)
    )
}
