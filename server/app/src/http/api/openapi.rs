//! The description of the API, collected from its handlers: served, printed, and compared with `docs/reference/openapi.json`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use actix_web::http::header::ContentType;
use actix_web::{App, HttpRequest, HttpResponse, get};
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, ObjectBuilder, PathItem, Ref, RefOr, Response, ResponseBuilder, Schema, SchemaFormat, Type,
};
use utoipa::{IntoResponses, Modify, OpenApi};
use utoipa_actix_web::AppExt as _;

use super::register;
use crate::http::route::Route;

/// Where it is served.
pub(super) const ADDRESS: &str = "/api/openapi.json";
const PROBLEM: &str = "Problem";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Stowaway",
        description = "Publishing and administration. Answers are never cached. What is wrong is told as an RFC 9457 document; \
                       its types are listed in docs/reference/problems.md.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    security(("token" = [])),
    modifiers(&Common),
)]
struct Document;

/// What is there beside the addresses.
struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("sw_{id}_{secret}");
        components.add_security_scheme("token", SecurityScheme::Http(bearer.build()));
        let text = |description: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(description));
        let problem = ObjectBuilder::new()
            .description(Some("RFC 9457. Some types have more members."))
            .property("type", text("urn:problem-type:stowaway: and the code of the problem"))
            .property("title", text("The same for every occurrence"))
            .property("status", ObjectBuilder::new().schema_type(Type::Integer).description(Some("The HTTP status")))
            .property("detail", text("What was wrong with this request, and what to do"))
            .property(
                "instance",
                text("The path that was asked for").format(Some(SchemaFormat::Custom("uri-reference".into()))),
            )
            .additional_properties(Some(AdditionalProperties::FreeForm(true)));
        let problem =
            ["type", "title", "status", "detail", "instance"].into_iter().fold(problem, ObjectBuilder::required);
        components.schemas.insert(PROBLEM.to_owned(), problem.build().into());
    }
}

/// Declares problems that several addresses answer with.
macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident { $($status:literal: $description:literal,)+ })+) => {
        $(
            $(#[$doc])*
            pub(super) enum $name {}

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    [$(($status.to_owned(), problem($description))),+].into()
                }
            }
        )+
    };
}

problems! {
    /// Of every address that needs a token.
    TokenProblems {
        "401": "token-missing, token-unknown, token-expired or token-revoked",
        "429": "rate-limited",
        "503": "database-unavailable",
    }
    /// Of every address that needs a certain scope.
    ScopeProblem {
        "403": "scope-missing: `scope` says which; whether there is anything is not told",
    }
    /// Of every address with a query.
    QueryProblem {
        "400": "bad-query",
    }
    /// Of every address with a JSON body.
    BodyProblems {
        "400": "bad-body",
        "408": "body-timeout",
        "413": "body-too-large",
        "415": "unsupported-media-type",
    }
    /// Of every address that a condition may come with.
    ConditionProblem {
        "412": "precondition-failed: `etag` says which version it is now",
    }
    /// Of every address that reads what is stored.
    StoreProblems {
        "500": "stored-bytes-damaged",
    }
    /// Of the address that makes uploads.
    CreateUploadProblems {
        "400": "bad-request: `header` says which",
        "403": "scope-missing",
        "408": "upload-interrupted",
        "412": "tus-version-unsupported",
        "413": "upload-too-large or upload-past-end",
        "415": "unsupported-media-type",
        "422": "upload-digest-mismatch: the upload is removed",
        "423": "upload-locked",
        "429": "too-many-uploads or rate-limited",
        "460": "upload-checksum-mismatch: nothing was kept",
        "507": "storage-full",
    }
    /// Of every address of an upload.
    UploadProblems {
        "404": "upload-not-found: there is none, or it is another token's",
        "410": "upload-expired",
        "412": "tus-version-unsupported",
    }
    /// Of every address of an upload that may have to wait for who appends to it, or finish it.
    HeldUploadProblems {
        "400": "bad-request: `header` says which",
        "422": "upload-digest-mismatch: the upload is removed",
        "423": "upload-locked",
        "507": "storage-full",
    }
    /// Of appends.
    AppendProblems {
        "408": "upload-interrupted: `offset` says how far it came",
        "409": "upload-offset-conflict: `offset` says where the upload is",
        "413": "upload-past-end",
        "415": "unsupported-media-type",
        "460": "upload-checksum-mismatch: nothing was kept",
    }
    /// Of publications.
    PublicationProblems {
        "404": "address-not-found: no tag can be called so",
        "409": "publication-overtaken",
        "422": "publication-refused: the files break a rule",
        "507": "storage-full",
    }
    /// Of the address that begins jobs.
    JobProblems {
        "409": "job-running: one of this kind runs, and `job` says which",
    }
    /// Of every address with a name in it.
    NotFound {
        "404": "There is nothing of that name",
    }
}

