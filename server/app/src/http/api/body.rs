//! A small JSON body: of one type, bounded in bytes and in time.

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use stowaway_domain::problem::Problem;
use stowaway_domain::problem_code::ProblemCode;

use super::refused::Refused;
use super::state::ApiState;

/// Most bytes of a body, unless it is said otherwise.
const MAX_BYTES: usize = 64 * 1024;
const MEDIA_TYPE: &str = "application/json";

/// A body as JSON, of at most `MAX` bytes.
pub(super) struct JsonBody<T, const MAX: usize = MAX_BYTES>(pub(super) T);

impl<T: DeserializeOwned + 'static, const MAX: usize> FromRequest for JsonBody<T, MAX> {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = request.content_type().eq_ignore_ascii_case(MEDIA_TYPE);
        let patience = request.app_data::<Data<ApiState>>().map(|api| api.body_timeout).unwrap_or_default();
        let payload = payload.take();
        Box::pin(async move {
            if !is_json {
                let detail = format!("Send {MEDIA_TYPE}, and say so in Content-Type.");
                return Err(Problem::new(ProblemCode::UnsupportedMediaType, detail).into());
            }
            let body = tokio::time::timeout(patience, collect(payload, MAX)).await.map_err(|_| {
                Problem::new(ProblemCode::BodyTimeout, format!("It did not come within {} s.", patience.as_secs()))
            })??;
            let parsed = serde_json::from_slice(&body);
            parsed.map(Self).map_err(|error| Problem::new(ProblemCode::BadBody, format!("{error}.")).into())
        })
    }
}

/// The largest number that every reader of JSON has exactly (RFC 8259 §6).
pub(super) const MAX_WHOLE: u64 = 9_007_199_254_740_991;

/// A whole number, however it is written: to JSON Schema `3.0` is one.
pub(super) fn whole_number<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let number = <serde_json::Number as serde::Deserialize>::deserialize(from)?;
    let is_whole = |value: &f64| value.fract() == 0.0 && (0.0..=MAX_WHOLE as f64).contains(value);
    let whole = number.as_u64().or_else(|| number.as_f64().filter(is_whole).map(|value| value as u64));
    whole
        .filter(|whole| *whole <= MAX_WHOLE)
        .ok_or_else(|| serde::de::Error::custom(format!("{number} is not a whole number from 0 to {MAX_WHOLE}")))
}

/// A whole number, or none.
pub(super) fn optional_whole_number<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    #[derive(serde::Deserialize)]
    struct Whole(#[serde(deserialize_with = "whole_number")] u64);
    let number = <Option<Whole> as serde::Deserialize>::deserialize(from)?;
    Ok(number.map(|Whole(number)| number))
}

async fn collect(mut payload: Payload, max_bytes: usize) -> Result<Bytes, Refused> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| broken(&error))?;
        if body.len() + chunk.len() > max_bytes {
            let detail = format!("It may have {max_bytes} bytes.");
            return Err(Problem::new(ProblemCode::BodyTooLarge, detail).into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn broken(error: &PayloadError) -> Refused {
    Problem::new(ProblemCode::BadBody, format!("It cannot be read: {error}.")).into()
}
