//! How what is printed looks: the flags for it, and what terminal and environment say.

use crate::report::text::look::{Look, Notes};
use clap::{Args, ValueEnum};
use std::io::{self, IsTerminal};

/// Flags that every command takes.
#[derive(Clone, Copy, Debug, Args)]
pub struct Appearance {
    /// When to print in bold and colour; NO_COLOR and CLICOLOR_FORCE count where it is `auto`
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = When::Auto, hide_possible_values = true)]
    color: When,
    /// Print tables and notes in ASCII alone [default: where the locale is not UTF-8]
    #[arg(long, global = true)]
    ascii: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum When {
    /// At a terminal
    Auto,
    /// Also into pipes and files
    Always,
    /// Nowhere
    Never,
}

/// How many notes are printed below a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum HowManyNotes {
    /// Those that weigh most
    Brief,
    /// All of them
    All,
}

/// How a summary is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Format {
    /// A table for the terminal
    Text,
    /// A table for a document
    Markdown,
    /// The figures of run.json
    Json,
}

/// What the environment says.
#[derive(Clone, Copy, Default, Debug)]
struct Environment {
    no_color: bool,
    forced: bool,
    capable: bool,
    utf8: bool,
}

/// Lines are no longer, however wide the terminal: the eye does not find the next one.
const WIDEST: usize = 120;
const NARROWEST: usize = 40;

impl Appearance {
    /// How a text on stdout looks.
    pub fn look(self, notes: HowManyNotes) -> Look {
        let (here, usual) = (Environment::here(), Look::default());
        let terminal = io::stdout().is_terminal();
        let width = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
        Look {
            colour: self.colour(terminal, here),
            ascii: self.ascii || !here.utf8,
            width: width.filter(|_| terminal).map_or(usual.width, |width| width.clamp(NARROWEST, WIDEST)),
            notes: match notes {
                HowManyNotes::Brief => Notes::Brief,
                HowManyNotes::All => Notes::All,
            },
        }
    }

    /// Whether a mistake on stderr is shown in colour.
    pub fn colour_of_mistakes(self) -> bool {
        self.colour(io::stderr().is_terminal(), Environment::here())
    }

    const fn colour(self, terminal: bool, here: Environment) -> bool {
        match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto if here.no_color => false,
            When::Auto => here.forced || (terminal && here.capable),
        }
    }
}

impl Environment {
    fn here() -> Self {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
        Self {
            no_color: anstyle_query::no_color(),
            forced: anstyle_query::clicolor_force(),
            capable: anstyle_query::term_supports_color() && anstyle_query::clicolor() != Some(false),
            utf8: reads_utf8(locale),
        }
    }
}

/// Whether the first of these locales that is set reads UTF-8. Where none is, as in most containers, nobody has said that it
/// is not so.
fn reads_utf8(locales: impl IntoIterator<Item = String>) -> bool {
    locales.into_iter().find(|locale| !locale.is_empty()).is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals_unless_somebody_says_otherwise() {
        let auto = Appearance { color: When::Auto, ascii: false };
        let here = Environment { capable: true, ..Environment::default() };
        assert!(auto.colour(true, here) && !auto.colour(false, here));
        assert!(!auto.colour(true, Environment { capable: false, ..here }), "a dumb terminal");
        assert!(!auto.colour(true, Environment { no_color: true, ..here }));
        assert!(auto.colour(false, Environment { forced: true, ..here }));
        assert!(!auto.colour(true, Environment { forced: true, no_color: true, ..here }), "who wants none gets none");
        // What is said on the command line weighs more than the environment.
        assert!(Appearance { color: When::Always, ..auto }.colour(false, Environment { no_color: true, ..here }));
        assert!(!Appearance { color: When::Never, ..auto }.colour(true, Environment { forced: true, ..here }));
    }

    #[test]
    fn the_first_locale_that_is_set_decides_on_the_letters() {
        let reads = |locales: &[&str]| reads_utf8(locales.iter().map(|&locale| locale.to_owned()));
        assert!(reads(&["de_DE.UTF-8"]) && reads(&["C.utf8"]) && reads(&["", "en_US.UTF-8"]));
        assert!(reads(&[]) && reads(&[""]), "nobody has said otherwise");
        assert!(!reads(&["C", "en_US.UTF-8"]) && !reads(&["POSIX"]) && !reads(&["de_DE.ISO-8859-1"]));
    }
}
