//! The end of a server: say "draining", wait, take no more connections, let running downloads finish.

use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::state::ServerState;

/// Wrappers such as `timeout` and `npm` pass a signal on that the whole process group gets anyway: for this long, one more is
/// the same wish and not a second one.
const SAME_WISH: Duration = Duration::from_millis(500);

/// The signals that end the process.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

/// Which signal came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    /// SIGTERM: from an orchestrator, which needs a moment to look away.
    Terminate,
    /// SIGINT: from a person, who wants it now.
    Interrupt,
}

impl Signals {
    /// Takes over SIGTERM and SIGINT.
    ///
    /// # Errors
    /// The system does not let it.
    pub(crate) fn take() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> Request {
        tokio::select! {
            _ = self.terminate.recv() => Request::Terminate,
            _ = self.interrupt.recv() => Request::Interrupt,
        }
    }

    /// A signal that is not the echo of the first.
    async fn second(&mut self) {
        let first = Instant::now();
        self.next().await;
        while first.elapsed() < SAME_WISH {
            self.next().await;
        }
    }
}

/// Waits for a signal and ends the servers. Returns when they have ended, or on a second signal at once.
pub(super) async fn run(mut signals: Signals, state: &ServerState, delay: Duration, servers: Vec<ServerHandle>) {
    let request = signals.next().await;
    state.start_draining();
    tracing::info!("draining: running downloads may finish; a second signal ends them");
    let graceful = async {
        if request == Request::Terminate {
            tokio::time::sleep(delay).await;
        }
        // The public server is first; the admin listener answers until it is done.
        for server in &servers {
            server.stop(true).await;
        }
    };
    tokio::select! {
        () = graceful => {}
        // A server that drains hears nothing more; the process leaves it.
        () = signals.second() => tracing::warn!("stopped at once by a second signal"),
    }
}
