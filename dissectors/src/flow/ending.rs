//! How flows with a handshake in progress end without a packet that ends them: silent for too long, in want of room, shed,
//! or with the capture. The same for both transports.

use crate::attempt::End;
use crate::flow::ledger::Ledger;
use crate::flow::settled::Settled;
use crate::flow::table::{Flow, Place, Table};
use crate::time::Time;

/// The flows of one transport.
pub(crate) trait Ending {
    /// What is known of a flow.
    type Handshake: Flow;

    /// The flows with a handshake in progress.
    fn handshakes(&mut self) -> &mut Table<Self::Handshake>;

    /// Bytes that are held for a flow.
    fn held(handshake: &Self::Handshake) -> usize;

    /// Closes a flow: `at` dates the event, `last` is the time of its last packet.
    fn close(&mut self, place: Place, end: End, at: Time, last: Time, ledger: &mut Ledger);

    /// The flows whose handshake is over.
    fn settled(&mut self) -> &mut Settled;

    /// Closes a flow that goes on without being followed: what comes of it later is not taken for another attempt.
    fn give_up(&mut self, place: Place, now: Time, last: Time, ledger: &mut Ledger) {
        if let Some(hash) = self.handshakes().hash(place) {
            ledger.counts.evicted_settled += self.settled().add(hash, now);
        }
        self.close(place, End::Evicted, now, last, ledger);
    }

    /// Closes the flows that were silent for too long.
    fn expire(&mut self, now: Time, ledger: &mut Ledger) {
        while let Some((place, last)) = self.handshakes().expired(now) {
            self.close(place, End::Idle, last.after(ledger.config.idle), last, ledger);
        }
    }

    /// Closes every flow.
    fn close_each(&mut self, end: End, now: Time, ledger: &mut Ledger) {
        while let Some((place, last)) = self.handshakes().oldest() {
            self.close(place, end, now, last, ledger);
        }
    }

    /// Closes the flow that was silent for longest, if there is no room for another.
    fn make_place(&mut self, now: Time, ledger: &mut Ledger) {
        if self.handshakes().is_full()
            && let Some((oldest, last)) = self.handshakes().oldest()
        {
            ledger.counts.evicted_handshakes += 1;
            self.give_up(oldest, now, last, ledger);
        }
    }

    /// Closes flows while too many bytes are held: the one that has just grown, if it holds more than its share, or else
    /// those that were silent for longest.
    fn make_room(&mut self, grown: Place, now: Time, ledger: &mut Ledger) {
        while ledger.is_overfull() {
            let share = ledger.fair_share(self.handshakes().len());
            let victim = self.handshakes().victim(grown, now, |handshake| Self::held(handshake) > share);
            let Some((place, last)) = victim else { return };
            ledger.counts.evicted_buffered += 1;
            self.give_up(place, now, last, ledger);
        }
    }

    /// Closes the flows that are not to be followed any more.
    fn shed(&mut self, follow: &impl Fn(u64) -> bool, now: Time, ledger: &mut Ledger) {
        for (place, last) in self.handshakes().places(|hash| !follow(hash)) {
            ledger.counts.shed_handshakes += 1;
            self.give_up(place, now, last, ledger);
        }
    }
}
