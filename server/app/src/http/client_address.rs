//! Who is at the other end of a connection: a client, or the proxy in front.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use tokio::net::TcpStream;

/// The address, remembered with the connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClientAddress(IpAddr);

impl ClientAddress {
    /// Of a connection that was accepted; all that are gone already share one.
    pub(super) fn of(stream: &TcpStream) -> Self {
        Self(stream.peer_addr().map_or(Ipv4Addr::UNSPECIFIED.into(), |address| address.ip()))
    }

    /// Of the connection on which a request came.
    pub(super) fn of_request(request: &HttpRequest) -> IpAddr {
        request.conn_data::<Self>().map_or(Ipv4Addr::UNSPECIFIED.into(), |address| address.0)
    }
}
