//! What changed in a scenario, line by line.

use crate::results::comparison::ScenarioComparison;
use crate::shown;
use similar::TextDiff;

/// The unified difference of a scenario's two texts; empty where there is none, or a run did not record its text.
#[must_use]
pub fn diff(scenario: &ScenarioComparison) -> String {
    let (Some(before), Some(after)) = &scenario.sources else { return String::new() };
    let name = shown::words(&scenario.name);
    // What a terminal would obey is escaped; line breaks are the difference's own.
    let safe = |text: &str| text.lines().map(|line| shown::words(line).replace("\\t", "\t") + "\n").collect::<String>();
    let (before, after) = (safe(before), safe(after));
    if before == after {
        return String::new();
    }
    let diff = TextDiff::from_lines(&before, &after);
    let mut unified = diff.unified_diff();
    unified.context_radius(2).header(&format!("{name} before"), &format!("{name} now")).to_string()
}

/// What changed in a scenario, in no more than so many lines and one; `None` where nothing did.
pub(super) fn of(scenario: &ScenarioComparison, most: usize) -> Option<String> {
    let mut lines: Vec<String> = Vec::new();
    if let (Some(before), Some(after)) = &scenario.overrides
        && before != after
    {
        let typed = |sign: &str, text: &String| format!("{sign} --set {}", shown::words(text));
        lines.push(format!("--set of {}", shown::words(&scenario.name)));
        lines.extend(before.iter().filter(|text| !after.contains(text)).map(|text| typed("-", text)));
        lines.extend(after.iter().filter(|text| !before.contains(text)).map(|text| typed("+", text)));
        if lines.len() == 1 {
            // In another order, or more than once.
            lines.extend(before.iter().map(|text| typed("-", text)).chain(after.iter().map(|text| typed("+", text))));
        }
    }
    lines.extend(diff(scenario).lines().map(str::to_owned));
    let left = lines.len().saturating_sub(most);
    lines.truncate(most);
    lines.extend((left > 0).then(|| format!("({left} more lines: --notes all)")));
    (!lines.is_empty()).then(|| lines.join("\n"))
}
