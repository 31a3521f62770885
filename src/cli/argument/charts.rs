//! `--charts LIST`: which charts a run writes, where that is not left to what was found.

use crate::report::charts::{self, ChartKind};
use crate::results::ScenarioResults;
use crate::scenario::suggestion;

/// The charts that are asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Charts(Vec<ChartKind>);

/// Reads `none`, or names with commas between them, as in the names of the files.
pub fn charts(text: &str) -> Result<Charts, String> {
    if text.trim() == "none" {
        return Ok(Charts(Vec::new()));
    }
    let names = ChartKind::ALL.map(ChartKind::name);
    let mut kinds = Vec::new();
    for word in text.split(',').map(str::trim) {
        let Some(kind) = ChartKind::ALL.into_iter().find(|kind| kind.name() == word) else {
            let cure = suggestion(word, "write none, or some of", &names);
            return Err(format!("there is no chart `{word}`; {cure}"));
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Ok(Charts(kinds))
}

/// The charts to write of a scenario: those asked for that apply to it, or what is found in it asks for.
pub fn chosen(asked: Option<&Charts>, scenario: &ScenarioResults) -> Vec<ChartKind> {
    let Some(Charts(kinds)) = asked else { return charts::chosen(scenario) };
    kinds.iter().copied().filter(|&kind| charts::applies(scenario, kind)).collect()
}

/// What is said of the charts asked for that would show nothing of a scenario.
pub fn without(asked: Option<&Charts>, scenario: &ScenarioResults) -> Vec<String> {
    let kinds = asked.map_or(&[][..], |Charts(kinds)| kinds);
    let empty = kinds.iter().filter(|&&kind| !charts::applies(scenario, kind));
    empty.map(|kind| format!("note: {}: nothing to show in a chart of {}", scenario.name, kind.name())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_are_named_as_their_files_are() {
        assert_eq!(charts("none"), Ok(Charts(Vec::new())));
        let read = charts("traffic, comparison,traffic").unwrap();
        assert_eq!(read, Charts(vec![ChartKind::Traffic, ChartKind::Comparison]));
        let said = charts("trafic").unwrap_err();
        assert_eq!(said, "there is no chart `trafic`; did you mean `traffic`?");
        for text in ["weather", "", "traffic,none"] {
            let said = charts(text).unwrap_err();
            assert!(said.contains("write none, or some of `") && said.contains("`rollout`"), "{text}: {said}");
        }
    }
}
