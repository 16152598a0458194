//! What an `AppCredential` means: decisions from data to data. No client, no clock, no randomness, no runtime.
//!
//! ```text
//!  resolve ────> render ────> plan            status
//!  which         which        what has        what people
//!  environments  objects      to be done      see
//!      └──> output <──┘
//!        which keys: names, presets, templates
//! ```
//!
//! The controller acts on these decisions, and every view for people calls the same functions. So they cannot disagree.

pub mod output;
pub mod plan;
pub mod render;
pub mod resolve;
pub mod status;
