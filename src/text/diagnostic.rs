//! What is wrong with a user's input: the place, the reason and the cure.

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// How many diagnostics are shown; nobody mends more in one go.
const SHOWN: usize = 100;

/// A text that can be pointed into: a file, one line of a file, or an argument of the command line.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Text {
    /// What the user calls it: a path as it was given, or `--set`.
    pub name: String,
    /// Its characters.
    pub content: String,
    /// The number of its first line; above 1 where `content` is cut out of a longer file.
    pub first_line: usize,
}

/// A piece of a text, or the text as a whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    text: Arc<Text>,
    span: Option<Range<usize>>,
}

impl Text {
    /// A whole file or argument.
    pub fn new(name: impl Into<String>, content: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), content: content.into(), first_line: 1 })
    }
}

impl Place {
    /// The bytes `span` of `text`, widened to whole characters and cut where the text ends.
    pub fn new(text: &Arc<Text>, span: Range<usize>) -> Self {
        let content = &text.content;
        let mut start = span.start.min(content.len());
        while !content.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = span.end.clamp(start, content.len());
        while !content.is_char_boundary(end) {
            end += 1;
        }
        Self { text: Arc::clone(text), span: Some(start..end) }
    }

    /// `text` as a whole.
    pub fn whole(text: &Arc<Text>) -> Self {
        Self { text: Arc::clone(text), span: None }
    }

    /// The text it lies in.
    pub const fn text(&self) -> &Arc<Text> {
        &self.text
    }

    /// Its bytes; `None` for a text as a whole.
    pub const fn span(&self) -> Option<&Range<usize>> {
        self.span.as_ref()
    }

    /// The characters themselves; empty for a text as a whole.
    pub fn snippet(&self) -> &str {
        self.span.clone().and_then(|span| self.text.content.get(span)).unwrap_or("")
    }

    /// The bytes of the line in which it begins, without the line's end.
    pub fn line(&self) -> Range<usize> {
        let content = self.text.content.as_bytes();
        let at = self.span.as_ref().map_or(0, |span| span.start);
        let (before, after) = content.split_at(at);
        let start = before.iter().rposition(|&b| b == b'\n').map_or(0, |newline| newline + 1);
        let end = after.iter().position(|&b| b == b'\n').map_or(content.len(), |newline| at + newline);
        let end = if end > start && content[end - 1] == b'\r' { end - 1 } else { end };
        start..end.max(start)
    }

    /// That line's number, and what is underlined in it: a piece of several lines is underlined in its first.
    fn underlined(&self) -> Option<(usize, &str, Range<usize>)> {
        let span = self.span.as_ref()?;
        let line = self.line();
        let before = self.text.content.get(..line.start)?;
        let number = self.text.first_line + before.bytes().filter(|&b| b == b'\n').count();
        let start = span.start.min(line.end) - line.start;
        let end = span.end.clamp(span.start.min(line.end), line.end) - line.start;
        Some((number, self.text.content.get(line)?, start..end))
    }
}

/// One mistake in a user's input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    reason: String,
    cure: String,
    place: Place,
}

impl Diagnostic {
    /// What is wrong with `place`, and what would mend it.
    pub(crate) fn new(place: &Place, reason: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { reason: reason.into(), cure: cure.into(), place: place.clone() }
    }

    /// What is wrong with the file or folder `path` as a whole.
    pub(crate) fn about(path: impl Into<String>, reason: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(&Place::whole(&Text::new(path, "")), reason, cure)
    }

    /// What is wrong.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What would mend it.
    #[must_use]
    pub fn cure(&self) -> &str {
        &self.cure
    }

    /// The file as the user named it, or the option of the command line, such as `--set`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.place.text.name
    }

    /// Line and column (in characters), both from 1; `None` where the file as a whole is wrong.
    #[must_use]
    pub fn position(&self) -> Option<(usize, usize)> {
        let (number, line, span) = self.place.underlined()?;
        Some((number, line.get(..span.start)?.chars().count() + 1))
    }

    /// The text that is underlined; empty where something is missing.
    #[must_use]
    pub fn underlined(&self) -> &str {
        self.place.underlined().and_then(|(_, line, span)| line.get(span)).unwrap_or("")
    }

    pub(crate) const fn place(&self) -> &Place {
        &self.place
    }

    fn render(&self, renderer: &Renderer) -> String {
        let title = Level::ERROR.primary_title(&self.reason);
        let group = match self.place.underlined() {
            None => title.element(Origin::path(self.path())),
            Some((number, line, span)) => title.element(
                Snippet::source(line)
                    .line_start(number)
                    .path(self.path())
                    .annotation(AnnotationKind::Primary.span(span)),
            ),
        };
        renderer.render(&[group.element(Level::HELP.message(&self.cure))])
    }
}

