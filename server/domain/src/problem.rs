//! Problem documents (RFC 9457): what the client reads when something is wrong. A 5xx never tells what is inside.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::answer::{Answer, BodyPlan};
use crate::cache_policy::CachePolicy;
use crate::conditional::Method;
use crate::cors;
use crate::header_text::{Header, HeaderText};
use crate::problem_code::ProblemCode;

/// Media type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Members that RFC 9457 §3.1 defines.
const STANDARD_MEMBERS: [&str; 5] = ["type", "title", "status", "detail", "instance"];

/// One occurrence of a problem, before it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Which kind.
    pub code: ProblemCode,
    /// What was wrong with this request and what to do.
    pub detail: String,
    /// More members, for programs.
    pub extensions: Map<String, Value>,
    /// Headers that belong to the status, such as `allow`.
    pub headers: Vec<Header>,
}

/// The written form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProblemDocument {
    /// `urn:problem-type:stowaway:{code}`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every occurrence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong with this request and what to do.
    pub detail: String,
    /// The path that was asked for.
    pub instance: String,
    /// More members, for programs.
    #[serde(flatten)]
    pub extensions: Map<String, Value>,
}

impl Problem {
    /// A problem without extensions.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), extensions: Map::new(), headers: Vec::new() }
    }

    /// Adds a member for programs; the names of RFC 9457 stay what they are.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        if !STANDARD_MEMBERS.contains(&name) {
            self.extensions.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Adds a header that belongs to the status.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<HeaderText>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.code.status()
    }

    /// The document for a request of `path`.
    #[must_use]
    pub fn document(&self, path: &str) -> ProblemDocument {
        ProblemDocument {
            kind: format!("urn:problem-type:stowaway:{}", self.code.code()),
            title: self.code.title().to_owned(),
            status: self.status(),
            detail: self.detail.clone(),
            instance: path.to_owned(),
            extensions: self.extensions.clone(),
        }
    }

    /// The whole answer to a request of `path`: never kept by a cache, readable from any origin.
    ///
    /// # Panics
    /// Never: the document holds nothing that JSON lacks.
    #[must_use]
    pub fn answer(&self, method: Method, path: &str) -> Answer {
        let body = serde_json::to_vec(&self.document(path)).expect("problem documents are plain JSON");
        let mut headers = vec![("content-type", HeaderText::from_static(MEDIA_TYPE))];
        headers.extend(CachePolicy::NoStore.headers(&[]));
        headers.push(("x-content-type-options", HeaderText::from_static("nosniff")));
        headers.extend(cors::READ_HEADERS.iter().cloned());
        headers.extend(self.headers.iter().cloned());
        Answer {
            status: self.status(),
            headers: headers.into(),
            content_length: Some(body.len() as u64),
            body: match method {
                Method::Get => BodyPlan::Text(body.into()),
                Method::Head => BodyPlan::Empty,
            },
        }
    }
}
