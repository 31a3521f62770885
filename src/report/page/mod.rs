//! `report.html`: one page for a design review. It needs no network and no script to be read; the pictures are those of
//! [`charts`](super::charts), the sentences those of [`text`](super::text).
//!
//! What it says is gathered here as plain values; how it looks stands in the template, the style and the script beside this
//! file.

mod compared;
mod scenario;
mod strategies;
mod what_if;

use super::draw::ChartError;
use super::text::glossary::{self, Entry};
use crate::results::Results;
use crate::results::sensitivity::what_if::WhatIf;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use rayon::prelude::*;
use serde::Serialize;

/// What only the command line knows.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Told {
    /// The command that repeats the run.
    pub command: String,
    /// What it changes in every scenario, as in ` --set gateway.nodes=64`.
    pub sets: String,
    /// Of each scenario.
    pub scenarios: Vec<Beside>,
}

/// What only the command line knows of a scenario.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Beside {
    /// The file, as it was given.
    pub file: String,
    /// What was assumed.
    pub what_if: WhatIf,
    /// By a strategy's place, the story of a request that it loses; `None` where there is none.
    pub stories: Vec<Option<String>>,
}

/// Why the page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// A picture could not be drawn.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// The template does not fit what it is filled with.
    #[error("the page could not be filled in: {0}")]
    Template(#[from] minijinja::Error),
    /// A figure could not be written down.
    #[error("the page's figures could not be written: {0}")]
    Json(#[from] serde_json::Error),
}

const PARTS: [(&str, &str); 4] = [
    ("page.html", include_str!("files/page.html")),
    ("scenario.html", include_str!("files/scenario.html")),
    ("strategies.html", include_str!("files/strategies.html")),
    ("macros.html", include_str!("files/macros.html")),
];

/// The page of a run; the same bytes for the same results.
///
/// # Errors
/// [`PageError`]; none that a user could cause.
pub fn page(results: &Results, told: &Told) -> Result<Vec<u8>, PageError> {
    let none = Beside::default();
    let views = results.scenarios.par_iter().enumerate().map(|(place, scenario)| {
        let beside = told.scenarios.get(place).unwrap_or(&none);
        scenario::view(scenario, results, place, (beside, &told.sets))
    });
    let views: Vec<scenario::View> = views.collect::<Result<_, _>>()?;
    let title = match results.scenarios.as_slice() {
        [one] => one.name.clone(),
        many => format!("{} scenarios", many.len()),
    };
    let mut environment = Environment::new();
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_filter("marked", |text: String| Value::from_safe_string(marked(&text)));
    for (name, text) in PARTS {
        environment.add_template(name, text)?;
    }
    let page = environment.get_template("page.html")?.render(context! {
        title,
        version => env!("CARGO_PKG_VERSION"),
        seed => results.seed,
        command => told.command.clone(),
        style => Value::from_safe_string(include_str!("files/page.css").to_owned()),
        dark => Value::from_safe_string(dark(&views)?),
        script => Value::from_safe_string(include_str!("files/page.js").to_owned()),
        glossary => Value::from(Serde(glossary::entries().collect::<Vec<Entry>>())),
        terms => glossary::TERMS,
        scenarios => Value::from(Serde(views)),
    })?;
    Ok(page.into_bytes())
}

/// Markdown's `code` and *emphasis* as HTML; nothing else of it is known.
fn marked(text: &str) -> String {
    let mut html = String::new();
    for (place, part) in text.split('`').enumerate() {
        let part = part.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        if place % 2 == 1 {
            html += &format!("<code>{part}</code>");
            continue;
        }
        for (place, words) in part.split('*').enumerate() {
            html += &if place % 2 == 1 { format!("<em>{words}</em>") } else { words.to_owned() };
        }
    }
    html
}

/// The ground of the dark page.
const DARK: [f64; 3] = [0x14 as f64, 0x17 as f64, 0x1C as f64];
/// Marks keep this contrast to their ground (WCAG 2.1, 1.4.11).
const CONTRAST: f64 = 3.0;
/// The colours that the style gives names of its own.
const NAMED: [&str; 5] = ["#FFFFFF", "#222222", "#5C5C5C", "#9A9A9A", "#E4E4E4"];

/// Rules for every colour of a picture that would be lost on a dark ground.
fn dark(views: &[scenario::View]) -> Result<String, PageError> {
    let text = serde_json::to_string(views)?;
    let mut colours: Vec<&str> = text.match_indices('#').filter_map(|(at, _)| text.get(at..at + 7)).collect();
    colours.retain(|colour| colour[1..].bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_lowercase()));
    colours.sort_unstable();
    colours.dedup();
    let mut rules = String::new();
    for colour in colours.into_iter().filter(|colour| !NAMED.contains(colour)) {
        if let Some(lighter) = lighter(colour) {
            for (attribute, property) in [("fill", "fill"), ("stroke", "stroke")] {
                rules += &format!(":root[data-theme=dark] [{attribute}=\"{colour}\"]{{{property}:{lighter}}}\n");
            }
        }
    }
    Ok(rules)
}

/// A colour mixed with as much white as it takes to be seen on the dark ground; `None` if it is seen anyhow.
fn lighter(colour: &str) -> Option<String> {
    let channel = |at: usize| u8::from_str_radix(colour.get(at..at + 2)?, 16).ok().map(f64::from);
    let known = [channel(1)?, channel(3)?, channel(5)?];
    let contrast = |mixed: [f64; 3]| (luminance(mixed) + 0.05) / (luminance(DARK) + 0.05);
    let mixed = |step: u32| known.map(|x| (x + (255.0 - x) * f64::from(step) / 20.0).round());
    let step = (0..=20).find(|&step| contrast(mixed(step)) >= CONTRAST).filter(|&step| step > 0)?;
    let [r, g, b] = mixed(step);
    Some(format!("#{:02X}{:02X}{:02X}", r as u8, g as u8, b as u8))
}

/// Relative luminance (WCAG 2.1).
fn luminance(colour: [f64; 3]) -> f64 {
    let [r, g, b] = colour.map(|x| {
        let x = x / 255.0;
        if x <= 0.040_45 { x / 12.92 } else { crate::math::pow((x + 0.055) / 1.055, 2.4) }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// A strategy where it is named.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct Who {
    /// Where its details are.
    id: String,
    name: String,
    colour: String,
    /// How it stands, as the files write it; empty where that says nothing.
    standing: &'static str,
}

#[cfg(test)]
mod tests;
