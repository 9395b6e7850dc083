//! `stowaway serve`: answers requests until a signal.

use std::time::Duration;

use stowaway_engine::error_chain::ErrorChain;
use stowaway_engine::uploads::Uploads;

use super::open::Opened;
use super::{errors, open, output, probe};
use crate::configuration::{Configuration, Settings};
use crate::failure::Failure;
use crate::http::{Server, ServerState};
use crate::telemetry::metrics;

const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// Serves until a signal.
pub(super) async fn run(configuration: &Configuration) -> Result<(), Failure> {
    let settings = &configuration.settings;
    let opened = open::open(configuration).await?;
    probe::before_serving(&opened.store).await?;
    probe::before_redirecting(&opened.store, settings.storage.redirect_seconds).await?;
    let server = Server::bind(settings.listen, settings.admin_listen).map_err(errors::server)?;
    announce(&server)?;
    serve(server, &opened, settings).await
}

/// Runs a server that is bound.
pub(super) async fn serve(server: Server, opened: &Opened, settings: &Settings) -> Result<(), Failure> {
    let metrics = metrics::start().map_err(Failure::environment)?;
    let reader = opened.serving_reader(settings).await?;
    let housekeeping = opened.housekeeping(settings);
    let api = opened.api(settings, reader.clone(), housekeeping.clone())?;
    let state = ServerState::new(reader, metrics, settings);
    let sweeping = tokio::spawn(sweep(opened.uploads(settings)));
    let served = server.run(state, api, &settings.http).await.map_err(errors::server);
    sweeping.abort();
    housekeeping.end().await;
    served?;
    opened.database.close().await;
    Ok(())
}

/// Removes uploads that nobody went on with, now and then. Other replicas may do so too.
async fn sweep(uploads: Uploads) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    loop {
        ticks.tick().await;
        match uploads.sweep().await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "expired uploads were removed"),
            Err(error) => {
                tracing::warn!(error = %ErrorChain(&error), "expired uploads could not be removed");
            }
        }
    }
}

/// Says where the server is, in a line that a script can read.
pub(super) fn announce(server: &Server) -> Result<(), Failure> {
    let address = server.address().map_err(errors::server)?;
    output::print(&format!("Listening on http://{address}"))?;
    match server.admin_address().map_err(errors::server)? {
        Some(admin) => output::print(&format!("Metrics and health on http://{admin}")),
        None => Ok(()),
    }
}
