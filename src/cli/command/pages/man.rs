//! `cutover man`: the manual pages.

use crate::cli::{Cli, Failure, say};
use crate::cure::cure;
use crate::shown;
use clap::{Args, CommandFactory};
use clap_mangen::Man;
use std::io;
use std::path::PathBuf;

const EXAMPLE: &str = "\
Read the page, or write that of every subcommand where `man` finds it:

  cutover man | man -l -
  cutover man ~/.local/share/man/man1
  man cutover-run";

/// Print the manual page, or write one of every subcommand into a folder.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Manual {
    /// The folder to write the pages cutover.1, cutover-run.1, ... to; they replace those that are there
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Manual {
    pub fn run(&self) -> Result<(), Failure> {
        let Some(folder) = &self.folder else {
            let mut page = Vec::new();
            // Memory takes every byte.
            let _ = Man::new(Cli::command()).render(&mut page);
            return say(&String::from_utf8_lossy(&page));
        };
        let shown = shown::path(folder);
        let refused = |error: io::Error| {
            let cure = cure(&error);
            Failure::Refused(format!("cannot write to {shown}: {error}; {cure}, or name another folder"))
        };
        std::fs::create_dir_all(folder).map_err(refused)?;
        clap_mangen::generate_to(Cli::command().disable_help_subcommand(true), folder).map_err(refused)?;
        say(&format!("manual pages written to {shown}; next: man {shown}/cutover.1\n"))
    }
}
