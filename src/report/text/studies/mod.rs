//! What commands besides `run` find, in words: one file each.

pub mod comparison;
pub mod power;
pub mod selection;
pub mod sensitivity;
pub mod story;
pub mod sweep;
