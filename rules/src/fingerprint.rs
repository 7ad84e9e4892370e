//! Known injectors of resets, as data: what their packets' headers hold. Handed bytes; opens no file.
//!
//! One injector a line, comma-separated, `*` where a field may hold anything; lines that begin with `#` are comments. The
//! last column, the source, may contain commas.

use std::fmt;
use std::ops::RangeInclusive;

use dissectors::tcp::half::Reset;

/// Longest list read, in lines: an operator's own list, not a feed.
pub const MAX_LINES: usize = 4_096;

/// The list that the program brings.
const BUILTIN: &str = include_str!("../data/injectors.csv");

/// Columns of a line.
const COLUMNS: usize = 11;

/// What the resets of one injector look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Its name, as alerts state it.
    pub name: String,
    /// Whether it counts as a trait: genuine hosts send nothing of the kind. Others are only named.
    pub distinctive: bool,
    /// Where it is described.
    pub source: String,
    acknowledges: Option<bool>,
    ttl: Option<RangeInclusive<u32>>,
    ip_id: IpId,
    dont_fragment: Option<bool>,
    window: Option<RangeInclusive<u32>>,
    payload: Option<RangeInclusive<u32>>,
    options: Option<RangeInclusive<u32>>,
    copies: usize,
}

/// What the IP-ID holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum IpId {
    Any,
    In(RangeInclusive<u32>),
    /// That of the packet which triggered the injector, where that is not 0.
    Copied,
}

impl Fingerprint {
    /// The list that the program brings.
    pub fn builtin() -> Vec<Self> {
        Self::read(BUILTIN.as_bytes()).unwrap_or_default()
    }

    /// Reads a list.
    ///
    /// # Errors
    ///
    /// The first line that is none, and why.
    pub fn read(bytes: &[u8]) -> Result<Vec<Self>, Error> {
        let mut list = Vec::new();
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let number = index.saturating_add(1);
            let fail = |why| Error { line: number, why };
            if index >= MAX_LINES {
                return Err(fail(Why::TooLong));
            }
            let line = std::str::from_utf8(line).map_err(|_| fail(Why::NotText))?.trim();
            if !line.is_empty() && !line.starts_with('#') {
                list.push(Self::line(line).map_err(fail)?);
            }
        }
        Ok(list)
    }

    fn line(line: &str) -> Result<Self, Why> {
        let columns: Vec<_> = line.splitn(COLUMNS, ',').map(str::trim).collect();
        let [name, flags, ttl, ip_id, df, window, payload, options, copies, distinctive, source] = columns.as_slice()
        else {
            return Err(Why::Columns(columns.len()));
        };
        if name.is_empty() || source.is_empty() {
            return Err(Why::Empty);
        }
        Ok(Self {
            name: (*name).to_owned(),
            source: (*source).to_owned(),
            acknowledges: word(flags, "flags", &[("RST", false), ("RST+ACK", true)])?,
            ttl: range(ttl, "ttl", 0xff)?,
            ip_id: ip_id_of(ip_id)?,
            dont_fragment: word(df, "dont_fragment", &[("0", false), ("1", true)])?,
            window: range(window, "window", 0xffff)?,
            payload: range(payload, "payload", 0xffff)?,
            options: range(options, "options", 40)?,
            copies: range(copies, "copies", 0xff)?.map_or(1, |copies| *copies.start() as usize),
            distinctive: word(distinctive, "distinctive", &[("yes", true), ("no", false)])?
                .ok_or(Why::Field("distinctive"))?,
        })
    }

    /// Whether `reset` looks like it, `identical` copies of which were seen, after a hello with that IP-ID.
    pub fn matches(&self, reset: &Reset, identical: usize, hello_ip_id: Option<u16>) -> bool {
        let within =
            |range: &Option<RangeInclusive<u32>>, value: u32| range.as_ref().is_none_or(|range| range.contains(&value));
        self.acknowledges.is_none_or(|acknowledges| acknowledges == reset.ack.is_some())
            && within(&self.ttl, reset.ttl.into())
            && self.matches_ip_id(reset.ip_id, hello_ip_id)
            && self.dont_fragment.is_none_or(|set| set == reset.dont_fragment)
            && within(&self.window, reset.window.into())
            && within(&self.payload, reset.payload)
            && within(&self.options, reset.options.into())
            && identical >= self.copies
    }

    /// A fingerprint that speaks of IP-IDs is one of IPv4.
    fn matches_ip_id(&self, ip_id: Option<u16>, hello_ip_id: Option<u16>) -> bool {
        match &self.ip_id {
            IpId::Any => true,
            IpId::In(range) => ip_id.is_some_and(|id| range.contains(&id.into())),
            IpId::Copied => ip_id.is_some_and(|id| id != 0) && ip_id == hello_ip_id,
        }
    }
}

