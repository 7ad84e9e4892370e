//! A real peer for what ordinary programs do not do: QUIC both ways (quinn), and hellos that are cut into TLS records or
//! TCP segments (rustls). `lab run --real` runs it; it is built with the feature `real-quic`.
//!
//! Within a connection a client sends the count of the bytes that it wants, and the server sends as many.

mod fetch;
mod serve;

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::{self, Runtime};

/// Why something failed.
type Error = Box<dyn std::error::Error + Send + Sync>;

/// The protocol that is offered: what is inside is encrypted, so that it may as well be the usual one.
const ALPN: &[u8] = b"h3";

/// A real peer for QUIC and for hellos that are cut.
#[derive(Debug, Parser)]
#[command(name = "lab-peer", version)]
enum Args {
    /// Serve QUIC until killed
    Serve(ServeArgs),
    /// Fetch bytes; exit status 0 if they came
    Fetch(FetchArgs),
}

#[derive(Debug, clap::Args)]
struct ServeArgs {
    /// The private key of all chains, in PEM
    #[arg(long)]
    key: PathBuf,
    /// A name and the file of its chain: NAME=FILE
    #[arg(long = "chain", value_parser = named)]
    chains: Vec<(String, PathBuf)>,
    /// Where to listen
    #[arg(required = true)]
    addresses: Vec<SocketAddr>,
}

#[derive(Debug, clap::Args)]
struct FetchArgs {
    /// Roots to trust, in PEM
    #[arg(long)]
    roots: PathBuf,
    /// Address and port of this end
    #[arg(long)]
    from: SocketAddr,
    /// Address and port of the server
    #[arg(long)]
    to: SocketAddr,
    /// The server's name
    #[arg(long)]
    name: String,
    /// How many bytes to ask for
    #[arg(long)]
    bytes: u64,
    /// After how many seconds to give up
    #[arg(long)]
    patience: f64,
    /// Over QUIC, send a datagram of noise first
    #[arg(long)]
    prelude: bool,
    /// HTTPS over TCP, the hello in TLS records of so many bytes
    #[arg(long)]
    records: Option<usize>,
    /// HTTPS over TCP, what is sent in TCP segments of so many bytes
    #[arg(long)]
    segments: Option<usize>,
}

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where standard error is closed there is nobody left to tell.
            let _ = writeln!(io::stderr(), "lab-peer: {error}");
            ExitCode::from(1)
        }
    }
}

fn run(args: Args) -> Result<(), Error> {
    match args {
        Args::Serve(args) => runtime()?.block_on(serve::serve(&args)),
        Args::Fetch(args) if args.records.is_some() || args.segments.is_some() => {
            runtime()?.block_on(fetch::over_tcp(&args))
        }
        Args::Fetch(args) => runtime()?.block_on(fetch::over_quic(&args)),
    }
}

fn runtime() -> io::Result<Runtime> {
    runtime::Builder::new_current_thread().enable_all().build()
}

fn named(text: &str) -> Result<(String, PathBuf), &'static str> {
    let (name, file) = text.split_once('=').ok_or("NAME=FILE")?;
    Ok((name.to_owned(), file.into()))
}
