//! `cutover new`: write a commented scenario to be filled in.

use crate::cli::{Failure, say};
use crate::cure::cure;
use crate::shown;
use clap::Args;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

/// The scenario that `new` writes: what a user must say of a system first.
const TEMPLATE: &str = include_str!("new.toml");

const EXAMPLE: &str = "\
Fill in your own figures, then run it:

  cutover new mine.toml
  cutover check mine.toml
  cutover run mine.toml";

/// Write a commented scenario to be filled in; an existing file is never overwritten.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct New {
    /// The file to write, as in mine.toml
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl New {
    pub fn run(&self) -> Result<(), Failure> {
        let path = shown::path(&self.file);
        let refused = |error: std::io::Error| {
            let cure = match error.kind() {
                std::io::ErrorKind::AlreadyExists => "choose another name, or remove that file first",
                _ => cure(&error),
            };
            Failure::Refused(format!("cannot write {path}: {error}; {cure}"))
        };
        let mut file = OpenOptions::new().write(true).create_new(true).open(&self.file).map_err(refused)?;
        // By its own name, so that what it says can be copied.
        file.write_all(TEMPLATE.replace("FILE", &path).as_bytes()).map_err(refused)?;
        say(&format!("{path} written; fill it in, then: cutover run {path}\n"))
    }
}
