//! Writes a capture for the benches, and the truth about it.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::PathBuf;
use std::process::ExitCode;

use benches::scenario::{Kind, Written, generate};
use clap::Parser;

/// Generate a capture for the benches, and the truth about it
#[derive(Parser)]
struct Arguments {
    /// Which capture
    kind: Kind,
    /// Where to write it; the truth goes beside it, with the ending .csv
    output: PathBuf,
    /// Connections of `handshakes`, megabytes of `bulk`, SYNs of `synflood`, packets of `mixed` [default: full size]
    #[arg(long)]
    size: Option<usize>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match write(&arguments) {
        Ok(written) => {
            println!("{}: {} frames, {} bytes", arguments.output.display(), written.frames, written.bytes);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", arguments.output.display());
            ExitCode::from(2)
        }
    }
}

fn write(arguments: &Arguments) -> io::Result<Written> {
    let create = |path: PathBuf| File::create(path).map(|file| BufWriter::with_capacity(1 << 20, file));
    let capture = create(arguments.output.clone())?;
    let truth = create(arguments.output.with_extension("csv"))?;
    generate(arguments.kind, arguments.size.unwrap_or(arguments.kind.full_size()), capture, truth)
}
