//! Puts the public and the admin listener together and runs them until a signal.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::Server as ActixServer;
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};
use socket2::{Domain, Protocol, Socket, Type};
use utoipa_actix_web::AppExt as _;

use super::client_address::ClientAddress;
use super::drain::{self, Signals};
use super::lane::HttpLane;
use super::state::ServerState;
use super::{ApiState, actix, admin, api};
use crate::configuration::Http;
use crate::telemetry::metrics::{self, OpenConnection};

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 1024;
/// Threads of the admin listener.
const ADMIN_WORKERS: usize = 1;

/// Why a server cannot run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServerError {
    /// Another process listens there.
    #[error("port {} of {} is in use by another process", address.port(), address.ip())]
    InUse {
        /// The address.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// It ran and broke.
    #[error("the server broke")]
    Run(#[source] io::Error),
}

/// Sockets that are bound, and not served yet.
pub(crate) struct Server {
    public: TcpListener,
    admin: Option<TcpListener>,
}

impl Server {
    /// Binds the sockets. Connections wait from now on.
    ///
    /// # Errors
    /// A port is in use, or an address is not this machine's.
    pub(crate) fn bind(listen: SocketAddr, admin_listen: Option<SocketAddr>) -> Result<Self, ServerError> {
        Ok(Self { public: bind(listen)?, admin: admin_listen.map(bind).transpose()? })
    }

    /// Where the public listener is.
    ///
    /// # Errors
    /// The system does not say.
    pub(crate) fn address(&self) -> Result<SocketAddr, ServerError> {
        self.public.local_addr().map_err(ServerError::Run)
    }

    /// Where the admin listener is, if there is one.
    ///
    /// # Errors
    /// The system does not say.
    pub(crate) fn admin_address(&self) -> Result<Option<SocketAddr>, ServerError> {
        self.admin.as_ref().map(TcpListener::local_addr).transpose().map_err(ServerError::Run)
    }

    /// Serves until a signal, then drains.
    ///
    /// # Errors
    /// The server could not be started or broke.
    pub(crate) async fn run(self, state: ServerState, api: ApiState, limits: &Http) -> Result<(), ServerError> {
        let signals = Signals::take().map_err(ServerError::Run)?;
        let state = Data::new(state);
        let public = public_server(self.public, state.clone(), Data::new(api), limits).map_err(ServerError::Run)?;
        let admin = self.admin.map(|listener| admin_server(listener, state.clone(), limits)).transpose();
        let admin = admin.map_err(ServerError::Run)?;
        let handles = std::iter::once(public.handle()).chain(admin.as_ref().map(ActixServer::handle)).collect();
        let delay = Duration::from_secs(limits.drain_delay_seconds);
        let serving = async {
            match admin {
                Some(admin) => tokio::try_join!(public, admin).map(drop),
                None => public.await,
            }
        };
        tokio::select! {
            () = metrics::keep_bounded(&state.metrics) => Ok(()),
            served = serving => served.map_err(ServerError::Run),
            () = drain::run(signals, &state, delay, handles) => Ok(()),
        }
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, ServerError> {
    let listen = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        // A restart must not wait for connections of the last process; two listeners at once are still refused.
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(socket.into())
    };
    listen().map_err(|source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => ServerError::InUse { address },
        _ => ServerError::Listen { address, source },
    })
}

fn public_server(
    listener: TcpListener,
    state: Data<ServerState>,
    api: Data<ApiState>,
    limits: &Http,
) -> io::Result<ActixServer> {
    let workers = match limits.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        count => count,
    };
    let of_lane = state.clone();
    // The handler of reads watches itself (`observe`): a middleware would cost a boxed future and a boxed body for every range.
    let application = move || {
        let app = App::new().app_data(state.clone()).app_data(api.clone()).into_utoipa_app();
        app.configure(api::register).default_service(web::to(actix::handle)).into_app()
    };
    stowaway_wire::Server::new(application)
        .lane(move || HttpLane::new(of_lane.clone()))
        .workers(workers)
        .max_connections(limits.max_connections_per_worker)
        .keep_alive(Duration::from_secs(limits.keep_alive_seconds))
        .client_request_timeout(Duration::from_secs(limits.request_head_timeout_seconds))
        .stall_timeout(Duration::from_secs(limits.write_idle_seconds))
        .minimum_rate(limits.minimum_send_bytes_per_second)
        .shutdown_timeout(limits.shutdown_timeout_seconds)
        .disable_signals()
        .on_connect(|stream, data| {
            data.insert(OpenConnection::begin());
            data.insert(ClientAddress::of(stream));
        })
        .listen(listener)
        .run()
}

fn admin_server(listener: TcpListener, state: Data<ServerState>, limits: &Http) -> io::Result<ActixServer> {
    let server = HttpServer::new(move || App::new().app_data(state.clone()).default_service(web::to(admin::handle)))
        .workers(ADMIN_WORKERS)
        .client_request_timeout(Duration::from_secs(limits.request_head_timeout_seconds))
        .shutdown_timeout(limits.shutdown_timeout_seconds)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}
