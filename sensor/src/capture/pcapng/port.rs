//! What must be kept of an interface to read its frames and counters.

use dissectors::time::Time;

use super::options::Options;
use super::packet;
use crate::capture::drops::Drops;
use crate::capture::interface::Interface;
use crate::capture::order::Order;
use crate::capture::resolution::Resolution;

/// Options of an interface description block (draft-ietf-opsawg-pcapng, section 4.2).
const IF_NAME: u16 = 2;
const IF_TSRESOL: u16 = 9;
const IF_FCSLEN: u16 = 13;
const IF_TSOFFSET: u16 = 14;

/// Options of an interface statistics block (section 4.6).
const ISB_STARTTIME: u16 = 2;
const ISB_ENDTIME: u16 = 3;
const ISB_IFRECV: u16 = 4;
const ISB_IFDROP: u16 = 5;
const ISB_OSDROP: u16 = 7;
const ISB_USRDELIV: u16 = 8;

/// The resolution of an interface that states none: microseconds.
const DEFAULT_TSRESOL: u8 = 6;
/// The most bytes of an interface's name that are kept. Linux allows 15; Windows' names are GUIDs with a prefix.
const MAX_NAME: usize = 255;

/// The reading state of one interface.
pub(super) struct Port {
    pub(super) link: u16,
    /// The time of its last frame.
    pub(super) last: Option<Time>,
    resolution: Resolution,
    /// Its last statistics, which later ones continue.
    counters: Option<Drops>,
}

/// Reads an interface description block.
pub(super) fn describe(order: Order, body: &[u8]) -> Option<(Interface, Port)> {
    let [a, b, ..] = *body.first_chunk::<4>()?;
    let link = order.u16([a, b]);
    let ([_, snaplen], rest) = packet::words(order, body)?;
    let mut interface = Interface { name: None, link, snaplen, fcs: None };
    let (mut tsresol, mut offset) = (DEFAULT_TSRESOL, 0);
    for (code, value) in (Options { order, bytes: rest }) {
        match (code, value) {
            (IF_NAME, name) => interface.name = Some(text(name)),
            (IF_TSRESOL, [power]) => tsresol = *power,
            (IF_FCSLEN, [bytes]) => interface.fcs = Some(*bytes),
            (IF_TSOFFSET, seconds) => offset = number(order, seconds).map_or(0, u64::cast_signed),
            _ => {}
        }
    }
    let resolution = Resolution::pcapng(tsresol, offset);
    Some((interface, Port { link, last: None, resolution, counters: None }))
}

impl Port {
    #[inline]
    pub(super) fn time(&self, ticks: u64) -> Time {
        self.resolution.time(ticks)
    }

    /// The loss of `count` frames between the interface's last one and that at `time`.
    pub(super) fn lost(&self, interface: u32, time: Time, count: u64) -> Drops {
        Drops { interface, from: self.last, to: Some(time), lost_before_frame: Some(count), ..Drops::default() }
    }

    /// Reads a statistics block taken at `ticks` (0: at no stated time), and tells what is new in it. Its counters run
    /// from the start of the capture, so those of an earlier block are taken off.
    pub(super) fn statistics(&mut self, interface: u32, ticks: u64, options: Options) -> Drops {
        let order = options.order;
        let to = (ticks != 0).then(|| self.time(ticks));
        let mut total = Drops { interface, to, ..Drops::default() };
        for (code, value) in options {
            match code {
                ISB_STARTTIME => total.from = self.time_option(order, value),
                ISB_ENDTIME => total.to = self.time_option(order, value).or(total.to),
                ISB_IFRECV => total.received = number(order, value),
                ISB_IFDROP => total.lost_by_interface = number(order, value),
                ISB_OSDROP => total.lost_by_system = number(order, value),
                ISB_USRDELIV => total.delivered = number(order, value),
                _ => {}
            }
        }
        let step = self.counters.as_ref().map_or(total, |earlier| total.since(earlier));
        self.counters = Some(total);
        step
    }

    /// A time in an option is two words, the upper one first, in either byte order.
    fn time_option(&self, order: Order, value: &[u8]) -> Option<Time> {
        let ([high, low], _) = packet::words(order, value)?;
        Some(self.time(packet::ticks(high, low)))
    }
}

fn number(order: Order, value: &[u8]) -> Option<u64> {
    Some(order.u64(value.try_into().ok()?))
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value.get(..MAX_NAME).unwrap_or(value)).into_owned()
}
