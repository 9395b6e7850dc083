//! Bodies that the connection sends from files of a local store: planned segments as the wire takes them, and their account.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use stowaway_domain::answer::{BodyPlan, Segment};
use stowaway_engine::read::LocalFile;
use stowaway_wire::{FileBody, SentBytes};

use super::body::AnswerBody;

/// Gives `head` the body that `plan` makes of `file`.
pub(super) fn respond(
    request: &HttpRequest,
    head: HttpResponse<()>,
    content_length: u64,
    plan: BodyPlan,
    file: LocalFile,
) -> HttpResponse<AnswerBody> {
    let segments = match plan {
        BodyPlan::Bytes(range) => vec![Segment::Bytes(range)],
        BodyPlan::Segments(segments) => segments,
        BodyPlan::Text(text) => vec![Segment::Text(text)],
        BodyPlan::Empty => Vec::new(),
    };
    let text_bytes = segments.iter().filter(|segment| matches!(segment, Segment::Text(_))).map(Segment::len).sum();
    let segments = segments.into_iter().map({
        let (file, offset) = (Arc::clone(&file.open.file), file.offset);
        move |segment| match segment {
            Segment::Text(text) => stowaway_wire::Segment::Bytes(text),
            Segment::Bytes(range) => {
                stowaway_wire::Segment::File { file: Arc::clone(&file), offset: offset + range.first, len: range.len() }
            }
        }
    });
    let response = stowaway_wire::respond(request, head, content_length, segments);
    let sent = sent_bytes(&response);
    response.map_body(|_, body| AnswerBody::from_file(body, Account { file, text_bytes, sent }))
}

/// Gives `head` the length that GET would have, and nothing else.
pub(super) fn respond_to_head(
    request: &HttpRequest,
    head: HttpResponse<()>,
    content_length: u64,
) -> HttpResponse<FileBody> {
    stowaway_wire::respond(request, head, content_length, [])
}

/// The counter of a response whose body the wire sends.
pub(super) fn sent_bytes<B>(response: &HttpResponse<B>) -> Option<SentBytes> {
    response.extensions().get::<SentBytes>().cloned()
}

/// Counts what was sent of a file as read from the store, when the body is gone, and has a file that broke off looked at again.
pub(super) struct Account {
    file: LocalFile,
    /// Bytes of the whole answer that come from no file.
    text_bytes: u64,
    sent: Option<SentBytes>,
}

impl Drop for Account {
    fn drop(&mut self) {
        // Of an answer that broke off in the middle, the texts between its parts are taken off whole: they are a few hundred bytes.
        let sent = self.sent.as_ref().map_or(0, SentBytes::get);
        self.file.count_read(sent.saturating_sub(self.text_bytes));
        if self.sent.as_ref().is_some_and(|sent| sent.fault().is_some()) {
            self.file.open.set_broken();
        }
    }
}
