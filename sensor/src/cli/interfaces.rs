//! `hushwire interfaces`.

use std::io::{self, Write};

use pcap::{ConnectionStatus, Device};

use super::exit::{Failure, Status};
use super::style::{Style, Tone};
use super::table::{Cell, Table};
use super::width_of;

/// List the interfaces that can be captured from
///
/// `any` stands for all of them, without promiscuous mode.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  hushwire interfaces")]
pub(super) struct Args {}

pub(super) fn run(_args: &Args) -> Result<Status, Failure> {
    let devices = Device::list().map_err(Failure::Interfaces)?;
    let mut table = Table::new(["interface", "state", "description"].map(|heading| (heading, heading)).to_vec());
    for device in &devices {
        let (state, tone) = state(device);
        let description = device.desc.clone().unwrap_or_default();
        table.push(vec![Cell::left(device.name.as_str()), Cell::left(state).toned(tone), Cell::left(description)]);
    }
    let mut out = io::stdout().lock();
    table.write(&mut out, Style::of_stdout(), Some(width_of(&io::stdout())))?;
    out.flush()?;
    Ok(Status::Done)
}

fn state(device: &Device) -> (&'static str, Tone) {
    let flags = &device.flags;
    match flags.connection_status {
        _ if !flags.is_up() => ("down", Tone::Faint),
        ConnectionStatus::Disconnected => ("no link", Tone::Faint),
        _ if flags.is_loopback() => ("loopback", Tone::Plain),
        _ => ("up", Tone::Plain),
    }
}
