//! Nothing of a generated capture's truth is lost on the way to an outcome, and nothing is added to it.

mod common;

use std::io::Cursor;

use benches::scenario::{Kind, generate};
use common::{Heard, told};
use sensor::capture::FileSource;
use sensor::pipeline::{self, Options};

#[test]
fn every_handshake_comes_out_as_the_truth_says() {
    let kinds = [Kind::Handshakes, Kind::Bulk, Kind::Synflood, Kind::Mixed, Kind::Hostile];
    for (kind, size) in kinds.into_iter().zip([1_500, 1, 60_000, 8_000, 2_000]) {
        let (mut capture, mut truth) = (Vec::new(), Vec::new());
        generate(kind, size, &mut capture, &mut truth).unwrap();
        let truth = told(&String::from_utf8(truth).unwrap());
        for workers in [1, 2] {
            let mut source = FileSource::from_reader("generated".into(), Cursor::new(capture.clone())).unwrap();
            let mut heard = Heard::default();
            let options = Options { workers, ..Options::default() };
            let report = pipeline::run(&mut source, None, &options, &mut heard);
            assert!(!truth.is_empty() && report.error.is_none(), "{kind:?}: {:?}", report.error);
            for (flow, line) in &truth {
                assert_eq!(heard.lines.get(flow), Some(line), "{kind:?}, {workers} workers: {flow}");
            }
            assert_eq!(heard.lines.len(), truth.len(), "{kind:?}, {workers} workers: something was invented");
        }
    }
}
