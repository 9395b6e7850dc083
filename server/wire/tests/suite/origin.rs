//! The application under test, on a server of its own and a free port.

use std::{
    fs::File,
    io::Write as _,
    net::{SocketAddr, TcpListener},
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use crate::{client::Client, test_lane::TestLane};
use actix_web::{App, HttpRequest, HttpResponse, dev::ServerHandle, web};
use bytes::Bytes;
use stowaway_wire::{ConnectionHandle, Counters, Segment, SentBytes, Server, respond};

/// What one answer really sent, reported when its body is gone.
pub(crate) type Log = mpsc::Sender<u64>;

/// Which server runs the application.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// The server of this crate.
    Wire,
    /// The same with a lane in front.
    Lane,
    /// The same, with limits that a test can wait for.
    Impatient,
    /// actix-web's own.
    Stock,
}

/// A running server; dropped, it stops at once.
pub(crate) struct Origin {
    pub(crate) address: SocketAddr,
    pub(crate) file: Arc<File>,
    pub(crate) sent: mpsc::Receiver<u64>,
    pub(crate) handle: ServerHandle,
    idle_holders: usize,
    thread: Option<JoinHandle<()>>,
}

/// The byte at an offset of every test file.
pub(crate) fn byte_at(offset: u64) -> u8 {
    u8::try_from((offset * 7 + offset / 251) % 256).expect("a byte")
}

pub(crate) fn bytes_of(offset: u64, len: u64) -> Vec<u8> {
    (offset..offset + len).map(byte_at).collect()
}

/// An anonymous file of `len` bytes.
pub(crate) fn file_of(len: u64) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes_of(0, len)).unwrap();
    file
}

impl Origin {
    pub(crate) fn start(file: File) -> Self {
        Self::start_as(Kind::Wire, file)
    }

