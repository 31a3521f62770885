//! The command line, read: a mistake in it ends the program with what is wrong and what was probably meant.

use super::Cli;
use crate::shown;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};
use std::ffi::OsString;

/// Reads the command line; a mistake in it ends the program, and so do help and the version.
#[must_use]
pub fn parse() -> Cli {
    let arguments: Vec<_> = std::env::args_os().collect();
    read(&arguments).unwrap_or_else(|error| error.exit())
}

fn read(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(arguments).map_err(|error| {
        // What is quoted from the command line must not reach the terminal as it is.
        let harmless = arguments.iter().map(|argument| shown::words(&argument.to_string_lossy()));
        let mut error = Cli::try_parse_from(harmless).err().unwrap_or(error);
        suggest(&mut error);
        error
    })
}

/// Adds what was probably meant in place of a subcommand that there is not.
fn suggest(error: &mut clap::Error) {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else { return };
    if error.kind() != ErrorKind::InvalidSubcommand {
        return;
    }
    if word.ends_with(".toml") || word.contains('/') {
        let tip = format!("to simulate a scenario, say so: cutover run {word}");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
        return;
    }
    let cli = Cli::command();
    let distance = |name: &&str| strsim::osa_distance(word, name);
    let near = |name: &&str| distance(name) <= (name.len() / 3).max(1);
    if let Some(name) = cli.get_subcommands().map(clap::Command::get_name).filter(near).min_by_key(distance) {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![name.to_owned()]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(words: &[&str]) -> String {
        let arguments: Vec<_> = ["cutover"].iter().chain(words).map(OsString::from).collect();
        read(&arguments).unwrap_err().to_string()
    }

    #[test]
    fn a_command_that_there_is_not_is_told_with_the_one_that_was_meant() {
        for (word, name) in [("rnu", "run"), ("chek", "check"), ("swepe", "sweep"), ("selct", "select"), ("nwe", "new")]
        {
            let said = refused(&[word, "x.toml"]);
            assert!(said.contains(&format!("a similar subcommand exists: '{name}'")), "{word}: {said}");
        }
        assert!(refused(&["mine.toml"]).contains("cutover run mine.toml"), "{}", refused(&["mine.toml"]));
        assert!(!refused(&["weather"]).contains("tip"), "{}", refused(&["weather"]));
    }

    #[test]
    fn what_is_quoted_is_harmless() {
        let said = refused(&["run", "--threads", "1\u{1b}[31m\n2"]);
        assert!(said.contains("1\\u{1b}[31m\\n2"), "{said}");
    }
}
