//! What the tests share: a place of their own, the binary, a running server, and an HTTP client that sends what it is told.

pub(crate) mod api;
mod decode;
pub(crate) mod http;
pub(crate) mod media;
mod place;
mod server;

pub(crate) use place::{Outcome, Place};
pub(crate) use server::{Server, wait_until};
