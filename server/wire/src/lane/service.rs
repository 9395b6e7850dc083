//! Puts the lane in front of actix-web: what a worker does with each connection that it is given.

use std::net::SocketAddr;
use std::rc::Rc;

use actix_http::Extensions;
use actix_http::error::DispatchError;
use actix_server::GracefulShutdownSignal;
use actix_service::{Service, ServiceFactory, fn_factory, fn_service};
use actix_web::rt;
use tokio::net::TcpStream;

use super::serve::{Served, Worker};
use super::watch::Watched;
use super::{Clock, Lane, Limits};
use crate::connection::Connection;
use crate::socket::Socket;

/// What HTTP/1 of actix-web takes.
pub(crate) type Accepted = (Connection, Option<SocketAddr>);

/// Makes the services of the workers.
pub(crate) struct LaneService<M, H, C> {
    /// Makes the lane of a worker.
    pub(crate) make_lane: M,
    /// Serves what is not the lane's.
    pub(crate) http: H,
    /// Prepares a connection, and gives what is to be remembered about it.
    pub(crate) prepare: C,
    /// Ready when the server drains.
    pub(crate) draining: GracefulShutdownSignal,
    pub(crate) limits: Limits,
}

impl<M, H, C, L> LaneService<M, H, C>
where
    M: Fn() -> L + 'static,
    L: Lane,
    H: ServiceFactory<Accepted, Config = (), Response = (), Error = DispatchError> + 'static,
    H::Service: 'static,
    C: Fn(&TcpStream) -> std::io::Result<Extensions> + 'static,
{
    /// As actix-server wants it.
    pub(crate) fn into_factory(
        self,
    ) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = DispatchError, InitError = H::InitError>
    {
        let shared = Rc::new(self);
        fn_factory(move || {
            let shared = Rc::clone(&shared);
            let http = shared.http.new_service(());
            async move {
                let http = Rc::new(http.await?);
                let clock = Clock::new(shared.limits);
                rt::spawn({
                    let (clock, draining) = (Rc::clone(&clock), shared.draining.clone());
                    async move {
                        draining.notified().await;
                        clock.drain();
                    }
                });
                let worker = Rc::new(Worker::new((shared.make_lane)()));
                Ok::<_, H::InitError>(fn_service(move |stream: TcpStream| {
                    let (shared, worker, http) = (Rc::clone(&shared), Rc::clone(&worker), Rc::clone(&http));
                    let watched = Watched::new(Rc::clone(&clock));
                    async move {
                        let data = (shared.prepare)(&stream)?;
                        let mut socket = Socket::new(stream, watched);
                        match worker.serve(&mut socket).await? {
                            Served::Ended => Ok(()),
                            Served::NotMine(read) => {
                                let peer = socket.stream.peer_addr().ok();
                                // Boxed, so that the many connections that never come here are no larger for it.
                                Box::pin(http.call((Connection::new(socket, read, data), peer))).await
                            }
                        }
                    }
                }))
            }
        })
    }
}
