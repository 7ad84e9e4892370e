//! Reads a capture with libpcap and counts: what every other time is compared with.

use std::process::ExitCode;

use pcap::{Capture, Error};

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: pcap-loop CAPTURE");
        return ExitCode::from(2);
    };
    match count(path.as_ref()) {
        Ok((packets, bytes)) => {
            println!("{packets} packets, {bytes} bytes");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            ExitCode::from(2)
        }
    }
}

fn count(path: &std::path::Path) -> Result<(u64, u64), Error> {
    let mut capture = Capture::from_file(path)?;
    let (mut packets, mut bytes) = (0, 0);
    capture.for_each(None, |packet| {
        packets += 1;
        bytes += u64::from(packet.header.caplen);
    })?;
    Ok((packets, bytes))
}
