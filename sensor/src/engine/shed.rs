//! What is left out when a live capture cannot keep up, and when it is taken up again.
//!
//! A tap that is overloaded loses frames of all flows, and then nothing can be said about the silence of any. Better to
//! follow every packet of fewer flows. So while the kernel loses frames, the share of the flows that are followed is
//! halved, second by second, and when it has lost none for a while, it is doubled again. Which flows these are is a matter
//! of their hash alone: what remains is a fair sample, and a flow is in it with both directions or not at all.
//!
//! The order in which work is shed is therefore: flows, by halves, down to one in 64; then, if that does not help, frames,
//! by the kernel, which counts them. A handshake that was begun and falls out of the share is closed as evicted, so that it
//! is undecided; what it would have become is never guessed.

use std::time::Duration;

use dissectors::time::Time;

use crate::capture::Drops;
use crate::engine::batch::Batch;
use crate::engine::share::Share;

/// How long a smaller share is tried before it is halved again: the kernel's buffer, which is full by then, takes some time
/// to be emptied.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long nothing must be lost before the share is doubled.
const CALM: Duration = Duration::from_secs(10);

/// Decides how much is followed, and leaves out the rest.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shedding {
    share: Share,
    /// Packets left out.
    left_out: u64,
    /// When the share was changed, or frames were lost, for the last time.
    since: Option<Time>,
    halved: Option<Time>,
}

impl Shedding {
    /// Leaves out of a batch what is not to be followed, given what the batch says about lost frames.
    pub fn apply(&mut self, batch: &mut Batch) {
        let now = batch.parts.last().map(|part| part.now);
        batch.share = now.and_then(|now| self.look(now, &batch.drops));
        if self.share != Share::default() {
            self.left_out += leave_out(batch, self.share);
        }
        if let Some(standing) = &mut batch.standing {
            standing.totals.shed = self.left_out;
        }
    }

    /// Packets left out so far.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The share to be followed from `now` on, given what was lost until then; `None` if it stays the same.
    fn look(&mut self, now: Time, drops: &[Drops]) -> Option<Share> {
        let lost = drops.iter().any(|drops| drops.lost_by_system > Some(0));
        let next = if lost { self.lost(now) } else { self.calm(now) };
        (std::mem::replace(&mut self.share, next) != next).then_some(next)
    }

    fn lost(&mut self, now: Time) -> Share {
        self.since = Some(now);
        if self.halved.is_some_and(|halved| now >= halved && now.since(halved) < PATIENCE) {
            return self.share;
        }
        self.halved = Some(now);
        self.share.halved()
    }

    fn calm(&mut self, now: Time) -> Share {
        // A clock that was set back must not keep the share small for ever.
        let is_calm = self.since.is_none_or(|since| now < since || now.since(since) >= CALM);
        if !is_calm {
            return self.share;
        }
        self.since = Some(now);
        self.share.doubled()
    }
}

