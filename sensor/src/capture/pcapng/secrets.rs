//! Secrets inside a capture: the TLS key log that some tools put into decryption secrets blocks.
//!
//! They are kept until the block that brought them is handed on, for decryption within this run. Nothing may write or
//! print them, hence no `Debug`.

/// `secrets_type` of a TLS key log (draft-ietf-opsawg-pcapng, section 4.7).
const TLS_KEY_LOG: u32 = 0x544c_534b;

/// The most bytes of key log that are taken of one file: about 20,000 sessions.
const LIMIT: usize = 4 << 20;

/// The key log of one capture, in the format that `SSLKEYLOGFILE` made common.
#[derive(Default)]
pub(super) struct Secrets {
    /// Lines that are not handed on yet.
    key_log: Vec<u8>,
    /// Bytes of all lines so far.
    bytes: usize,
    refused: u64,
}

impl Secrets {
    /// Hands the lines on that came since the last call.
    pub(super) fn take(&mut self, key_log: &mut Vec<u8>) {
        key_log.append(&mut self.key_log);
    }

    /// Secrets that were not kept: of another type, or beyond the limit.
    pub(super) fn refused(&self) -> u64 {
        self.refused
    }

    pub(super) fn add(&mut self, secrets_type: u32, bytes: &[u8]) {
        if secrets_type != TLS_KEY_LOG || self.bytes + bytes.len() >= LIMIT {
            self.refused += 1;
            return;
        }
        self.bytes += bytes.len();
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
        let mut key_log = Vec::new();
        secrets.take(&mut key_log);
        assert_eq!(key_log, b"a 1 2\nb 3 4\n");
        secrets.take(&mut key_log);
        assert_eq!(key_log, b"a 1 2\nb 3 4\n", "each is handed on once");
        secrets.add(TLS_KEY_LOG, &vec![b'x'; LIMIT - 10]);
        assert_eq!(secrets.refused(), 3, "the limit is for all of a file");
    }
}
