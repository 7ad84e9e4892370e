//! What a scenario says about its real mode alone.

use serde::Deserialize;

/// How a scenario is played between real programs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Real {
    /// Why it cannot be.
    pub impossible: Option<String>,
    /// So many connections of each kind at most.
    pub connections: Option<u32>,
    /// What intercepts.
    pub interceptor: Program,
    /// For how many seconds is captured after the last client has ended: its kernel closes the connection, and goes on
    /// retransmitting what was never acknowledged.
    pub lingers: f64,
}

impl Default for Real {
    fn default() -> Self {
        Self { impossible: None, connections: None, interceptor: Program::default(), lingers: 8.0 }
    }
}

/// A program that intercepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Program {
    /// nginx with forged chains, to which our box splices connections.
    #[default]
    Nginx,
    /// mitmproxy, to which our box splices connections; it asks the true server, and signs by a root of its own.
    Mitmproxy,
}