/// Leaves out the packets of flows that are not in the share; says how many those are.
fn leave_out(batch: &mut Batch, share: Share) -> u64 {
    let before = batch.packets.len();
    let (mut seen, mut kept) = (0, 0);
    let mut parts = batch.parts.iter_mut().peekable();
    batch.packets.retain(|routed| {
        while let Some(part) = parts.next_if(|part| part.end <= seen) {
            part.end = kept;
        }
        let keep = share.has(routed.hash);
        seen += 1;
        kept += usize::from(keep);
        keep
    });
    parts.for_each(|part| part.end = kept);
    (before - batch.packets.len()) as u64
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use dissectors::packet::{Endpoint, Ends, Packet, Span, Transport};

    use super::*;
    use crate::engine::batch::{Part, Routed};

    const LOSS: Drops = Drops {
        interface: 0,
        from: None,
        to: None,
        received: None,
        lost_by_interface: None,
        lost_by_system: Some(7),
        delivered: None,
        lost_before_frame: None,
    };

    /// Of how many flows one is followed, after each look; a look is a tenth of a second, and `losses` says whether it finds
    /// a loss.
    fn shares(losses: impl IntoIterator<Item = bool>) -> Vec<u64> {
        let mut shedding = Shedding::default();
        let looks = losses.into_iter().enumerate().map(|(tenth, lost)| {
            let drops: &[Drops] = if lost { &[LOSS] } else { &[] };
            shedding.look(Time(tenth as i64 * 100_000_000), drops);
            shedding.share.one_in()
        });
        looks.collect()
    }

    #[test]
    fn losses_halve_the_share_second_by_second_and_calm_doubles_it() {
        let shares = shares((0..1200).map(|tenth| tenth < 100));
        assert_eq!([0, 9, 10, 19, 20, 59, 99].map(|tenth| shares[tenth]), [2, 2, 4, 4, 8, 64, 64]);
        assert_eq!([198, 199, 298, 299, 1199].map(|tenth| shares[tenth]), [64, 32, 32, 16, 1]);
    }

    #[test]
    fn without_losses_every_flow_is_followed() {
        assert!(shares(std::iter::repeat_n(false, 500)).iter().all(|share| *share == 1));
        assert!((0..64).all(|bit| Share::default().has(1 << bit)));
    }

    #[test]
    fn a_share_is_what_it_says() {
        let hashes = (0..64_000u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut share = Share::default();
        for _ in 0..8 {
            let followed = hashes.clone().filter(|hash| share.has(*hash)).count() as u64;
            let expected = 64_000 / share.one_in();
            assert!(followed.abs_diff(expected) <= expected / 5, "{followed} of {expected}");
            share = share.halved();
        }
        assert_eq!(share.one_in(), 64, "and no smaller");
    }

    /// A batch of packets with these hashes in two parts, of which the first ends after `first`.
    fn batch(hashes: &[u64], first: usize, drops: &[Drops]) -> Batch {
        let at = |port| Endpoint { addr: Ipv4Addr::LOCALHOST.into(), port };
        let packet = Packet {
            frame: 1,
            time: Time(0),
            ends: Ends { source: at(1), dest: at(2) },
            ttl: 64,
            ip_id: None,
            dont_fragment: false,
            transport: Transport::Udp,
            payload: Span::default(),
            missing: 0,
            bad_checksum: false,
        };
        let part = |end, jumps| Part { end, now: Time(0), jumps };
        Batch {
            packets: hashes.iter().map(|&hash| Routed { packet, hash, now: Time(0) }).collect(),
            parts: vec![part(first, true), part(hashes.len(), false)],
            drops: drops.to_vec(),
            ..Batch::default()
        }
    }

    #[test]
    fn what_is_left_out_is_counted_and_the_parts_keep_their_packets() {
        let (ours, theirs) = (7, 1 << 40 | 7);
        for (hashes, first, ends) in [
            (vec![ours, theirs, theirs, ours, ours], 2, [1, 3]),
            (vec![theirs, theirs, ours], 1, [0, 1]),
            (vec![theirs, theirs], 2, [0, 0]),
            (vec![], 0, [0, 0]),
        ] {
            let mut shedding = Shedding::default();
            let mut batch = batch(&hashes, first, &[LOSS]);
            shedding.apply(&mut batch);
            assert_eq!(batch.share, Some(Share::default().halved()));
            assert_eq!([batch.parts[0].end, batch.parts[1].end], ends, "{hashes:?}");
            assert!(batch.packets.iter().all(|routed| routed.hash == ours));
            assert_eq!(shedding.left_out() as usize + batch.packets.len(), hashes.len());
        }
        let mut calm = batch(&[ours, theirs], 1, &[]);
        Shedding::default().apply(&mut calm);
        assert_eq!((calm.packets.len(), calm.share), (2, None));
    }

    #[test]
    fn what_the_interface_lost_is_not_for_us_to_mend() {
        let mut shedding = Shedding::default();
        let drops = Drops { lost_by_system: Some(0), lost_by_interface: Some(9), ..LOSS };
        assert_eq!(shedding.look(Time(0), &[drops]), None);
    }
}
