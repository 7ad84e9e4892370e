//! Secrets inside a capture: the TLS key log that some tools put into decryption secrets blocks.
//!
//! They are kept for decryption within this run. Nothing may write or print them, hence no `Debug`.

/// `secrets_type` of a TLS key log (draft-ietf-opsawg-pcapng, section 4.7).
const TLS_KEY_LOG: u32 = 0x544c_534b;

/// The most bytes of key log that are kept of one file: about 20,000 sessions.
const LIMIT: usize = 4 << 20;

/// The key log of one capture, in the format that `SSLKEYLOGFILE` made common.
#[derive(Default)]
pub struct Secrets {
    key_log: Vec<u8>,
    refused: u64,
}

impl Secrets {
    /// The key log's lines.
    pub fn key_log(&self) -> &[u8] {
        &self.key_log
    }

    /// Secrets that were not kept: of another type, or beyond the limit.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    pub(super) fn add(&mut self, secrets_type: u32, bytes: &[u8]) {
        if secrets_type != TLS_KEY_LOG || self.key_log.len() + bytes.len() >= LIMIT {
            self.refused += 1;
            return;
        }
        self.key_log.extend_from_slice(bytes);
        if !bytes.ends_with(b"\n") {
            self.key_log.push(b'\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_joined_by_lines_and_bounded() {
        let mut secrets = Secrets::default();
        secrets.add(TLS_KEY_LOG, b"a 1 2");
        secrets.add(0x5747_4b4c, b"wireguard");
        secrets.add(TLS_KEY_LOG, b"b 3 4\n");
        secrets.add(TLS_KEY_LOG, &vec![b'x'; LIMIT]);
        assert_eq!(secrets.key_log(), b"a 1 2\nb 3 4\n");
        assert_eq!(secrets.refused(), 2);
    }
}
