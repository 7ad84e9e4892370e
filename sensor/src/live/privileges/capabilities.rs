//! The pieces of root's power.

use caps::errors::CapsError;
use caps::{CapSet, Capability};

use super::Given;

/// Empties the set of capabilities that a program run by this process could get. Who has no `CAP_SETPCAP` may not, and
/// need not: the kernel was told to give no new privileges.
pub(super) fn forbid_regaining() -> Result<(), CapsError> {
    if caps::has_cap(None, CapSet::Effective, Capability::CAP_SETPCAP)? {
        for capability in caps::read(None, CapSet::Bounding)? {
            caps::drop(None, CapSet::Bounding, capability)?;
        }
    }
    Ok(())
}

/// Empties all sets.
pub(super) fn drop_all() -> Result<Given, CapsError> {
    for set in [CapSet::Ambient, CapSet::Effective, CapSet::Inheritable, CapSet::Permitted] {
        caps::clear(None, set)?;
    }
    Ok(Given::Up("no capabilities".to_owned()))
}