/// Every mistake found in a user's input; at least one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// The mistakes in `found`, each once; `Ok` if there are none.
    pub(crate) fn of(found: Vec<Diagnostic>) -> Result<(), Self> {
        let mut each: Vec<Diagnostic> = Vec::with_capacity(found.len().min(SHOWN));
        for diagnostic in found {
            // An override that fits none of ten files is one mistake. Beyond what is shown, looking back would only
            // cost time.
            let known = each.iter().take(SHOWN).any(|earlier| *earlier == diagnostic);
            if !known {
                each.push(diagnostic);
            }
        }
        if each.is_empty() { Ok(()) } else { Err(Self(each)) }
    }

    /// The mistakes, file by file.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// The report that a person reads, with terminal colours if `colour`: each mistake with its line, then how many
    /// there are.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut report = String::new();
        for diagnostic in self.0.iter().take(SHOWN) {
            report.push_str(&diagnostic.render(&renderer));
            report.push_str("\n\n");
        }
        match self.0.len() {
            1 => report.push_str("1 error; nothing was run\n"),
            n if n > SHOWN => {
                report.push_str(&format!("{n} errors, the first {SHOWN} of them shown; nothing was run\n"));
            }
            n => report.push_str(&format!("{n} errors; nothing was run\n")),
        }
        report
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

/// A user's own words inside a message: in back quotes, harmless to a terminal, and not longer than a glance.
pub(crate) fn quote(words: &str) -> String {
    const LONGEST: usize = 40;
    let mut shown: String = words.chars().take(LONGEST).collect();
    if words.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("`{}`", crate::shown::words(&shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(content: &str, span: Range<usize>) -> Diagnostic {
        Diagnostic::new(&Place::new(&Text::new("a.toml", content), span), "it is wrong", "mend it")
    }

    #[test]
    fn a_report_shows_the_line_and_the_cure() {
        let diagnostics = Diagnostics::of(vec![at("x = 1\nyes = 22\n", 12..14)]).unwrap_err();
        let report = diagnostics.render(false);
        for line in ["error: it is wrong", " --> a.toml:2:7", "2 | yes = 22", "  |       ^^", "  = help: mend it"] {
            assert!(report.contains(line), "{line}\n{report}");
        }
        assert!(report.ends_with("1 error; nothing was run\n"));
        assert!(diagnostics.render(true).contains("\u{1b}["));
    }

    #[test]
    fn columns_count_characters_and_lines_end_before_their_ends() {
        let content = "ä = 1\r\nb = \"é\"\r\n";
        assert_eq!(at(content, 5..6).position(), Some((1, 5)));
        assert_eq!(at(content, 12..16).position(), Some((2, 5)));
        assert_eq!(at(content, 12..99).underlined(), "\"é\"");
        assert_eq!(at(content, 99..99).position(), Some((3, 1)));
        assert_eq!(at("", 3..4).position(), Some((1, 1)));
    }

    #[test]
    fn any_place_can_be_rendered() {
        let content = "ä\r\n\n\tβ = {\n}\r";
        for start in 0..=content.len() + 1 {
            for end in 0..=content.len() + 2 {
                let report = at(content, start..end).render(&Renderer::plain());
                assert!(report.contains("a.toml:"), "{report}");
            }
        }
    }

    #[test]
    fn equal_mistakes_count_once_and_long_lists_are_cut() {
        assert_eq!(Diagnostics::of(Vec::new()), Ok(()));
        let twice = Diagnostics::of(vec![at("x", 0..1), at("x", 0..1)]).unwrap_err();
        assert_eq!(twice.iter().count(), 1);
        let many = (0..150).map(|i| Diagnostic::about("a", format!("{i}"), "")).collect();
        assert!(Diagnostics::of(many).unwrap_err().render(false).contains("150 errors, the first 100"));
    }

    #[test]
    fn quoted_words_are_short_and_harmless() {
        assert_eq!(quote("a\u{1b}[31m"), "`a\\u{1b}[31m`");
        assert_eq!(quote(&"x".repeat(50)).chars().count(), 43);
    }
}