fn problem(description: &str) -> RefOr<Response> {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(PROBLEM))).build();
    ResponseBuilder::new().description(description).content("application/problem+json", content).build().into()
}

/// The document.
fn document() -> &'static utoipa::openapi::OpenApi {
    static DOCUMENT: OnceLock<utoipa::openapi::OpenApi> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let app = App::new().into_utoipa_app().openapi(Document::openapi());
        let mut document = app.configure(register).split_for_parts().1;
        let schemas = document.components.as_mut().map(|components| &mut components.schemas);
        if let Some(RefOr::T(Schema::OneOf(one_of))) = schemas.and_then(|schemas| schemas.get_mut("NewJob")) {
            one_of.items.iter_mut().for_each(take_no_more);
        }
        document
    })
}

/// Members that it does not name are refused, which the derive does not say of variants.
fn take_no_more(schema: &mut RefOr<Schema>) {
    if let RefOr::T(Schema::Object(object)) = schema {
        object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
    }
}

/// The document as text.
pub(crate) fn openapi_json() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let text = document().to_pretty_json().expect("the document is plain JSON");
        text + "\n"
    })
}

/// The pattern of a request's address, for metrics and spans; all unknown addresses share one.
pub(super) fn pattern_of(request: &HttpRequest) -> &'static str {
    let pattern = request.match_pattern().unwrap_or_default();
    let known = document().paths.paths.get_key_value(&pattern);
    known.map_or(Route::UNKNOWN_PATTERN, |(pattern, _)| pattern.as_str())
}

/// The methods of an address.
pub(super) fn methods(pattern: &str) -> Vec<&'static str> {
    let Some(item) = document().paths.paths.get(pattern) else { return Vec::new() };
    let PathItem { get, put, post, delete, options, head, patch, .. } = item;
    let methods = [
        ("GET", get.is_some()),
        ("HEAD", head.is_some() || get.is_some()),
        ("POST", post.is_some()),
        ("PUT", put.is_some()),
        ("PATCH", patch.is_some()),
        ("DELETE", delete.is_some()),
        ("OPTIONS", options.is_some()),
    ];
    methods.into_iter().filter(|(_, is_there)| *is_there).map(|(method, _)| method).collect()
}

/// Is HEAD answered as GET there?
pub(super) fn has_get_and_no_head(pattern: &str) -> bool {
    document().paths.paths.get(pattern).is_some_and(|item| item.get.is_some() && item.head.is_none())
}

/// This document
#[utoipa::path(tag = "about", security(()), responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = serde_json::Value)))]
#[get("/openapi.json")]
pub(super) async fn get_openapi() -> HttpResponse {
    HttpResponse::Ok().insert_header(ContentType::json()).body(openapi_json())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_up_to_date() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, openapi_json()).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(written, openapi_json(), "not up to date: run UPDATE=1 cargo test -p stowaway reference");
    }

    #[test]
    fn every_address_has_a_summary_and_says_which_token_it_needs() {
        let document: serde_json::Value = serde_json::from_str(openapi_json()).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                assert!(operation["summary"].is_string(), "{method} {path}");
                let is_open = operation["security"] == serde_json::json!([{}]);
                assert_eq!(is_open, path == ADDRESS || method == "options", "{method} {path}");
                assert_eq!(operation["responses"].get("401").is_some(), !is_open, "{method} {path}");
            }
        }
    }
}
