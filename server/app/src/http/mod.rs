//! The HTTP side: routes, headers and bodies. It parses, asks the engine, has the domain plan the answer, and renders it.

mod actix;
mod admin;
mod answered;
mod api;
mod client_address;
mod dispatch;
mod drain;
mod embedded_files;
mod error;
mod facts;
mod header_names;
mod lane;
mod negotiate;
mod observe;
mod observed;
mod operations;
mod query;
mod recent;
mod render;
mod request_id;
mod route;
mod segments;
mod server;
mod server_timing;
mod state;

pub(crate) use api::{ApiState, openapi_json};
pub(crate) use embedded_files::EmbeddedFiles;
pub(crate) use facts::{Known, RequestFacts};
pub(crate) use server::{Server, ServerError};
pub(crate) use state::ServerState;
