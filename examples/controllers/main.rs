//! Holds tables of what other projects' controllers do against the controllers of this crate, the very functions that the
//! simulation calls:
//!
//! ```text
//! cargo run --release --example controllers -- FILE.csv...
//! ```
//!
//! A table is known by its header. A table of whole rollouts finds what they were given in another file of its folder. Exit
//! codes: 0 all equal, 1 something differs, 2 a file cannot be read or is no table known here.

mod tables;

use cutover::shown;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let files: Vec<_> = std::env::args_os().skip(1).collect();
    if files.is_empty() {
        eprintln!(
            "no file is given\nusage: cargo run --release --example controllers -- FILE.csv...\n{}",
            tables::headers()
        );
        return ExitCode::from(2);
    }
    let codes = files.iter().map(|file| {
        let file = Path::new(file);
        let name = shown::path(file);
        match tables::held(file) {
            Ok(held) => {
                println!("{name}: {}/{} equal", held.equal, held.rows);
                held.first_difference.map_or(0, |difference| {
                    println!("  {difference}");
                    1
                })
            }
            Err(reason) => {
                eprintln!("{name}: {reason}");
                2
            }
        }
    });
    ExitCode::from(codes.fold(0, u8::max))
}
