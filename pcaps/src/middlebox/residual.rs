//! Which ends are blocked for a while after a trigger, whatever they say.

use std::collections::HashMap;
use std::time::Duration;

use dissectors::time::Time;

use super::config::{Residual, ResidualKey};
use super::flow::FlowKey;
use super::law::milliseconds;

/// Ends that are remembered at once; where they are more, those whose time is over are forgotten.
const MAX_ENDS: usize = 65_536;

/// The ends that are blocked, by the rule that blocked them.
#[derive(Default)]
pub struct Residuals(HashMap<(ResidualKey, FlowKey), Blocked>);

#[derive(Clone, Copy)]
struct Blocked {
    rule: usize,
    until: Time,
}

impl Residuals {
    /// A rule matched a flow: its ends are blocked from now on; false where there is no room to remember them.
    pub fn block(&mut self, now: Time, rule: usize, residual: &Residual, flow: FlowKey) -> bool {
        if self.0.len() >= MAX_ENDS {
            self.0.retain(|_, blocked| blocked.until > now);
        }
        let has_room = self.0.len() < MAX_ENDS;
        if has_room {
            let until = now.after(seconds(residual.seconds));
            self.0.insert((residual.key, ends(residual.key, flow)), Blocked { rule, until });
        }
        has_room
    }

    /// The rule by which a flow's ends are blocked now, if one does.
    pub fn rule_for(&self, now: Time, flow: FlowKey) -> Option<usize> {
        let keys = [ResidualKey::FourTuple, ResidualKey::ThreeTuple];
        let blocked = keys.iter().filter_map(|key| self.0.get(&(*key, ends(*key, flow))));
        blocked.filter(|blocked| blocked.until > now).map(|blocked| blocked.rule).next()
    }
}

fn seconds(seconds: f64) -> Duration {
    milliseconds(seconds * 1e3)
}

fn ends(key: ResidualKey, flow: FlowKey) -> FlowKey {
    match key {
        ResidualKey::FourTuple => flow,
        ResidualKey::ThreeTuple => FlowKey { client: (flow.client.ip(), 0).into(), ..flow },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::middlebox::config::ResidualStart;

    #[test]
    fn ends_are_blocked_for_their_time() {
        let flow = |port| FlowKey {
            client: format!("192.0.2.1:{port}").parse().unwrap(),
            server: "198.51.100.1:443".parse().unwrap(),
            is_tcp: true,
        };
        for (key, other_port) in [(ResidualKey::ThreeTuple, Some(3)), (ResidualKey::FourTuple, None)] {
            let mut residuals = Residuals::default();
            let residual = Residual { key, seconds: 30.0, on: ResidualStart::Packet };
            assert!(residuals.block(Time(0), 3, &residual, flow(1)));
            assert_eq!(residuals.rule_for(Time::new(29, 0), flow(1)), Some(3));
            assert_eq!(residuals.rule_for(Time::new(29, 0), flow(2)), other_port);
            assert_eq!(residuals.rule_for(Time::new(31, 0), flow(1)), None);
            assert_eq!(residuals.rule_for(Time::new(1, 0), FlowKey { is_tcp: false, ..flow(1) }), None);
        }
    }
}
