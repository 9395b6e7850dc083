//! Answers whose bytes go from the page cache to the socket without passing through this program.
//!
//! actix-web's HTTP/1 dispatcher copies every byte of a body into its write buffer. This crate runs the same
//! dispatcher on a connection of its own, which takes *segments* (bytes, or slices of open files) from an answer's body
//! and sends them with `sendfile(2)` after the head. Routing, middleware, handlers and headers stay ordinary actix-web:
//!
//! - [`Server`] accepts connections and runs an actix-web application on them;
//! - [`respond`] makes a [`Segment`]ed answer in a handler. On a connection of [`Server`] the segments bypass the
//!   dispatcher; anywhere else (TLS, HTTP/2, actix-web's own `HttpServer` and test server, systems other than Linux) the
//!   same call answers with a plain body of bounded reads;
//! - [`SentBytes`] says how many bytes of a body have really been handed to the operating system;
//! - [`Counters`] counts what a connection did, so that tests bound system calls instead of time.
//!
//! A body is never silently short: a file that ends too early, or segments that do not add up to the length promised,
//! abort the connection. It must not know what is being served: no routes, ranges, digests or stores.
//!
//! ```
//! use actix_web::{HttpRequest, HttpResponse};
//! use std::{fs::File, sync::Arc};
//! use stowaway_wire::{Segment, respond};
//!
//! fn first_bytes(request: &HttpRequest, file: Arc<File>) -> HttpResponse {
//!     let slice = Segment::File { file, offset: 0, len: 4096 };
//!     respond(request, HttpResponse::Ok().finish(), 4096, slice).map_into_boxed_body()
//! }
//! ```

mod body;
#[cfg(target_os = "linux")]
mod connection;
mod counters;
mod lane;
#[cfg(target_os = "linux")]
mod outbox;
mod plain_body;
mod respond;
mod segment;
#[cfg(target_os = "linux")]
mod send;
mod sent_bytes;
mod server;
#[cfg(target_os = "linux")]
mod socket;
#[cfg(target_os = "linux")]
mod turns;

pub use body::FileBody;
#[cfg(target_os = "linux")]
pub use connection::ConnectionHandle;
pub use counters::Counters;
pub use lane::{Answer, Ended, Lane, NoLane, Reply, RequestHead};
pub use respond::respond;
pub use segment::{Segment, Segments};
pub use sent_bytes::{Fault, SentBytes};
pub use server::Server;
