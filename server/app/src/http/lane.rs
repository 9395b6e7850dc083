//! Answers in the lane: the same as through actix-web, without it. What was resolved a moment ago and is at hand is answered at
//! once; all else as soon as it is known.

use std::cell::RefCell;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use actix_web::web::Data;
use stowaway_domain::conditional::Method;
use stowaway_engine::read::{Resource, Spans};
use stowaway_wire::{Answer, Ended, Lane, Reply, RequestHead, Segments};
use tracing::{Instrument as _, Span};

use super::answered::Answered;
use super::facts::{RequestFacts, Verb};
use super::observe::Observation;
use super::recent::Recent;
use super::request_id;
use super::route::Route;
use super::segments::segments;
use super::state::ServerState;
use super::{dispatch, error};
use crate::telemetry::span;

/// The lane of a worker.
pub(super) struct HttpLane {
    state: Data<ServerState>,
    /// Never held across a wait.
    recent: RefCell<Recent>,
}

impl HttpLane {
    pub(super) fn new(state: Data<ServerState>) -> Self {
        let recent = RefCell::new(Recent::new(state.reader.current_fresh()));
        Self { state, recent }
    }

    /// The answer, when nothing has to be waited for. There is no span around it, as nothing is logged on the way: what fails is
    /// left to [`answer_later`](Self::answer_later), and so is everything while traces are exported.
    fn answer_now(&self, facts: &RequestFacts<'_>, begun: Instant) -> Option<ObservedAnswer> {
        let Verb::Read(method) = facts.verb() else { return None };
        if !facts.query.is_empty() || self.state.exports_traces {
            return None;
        }
        let resolved = self.recent.borrow().find(facts.path, begun)?;
        let answering =
            pin!(dispatch::answer_from(&self.state, facts, method, &resolved.resource, resolved.is_built_in));
        let Poll::Ready(Ok(answered)) = answering.poll(&mut Context::from_waker(Waker::noop())) else { return None };
        let observation = Observation::begin(&self.state, facts, resolved.pattern, begun, Span::none());
        Some(ObservedAnswer::new(answered, observation))
    }

    async fn answer_later(&self, facts: RequestFacts<'_>, route: Route, observation: Observation) -> ObservedAnswer {
        let remember = |route: &Route, resource: &Arc<Resource>| {
            if facts.query.is_empty() && self.state.reader.is_at_hand(resource) {
                self.recent.borrow_mut().insert(facts.path, route, resource, observation.begun());
            }
        };
        let answered = dispatch::answer(&self.state, &facts, Some(route), remember).await;
        ObservedAnswer::new(answered, observation)
    }
}

impl Lane for HttpLane {
    type Answer = ObservedAnswer;

    fn answer<'request>(&'request self, head: &RequestHead<'_, 'request>) -> Reply<'request, ObservedAnswer> {
        let begun = Instant::now();
        let facts = RequestFacts::new(head.method, head.path, head.query, head.headers());
        if let Some(answer) = self.answer_now(&facts, begun) {
            return Reply::Now(answer);
        }
        // What is unknown here may be known to actix-web, whose it is to say that it is not.
        let Some(route) = Route::parse(head.path) else { return Reply::NotMine };
        let span = span::begin(&facts, route.pattern());
        let observation = Observation::begin(&self.state, &facts, route.pattern(), begun, span.clone());
        Reply::Later(Box::pin(self.answer_later(facts, route, observation).instrument(span)))
    }

    fn malformed(&self) -> Option<ObservedAnswer> {
        let facts = RequestFacts::new("", "", "", std::iter::empty());
        let span = span::begin(&facts, Route::UNKNOWN_PATTERN);
        let observation = Observation::begin(&self.state, &facts, Route::UNKNOWN_PATTERN, Instant::now(), span);
        let answered = Answered::problem(&error::malformed(), Method::Get, facts.path);
        Some(ObservedAnswer::new(answered, observation))
    }
}

/// An answer that is noted when its body has ended.
pub(super) struct ObservedAnswer {
    answered: Answered,
    observation: Observation,
}

impl ObservedAnswer {
    fn new(answered: Answered, mut observation: Observation) -> Self {
        observation.answered(answered.status, answered.planned_bytes());
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
        self.answered.headers.write_to(head);
        for part in [request_id::LINE.as_bytes(), self.observation.request_id().as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
    }

    fn take_body(&mut self) -> Segments {
        segments(std::mem::replace(&mut self.answered.spans, Spans::None))
    }

    fn ended(&mut self, ended: &Ended) {
        self.observation.ended(ended);
    }
}
