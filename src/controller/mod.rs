//! Controllers of other projects as pure functions: what they see goes in, what they want comes out.
//!
//! Nothing here knows time, a calendar or a draw. `examples/controllers` holds tables that the originals made against them.

pub mod argo;
#[cfg(test)]
pub(crate) mod broken;
pub mod kubernetes;
mod setting;

pub use setting::Setting;

/// A number of pods, or the nearest one to what arithmetic on signed numbers has come to.
fn pods(count: i64) -> u32 {
    #[cfg(test)]
    let count = count.saturating_sub_unsigned(broken::missing());
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}
