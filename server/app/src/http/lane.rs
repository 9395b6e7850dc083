//! Answers in the lane: the same as through actix-web, without it.

use actix_web::web::Data;
use stowaway_engine::read::Spans;
use stowaway_wire::{Answer, Ended, Lane, Reply, RequestHead, Segments};
use tracing::Instrument as _;

use super::answered::Answered;
use super::dispatch;
use super::facts::RequestFacts;
use super::observe::Observation;
use super::route::Route;
use super::segments::segments;
use super::state::ServerState;

/// The lane of a worker.
pub(super) struct HttpLane(pub(super) Data<ServerState>);

impl Lane for HttpLane {
    type Answer = ObservedAnswer;

    fn answer<'request>(&'request self, head: &RequestHead<'_, 'request>) -> Reply<'request, ObservedAnswer> {
        // What is unknown here may be known to actix-web, whose it is to say that it is not.
        let Some(route) = Route::parse(head.path) else { return Reply::NotMine };
        let facts = RequestFacts::new(head.method, head.path, head.query, head.headers());
        let observation = Observation::begin(&self.0, &facts, Some(&route));
        let span = observation.span().clone();
        let answer = async move {
            let answered = dispatch::answer(&self.0, &facts, Some(route)).await;
            ObservedAnswer::new(answered, observation)
        };
        Reply::Later(Box::pin(answer.instrument(span)))
    }
}

/// An answer that is noted when its body has ended.
pub(super) struct ObservedAnswer {
    answered: Answered,
    observation: Observation,
}

impl ObservedAnswer {
    fn new(mut answered: Answered, mut observation: Observation) -> Self {
        observation.answered(&mut answered);
        Self { answered, observation }
    }
}

impl Answer for ObservedAnswer {
    fn status(&self) -> u16 {
        self.answered.status
    }

    fn content_length(&self) -> Option<u64> {
        self.answered.content_length
    }

    fn write_headers(&self, head: &mut Vec<u8>) {
        for (name, value) in &self.answered.headers {
            for part in [name.as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                head.extend_from_slice(part);
            }
        }
    }

    fn take_body(&mut self) -> Segments {
        segments(std::mem::replace(&mut self.answered.spans, Spans::None))
    }

    fn ended(&mut self, ended: &Ended) {
        self.observation.ended(ended);
    }
}
