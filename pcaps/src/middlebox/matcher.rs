//! Whether a rule means a flow: all of its conditions must hold.

use std::time::Duration;

use super::Port;
use super::config::{Direction, Match};
use super::flow::Flow;

/// The moment at which a rule looks at a flow.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Time since the box began.
    pub age: Duration,
    /// Length of the TCP header of the packet that is looked at; 0 of UDP.
    pub tcp_header: u16,
}

impl Match {
    /// Whether all conditions hold but for chance.
    pub fn holds(&self, flow: &Flow, moment: Moment) -> bool {
        self.ends_fit(flow) && self.counts_fit(flow) && self.hello_fits(flow, moment) && self.time_fits(moment)
    }

    fn ends_fit(&self, flow: &Flow) -> bool {
        let (client, server) = (flow.key.client, flow.key.server);
        let direction = match flow.opener {
            Port::Outside => Direction::Inbound,
            Port::Inside | Port::Interceptor => Direction::Outbound,
        };
        (self.address.is_empty() || self.address.iter().any(|network| network.contains(server.ip())))
            && (self.port.is_empty() || self.port.contains(&server.port()))
            && self.direction.is_none_or(|wanted| wanted == direction)
            && (!self.client_port_above || client.port() > server.port())
    }

    fn counts_fit(&self, flow: &Flow) -> bool {
        let first = flow.first_payload.map(u64::from);
        self.packet.is_none_or(|span| span.contains(flow.packets()))
            && self.bytes.is_none_or(|least| flow.bytes() >= least)
            && self.first_payload.is_none_or(|span| first.is_some_and(|length| span.contains(length)))
    }

    fn hello_fits(&self, flow: &Flow, moment: Moment) -> bool {
        if self.protocol.is_some_and(|wanted| flow.protocol != Some(wanted)) {
            return false;
        }
        if self.sni.is_empty() && self.ja4.is_empty() {
            return self.tcp_header.is_none_or(|bytes| bytes == moment.tcp_header);
        }
        let Some(hello) = &flow.hello else { return false };
        let named = |name: &String| self.sni.iter().any(|pattern| pattern.matches(name));
        (self.sni.is_empty() || hello.server_name.as_ref().is_some_and(named))
            && (self.ja4.is_empty() || self.ja4.contains(&hello.ja4))
            && self.tcp_header.is_none_or(|bytes| bytes == hello.tcp_header)
    }

    fn time_fits(&self, moment: Moment) -> bool {
        let age = moment.age.as_secs_f64();
        self.seconds.is_none_or(|[from, until]| (from..until).contains(&age))
    }
}
