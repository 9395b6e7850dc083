//! The end of a server: say "draining", wait, take no more connections, let running downloads finish.

use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::state::ServerState;

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
}

/// Waits for a signal and ends the servers; a second signal ends them at once.
pub(super) async fn run(mut signals: Signals, state: Data<ServerState>, delay: Duration, servers: Vec<ServerHandle>) {
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
        _ = signals.next() => {
            tracing::warn!("stopped at once by a second signal");
            for server in &servers {
                server.stop(false).await;
            }
        }
    }
}
