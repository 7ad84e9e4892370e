//! A key log: the secrets that one end of a connection wrote down, by session (the format that NSS began with
//! `SSLKEYLOGFILE`, draft-ietf-tls-keylogfile).
//!
//! Of all that a log may hold, only what opens the server's handshake in TLS 1.3 is kept: the certificates stand there,
//! and in TLS 1.2 they are in clear. A secret can be used and not shown: nothing here prints it, in `Debug` neither.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Sessions whose secret is kept by default, about 10 MB of them.
pub const DEFAULT_SESSIONS: usize = 1 << 16;

/// The label of the secret from which the keys of the server's handshake follow, and the name that implementations of
/// QUIC's drafts had for it.
const SERVER_HANDSHAKE: [&[u8]; 2] = [b"SERVER_HANDSHAKE_TRAFFIC_SECRET", b"QUIC_SERVER_HANDSHAKE_TRAFFIC_SECRET"];

/// A ClientHello's random bytes, by which a log names the session.
type Random = [u8; 32];

/// A traffic secret, as long as the hash of its cipher suite (RFC 8446, section 7.1).
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// Of a suite with SHA-256.
    Sha256([u8; 32]),
    /// Of a suite with SHA-384.
    Sha384([u8; 48]),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// What the lines of a log were. Empty ones and comments are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// The server's handshake secret of a session, kept.
    pub kept: u64,
    /// Well-formed, and of no use here: other secrets, or one that was there before.
    pub other: u64,
    /// No line of a key log.
    pub malformed: u64,
    /// Kept and forgotten again, since there were too many.
    pub over_limit: u64,
}

impl Lines {
    /// Adds another's.
    pub fn add(&mut self, other: Self) {
        self.kept += other.kept;
        self.other += other.other;
        self.malformed += other.malformed;
        self.over_limit += other.over_limit;
    }

    /// What was counted since it stood at `before`.
    pub fn since(self, before: Self) -> Self {
        Self {
            kept: self.kept.saturating_sub(before.kept),
            other: self.other.saturating_sub(before.other),
            malformed: self.malformed.saturating_sub(before.malformed),
            over_limit: self.over_limit.saturating_sub(before.over_limit),
        }
    }
}

/// The secrets by session.
///
/// Cloning one, to hand it out while it grows, copies at most the newer half.
#[derive(Clone, Debug)]
pub struct KeyLog {
    newer: BTreeMap<Random, Secret>,
    older: Arc<BTreeMap<Random, Secret>>,
    /// Half of the sessions that are kept.
    half: usize,
    lines: Lines,
}

impl Default for KeyLog {
    fn default() -> Self {
        Self::new(DEFAULT_SESSIONS)
    }
}

impl KeyLog {
    /// Room for so many sessions. Beyond that the older half is forgotten, and counted: a log that grows for days names sessions
    /// that are long over.
    pub fn new(sessions: usize) -> Self {
        let half = sessions.div_ceil(2).max(1);
        Self { newer: BTreeMap::new(), older: Arc::default(), half, lines: Lines::default() }
    }

    /// Adds the lines of `text`. Of two secrets for one session the first stays.
    pub fn add(&mut self, text: &[u8]) {
        let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        lines.filter(|line| !line.is_empty() && !line.starts_with(b"#")).for_each(|line| self.line(line));
    }

    /// What the lines were.
    pub fn lines(&self) -> Lines {
        self.lines
    }

    /// The secret of the server's handshake in the session whose ClientHello has this random.
    pub fn server_handshake(&self, client_random: &[u8]) -> Option<&Secret> {
        if self.newer.is_empty() && self.older.is_empty() {
            return None;
        }
        let random = client_random.first_chunk::<32>()?;
        self.newer.get(random).or_else(|| self.older.get(random))
    }

    fn line(&mut self, line: &[u8]) {
        let Some((label, random, secret)) = fields(line) else {
            self.lines.malformed += 1;
            return;
        };
        if !SERVER_HANDSHAKE.contains(&label) {
            self.lines.other += 1;
            return;
        }
        match (session(random), Secret::of_hex(secret)) {
            (Some(random), Some(secret)) => self.keep(random, secret),
            _ => self.lines.malformed += 1,
        }
    }

    fn keep(&mut self, random: Random, secret: Secret) {
        if self.newer.contains_key(&random) || self.older.contains_key(&random) {
            self.lines.other += 1;
            return;
        }
        if self.newer.len() >= self.half {
            let older = std::mem::replace(&mut self.older, Arc::new(std::mem::take(&mut self.newer)));
            self.lines.over_limit += older.len() as u64;
        }
        self.newer.insert(random, secret);
        self.lines.kept += 1;
    }
}

