//! Keys and chains that real servers and interceptors present, in files.
//!
//! The chains are those of the simulation's authorities, for keys that somebody has: openssl makes one for all servers
//! and one for the interceptor. They guard nothing.

use std::fs;
use std::path::{Path, PathBuf};

use dissectors::time::Time;

use super::command::Command;
use super::error::RealError;
use super::process;
use crate::lab::authority::Authority;
use crate::lab::scenario::{Interceptor, Scenario};
use crate::middlebox::Port;

/// Public exponent of the servers' key.
const EXPONENT: u32 = 65_537;

/// What hosts of one kind present.
pub(super) struct Keys {
    /// The private key.
    pub(super) key: PathBuf,
    /// A chain for each name, beside the name.
    pub(super) chains: Vec<(String, PathBuf)>,
    /// The root that signed them, in PEM.
    pub(super) root: String,
}

impl Keys {
    /// Those of the true servers, for these names.
    ///
    /// # Errors
    ///
    /// If a key cannot be made, or a file not be written.
    pub(super) fn of_servers(scenario: &Scenario, names: &[String], folder: &Path) -> Result<Self, RealError> {
        let authority = Authority::public(&scenario.seed, scenario.begins()).map_err(RealError::Key)?;
        Self::make(authority, EXPONENT, scenario.begins(), names, &folder.join("server"))
    }

    /// Those of the interceptor.
    ///
    /// # Errors
    ///
    /// As [`Keys::of_servers`].
    pub(super) fn of_interceptor(
        scenario: &Scenario,
        it: &Interceptor,
        names: &[String],
        folder: &Path,
    ) -> Result<Self, RealError> {
        let authority = Authority::interception(it, &scenario.seed, scenario.begins()).map_err(RealError::Key)?;
        Self::make(authority, it.rsa_exponent, scenario.begins(), names, &folder.join("interceptor"))
    }

    /// Those of the names whose servers stand behind a port.
    pub(super) fn behind(&self, port: Port, scenario: &Scenario) -> Self {
        let stands = |name: &str| scenario.server_of(name).is_some_and(|server| server.side.port() == port);
        let chains = self.chains.iter().filter(|(name, _)| stands(name)).cloned().collect();
        Self { key: self.key.clone(), chains, root: self.root.clone() }
    }

    /// The names that there are chains for.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.chains.iter().map(|(name, _)| name.as_str())
    }

    fn make(authority: Authority, exponent: u32, now: Time, names: &[String], stem: &Path) -> Result<Self, RealError> {
        let key = stem.with_extension("key");
        process::run(&generate(exponent, &key))?;
        let authority = authority.holding(process::run(&public_half(&key))?);
        let chain = |name: &String| {
            let file = stem.with_extension(format!("{name}.pem"));
            fs::write(&file, authority.chain_pem(name, now)).map_err(RealError::file(&file))?;
            Ok((name.clone(), file))
        };
        let chains = names.iter().map(chain).collect::<Result<_, RealError>>()?;
        Ok(Self { key, chains, root: authority.root_pem() })
    }
}

fn generate(exponent: u32, key: &Path) -> Command {
    let size = "openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt";
    Command::new(size).arg(format!("rsa_keygen_pubexp:{exponent}")).arg("-out").arg(key.to_string_lossy())
}

/// Writes the SubjectPublicKeyInfo, in DER.
fn public_half(key: &Path) -> Command {
    Command::new("openssl pkey -pubout -outform DER -in").arg(key.to_string_lossy())
}
