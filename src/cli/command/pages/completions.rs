//! `cutover completions`: what a shell needs to complete cutover's arguments.

use crate::cli::{Cli, Failure, say};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

const EXAMPLE: &str = "\
Put it where your shell looks for completions:

  cutover completions bash > ~/.local/share/bash-completion/completions/cutover
  cutover completions zsh > ~/.zfunc/_cutover       with ~/.zfunc in fpath
  cutover completions fish > ~/.config/fish/completions/cutover.fish
  cutover completions powershell >> $PROFILE
  cutover completions elvish >> ~/.config/elvish/rc.elv";

/// Print what a shell needs to complete the arguments of cutover.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub fn run(&self) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "cutover", &mut script);
        say(&String::from_utf8_lossy(&script))
    }
}
