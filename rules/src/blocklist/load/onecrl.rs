//! Mozilla's OneCRL: `{"data": [...]}` of records that name a certificate by issuer and serial number, or by subject
//! and key.
//!
//! Firefox's loader does not read `enabled` (security/manager/ssl/RemoteSecuritySettings.sys.mjs), and a third of the
//! records in force have it false: it is ignored here as well.

use serde::Deserialize;

use super::{Kind, Loading, Marks, Problem, Record, fields};

#[derive(Deserialize)]
struct Document {
    data: Vec<Revocation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Revocation {
    #[serde(default)]
    id: String,
    #[serde(default)]
    details: Details,
    issuer_name: Option<String>,
    serial_number: Option<String>,
    subject: Option<String>,
    pub_key_hash: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    bug: String,
    why: String,
    name: String,
}

pub(super) fn load(bytes: &[u8], loading: &mut Loading) {
    let document: Document = match serde_json::from_slice(bytes) {
        Ok(document) => document,
        Err(error) => {
            let line = u32::try_from(error.line()).unwrap_or(u32::MAX);
            return loading.error(line, Problem::Json(error.to_string()));
        }
    };
    for (number, revocation) in (1..).zip(document.data) {
        match record(revocation) {
            Ok(record) => loading.entry(number, record),
            Err(problem) => loading.error(number, problem),
        }
    }
}

fn record(revocation: Revocation) -> Result<Record, Problem> {
    let by_issuer = revocation.issuer_name.is_some();
    let Details { bug, why, name } = revocation.details;
    let label = [name, why].into_iter().find(|text| !text.is_empty());
    let marks = Marks {
        issuer: revocation.issuer_name.as_deref().map(der).transpose()?,
        serial: revocation.serial_number.as_deref().map(serial).transpose()?,
        subject: revocation.subject.as_deref().map(der).transpose()?,
        spki_sha256: revocation.pub_key_hash.as_deref().map(key_hash).transpose()?,
        ..Marks::default()
    };
    Ok(Record {
        id: (!revocation.id.is_empty()).then(|| format!("onecrl/{}", revocation.id)),
        kind: Some(if by_issuer { Kind::IssuerSerial } else { Kind::SubjectSpki }),
        label,
        reason: "revoked in OneCRL".to_owned(),
        reference: bug,
        marks,
        ..Record::default()
    })
}

fn der(text: &str) -> Result<Box<[u8]>, Problem> {
    Ok(fields::base64(text)?.into())
}

fn serial(text: &str) -> Result<Box<[u8]>, Problem> {
    Ok(fields::significant(&fields::base64(text)?).into())
}

fn key_hash(text: &str) -> Result<[u8; 32], Problem> {
    let hash = fields::base64(text)?;
    hash.try_into().map_err(|_| Problem::Hex("pubKeyHash", Some(32)))
}
