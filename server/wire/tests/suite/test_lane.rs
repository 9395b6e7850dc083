//! The application's routes once more, as a lane: the same answers, so that the same tests hold for both.

use std::{fs::File, io, sync::Arc};

use bytes::Bytes;
use futures_util::stream;
use stowaway_wire::{Answer, Counters, Ended, Lane, Reply, RequestHead, Segment, Segments};

use crate::origin::{Log, counters_text};

pub(crate) struct TestLane {
    pub(crate) file: Arc<File>,
    pub(crate) log: Log,
}

impl Lane for TestLane {
    type Answer = TestAnswer;

    fn answer<'request>(&'request self, head: &RequestHead<'_, 'request>) -> Reply<'request, TestAnswer> {
        let parts: Vec<&str> = head.path[1..].split('/').collect();
        let number = |text: &str| text.parse::<u64>().expect("a number");
        let (len, body) = match parts.as_slice() {
            ["file", offset, len] => (number(len), self.slice(number(offset), number(len)).into()),
            ["later", offset, len] => return self.later(number(offset), number(len)),
            ["empty"] => (0, Segments::default()),
            ["mixed", parts] => (number(parts) * 12, self.mixed(number(parts)).into()),
            ["stream", parts] => (number(parts) * 12, self.stream(number(parts))),
            ["halves", half] => {
                (number(half) * 2, in_turn(vec![self.slice(0, number(half)), self.slice(0, number(half))]))
            }
            ["short-segments"] => (100, text("far too little").into()),
            ["long-segments"] => (4, vec![text("fits"), text("more")].into()),
            ["failing"] => {
                let segments = [Ok(text("fine")), Err(io::Error::other("the disk is on fire"))];
                (8, Segments::stream(stream::iter(segments)))
            }
            ["text"] => (4, text("text").into()),
            ["counters"] => return Reply::Now(self.counters(head.counters)),
            _ => return Reply::NotMine,
        };
        Reply::Now(TestAnswer { len, body: Some(body), log: Some(self.log.clone()) })
    }
}

impl TestLane {
    fn slice(&self, offset: u64, len: u64) -> Segment {
        Segment::File { file: Arc::clone(&self.file), offset, len }
    }

    fn mixed(&self, parts: u64) -> Vec<Segment> {
        (0..parts).flat_map(|part| [text(format!("<{part:06}>")), self.slice(part * 4, 4)]).collect()
    }

    /// As `mixed`, found on the way.
    fn stream(&self, parts: u64) -> Segments {
        in_turn(self.mixed(parts))
    }

    fn later<'request>(&'request self, offset: u64, len: u64) -> Reply<'request, TestAnswer> {
        Reply::Later(Box::pin(async move {
            tokio::task::yield_now().await;
            TestAnswer { len, body: Some(self.slice(offset, len).into()), log: Some(self.log.clone()) }
        }))
    }

    fn counters(&self, counters: Counters) -> TestAnswer {
        let text = counters_text(counters);
        TestAnswer { len: text.len() as u64, body: Some(Segment::Bytes(text.into()).into()), log: None }
    }
}

/// Each found only after a turn of the others.
fn in_turn(segments: Vec<Segment>) -> Segments {
    use futures_util::StreamExt as _;
    Segments::stream(stream::iter(segments).then(|segment| async move {
        tokio::task::yield_now().await;
        Ok(segment)
    }))
}

fn text(text: impl Into<String>) -> Segment {
    Segment::Bytes(Bytes::from(text.into()))
}

pub(crate) struct TestAnswer {
    len: u64,
    body: Option<Segments>,
    log: Option<Log>,
}

impl Answer for TestAnswer {
    fn status(&self) -> u16 {
        200
    }

    fn content_length(&self) -> Option<u64> {
        Some(self.len)
    }

    fn write_headers(&self, head: &mut Vec<u8>) {
        head.extend_from_slice(b"x-test: yes\r\nx-lane: yes\r\n");
    }

    fn take_body(&mut self) -> Segments {
        self.body.take().expect("asked for once")
    }

    fn ended(&mut self, ended: &Ended) {
        // The test may be over already.
        if let Some(log) = &self.log {
            log.send(ended.bytes_sent).ok();
        }
    }
}
