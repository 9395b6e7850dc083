//! The HTTP side: routes, headers and bodies. It parses, asks the engine, has the domain plan the answer, and renders it.

mod actix;
mod admin;
mod answered;
mod dispatch;
mod drain;
mod embedded_files;
mod error;
mod facts;
mod header_names;
mod lane;
mod negotiate;
mod observe;
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

pub(crate) use facts::{Known, RequestFacts};
pub(crate) use server::{Server, ServerError};
pub(crate) use state::ServerState;
