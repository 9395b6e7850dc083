//! The HTTP side: routes, headers and bodies. It parses, asks the engine, has the domain plan the answer, and renders it.

mod admin;
mod body;
mod dispatch;
mod drain;
mod embedded_files;
mod error;
mod header_names;
mod observe;
mod operations;
mod query;
mod render;
mod request;
mod request_id;
mod route;
mod server;
mod state;
mod wire_body;

pub(crate) use server::{Server, ServerError};
pub(crate) use state::ServerState;
