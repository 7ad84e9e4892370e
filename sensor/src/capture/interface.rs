//! What a capture says about the interfaces that its frames came from.

/// One interface of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name on the machine that captured, where the file tells.
    pub name: Option<String>,
    /// Its LINKTYPE_ value.
    pub link: u16,
    /// The longest part of a frame that was kept; 0 where nothing is said. Some frames are longer all the same.
    pub snaplen: u32,
    /// Bytes of frame check sequence at the end of each frame, where the file tells.
    pub fcs: Option<u8>,
}
