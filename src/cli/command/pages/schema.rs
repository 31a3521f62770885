//! `cutover schema`: print the JSON Schema of the scenario file, for editors.

use crate::cli::{Failure, say};
use crate::scenario;
use clap::Args;

const EXAMPLE: &str = "\
An editor that knows TOML, such as VS Code with Even Better TOML, or any with Taplo, completes the keys of a \
scenario and explains them. Write the schema beside your scenarios:

  cutover schema > cutover.schema.json

and name it on the first line of each:

  #:schema ./cutover.schema.json

An editor sees most mistakes, `cutover check` all of them.";

/// Print the JSON Schema of the scenario file, for completion and help in an editor.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Schema;

impl Schema {
    pub fn run(&self) -> Result<(), Failure> {
        say(&format!("{:#}\n", scenario::schema()))
    }
}
