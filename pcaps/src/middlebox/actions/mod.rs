//! What the box can do to a flow: one file an action, or a family of them, and one line in [`ACTIONS`].

mod intercept;
mod reset;
mod silence;

use super::flow::Hello;
use super::packet::TcpPacket;
use super::{Departure, Port};

/// A named way of treating flows.
pub struct Action {
    /// Its word in the rules.
    pub name: &'static str,
    /// Takes over a flow whose hello is whole; the packet that completed it is the first that the treatment handles.
    pub begin: fn(&Hello) -> Box<dyn Treatment>,
}

/// Every action that a rule may name.
pub static ACTIONS: &[&Action] =
    &[&silence::DROP, &silence::DROP_ANSWER, &reset::RESET, &reset::RESET_RACE, &intercept::INTERCEPT];

/// An action at work on one flow.
pub trait Treatment {
    /// Takes the flow's next packet, and says what leaves the box.
    fn handle(&mut self, from: Port, packet: TcpPacket) -> Vec<Departure>;
}

/// Lets a packet of client or server pass.
fn pass(from: Port, packet: TcpPacket) -> Vec<Departure> {
    from.opposite().map(|to| Departure { to, packet }).into_iter().collect()
}
