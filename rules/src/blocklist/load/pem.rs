//! PEM (RFC 7468): certificates and public keys, with notes.
//!
//! Lines `# key: value` before a block say what the block cannot: `id`, `class`, `kind`, `label`, `reason`,
//! `reference`. They hold for that block alone. Any other text is ignored, as are blocks of other types.

use dissectors::x509::PublicKey;

use super::{Kind, Loading, Marks, Problem, Record, fields, lines};

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

pub(super) fn looks_like(bytes: &[u8]) -> bool {
    bytes.windows(BEGIN.len()).any(|window| window == BEGIN.as_bytes())
}

/// A block whose end was not yet seen.
struct Block {
    label: String,
    line: u32,
    base64: String,
    record: Record,
}

pub(super) fn load(bytes: &[u8], loading: &mut Loading) {
    let mut open: Option<Block> = None;
    let mut record = Record::default();
    for (number, line) in lines(bytes) {
        if let Some(label) = label(&line, BEGIN) {
            if let Some(block) = open.take() {
                loading.error(block.line, Problem::Unterminated);
            }
            let record = std::mem::take(&mut record);
            open = Some(Block { label: label.to_owned(), line: number, base64: String::new(), record });
        } else if label(&line, END).is_some() {
            if let Some(block) = open.take() {
                finish(block, loading);
            }
        } else if let Some(block) = &mut open {
            block.base64.push_str(&line);
        } else if let Err(problem) = note(&line, &mut record) {
            loading.error(number, problem);
        }
    }
    if let Some(block) = open {
        loading.error(block.line, Problem::Unterminated);
    }
}

fn label<'a>(line: &'a str, boundary: &str) -> Option<&'a str> {
    line.strip_prefix(boundary)?.strip_suffix(DASHES)
}

fn note(line: &str, record: &mut Record) -> Result<(), Problem> {
    let Some((key, value)) = line.strip_prefix('#').and_then(|note| note.split_once(':')) else { return Ok(()) };
    record.describe(key.trim(), value.trim())
}

fn finish(block: Block, loading: &mut Loading) {
    let take = match block.label.as_str() {
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Loading::certificate,
        "PUBLIC KEY" => public_key,
        _ => return,
    };
    match fields::base64(&block.base64) {
        Ok(der) => take(loading, block.line, &der, block.record),
        Err(problem) => loading.error(block.line, problem),
    }
}

fn public_key(loading: &mut Loading, line: u32, der: &[u8], mut record: Record) {
    match PublicKey::from_der(der) {
        Ok(key) => {
            record.kind = Some(Kind::Spki);
            record.marks = Marks::of_key(key);
            loading.entry(line, record);
        }
        Err(malformed) => loading.error(line, Problem::Certificate(malformed)),
    }
}
