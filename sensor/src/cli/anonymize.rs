//! `--anonymize` and its key, for every command that writes addresses.

use std::path::PathBuf;

use clap::ValueEnum;
use sensor::output::Anonymize;

/// What can be typed about addresses in outputs.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct AnonymizeArgs {
    /// Change every address before it is written, and what is derived from it
    ///
    /// Names, certificates and the names of capture files stay as they are, also where they are an address.
    #[arg(long, value_name = "HOW", requires_if("keyed", "anonymize_key"), help_heading = "Output")]
    anonymize: Option<How>,

    /// The key of `--anonymize keyed`: a file of 32 bytes, or 64 hexadecimal digits
    #[arg(long, value_name = "FILE", requires = "anonymize", help_heading = "Output")]
    anonymize_key: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum How {
    /// Networks stay, hosts become zero: /24 of IPv4, /48 of IPv6
    Truncate,
    /// Pseudonyms under a key that keep common prefixes (Crypto-PAn)
    Keyed,
}

impl AnonymizeArgs {
    /// What was meant.
    pub(super) fn meant(&self) -> Option<Anonymize> {
        Some(match self.anonymize? {
            How::Truncate => Anonymize::Truncate,
            // It cannot be missing here; a path that is empty would be refused.
            How::Keyed => Anonymize::Keyed(self.anonymize_key.clone().unwrap_or_default()),
        })
    }
}
