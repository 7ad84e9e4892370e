//! The stories that are kept as golden captures, by what they are about.
//!
//! To add one: a function that returns a [`Case`], one line in its module's `CASES`, and `make-cases`.

mod chain;
mod healthy;
mod hello;
mod link;
mod quality;
mod quic;
mod reset;
mod silence;
mod slow;

use crate::case::Case;

/// Function that tells a case.
type Tell = fn() -> Case;

/// All cases by module.
const MODULES: [(&str, &[Tell]); 9] = [
    ("healthy", healthy::CASES),
    ("hello", hello::CASES),
    ("link", link::CASES),
    ("silence", silence::CASES),
    ("slow", slow::CASES),
    ("reset", reset::CASES),
    ("chain", chain::CASES),
    ("quality", quality::CASES),
    ("quic", quic::CASES),
];

/// Where the table of cases stands in `pcaps/README.md`.
const TABLE_BEGINS: &str = "<!-- table of cases: written by make-cases -->\n";
const TABLE_ENDS: &str = "<!-- end of the table -->\n";

/// Every case with the module that tells it.
pub fn all() -> Vec<(&'static str, Case)> {
    let told =
        |(module, cases): &(&'static str, &[Tell])| cases.iter().map(|tell| (*module, tell())).collect::<Vec<_>>();
    MODULES.iter().flat_map(told).collect()
}

/// The files of a case's folder.
pub fn files(module: &str, case: &Case) -> Vec<(&'static str, Vec<u8>)> {
    let mut files = vec![
        (case.story.file_name(), case.story.to_file()),
        ("README.md", case.readme(module).into_bytes()),
        ("expected.json", case.expected().to_json().into_bytes()),
    ];
    files.extend(case.files.iter().map(|(name, content)| (*name, content.as_bytes().to_vec())));
    files
}

/// A text with the table of cases in its place; `None` if it has no such place.
pub fn with_table(text: &str, cases: &[(&str, Case)]) -> Option<String> {
    let (before, rest) = text.split_once(TABLE_BEGINS)?;
    let (_, after) = rest.split_once(TABLE_ENDS)?;
    let row = |(_, case): &(&str, Case)| {
        format!("| [{0}](cases/{0}/README.md) | {1} | {2} |\n", case.name, case.shows, case.summary())
    };
    let rows: String = cases.iter().map(row).collect();
    Some(format!("{before}{TABLE_BEGINS}| case | shows | expected |\n| --- | --- | --- |\n{rows}{TABLE_ENDS}{after}"))
}

/// The times of `copies` retransmissions after a first timeout of 0.28 s that doubles (RFC 6298; RTT of 80 ms and the
/// 200 ms that Linux adds at least).
fn backoff(copies: u32) -> Vec<f64> {
    (1..=copies).map(|n| 0.28 * (f64::from(n).exp2() - 1.0)).collect()
}
