//! How text looks where it is read: how wide, with or without colour, in which letters, and how much of it.

/// How text looks where it is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Look {
    /// Whether what weighs most is bold.
    pub colour: bool,
    /// Whether only ASCII letters can be read.
    pub ascii: bool,
    /// The width of a line, in letters.
    pub width: usize,
    /// How many notes are shown.
    pub notes: Notes,
}

/// How many notes are shown below a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Notes {
    /// Those that weigh most.
    #[default]
    Brief,
    /// All of them.
    All,
}

impl Default for Look {
    fn default() -> Self {
        Self { colour: false, ascii: false, width: 80, notes: Notes::Brief }
    }
}

impl Look {
    /// A text in lines that are no wider than wanted.
    #[must_use]
    pub fn wrap(&self, text: &str) -> String {
        // A number keeps to its unit, and a mean to its half-width.
        let bound = text.replace(" %", "\u{a0}%").replace(" ± ", "\u{a0}±\u{a0}");
        textwrap::fill(&bound, self.width).replace('\u{a0}', " ")
    }

    /// A text as strong as the place allows.
    #[must_use]
    pub fn strong(&self, text: &str) -> String {
        if self.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A text in letters that can be read there.
    #[must_use]
    pub fn spelt(&self, text: &str) -> String {
        if !self.ascii {
            return text.to_owned();
        }
        let spell = |letter: char| match letter {
            '±' => "+-".to_owned(),
            '≥' => ">=".to_owned(),
            '≤' => "<=".to_owned(),
            '–' | '—' | '−' => "-".to_owned(),
            letter if letter.is_ascii() => letter.to_string(),
            _ => "?".to_owned(),
        };
        text.chars().map(spell).collect()
    }
}
