//! What attempts are decided by.

use crate::fingerprint::Fingerprint;
use crate::limits::Limits;

/// What the rules decide by, apart from the attempt.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The numbers.
    pub limits: Limits,
    /// Known injectors.
    pub fingerprints: Vec<Fingerprint>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { limits: Limits::default(), fingerprints: Fingerprint::builtin() }
    }
}
