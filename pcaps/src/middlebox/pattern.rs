//! What server names and addresses a rule means.

use std::net::IpAddr;

use serde::Deserialize;

/// A server name, or a part of one with `*` before, behind or around it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum NamePattern {
    /// `a.example`: exactly this name.
    Exact(String),
    /// `*.a.example`: any name below it, and not it itself; `*a.example`: any name that ends so.
    Suffix(String),
    /// `a.*`: any name that begins so.
    Prefix(String),
    /// `*a*`: any name with this in it, as the rule of 2021 that throttled `t.co` throttled all that contained it.
    Within(String),
}

impl From<String> for NamePattern {
    fn from(text: String) -> Self {
        let text = text.to_ascii_lowercase();
        match (text.strip_prefix('*'), text.strip_suffix('*')) {
            (Some(rest), Some(_)) => Self::Within(rest.trim_end_matches('*').to_owned()),
            (Some(rest), None) => Self::Suffix(rest.to_owned()),
            (None, Some(rest)) => Self::Prefix(rest.to_owned()),
            (None, None) => Self::Exact(text),
        }
    }
}

impl NamePattern {
    /// Whether `name`, in lower case, is meant.
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => name == exact,
            Self::Suffix(suffix) => name.ends_with(suffix.as_str()),
            Self::Prefix(prefix) => name.starts_with(prefix.as_str()),
            Self::Within(part) => name.contains(part.as_str()),
        }
    }
}

/// An address, or a network as `198.51.100.0/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong = || format!("`{text}` is neither an address nor a network");
        let (address, bits) =
            text.split_once('/').map_or((text.as_str(), None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(longest), |bits| bits.parse().map_err(|_| wrong()))?;
        if bits > longest { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

impl Network {
    /// Whether `address` lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let differ = match (self.address, address) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            _ => return false,
        };
        differ >= u32::from(self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (pattern, name, expected) in [
            ("news.example", "news.example", true),
            ("News.Example", "news.example", true),
            ("news.example", "www.news.example", false),
            ("*.news.example", "www.news.example", true),
            ("*.news.example", "a.b.news.example", true),
            ("*.news.example", "news.example", false),
            ("*.news.example", "goodnews.example", false),
            ("*news.example", "goodnews.example", true),
            ("*news.example", "news.example", true),
            ("news.*", "news.example", true),
            ("news.*", "www.news.example", false),
            ("*t.co*", "reddit.com", true),
            ("*t.co*", "tco.example", false),
        ] {
            assert_eq!(NamePattern::from(pattern.to_owned()).matches(name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn networks() {
        for (network, address, expected) in [
            ("198.51.100.7", "198.51.100.7", true),
            ("198.51.100.7", "198.51.100.8", false),
            ("198.51.100.0/24", "198.51.100.8", true),
            ("198.51.100.0/24", "198.51.101.8", false),
            ("0.0.0.0/0", "203.0.113.1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:1::1", true),
        ] {
            let network = Network::try_from(network.to_owned()).unwrap();
            assert_eq!(network.contains(address.parse().unwrap()), expected, "{network:?} {address}");
        }
        for wrong in ["", "a", "1.2.3.4/33", "1.2.3.4/x", "::1/129"] {
            assert!(Network::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
