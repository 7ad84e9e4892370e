//! Landlock: the folders in reach, and no TCP.

use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

use super::{Given, Reach};

/// What is asked for; an older kernel enforces what it knows of it. TCP and scopes came with the fourth and sixth.
const KNOWN: ABI = ABI::V6;

/// Where libpcap reads how many frames an interface lost, at each look at the counters. Out of reach, the counter would
/// seem to go back.
const COUNTERS: [&str; 2] = ["/sys/class/net", "/sys/devices"];

/// Leaves `reach` and forbids the rest.
pub(super) fn restrict(reach: Reach<'_>) -> Result<Given, RulesetError> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let write: BitFlags<AccessFs> =
        read | AccessFs::WriteFile | AccessFs::Truncate | AccessFs::MakeReg | AccessFs::RemoveFile;
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()?
        .add_rules(path_beneath_rules(COUNTERS, read))?
        .add_rules(path_beneath_rules(reach.read.iter().map(|path| folder_of(path)), read))?
        .add_rules(path_beneath_rules(reach.output, write))?
        .restrict_self()?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => Given::Up("Landlock".to_owned()),
        RulesetStatus::PartiallyEnforced => Given::Up("Landlock, as far as this kernel knows it".to_owned()),
        RulesetStatus::NotEnforced => Given::Not("this kernel has no Landlock: files stay in reach".to_owned()),
    })
}

/// The folder of a file: editors put a new file in the place of the old one, which a rule for the file would not cover.
fn folder_of(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if path.is_dir() { path } else { parent.unwrap_or(Path::new(".")) }
}
