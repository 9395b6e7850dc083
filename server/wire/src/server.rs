//! Runs an actix-web application on connections that can send files: the counterpart of actix-web's `HttpServer`.

use std::{fmt, future::Future, io, net::TcpListener, sync::Arc, time::Duration};

use actix_http::{Extensions, HttpService, KeepAlive, Request, Response};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt as _, map_config};
use actix_web::{
    Error,
    body::MessageBody,
    dev::{AppConfig, Server as RunningServer},
    rt::net::TcpStream,
};
use socket2::SockRef;

use crate::lane::{Lane, NoLane};
#[cfg(target_os = "linux")]
use crate::{connection::Connection, lane::LaneService};

/// How many bytes may wait in the kernel before it stops asking for more: enough to keep a fast client busy, little
/// enough that slow ones do not fill the memory.
const UNSENT_BYTES: u32 = 128 * 1024;

/// Builds a server for one application on any number of listeners.
///
/// HTTP/1.0 and 1.1 without TLS. [`run`](Self::run) gives the same handle as actix-web's `HttpServer`: `handle().stop(true)`
/// drains, letting answers that have begun end within [`shutdown_timeout`](Self::shutdown_timeout). Dates, pipelining,
/// timers and signals are actix's.
pub struct Server<F, M = fn() -> NoLane> {
    factory: F,
    #[cfg_attr(not(target_os = "linux"), expect(dead_code))]
    make_lane: M,
    listeners: Vec<TcpListener>,
    builder: actix_server::ServerBuilder,
    limits: Limits,
    on_connect: Option<OnConnect>,
}

type OnConnect = Arc<dyn Fn(&TcpStream, &mut Extensions) + Send + Sync>;

#[derive(Clone, Copy)]
struct Limits {
    keep_alive: Duration,
    client_request_timeout: Duration,
    client_disconnect_timeout: Duration,
    stall_timeout: Duration,
    minimum_bytes_per_second: u64,
}

impl<F> Server<F> {
    /// A server whose workers each run an application made by `factory`.
    pub fn new(factory: F) -> Self {
        let limits = Limits {
            keep_alive: Duration::from_secs(5),
            client_request_timeout: Duration::from_secs(5),
            client_disconnect_timeout: Duration::from_secs(1),
            stall_timeout: Duration::from_secs(60),
            minimum_bytes_per_second: 0,
        };
        Self {
            factory,
            make_lane: || NoLane,
            listeners: Vec::new(),
            builder: actix_server::Server::build(),
            limits,
            on_connect: None,
        }
    }

    /// Has a [`Lane`] of each worker, made by `make_lane`, answer what it can before actix-web is asked (Linux only).
    #[must_use]
    pub fn lane<M>(self, make_lane: M) -> Server<F, M> {
        let Self { factory, listeners, builder, limits, on_connect, .. } = self;
        Server { factory, make_lane, listeners, builder, limits, on_connect }
    }
}

impl<F, M> Server<F, M> {
    /// How many worker threads there are: by default as many as processors.
    #[must_use]
    pub fn workers(mut self, count: usize) -> Self {
        self.builder = self.builder.workers(count);
        self
    }

    /// How many connections one worker serves at the same time; more wait in the kernel.
    #[must_use]
    pub fn max_connections(mut self, count_per_worker: usize) -> Self {
        self.builder = self.builder.max_concurrent_connections(count_per_worker);
        self
    }

    /// How long a connection may be idle between two requests: 5 s by default.
    #[must_use]
    pub fn keep_alive(mut self, time: Duration) -> Self {
        self.limits.keep_alive = time;
        self
    }

    /// How long a client may take over the head of its first request: 5 s by default.
    #[must_use]
    pub fn client_request_timeout(mut self, time: Duration) -> Self {
        self.limits.client_request_timeout = time;
        self
    }

    /// How long a client may take to close after the server has: 1 s by default.
    #[must_use]
    pub fn client_disconnect_timeout(mut self, time: Duration) -> Self {
        self.limits.client_disconnect_timeout = time;
        self
    }

    /// How long a client may take nothing at all while bytes wait for it (Linux only): 60 s by default.
    #[must_use]
    pub fn stall_timeout(mut self, time: Duration) -> Self {
        self.limits.stall_timeout = time;
        self
    }

    /// How many bytes a second a client must take of an answer made of segments, on average and with the time of
    /// [`stall_timeout`](Self::stall_timeout) for free (Linux only): no matter by default.
    #[must_use]
    pub fn minimum_rate(mut self, bytes_per_second: u64) -> Self {
        self.limits.minimum_bytes_per_second = bytes_per_second;
        self
    }

    /// How long answers that have begun may take after the server was told to stop.
    #[must_use]
    pub fn shutdown_timeout(mut self, seconds: u64) -> Self {
        self.builder = self.builder.shutdown_timeout(seconds);
        self
    }

