//! `PACKET_FANOUT`: the kernel shares the frames of an interface out among several sockets, by a hash of addresses and ports
//! that is the same for both directions of a flow (packet(7)).
//!
//! It looks no deeper than the outermost headers. Both directions of a flow inside a tunnel, and the fragments of a datagram
//! beside its flow's whole ones, may come to different sockets; the merge puts that right.

use std::os::fd::BorrowedFd;

use nix::errno::Errno;
use nix::sys::socket::sockopt::{GetStruct, SetStruct};
use nix::sys::socket::{getsockopt, setsockopt};

/// The group of a packet socket: its number in the lower half, its mode and flags in the upper one.
#[derive(Clone, Copy)]
struct Fanout;

nix::setsockopt_impl!(Fanout, libc::SOL_PACKET, libc::PACKET_FANOUT, u32, SetStruct<'_, u32>);
nix::getsockopt_impl!(Fanout, libc::SOL_PACKET, libc::PACKET_FANOUT, u32, GetStruct<u32>);

/// By hash; all fragments of a datagram go one way, since they are told by their addresses alone.
const MODE: u32 = libc::PACKET_FANOUT_HASH << 16;

/// The kernel chooses a number that no other group of the network namespace has.
const UNIQUE: u32 = (libc::PACKET_FANOUT_FLAG_UNIQUEID) << 16;

/// The lower half.
const NUMBER: u32 = 0xffff;

/// Makes a group of these sockets.
pub(super) fn join<'a>(mut sockets: impl Iterator<Item = BorrowedFd<'a>>) -> Result<(), Errno> {
    let Some(first) = sockets.next() else { return Ok(()) };
    setsockopt(&first, Fanout, &(MODE | UNIQUE))?;
    let number = getsockopt(&first, Fanout)? & NUMBER;
    sockets.try_for_each(|socket| setsockopt(&socket, Fanout, &(MODE | number)))
}
