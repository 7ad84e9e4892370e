//! The world: capture, the engine that composes facts and opinions, the pipeline, statistics and outputs.

mod ahead;
pub mod blocklists;
pub mod capture;
pub mod desk;
pub mod engine;
pub mod keylog;
pub mod limits;
pub mod live;
mod opinions;
pub mod output;
pub mod pipeline;
pub mod replay;
pub mod rulebook;
pub mod score;
mod secret;
pub mod settings;
mod tally;