    /// Leaves signals to the program.
    #[must_use]
    pub fn disable_signals(mut self) -> Self {
        self.builder = self.builder.disable_signals();
        self
    }

    /// Drains when `signal` is ready, and leaves signals to the program.
    #[must_use]
    pub fn shutdown_signal(mut self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        self.builder = self.builder.shutdown_signal(signal);
        self
    }

    /// Calls `hook` for each connection; what it puts into the data is there for every request of the connection, and
    /// dropped with it.
    #[must_use]
    pub fn on_connect(mut self, hook: impl Fn(&TcpStream, &mut Extensions) + Send + Sync + 'static) -> Self {
        self.on_connect = Some(Arc::new(hook));
        self
    }

    /// Accepts connections from `listener` too.
    #[must_use]
    pub fn listen(mut self, listener: TcpListener) -> Self {
        self.listeners.push(listener);
        self
    }

    /// Starts the workers when it is first polled, and ends when they have stopped.
    ///
    /// # Errors
    /// A listener cannot be prepared, or there is none.
    pub fn run<I, S, B, L>(self) -> io::Result<RunningServer>
    where
        M: Fn() -> L + Send + Clone + 'static,
        L: Lane,
        F: Fn() -> I + Send + Clone + 'static,
        I: IntoServiceFactory<S, Request>,
        S: ServiceFactory<Request, Config = AppConfig> + 'static,
        S::Error: Into<Error> + 'static,
        S::InitError: fmt::Debug,
        S::Response: Into<Response<B>> + 'static,
        <S::Service as Service<Request>>::Future: 'static,
        S::Service: 'static,
        B: MessageBody + 'static,
    {
        if self.listeners.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the server has nothing to listen on"));
        }
        let (limits, mut builder) = (self.limits, self.builder);
        for listener in self.listeners {
            let (factory, draining) = (self.factory.clone(), builder.graceful_shutdown_signal());
            let on_connect = self.on_connect.clone();
            #[cfg(target_os = "linux")]
            let make_lane = self.make_lane.clone();
            builder = builder.listen("stowaway", listener, move || {
                let (draining, on_connect) = (draining.clone(), on_connect.clone());
                let application = factory().into_factory().map_err(|error| error.into().error_response());
                let application = map_config(application, |()| AppConfig::default());
                let http = HttpService::build()
                    .graceful_shutdown_signal({
                        let draining = draining.clone();
                        move || {
                            let draining = draining.clone();
                            async move { draining.notified().await }
                        }
                    })
                    .keep_alive(KeepAlive::Timeout(limits.keep_alive))
                    .client_request_timeout(limits.client_request_timeout)
                    .client_disconnect_timeout(limits.client_disconnect_timeout);
                #[cfg(target_os = "linux")]
                {
                    let http =
                        http.on_connect_ext(|connection: &Connection, data| connection.fill(data)).h1(application);
                    let service = LaneService {
                        make_lane: make_lane.clone(),
                        http,
                        prepare: move |stream: &TcpStream| {
                            prepare(stream, limits)?;
                            let mut data = Extensions::new();
                            connected(on_connect.as_ref(), stream, &mut data);
                            Ok(data)
                        },
                        draining,
                        limits: limits.of_the_lane(),
                    };
                    service.into_factory()
                }
                #[cfg(not(target_os = "linux"))]
                {
                    http.on_connect_ext(move |stream: &TcpStream, data| {
                        // Speed only: a connection without it is as right as any.
                        let _ = SockRef::from(stream).set_tcp_nodelay(true);
                        connected(on_connect.as_ref(), stream, data);
                    })
                    .h1(application)
                    .tcp()
                }
            })?;
        }
        Ok(builder.run())
    }
}

#[cfg(target_os = "linux")]
impl Limits {
    fn of_the_lane(&self) -> crate::lane::Limits {
        crate::lane::Limits {
            keep_alive: self.keep_alive,
            request_head: self.client_request_timeout,
            closing: self.client_disconnect_timeout,
            stall: self.stall_timeout,
            minimum_bytes_per_second: self.minimum_bytes_per_second,
        }
    }
}

fn connected(hook: Option<&OnConnect>, stream: &TcpStream, data: &mut Extensions) {
    if let Some(hook) = hook {
        hook(stream, data);
    }
}

/// Sets what a connection needs. Not on the listener, for connections to inherit: it may have been listening, and
/// connections waiting, before this server had it.
#[cfg(target_os = "linux")]
fn prepare(stream: &TcpStream, limits: Limits) -> io::Result<()> {
    let socket = SockRef::from(stream);
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_notsent_lowat(UNSENT_BYTES)?;
    socket.set_tcp_user_timeout(Some(limits.stall_timeout))
}