    pub(crate) fn start_as(kind: Kind, file: File) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let file = Arc::new(file);
        let (log, sent) = mpsc::channel();
        let (announce, announced) = mpsc::channel();
        let shared = Arc::clone(&file);
        let of_lane = (Arc::clone(&file), log.clone());
        let lane = move || TestLane { file: Arc::clone(&of_lane.0), log: of_lane.1.clone() };
        let thread = std::thread::spawn(move || {
            let factory = move || application(Arc::clone(&shared), log.clone());
            actix_web::rt::System::new().block_on(async move {
                let server = match kind {
                    Kind::Wire => serving(Server::new(factory), listener).run().unwrap(),
                    Kind::Lane => serving(Server::new(factory), listener).lane(lane).run().unwrap(),
                    Kind::Impatient => serving(Server::new(factory), listener)
                        .keep_alive(Duration::from_secs(2))
                        .client_request_timeout(Duration::from_secs(2))
                        .stall_timeout(Duration::from_secs(2))
                        .minimum_rate(1024 * 1024)
                        .lane(lane)
                        .run()
                        .unwrap(),
                    Kind::Stock => {
                        actix_web::HttpServer::new(factory).workers(1).disable_signals().listen(listener).unwrap().run()
                    }
                };
                announce.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let handle = announced.recv().unwrap();
        // The workers have made their applications when the first answer comes.
        assert_eq!(Client::connect(address).text("/plain"), "plain");
        let idle_holders = Arc::strong_count(&file);
        Self { address, file, sent, handle, idle_holders, thread: Some(thread) }
    }

    /// How many others, connections and bodies, still hold the file open.
    pub(crate) fn holders(&self) -> usize {
        Arc::strong_count(&self.file) - self.idle_holders
    }

    /// Bytes of the next body that ended.
    pub(crate) fn next_sent(&self) -> u64 {
        self.sent.recv_timeout(Duration::from_secs(20)).expect("an answer should have ended")
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        let ended = self.thread.take().unwrap().join();
        assert!(ended.is_ok() || std::thread::panicking(), "the server panicked");
    }
}

fn serving<F>(server: Server<F>, listener: TcpListener) -> Server<F> {
    server
        .workers(1)
        .disable_signals()
        .shutdown_timeout(20)
        .keep_alive(Duration::from_secs(30))
        .on_connect(|stream, data| {
            data.insert(stream.peer_addr().unwrap());
        })
        .client_request_timeout(Duration::from_secs(30))
        .listen(listener)
}

/// Reports at the end of a body what had been sent by then, as an access log would.
struct Reporting {
    sent: SentBytes,
    log: Log,
}

impl Drop for Reporting {
    fn drop(&mut self) {
        // The test may be over already.
        self.log.send(self.sent.get()).ok();
    }
}

fn application(
    file: Arc<File>,
    log: Log,
) -> App<
    impl actix_web::dev::ServiceFactory<
        actix_web::dev::ServiceRequest,
        Config = (),
        Response = actix_web::dev::ServiceResponse,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(web::Data::new((file, log)))
        .route("/file/{offset}/{len}", web::route().to(file_slice))
        .route("/empty", web::route().to(empty))
        .route("/mixed/{parts}", web::get().to(mixed))
        .route("/short-segments", web::get().to(short_segments))
        .route("/long-segments", web::get().to(long_segments))
        .route("/plain", web::get().to(|| async { "plain" }))
        .route("/echo", web::post().to(|body: Bytes| async move { body }))
        .route("/peer", web::get().to(peer))
        .route("/counters", web::get().to(counters))
}

type Shared = web::Data<(Arc<File>, Log)>;

async fn file_slice(request: HttpRequest, path: web::Path<(u64, u64)>, shared: Shared) -> HttpResponse {
    let (offset, len) = path.into_inner();
    answer(&request, &shared, len, vec![Segment::File { file: Arc::clone(&shared.0), offset, len }])
}

async fn empty(request: HttpRequest, shared: Shared) -> HttpResponse {
    answer(&request, &shared, 0, vec![])
}

/// A text, four bytes of the file, a text, … as multipart answers and archives are.
async fn mixed(request: HttpRequest, parts: web::Path<u64>, shared: Shared) -> HttpResponse {
    let parts = parts.into_inner();
    let segments = (0..parts)
        .flat_map(|part| {
            let text = Segment::Bytes(Bytes::from(format!("<{part:06}>")));
            [text, Segment::File { file: Arc::clone(&shared.0), offset: part * 4, len: 4 }]
        })
        .collect();
    answer(&request, &shared, parts * 12, segments)
}

async fn short_segments(request: HttpRequest, shared: Shared) -> HttpResponse {
    answer(&request, &shared, 100, vec![Segment::Bytes(Bytes::from_static(b"far too little"))])
}

async fn long_segments(request: HttpRequest, shared: Shared) -> HttpResponse {
    answer(
        &request,
        &shared,
        4,
        vec![Segment::Bytes(Bytes::from_static(b"fits")), Segment::Bytes(Bytes::from_static(b"more"))],
    )
}

/// What the hook remembered when the connection was accepted.
async fn peer(request: HttpRequest) -> String {
    request.conn_data::<SocketAddr>().unwrap().to_string()
}

async fn counters(request: HttpRequest) -> String {
    counters_text(request.conn_data::<ConnectionHandle>().expect("a connection of this crate").counters())
}

pub(crate) fn counters_text(counters: Counters) -> String {
    format!(
        "buffer_writes={} file_sends={} bytes_sends={} socket_full={} yields={} corks={} flushes={}",
        counters.buffer_writes,
        counters.file_sends,
        counters.bytes_sends,
        counters.socket_full,
        counters.yields,
        counters.corks,
        counters.flushes
    )
}

fn answer(request: &HttpRequest, shared: &Shared, len: u64, segments: Vec<Segment>) -> HttpResponse {
    let response = respond(request, HttpResponse::Ok().insert_header(("x-test", "yes")).finish(), len, segments);
    let sent = response.extensions().get::<SentBytes>().expect("every segmented answer has a counter").clone();
    let reporting = Reporting { sent, log: shared.1.clone() };
    response.map_body(|_, body| actix_web::body::BoxBody::new(ReportingBody { body, _reporting: reporting }))
}

/// An access log's wrapper around a body.
struct ReportingBody {
    body: stowaway_wire::FileBody,
    // Dropped after the body: fields are dropped in order.
    _reporting: Reporting,
}

impl actix_web::body::MessageBody for ReportingBody {
    type Error = std::io::Error;

    fn size(&self) -> actix_web::body::BodySize {
        self.body.size()
    }

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Bytes, Self::Error>>> {
        std::pin::Pin::new(&mut self.get_mut().body).poll_next(context)
    }
}