impl Secret {
    fn of_hex(hex: &[u8]) -> Option<Self> {
        unhex(hex).map(Self::Sha256).or_else(|| unhex(hex).map(Self::Sha384))
    }
}

/// Label, session and secret; the latter two are hexadecimal, of whatever length. A shell's backslash at the end of a
/// line, which real logs have, is passed over.
fn fields(line: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let line = line.strip_suffix(b"\\").unwrap_or(line);
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let (label, session, secret) = (words.next()?, words.next()?, words.next()?);
    let is_hex = |word: &[u8]| word.iter().all(u8::is_ascii_hexdigit);
    (words.next().is_none() && is_hex(session) && is_hex(secret)).then_some((label, session, secret))
}

fn session(hex: &[u8]) -> Option<Random> {
    unhex(hex)
}

/// Exactly `N` bytes in hexadecimal.
fn unhex<const N: usize>(hex: &[u8]) -> Option<[u8; N]> {
    let (pairs, []) = hex.as_chunks::<2>() else { return None };
    let mut bytes = [0; N];
    if pairs.len() != N {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

fn digit(hex: u8) -> Option<u8> {
    char::from(hex).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::{KeyLog, Lines, Secret};

    fn line(label: &str, session: u8, secret: u8, len: usize) -> String {
        format!("{label} {} {}\n", format!("{session:02x}").repeat(32), format!("{secret:02X}").repeat(len))
    }

    #[test]
    fn every_kind_of_line() {
        let text = [
            "# a comment\n\n".to_owned(),
            line("SERVER_HANDSHAKE_TRAFFIC_SECRET", 1, 0xab, 32).replace('\n', "\r\n"),
            line("QUIC_SERVER_HANDSHAKE_TRAFFIC_SECRET", 2, 0xcd, 48).replace('\n', "\\\n"),
            line("SERVER_HANDSHAKE_TRAFFIC_SECRET", 1, 0xee, 32),
            line("CLIENT_HANDSHAKE_TRAFFIC_SECRET", 1, 0xab, 32),
            line("CLIENT_RANDOM", 3, 0xab, 48),
            "RSA 0123456789abcdef 00\n".to_owned(),
            line("SERVER_HANDSHAKE_TRAFFIC_SECRET", 3, 0xab, 31),
            "SERVER_HANDSHAKE_TRAFFIC_SECRET 00 zz\n".to_owned(),
            "SERVER_HANDSHAKE_TRAFFIC_SECRET 00\n".to_owned(),
            "\x7fELF\0\0".to_owned(),
        ];
        let mut log = KeyLog::default();
        log.add(text.concat().as_bytes());
        assert_eq!(log.lines(), Lines { kept: 2, other: 4, malformed: 4, over_limit: 0 });
        assert_eq!(log.server_handshake(&[1; 32]), Some(&Secret::Sha256([0xab; 32])), "the first stays");
        assert_eq!(log.server_handshake(&[2; 32]), Some(&Secret::Sha384([0xcd; 48])));
        assert_eq!(log.server_handshake(&[3; 32]), None);
        assert_eq!(log.server_handshake(&[1; 31]), None);
    }

    #[test]
    fn a_log_is_bounded_and_forgets_the_older_half() {
        const SESSIONS: usize = 100;
        let mut log = KeyLog::new(SESSIONS);
        let secret = "00".repeat(32);
        let mut add = |session: usize| {
            log.add(format!("SERVER_HANDSHAKE_TRAFFIC_SECRET {session:064x} {secret}").as_bytes());
            (log.newer.len() + log.older.len(), log.lines().over_limit)
        };
        for session in 0..SESSIONS {
            assert_eq!(add(session), (session + 1, 0));
        }
        let half = SESSIONS / 2;
        assert_eq!(add(SESSIONS), (half + 1, half as u64));
        let knows = |session: usize| {
            let mut random = [0; 32];
            random[24..].copy_from_slice(&(session as u64).to_be_bytes());
            log.server_handshake(&random).is_some()
        };
        assert_eq!([0, half - 1, half, SESSIONS].map(knows), [false, false, true, true]);
    }

    #[test]
    fn a_secret_is_not_shown() {
        let mut log = KeyLog::default();
        log.add(line("SERVER_HANDSHAKE_TRAFFIC_SECRET", 1, 0xab, 32).as_bytes());
        let shown = format!("{log:?} {:?}", log.server_handshake(&[1; 32]));
        assert!(!shown.contains("ab") && !shown.contains("171"), "{shown}");
    }
}
