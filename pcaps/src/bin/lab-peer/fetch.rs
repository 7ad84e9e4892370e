//! The client, over QUIC and over TCP.

use std::io::{self, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Endpoint, EndpointConfig, TokioRuntime};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConnection, RootCertStore, Stream};
use tokio::net::TcpSocket;

use super::serve::transport;
use super::{ALPN, Error, FetchArgs};

/// No QUIC packet begins so: the fixed bit is not set (RFC 9000, section 17).
const NOISE: [u8; 32] = [0x11; 32];
/// What a TLS record adds to what it carries (RFC 8446, section 5.1), which rustls counts as part of it.
const RECORD_HEADER: usize = 5;

/// Asks over QUIC.
pub(crate) async fn over_quic(args: &FetchArgs) -> Result<(), Error> {
    let socket = UdpSocket::bind(args.from)?;
    if args.prelude {
        socket.send_to(&NOISE, args.to)?;
    }
    let mut tls = tls(args)?;
    tls.alpn_protocols = vec![ALPN.to_vec()];
    let mut config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls)?));
    config.transport_config(Arc::new(transport()));
    let mut endpoint = Endpoint::new(EndpointConfig::default(), None, socket, Arc::new(TokioRuntime))?;
    endpoint.set_default_client_config(config);
    tokio::time::timeout(Duration::try_from_secs_f64(args.patience)?, ask(args, &endpoint)).await??;
    endpoint.wait_idle().await;
    Ok(())
}

async fn ask(args: &FetchArgs, endpoint: &Endpoint) -> Result<(), Error> {
    let connection = endpoint.connect(args.to, &args.name)?.await?;
    let (mut request, mut reply) = connection.open_bi().await?;
    request.write_all(&args.bytes.to_be_bytes()).await?;
    request.finish()?;
    let got = reply.read_to_end(args.bytes as usize).await?;
    connection.close(0_u8.into(), b"done");
    if got.len() as u64 == args.bytes { Ok(()) } else { Err("too few bytes came".into()) }
}

/// Asks a web server over TCP, with a hello that is cut.
pub(crate) async fn over_tcp(args: &FetchArgs) -> Result<(), Error> {
    let mut config = tls(args)?;
    config.max_fragment_size = args.records.map(|bytes| bytes + RECORD_HEADER);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let mut tls = ClientConnection::new(Arc::new(config), ServerName::try_from(args.name.clone())?)?;
    let stream = connect(args).await?;
    let mut pieces = Pieces { stream, size: args.segments.unwrap_or(usize::MAX) };
    let mut stream = Stream::new(&mut tls, &mut pieces);
    write!(stream, "GET /body HTTP/1.1\r\nHost: {}\r\nRange: bytes=0-{}\r\n", args.name, args.bytes.saturating_sub(1))?;
    stream.write_all(b"Connection: close\r\n\r\n")?;
    let mut got = Vec::new();
    stream.read_to_end(&mut got)?;
    if got.len() as u64 > args.bytes { Ok(()) } else { Err("too few bytes came".into()) }
}

/// A connection that blocks, each of its reads as long as the client is patient.
async fn connect(args: &FetchArgs) -> Result<TcpStream, Error> {
    let patience = Duration::try_from_secs_f64(args.patience)?;
    let socket = if args.from.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.bind(args.from)?;
    let stream = tokio::time::timeout(patience, socket.connect(args.to)).await??.into_std()?;
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(patience))?;
    Ok(stream)
}

/// A stream that is written to in pieces, each of which becomes a segment.
struct Pieces {
    stream: TcpStream,
    size: usize,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes.get(..self.size).unwrap_or(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Read for Pieces {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.stream.read(bytes)
    }
}

fn tls(args: &FetchArgs) -> Result<rustls::ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_file_iter(&args.roots)? {
        roots.add(root?)?;
    }
    let provider = Arc::new(ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
