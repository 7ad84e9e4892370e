//! What an injector sends: resets, FINs, acknowledgements and pages.

use serde::Deserialize;

use super::Ends;
use crate::middlebox::law::{FieldLaw, TimeLaw};

/// What an injector sends, by its laws.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Forgery {
    /// To whom; each is told in the other's name.
    pub to: Ends,
    /// Flags, joined by `+`.
    pub flags: Flags,
    /// How many copies, each with its own draw of every law.
    pub count: u32,
    /// TTL or hop limit at the box.
    pub ttl: FieldLaw,
    /// IPv4 identification.
    pub ip_id: FieldLaw,
    /// IPv4 "don't fragment".
    pub dont_fragment: bool,
    /// Differentiated services code point.
    pub dscp: u8,
    /// TCP window.
    pub window: FieldLaw,
    /// What the acknowledgement number is.
    pub ack: AckLaw,
    /// How much farther in sequence space each copy is than the one before, as of an injector that guesses what was
    /// sent meanwhile (Weaver, Sommer, Paxson, NDSS 2009).
    pub stride: u32,
    /// Text that it carries.
    pub payload: Vec<u8>,
    /// Text that it carries, as a page is written.
    pub page: String,
    /// How long after the trigger.
    pub after_ms: TimeLaw,
}

impl Default for Forgery {
    fn default() -> Self {
        Self {
            to: Ends::default(),
            flags: Flags { rst: true, ack: true, ..Flags::default() },
            count: 1,
            ttl: FieldLaw::Fixed(64),
            ip_id: FieldLaw::Fixed(0),
            dont_fragment: false,
            dscp: 0,
            window: FieldLaw::Fixed(0),
            ack: AckLaw::default(),
            stride: 0,
            payload: Vec::new(),
            page: String::new(),
            after_ms: TimeLaw::default(),
        }
    }
}

/// TCP flags of a forged packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Flags {
    pub(in crate::middlebox) rst: bool,
    pub(in crate::middlebox) fin: bool,
    pub(in crate::middlebox) psh: bool,
    pub(in crate::middlebox) ack: bool,
}

impl TryFrom<String> for Flags {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut flags = Self::default();
        for word in text.split('+') {
            match word.trim() {
                "RST" => flags.rst = true,
                "FIN" => flags.fin = true,
                "PSH" => flags.psh = true,
                "ACK" => flags.ack = true,
                other => return Err(format!("`{other}` is none of the flags RST, FIN, PSH, ACK")),
            }
        }
        Ok(flags)
    }
}

/// What a forged packet's acknowledgement number is, where its flags say that there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AckLaw {
    /// All that the recipient has sent, the trigger included.
    #[default]
    All,
    /// What the recipient had sent before the trigger.
    Before,
    /// 0, as some do towards the server.
    Zero,
}

impl Forgery {
    /// What kind of thing it is.
    pub fn kind(&self) -> ForgeryKind {
        match self.flags {
            Flags { rst: true, .. } => ForgeryKind::Reset,
            _ if !self.page.is_empty() || !self.payload.is_empty() => ForgeryKind::Page,
            Flags { fin: true, .. } => ForgeryKind::Fin,
            _ => ForgeryKind::Ack,
        }
    }
}

/// What kind of thing a forged packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForgeryKind {
    /// It resets.
    Reset,
    /// It closes.
    Fin,
    /// It acknowledges, and nothing more.
    Ack,
    /// It says something.
    Page,
}
