//! Why a certificate could not be read.

use std::fmt;

use x509_parser::error::X509Error;

/// The longest certificate that is parsed and kept, in bytes. The longest seen in the public Web PKI are a tenth of it;
/// longer ones are known by their hashes only.
pub const MAX_DER: usize = 65_535;

/// Why a certificate could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Longer than [`MAX_DER`]; the length is given.
    TooLong(usize),
    /// The DER ends early or is not DER.
    Der,
    /// A distinguished name is not one.
    Name,
    /// A date is not one.
    Date,
    /// The public key's structure is broken.
    Key,
    /// The list of extensions is broken.
    Extensions,
    /// Another field is broken.
    Field,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(length) => write!(f, "the certificate is {length} bytes long, more than {MAX_DER}"),
            Self::Der => f.write_str("the certificate is no complete DER"),
            Self::Name => f.write_str("the certificate has a broken distinguished name"),
            Self::Date => f.write_str("the certificate has a broken date"),
            Self::Key => f.write_str("the certificate has a broken public key"),
            Self::Extensions => f.write_str("the certificate has broken extensions"),
            Self::Field => f.write_str("the certificate has a broken field"),
        }
    }
}

impl std::error::Error for Malformed {}

impl From<&X509Error> for Malformed {
    fn from(error: &X509Error) -> Self {
        match error {
            X509Error::Der(_) | X509Error::NomError(_) | X509Error::Generic => Self::Der,
            X509Error::InvalidX509Name => Self::Name,
            X509Error::InvalidDate => Self::Date,
            X509Error::InvalidSPKI => Self::Key,
            X509Error::InvalidExtensions | X509Error::DuplicateExtensions => Self::Extensions,
            _ => Self::Field,
        }
    }
}