fn ip_id_of(text: &str) -> Result<IpId, Why> {
    if text == "copied" {
        return Ok(IpId::Copied);
    }
    Ok(range(text, "ip_id", 0xffff)?.map_or(IpId::Any, IpId::In))
}

/// One of `words`, or `*`.
fn word(text: &str, column: &'static str, words: &[(&str, bool)]) -> Result<Option<bool>, Why> {
    if text == "*" {
        return Ok(None);
    }
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| Some(*value)).ok_or(Why::Field(column))
}

/// `*`, a number, or two with a hyphen, decimal or with `0x`; at most `max`.
fn range(text: &str, column: &'static str, max: u32) -> Result<Option<RangeInclusive<u32>>, Why> {
    if text == "*" {
        return Ok(None);
    }
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let (low, high) = number(low).zip(number(high)).ok_or(Why::Field(column))?;
    if low <= high && high <= max { Ok(Some(low..=high)) } else { Err(Why::Field(column)) }
}

fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// A list of injectors that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: Why,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// More lines than [`MAX_LINES`].
    TooLong,
    /// Not UTF-8.
    NotText,
    /// So many columns instead of 11.
    Columns(usize),
    /// No name or no source.
    Empty,
    /// A column that does not hold what it should.
    Field(&'static str),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "more than {MAX_LINES} lines"),
            Self::NotText => f.write_str("not UTF-8"),
            Self::Columns(found) => write!(f, "{found} columns instead of {COLUMNS}"),
            Self::Empty => f.write_str("name or source is empty"),
            Self::Field(column) => write!(f, "column `{column}` does not hold a value that it may"),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_that_comes_along_is_whole() {
        let list = Fingerprint::read(BUILTIN.as_bytes()).unwrap();
        let names: Vec<_> = list.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["gfw-1", "gfw-2", "gfw-3", "henan", "airtel", "censorlab"]);
        assert_eq!(Fingerprint::builtin(), list);
    }

    #[test]
    fn errors_name_the_line() {
        let good = "x,RST,*,*,*,*,*,*,*,no,somewhere, with a comma";
        let cases = [
            ("a,b", Why::Columns(2)),
            (",RST,*,*,*,*,*,*,*,no,s", Why::Empty),
            ("x,FIN,*,*,*,*,*,*,*,no,s", Why::Field("flags")),
            ("x,RST,256,*,*,*,*,*,*,no,s", Why::Field("ttl")),
            ("x,RST,9-3,*,*,*,*,*,*,no,s", Why::Field("ttl")),
            ("x,RST,*,0x1ffff,*,*,*,*,*,no,s", Why::Field("ip_id")),
            ("x,RST,*,*,2,*,*,*,*,no,s", Why::Field("dont_fragment")),
            ("x,RST,*,*,*,*,*,*,*,*,s", Why::Field("distinctive")),
        ];
        for (bad, why) in cases {
            let text = format!("# comment\n{good}\n\n{bad}\n");
            assert_eq!(Fingerprint::read(text.as_bytes()), Err(Error { line: 4, why }), "{bad}");
        }
        assert_eq!(Fingerprint::read(b"\xff"), Err(Error { line: 1, why: Why::NotText }));
        assert_eq!(Fingerprint::read("\n".repeat(MAX_LINES).as_bytes()).unwrap_err().why, Why::TooLong);
        assert_eq!(Fingerprint::read(good.as_bytes()).unwrap()[0].source, "somewhere, with a comma");
        let error = Error { line: 4, why: Why::Field("ttl") };
        assert_eq!(error.to_string(), "line 4: column `ttl` does not hold a value that it may");
    }

    #[test]
    fn each_field_must_fit() {
        let airtel = Fingerprint::builtin().into_iter().find(|one| one.name == "airtel").unwrap();
        let reset = Reset { ack: Some(Default::default()), ip_id: Some(242), window: 16, ..crate::testing::reset() };
        assert!(airtel.matches(&reset, 1, None));
        for other in [
            Reset { ack: None, ..reset },
            Reset { ip_id: Some(243), ..reset },
            Reset { ip_id: None, ..reset },
            Reset { window: 0, ..reset },
            Reset { dont_fragment: true, ..reset },
            Reset { payload: 1, ..reset },
        ] {
            assert!(!airtel.matches(&other, 1, None), "{other:?}");
        }
    }

    #[test]
    fn a_copied_ip_id_must_be_one_that_says_something() {
        let lab = Fingerprint::builtin().into_iter().find(|one| one.name == "censorlab").unwrap();
        let reset = |id| Reset { ack: Some(Default::default()), ip_id: id, ..crate::testing::reset() };
        assert!(lab.matches(&reset(Some(7)), 3, Some(7)));
        for (id, copies, hello) in
            [(Some(7), 3, Some(8)), (Some(0), 3, Some(0)), (None, 3, None), (Some(7), 1, Some(7))]
        {
            assert!(!lab.matches(&reset(id), copies, hello));
        }
    }
}
