//! Real clients: begun when their plans say so, so many at once at most, and watched until they have ended.

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::Child;
use std::thread;
use std::time::Duration;

use dissectors::time::Time;

use super::clients::{Client, Kit};
use super::clock::now;
use super::error::RealError;
use super::process;
use super::topology::{self, Places};
use crate::lab::played::Connection;
use crate::lab::scenario::Scenario;
use crate::lab::schedule::{self, Plan, Ports};
use crate::middlebox::Port;
use crate::middlebox::delay::DelayLine;

/// Clients at once; those beyond begin later than planned.
const AT_ONCE: usize = 96;
/// How often clients are looked after.
const STEP: Duration = Duration::from_millis(10);
/// Between clients with TCP timestamps and those without: the setting is one for all of a namespace, and is read when a
/// SYN is sent.
const APART: Duration = Duration::from_secs(3);

/// The clients of a run.
pub(super) struct Crowd<'a> {
    scenario: &'a Scenario,
    places: &'a Places,
    kit: &'a Kit,
    log: PathBuf,
    plans: DelayLine<Time, Plan>,
    ports: Ports,
    /// The sides whose hosts have no TCP timestamps just now.
    bare: HashSet<Port>,
    running: Vec<Running>,
    connections: Vec<Connection>,
}

struct Running {
    child: Child,
    plan: Plan,
    connection: usize,
}

impl<'a> Crowd<'a> {
    /// Clients whose first begins now. What they say goes into the file `log`.
    pub(super) fn new(scenario: &'a Scenario, places: &'a Places, kit: &'a Kit, log: PathBuf) -> Self {
        let mut plans = DelayLine::default();
        for plan in apart(scenario, schedule::plans(scenario, now())) {
            plans.push(plan.at, plan);
        }
        let (ports, running, connections) = (Ports::default(), Vec::new(), Vec::new());
        Self { scenario, places, kit, log, plans, ports, bare: HashSet::new(), running, connections }
    }

    /// Runs them all to their ends; the connections that they made, in the order of their beginnings.
    ///
    /// # Errors
    ///
    /// If a client cannot be started, or `check`, which is asked again and again, finds something wrong.
    pub(super) fn run(
        mut self,
        check: &mut impl FnMut() -> Result<(), RealError>,
    ) -> Result<Vec<Connection>, RealError> {
        while self.plans.next_due().is_some() || !self.running.is_empty() {
            check()?;
            while self.running.len() < AT_ONCE
                && let Some(plan) = self.plans.pop_due(now())
            {
                self.begin(plan)?;
            }
            self.look_after();
            thread::sleep(STEP);
        }
        Ok(std::mem::take(&mut self.connections))
    }

    fn begin(&mut self, plan: Plan) -> Result<(), RealError> {
        let Some(ask) = plan.ask(self.scenario) else { return Ok(()) };
        let namespace = self.places.behind(ask.stands);
        let changes = match ask.traffic.timestamps {
            true => self.bare.remove(&ask.stands),
            false => self.bare.insert(ask.stands),
        };
        if changes {
            process::run(&topology::timestamps(namespace, ask.traffic.timestamps))?;
        }
        let mut random = plan.random(self.scenario);
        let client = Client {
            ask,
            port: self.ports.next(ask.traffic),
            waits: schedule::waits(ask.traffic, &mut random),
            bytes: ask.traffic.response.draw(&mut random),
            trusts_interceptor: random.happens(ask.traffic.trusts_interceptor.value()),
        };
        let connection = Connection {
            time: now(),
            is_tcp: !ask.traffic.quic,
            client: (ask.client, client.port).into(),
            server: ask.server,
            name: ask.name.to_owned(),
            satisfied: None,
        };
        let child = process::start(&client.command(namespace, self.kit), &self.log)?;
        self.running.push(Running { child, plan, connection: self.connections.len() });
        self.connections.push(connection);
        Ok(())
    }

    /// Notes who has ended, and plans again what failed and may be tried again.
    fn look_after(&mut self) {
        for mut running in std::mem::take(&mut self.running) {
            let Ok(ended) = running.child.try_wait() else { continue };
            let Some(status) = ended else {
                self.running.push(running);
                continue;
            };
            if let Some(connection) = self.connections.get_mut(running.connection) {
                connection.satisfied = Some(status.success());
            }
            if let (false, Some(again)) = (status.success(), running.plan.again(now())) {
                self.plans.push(again.at, again);
            }
        }
    }
}

impl Drop for Crowd<'_> {
    fn drop(&mut self) {
        for running in &mut self.running {
            // Whoever has ended already cannot be ended.
            let _ = running.child.kill();
            let _ = running.child.wait();
        }
    }
}

/// Moves the plans of clients without TCP timestamps behind all others.
fn apart(scenario: &Scenario, plans: Vec<Plan>) -> Vec<Plan> {
    let has_timestamps = |plan: &Plan| plan.ask(scenario).is_none_or(|ask| ask.traffic.timestamps);
    let (with, without): (Vec<Plan>, Vec<Plan>) = plans.into_iter().partition(has_timestamps);
    let last = with.iter().map(|plan| plan.at).max();
    let first = without.iter().map(|plan| plan.at).min();
    let by = last.zip(first).map_or(Duration::ZERO, |(last, first)| last.after(APART).since(first));
    with.into_iter().chain(without.into_iter().map(|plan| plan.later(by))).collect()
}
