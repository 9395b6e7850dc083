//! Real sockets against real servers: what a client sees, and what the connection did for it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod bodies;
mod client;
mod connections;
mod dispatcher;
mod failures;
mod lane;
mod origin;
mod plain;
mod slow;
mod test_lane;
