//! Controllers of other projects as pure functions: what they see goes in, what they want comes out.
//!
//! Nothing here knows time, a calendar or a draw. `examples/controllers` holds tables that the originals made against them.

pub mod argo;
pub mod kubernetes;
mod setting;

pub use setting::Setting;
