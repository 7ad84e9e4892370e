//! A busy program in front of a server: it takes every connection, and hands it on late or never.
//!
//! nginx answers at once; a scenario's `think-ms` and `silent` are this front's doing, in threads that live in the
//! servers' namespace. The kernel below acknowledges everything meanwhile, as that of an overloaded server does.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::error::RealError;
use super::namespaces;
use crate::lab::scenario::Server;
use crate::middlebox::law::TimeLaw;
use crate::random::Random;

/// Where the server behind a front listens.
pub(super) const BEHIND: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8443);

/// How often new connections are looked for.
const STEP: Duration = Duration::from_millis(5);

/// Whether a server needs a front.
pub(super) fn is_needed(server: &Server) -> bool {
    server.silent.value() > 0.0 || server.think_ms != TimeLaw::default()
}

/// A front at work, until this goes out of scope.
pub(super) struct Front {
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Front {
    /// Listens on a server's addresses.
    ///
    /// # Errors
    ///
    /// If its namespace cannot be entered, or an address not be had.
    pub(super) fn start(
        namespace: &str,
        server: &Server,
        addresses: Vec<SocketAddr>,
        seed: &str,
    ) -> Result<Self, RealError> {
        let ends = Arc::new(AtomicBool::new(false));
        let namespace = namespace.to_owned();
        let habits =
            Habits { think: server.think_ms.clone(), silent: server.silent.value(), random: Random::named(seed) };
        let (listens, is_listening) = mpsc::channel();
        let its_end = Arc::clone(&ends);
        let thread = thread::spawn(move || match listen(&namespace, &addresses) {
            Ok(listeners) => serve(&listeners, habits, &its_end, &listens),
            Err(error) => drop(listens.send(Err(error))),
        });
        let front = Self { ends, thread: Some(thread) };
        is_listening.recv().unwrap_or(Ok(())).map(|()| front)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        // A thread that panicked has said so.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// How it treats connections.
struct Habits {
    think: TimeLaw,
    silent: f64,
    random: Random,
}

impl Habits {
    /// How long the next one waits; nothing for one that waits for ever.
    fn next(&mut self) -> Option<Duration> {
        let think = self.think.draw(&mut self.random);
        (!self.random.happens(self.silent)).then_some(think)
    }
}

fn listen(namespace: &str, addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, RealError> {
    namespaces::enter(namespace)?;
    let open = |address: &SocketAddr| {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    let listeners: io::Result<_> = addresses.iter().map(open).collect();
    listeners.map_err(|error| RealError::Start(format!("front in {namespace}"), error))
}

fn serve(listeners: &[TcpListener], mut habits: Habits, ends: &AtomicBool, listens: &Sender<Result<(), RealError>>) {
    // Whoever waited may have given up: then the end is near.
    let _ = listens.send(Ok(()));
    let mut taken = Vec::new();
    while !ends.load(Ordering::Relaxed) {
        for (client, _) in listeners.iter().filter_map(|listener| listener.accept().ok()) {
            let Ok(ours) = client.try_clone() else { continue };
            taken.push(ours);
            if let Some(think) = habits.next() {
                thread::spawn(move || hand_on(&client, think));
            }
        }
        thread::sleep(STEP);
    }
    for client in taken {
        // One that is closed already needs no end.
        let _ = client.shutdown(Shutdown::Both);
    }
}

/// Thinks once the client has said something, and joins it with the server. Either end may go away at any time.
fn hand_on(client: &TcpStream, think: Duration) -> io::Result<()> {
    client.set_nonblocking(false)?;
    client.peek(&mut [0])?;
    thread::sleep(think);
    let server = TcpStream::connect(BEHIND)?;
    thread::scope(|scope| {
        scope.spawn(|| pour(client, &server));
        pour(&server, client)
    })
}

fn pour(mut from: &TcpStream, mut to: &TcpStream) -> io::Result<()> {
    let poured = io::copy(&mut from, &mut to);
    to.shutdown(Shutdown::Write)?;
    poured.map(drop)
}
