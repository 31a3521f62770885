//! Any command line, an argument a line: parsed, or refused with words. Nothing is run but the overrides of `--set`.
#![no_main]

use clap::Parser;
use cutover::cli::Cli;
use cutover::scenario::{self, Options, Override};
use cutover_fuzz::file;
use libfuzzer_sys::fuzz_target;

const SCENARIO: &[u8] = include_bytes!("../../scenarios/lesson.toml");

fuzz_target!(|line: &str| {
    let arguments: Vec<&str> = line.lines().collect();
    if let Err(refused) = Cli::try_parse_from(std::iter::once("cutover").chain(arguments.iter().copied())) {
        assert!(!refused.to_string().is_empty());
    }
    let overrides: Vec<_> = arguments.windows(2).filter(|pair| pair[0] == "--set").collect();
    if overrides.is_empty() {
        return;
    }
    let overrides = overrides.iter().map(|pair| Override::new(pair[1])).collect();
    if let Err(mistakes) = scenario::load(&[file("set.toml", SCENARIO)], &Options { overrides, ..Options::default() }) {
        assert!(mistakes.render(false).lines().count() > 1, "a mistake without reason and cure");
    }
});
