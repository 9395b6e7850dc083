//! Spans of what is stored, as segments that connections send.

use std::io;

use futures_util::StreamExt as _;
use stowaway_engine::read::{Span, Spans};
use stowaway_wire::{Segment, Segments};

/// The same bytes as the wire takes them.
pub(super) fn segments(spans: Spans) -> Segments {
    match spans {
        Spans::None => Segments::default(),
        Spans::One(span) => segment(span).into(),
        Spans::List(spans) => spans.into_iter().map(segment).collect::<Vec<_>>().into(),
        Spans::Stream(spans) => Segments::stream(spans.map(|span| span.map(segment).map_err(io::Error::other))),
    }
}

fn segment(span: Span) -> Segment {
    match span {
        Span::Bytes(bytes) => Segment::Bytes(bytes),
        Span::File { file, offset, len } => Segment::File { file, offset, len },
    }
}
