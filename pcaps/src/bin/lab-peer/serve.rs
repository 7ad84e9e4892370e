//! The server: the chain of the name that is asked for, and as many bytes as are wanted.

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::sync::Arc;

use quinn::crypto::rustls::QuicServerConfig;
use quinn::{Endpoint, Incoming, ServerConfig, TransportConfig};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::{ALPN, Error, ServeArgs};

/// The most that is sent, whatever a client asks for.
const MOST: u64 = 1 << 20;

/// Listens on every address, and says `ready` once it does.
pub(crate) async fn serve(args: &ServeArgs) -> Result<(), Error> {
    let config = config(args)?;
    let mut listening = Vec::new();
    for address in &args.addresses {
        listening.push(tokio::spawn(accept(Endpoint::server(config.clone(), *address)?)));
    }
    writeln!(io::stdout(), "ready")?;
    for one in listening {
        one.await?;
    }
    Ok(())
}

fn config(args: &ServeArgs) -> Result<ServerConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut tls = tls.with_no_client_auth().with_cert_resolver(Arc::new(Chains::read(args)?));
    tls.alpn_protocols = vec![ALPN.to_vec()];
    let mut config = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?));
    config.transport_config(Arc::new(transport()));
    Ok(config)
}

/// Without segmentation by the kernel, so that a capture holds the datagrams that a wire would carry.
pub(crate) fn transport() -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport.enable_segmentation_offload(false);
    transport
}

async fn accept(endpoint: Endpoint) {
    while let Some(incoming) = endpoint.accept().await {
        tokio::spawn(async move {
            // A connection that fails is the client's to tell of.
            let _ = answer(incoming).await;
        });
    }
}

async fn answer(incoming: Incoming) -> Result<(), Error> {
    let connection = incoming.await?;
    let (mut reply, mut request) = connection.accept_bi().await?;
    let mut wanted = [0; 8];
    request.read_exact(&mut wanted).await?;
    let bytes = vec![b'.'; u64::from_be_bytes(wanted).min(MOST) as usize];
    reply.write_all(&bytes).await?;
    reply.finish()?;
    connection.closed().await;
    Ok(())
}

/// The chains by name.
#[derive(Debug)]
struct Chains(HashMap<String, Arc<CertifiedKey>>);

impl Chains {
    fn read(args: &ServeArgs) -> Result<Self, Error> {
        let key = ring::sign::any_supported_type(&PrivateKeyDer::from_pem_file(&args.key)?)?;
        let chain = |(name, file): &(String, std::path::PathBuf)| {
            let chain = CertificateDer::pem_file_iter(file)?.collect::<Result<Vec<_>, _>>()?;
            Ok((name.clone(), Arc::new(CertifiedKey::new(chain, Arc::clone(&key)))))
        };
        Ok(Self(args.chains.iter().map(chain).collect::<Result<_, Error>>()?))
    }
}

impl ResolvesServerCert for Chains {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.get(hello.server_name()?).cloned()
    }
}
