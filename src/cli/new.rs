//! `cutover new`: write a commented scenario to start from.

use super::{Failure, say};
use clap::Args;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

/// The scenario that `new` writes: the lesson, as it ships.
const LESSON: &str = include_str!("../../scenarios/lesson.toml");

/// Write a commented scenario to start from; an existing file is never overwritten.
#[derive(Debug, Args)]
pub struct New {
    /// The file to write, as in mine.toml
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl New {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let path = self.file.display();
        let refused = |error: std::io::Error| {
            let cure = match error.kind() {
                std::io::ErrorKind::AlreadyExists => "choose another name, or remove the file first",
                std::io::ErrorKind::NotFound => "create the folder first",
                _ => "choose a place that can be written",
            };
            Failure::Refused(format!("cannot write {path}: {error}; {cure}"))
        };
        let mut file = OpenOptions::new().write(true).create_new(true).open(&self.file).map_err(refused)?;
        file.write_all(LESSON.as_bytes()).map_err(refused)?;
        say(&format!("{path} written; next: cutover run {path}\n"))
    }
}
