//! The headers of an answer: those of its representation, which were made once and written out once, and those of this answer alone.

use std::sync::Arc;

use crate::header_text::Header;

/// Headers that every answer of a kind has, as a list and as they go over the wire. Cloning counts a reference.
#[derive(Debug, Clone)]
pub struct PreparedHeaders(Arc<Prepared>);

#[derive(Debug)]
struct Prepared {
    list: Vec<Header>,
    text: Vec<u8>,
}

impl PreparedHeaders {
    /// Writes the headers out.
    #[must_use]
    pub fn new(list: Vec<Header>) -> Self {
        let mut text = Vec::new();
        list.iter().for_each(|header| write(header, &mut text));
        Self(Arc::new(Prepared { list, text }))
    }
}

/// The headers of one answer, in the order in which they are sent. `content-length` is not among them.
#[derive(Debug, Clone, Default)]
pub struct Headers {
    prepared: Option<PreparedHeaders>,
    /// The first header of this answer alone, while there are no others: most answers have one, and need no list for it.
    only: Option<Header>,
    own: Vec<Header>,
}

impl Headers {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Header> {
        self.prepared.iter().flat_map(|prepared| &prepared.0.list).chain(&self.only).chain(&self.own)
    }

    /// Adds one.
    pub fn push(&mut self, header: Header) {
        if self.own.is_empty() && self.only.is_none() {
            self.only = Some(header);
        } else {
            self.own.push(header);
        }
    }

    /// Appends them as `name: value` and CR LF.
    pub fn write_to(&self, head: &mut Vec<u8>) {
        if let Some(prepared) = &self.prepared {
            head.extend_from_slice(&prepared.0.text);
        }
        self.only.iter().chain(&self.own).for_each(|header| write(header, head));
    }
}

impl From<Vec<Header>> for Headers {
    fn from(own: Vec<Header>) -> Self {
        Self { prepared: None, only: None, own }
    }
}

impl From<&PreparedHeaders> for Headers {
    fn from(prepared: &PreparedHeaders) -> Self {
        Self { prepared: Some(prepared.clone()), only: None, own: Vec::new() }
    }
}

impl Extend<Header> for Headers {
    fn extend<I: IntoIterator<Item = Header>>(&mut self, headers: I) {
        headers.into_iter().for_each(|header| self.push(header));
    }
}

impl PartialEq for Headers {
    /// Equal on the wire, however they were made.
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Headers {}

fn write((name, value): &Header, text: &mut Vec<u8>) {
    for part in [name.as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
        text.extend_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_prepared_is_written_like_what_was_not() {
        let (first, second) = (("etag", "\"a\"".into()), ("vary", "origin".into()));
        let plain = Headers::from(vec![first.clone(), second.clone()]);
        let mut prepared = Headers::from(&PreparedHeaders::new(vec![first]));
        assert_ne!(prepared, plain);
        prepared.push(second);
        assert_eq!(prepared, plain);
        let written = |headers: &Headers| {
            let mut text = Vec::new();
            headers.write_to(&mut text);
            String::from_utf8(text).unwrap()
        };
        assert_eq!(written(&prepared), "etag: \"a\"\r\nvary: origin\r\n");
        assert_eq!(written(&prepared), written(&plain));
    }
}
