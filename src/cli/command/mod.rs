//! The commands: one file each; `pages` has those that only print.

pub mod check;
pub mod compare;
pub mod explain;
pub mod new;
pub mod pages;
pub mod power;
mod predict;
pub mod run;
pub mod select;
pub mod selftest;
pub mod sweep;
pub mod trace;
