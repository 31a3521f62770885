//! Markdown: tables, numbers, and the blocks of a page that are written by this program.

use crate::compare::Comparison;
use cutover::math;
use std::path::Path;

/// A number to `digits` significant digits, without an exponent; whole numbers as they are.
pub fn number(x: f64, digits: i32) -> String {
    if x.fract() == 0.0 {
        // A sum of nothing is -0.
        return format!("{}", x + 0.0);
    }
    let before_point = math::log10(x.abs()).floor() as i32 + 1;
    format!("{x:.*}", (digits - before_point).max(0) as usize)
}

pub fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

/// A Markdown table.
pub fn table<H: AsRef<str>>(header: &[H], rows: &[Vec<String>]) -> String {
    let line = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
    let header: Vec<_> = header.iter().map(AsRef::as_ref).collect();
    let mut text = line(&header) + &line(&vec!["---"; header.len()]);
    for row in rows {
        text += &line(&row.iter().map(String::as_str).collect::<Vec<_>>());
    }
    text
}

/// A comparison as a table, and the sentence below it.
pub fn comparison(comparison: &Comparison) -> String {
    let mut header: Vec<_> = comparison.labels.iter().map(|label| (*label).to_owned()).collect();
    for figure in comparison.figures {
        header.extend([format!("{figure}: {}", comparison.reference), "cutover".to_owned(), "allowed ±".to_owned()]);
    }
    let rows: Vec<_> = comparison
        .cases
        .iter()
        .map(|case| {
            let figures = case.figures.iter().flat_map(|figure| {
                [number(figure.reference, 4), number(figure.cutover, 4), number(comparison.allowed(figure), 2)]
            });
            case.labels.iter().cloned().chain(figures).collect()
        })
        .collect();
    format!("{}\n{}\n", table(&header, &rows), sentence(comparison))
}

/// A comparison whose figures all stand against one reference a case.
pub fn one_reference(comparison: &Comparison) -> String {
    let labels = comparison.labels.iter().copied().chain([comparison.reference]);
    let header: Vec<_> = labels.chain(comparison.figures.iter().copied()).chain(["share of allowed"]).collect();
    let rows: Vec<_> = comparison
        .cases
        .iter()
        .map(|case| {
            let reference = [number(case.figures[0].reference, 4)];
            let figures = case.figures.iter().map(|figure| number(figure.cutover, 4));
            let shares = case.figures.iter().filter_map(|figure| comparison.share_of_allowed(figure));
            let worst = [number(shares.fold(0.0, f64::max), 2)];
            case.labels.iter().cloned().chain(reference).chain(figures).chain(worst).collect()
        })
        .collect();
    format!("{}\n{}\n", table(&header, &rows), sentence(comparison))
}

/// How many figures agree, and how narrowly.
pub fn sentence(comparison: &Comparison) -> String {
    let (checked, outside) = (comparison.checked(), comparison.outside());
    let worst = number(comparison.worst().0, 2);
    let head = format!(
        "{} of {checked} agree; the largest difference is {worst} of what is allowed.",
        checked - outside.len()
    );
    if outside.is_empty() { head } else { format!("{head} Outside: {}.", outside.join("; ")) }
}

/// Puts `text` between `<!-- validate: NAME -->` and `<!-- /validate -->`.
pub fn replace(page: &mut String, name: &str, text: &str) {
    let begin = format!("<!-- validate: {name} -->\n");
    let from = page.find(&begin).unwrap_or_else(|| panic!("no block {name}")) + begin.len();
    let to = from + page[from..].find("<!-- /validate -->").unwrap_or_else(|| panic!("block {name} has no end"));
    page.replace_range(from..to, &format!("\n{}\n\n", text.trim()));
}

/// Rewrites a file's blocks.
pub fn rewrite(path: &Path, blocks: &[(&str, String)]) {
    let mut page = std::fs::read_to_string(path).unwrap();
    for (name, text) in blocks {
        replace(&mut page, name, text);
    }
    std::fs::write(path, page).unwrap();
}
