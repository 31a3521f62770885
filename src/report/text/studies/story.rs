//! The story of a request, for a terminal: what became of it and why, what was done, its path, and those beside it.

use crate::metrics::Cause;
use crate::report::number::listed;
use crate::report::text::look::Look;
use crate::results::story::{Passage, Story};
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use std::collections::BTreeMap;

/// The story in plain text.
#[must_use]
pub fn text(story: &Story, look: &Look) -> String {
    let mut parts = vec![look.strong(&look.wrap(&headline(story)))];
    parts.extend(story.counterfactual.as_ref().map(|told| look.wrap(told)));
    parts.push(format!("What was done\n{}", actions(story)));
    parts.extend(followed(story).map(|told| look.wrap(&told)));
    parts.push(format!("Its path\n{}", path(story)));
    parts.push(format!("Beside it\n{}", table(story)));
    look.spelt(&(parts.join("\n\n") + "\n"))
}

/// `web:24013 under alias: incompatible at 5.161 s, because of late nodes (replication 0, seed 1).`
fn headline(story: &Story) -> String {
    let Story { scenario, strategy, source, index, replication, seed, attempts, .. } = story;
    let Some(last) = attempts.last() else { return format!("{scenario}: {source}:{index} under {strategy}") };
    let cause = attempts.iter().rev().find_map(|attempt| Cause::by_key(attempt.cause?)).map(Cause::told);
    let because = cause.map_or_else(String::new, |cause| format!(", because of {cause}"));
    let tries = if attempts.len() > 1 { format!(" after {} attempts", attempts.len()) } else { String::new() };
    let (outcome, at) = (last.outcome, seconds(last.end_ns));
    format!(
        "{scenario}: {source}:{index} under {strategy} is {outcome} at {at}{tries}{because} (replication {replication} of seed {seed})."
    )
}

fn seconds(ns: i64) -> String {
    format!("{:.3} s", ns as f64 / 1e9)
}

fn actions(story: &Story) -> String {
    if story.actions.is_empty() {
        return "  nothing".to_owned();
    }
    let lines = story.actions.iter().map(|deed| format!("{:>12.3} s  {}", deed.at_s, deed.action));
    lines.collect::<Vec<_>>().join("\n")
}

/// How many had followed when it arrived, of those who ever did.
fn followed(story: &Story) -> Option<String> {
    let at = story.attempts.first()?.arrival_ns as f64 / 1e9;
    let mut all: BTreeMap<(&str, &str), (usize, usize, f64)> = BTreeMap::new();
    for adoption in &story.adoptions {
        let who = adoption.who.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end();
        let (by_then, of, first) = all.entry((who, &adoption.holds)).or_insert((0, 0, f64::INFINITY));
        (*by_then, *of) = (*by_then + usize::from(adoption.at_s <= at), *of + 1);
        *first = first.min(adoption.at_s);
    }
    // Of what nobody has learnt yet, only the next is worth a word.
    let next =
        all.values().filter(|(by_then, ..)| *by_then == 0).map(|(.., first)| *first).fold(f64::INFINITY, f64::min);
    all.retain(|_, (by_then, _, first)| *by_then > 0 || *first <= next);
    let parts: Vec<String> = all
        .into_iter()
        .map(|((who, holds), (by_then, of, _))| match of {
            1 if by_then == 1 => format!("{who} holds {holds}"),
            1 => format!("{who} does not yet hold {holds}"),
            _ => format!("{by_then} of {of} {who}s hold {holds}"),
        })
        .collect();
    (!parts.is_empty()).then(|| format!("When it arrives, {}.", listed(parts.iter().map(String::as_str))))
}

fn path(story: &Story) -> String {
    story.attempts.iter().flat_map(attempt).collect::<Vec<_>>().join("\n")
}

/// The lines of one attempt.
fn attempt(of: &Passage) -> Vec<String> {
    let at = |ns: i64| format!("{:>14}", seconds(ns));
    let through = match of.node {
        Some(node) => format!("arrives at node {node}, which holds revision {}", of.revision),
        None => format!("arrives by its own mapping, change {}", of.revision),
    };
    let by = of.front_end.map_or_else(String::new, |front_end| format!("; front-end {front_end} names {}", of.version));
    let mut lines = vec![
        format!("{}  {through}", at(of.arrival_ns)),
        format!("{:>14}  written in {}, asks for {}{by}", "", of.contract, of.qualifier),
    ];
    if let Some(instance) = of.instance {
        let ready = of.arrival_ns + of.wait_ns.cast_signed();
        let how = match (of.cold, of.wait_ns) {
            (true, _) => format!(", which it starts: {} ms of waiting", of.wait_ns / 1_000_000),
            (false, 0) => String::new(),
            (false, wait) => format!(", after {} ms of waiting", wait / 1_000_000),
        };
        lines.push(format!("{}  runs on {}, instance {instance}{how}", at(ready), of.version));
    }
    let cause = of.cause.map_or_else(String::new, |cause| format!(" ({cause})"));
    lines.push(format!("{}  {}{cause}", at(of.end_ns), of.outcome));
    lines
}

fn table(story: &Story) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["request", "arrives", "node", "revision", "written", "version", "outcome", "cause"]);
    let own = story.attempts.first();
    for of in story.before.iter().chain(own).chain(&story.after) {
        let mark = if own.is_some_and(|own| own.index == of.index) { " *" } else { "" };
        table.add_row([
            format!("  {}:{}{mark}", of.source, of.index),
            seconds(of.arrival_ns),
            of.node.map_or_else(|| "-".to_owned(), |node| node.to_string()),
            of.revision.to_string(),
            of.contract.clone(),
            of.version.clone(),
            of.outcome.to_owned(),
            of.cause.unwrap_or("-").to_owned(),
        ]);
    }
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        column.set_cell_alignment(if (1..=3).contains(&place) { CellAlignment::Right } else { CellAlignment::Left });
    }
    table.trim_fmt()
}
