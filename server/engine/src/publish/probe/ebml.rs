//! Walks the elements of an EBML file (RFC 8794), never past its end and never with more memory than a short value needs.
//!
//! Own code, because parsers that trust an element's size let a damaged file take all memory.

use std::io::{Read, Seek, SeekFrom};

use super::{Refusal, unreadable};

/// Longest value that is read; titles and numbers are shorter.
const VALUE_MAX_BYTES: u64 = 4096;
/// Most elements that are looked at: hours of video have fewer outside of what is skipped.
const MAX_ELEMENTS: u32 = 100_000;

/// An element: where its content is, within its parent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element {
    pub(super) id: u32,
    start: u64,
    end: u64,
    /// A size that a live recorder did not know; it reaches to the end of its parent.
    pub(super) is_open_ended: bool,
}

/// Reads elements from a file.
pub(super) struct Walker<R> {
    source: R,
    elements_left: u32,
}

impl<R: Read + Seek> Walker<R> {
    pub(super) const fn new(source: R) -> Self {
        Self { source, elements_left: MAX_ELEMENTS }
    }

    /// The file as an element, so that its top level is walked like any other.
    pub(super) const fn file(size: u64) -> Element {
        Element { id: 0, start: 0, end: size, is_open_ended: false }
    }

    /// Calls `visit` with each child until it answers `false`.
    pub(super) fn children(
        &mut self,
        parent: Element,
        mut visit: impl FnMut(&mut Self, Element) -> Result<bool, Refusal>,
    ) -> Result<(), Refusal> {
        let mut at = parent.start;
        while at < parent.end {
            let child = self.element(at, parent.end)?;
            if !visit(self, child)? {
                break;
            }
            at = child.end;
        }
        Ok(())
    }

    pub(super) fn unsigned(&mut self, element: Element) -> Result<u64, Refusal> {
        let bytes = self.value(element)?;
        if bytes.len() > 8 {
            return Err("a number in its header is too long".to_owned());
        }
        Ok(bytes.iter().fold(0, |number, &byte| (number << 8) | u64::from(byte)))
    }

    pub(super) fn float(&mut self, element: Element) -> Result<f64, Refusal> {
        match *self.value(element)?.as_slice() {
            [a, b, c, d] => Ok(f64::from(f32::from_be_bytes([a, b, c, d]))),
            [a, b, c, d, e, f, g, h] => Ok(f64::from_be_bytes([a, b, c, d, e, f, g, h])),
            _ => Err("a number in its header has a wrong length".to_owned()),
        }
    }

    pub(super) fn text(&mut self, element: Element) -> Result<String, Refusal> {
        let bytes = self.value(element)?;
        Ok(String::from_utf8_lossy(&bytes).trim_end_matches('\0').to_owned())
    }

    fn value(&mut self, element: Element) -> Result<Vec<u8>, Refusal> {
        let length = element.end - element.start;
        if length > VALUE_MAX_BYTES {
            return Err(format!("a value in its header has {length} bytes"));
        }
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        self.source.seek(SeekFrom::Start(element.start)).map_err(unreadable)?;
        self.source.read_exact(&mut bytes).map_err(unreadable)?;
        Ok(bytes)
    }

    fn element(&mut self, at: u64, parent_end: u64) -> Result<Element, Refusal> {
        self.elements_left = self.elements_left.checked_sub(1).ok_or_else(|| "it has too many headers".to_owned())?;
        self.source.seek(SeekFrom::Start(at)).map_err(unreadable)?;
        let (id, id_bytes) = self.variable(4, true)?;
        let (size, size_bytes) = self.variable(8, false)?;
        let start = at + id_bytes + size_bytes;
        let is_open_ended = size == (1 << (7 * size_bytes)) - 1;
        let end = if is_open_ended { parent_end } else { start.saturating_add(size) };
        if start > parent_end || end > parent_end {
            return Err("it is cut off or damaged: a part is longer than the file".to_owned());
        }
        let id = u32::try_from(id).map_err(|error| error.to_string())?;
        Ok(Element { id, start, end, is_open_ended })
    }

    /// A number whose first byte says how long it is, and that length. Ids keep their marker.
    fn variable(&mut self, longest: u64, keep_marker: bool) -> Result<(u64, u64), Refusal> {
        let mut bytes = [0; 8];
        self.source.read_exact(&mut bytes[..1]).map_err(unreadable)?;
        let length = u64::from(bytes[0].leading_zeros()) + 1;
        if length > longest {
            return Err("it is damaged: a header makes no sense".to_owned());
        }
        let rest = usize::try_from(length).unwrap_or(8);
        self.source.read_exact(&mut bytes[1..rest]).map_err(unreadable)?;
        let number = bytes[..rest].iter().fold(0, |number, &byte| (number << 8) | u64::from(byte));
        Ok((if keep_marker { number } else { number & !(1 << (7 * length)) }, length))
    }
}
