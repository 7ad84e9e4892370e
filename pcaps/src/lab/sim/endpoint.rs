//! One end of a simulated connection, whatever it speaks.

use dissectors::time::Time;

use super::quic::{QuicClient, QuicServer};
use super::tls::{TlsClient, TlsServer};
use crate::net::frame::Packet;

/// An end.
pub(super) enum Endpoint {
    TlsClient(Box<TlsClient>),
    TlsServer(Box<TlsServer>),
    QuicClient(Box<QuicClient>),
    QuicServer(Box<QuicServer>),
}

impl Endpoint {
    pub(super) fn on_packet(&mut self, now: Time, packet: &Packet) {
        match self {
            Self::TlsClient(end) => end.on_packet(now, packet),
            Self::TlsServer(end) => end.on_packet(now, packet),
            Self::QuicClient(end) => end.on_packet(now, packet),
            Self::QuicServer(end) => end.on_packet(now, packet),
        }
    }

    pub(super) fn on_time(&mut self, now: Time) {
        match self {
            Self::TlsClient(end) => end.on_time(now),
            Self::TlsServer(end) => end.on_time(now),
            Self::QuicClient(end) => end.on_time(now),
            Self::QuicServer(end) => end.on_time(now),
        }
    }

    pub(super) fn on_too_big(&mut self, now: Time, mtu: u16) {
        match self {
            Self::TlsClient(end) => end.tcp().on_too_big(now, mtu),
            Self::TlsServer(end) => end.tcp().on_too_big(now, mtu),
            // Initial packets have the least length that the protocol allows.
            Self::QuicClient(_) | Self::QuicServer(_) => {}
        }
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        match self {
            Self::TlsClient(end) => end.deadline(),
            Self::TlsServer(end) => end.deadline(),
            Self::QuicClient(end) => end.deadline(),
            Self::QuicServer(end) => end.deadline(),
        }
    }

    pub(super) fn take_frames(&mut self) -> Vec<Vec<u8>> {
        match self {
            Self::TlsClient(end) => end.tcp().take_frames(),
            Self::TlsServer(end) => end.tcp().take_frames(),
            Self::QuicClient(end) => end.take_frames(),
            Self::QuicServer(end) => end.take_frames(),
        }
    }

    /// Of a client, whether it has what it asked for, once that is settled.
    pub(super) fn satisfied(&self) -> Option<bool> {
        match self {
            Self::TlsClient(end) => end.satisfied(),
            Self::QuicClient(end) => end.satisfied(),
            Self::TlsServer(_) | Self::QuicServer(_) => None,
        }
    }
}
