//! `stowaway demo`: publishes the samples and serves them, with nothing to configure.

use std::net::SocketAddr;
use std::path::Path;

use super::{errors, open, output, publish, serve};
use crate::cli::DemoArguments;
use crate::configuration::Configuration;
use crate::embedded::{self, SAMPLES};
use crate::failure::Failure;
use crate::http::Server;

/// Publishes, serves, and cleans up.
pub(super) async fn run(mut configuration: Configuration, arguments: &DemoArguments) -> Result<(), Failure> {
    // The port first: nothing is published for a server that cannot start.
    let settings = &configuration.settings;
    let server = Server::bind(settings.listen, settings.admin_listen).map_err(errors::server)?;
    let temporary = tempfile::Builder::new().prefix("stowaway-demo-").tempdir().map_err(Failure::environment)?;
    let data = arguments.data.as_deref().unwrap_or(temporary.path());
    let data = std::path::absolute(data).map_err(Failure::environment)?;
    configuration.keep_data_in(&data);
    let opened = open::open(&configuration).await?;
    for sample in &SAMPLES {
        let folder = temporary.path().join("samples").join(sample.tag);
        sample.unpack(&folder).map_err(Failure::environment)?;
        let tag = super::parse_tag(sample.tag)?;
        let published = publish::publish(&opened, &configuration, &folder, &tag).await?;
        output::print(&publish::describe(&tag, &published))?;
    }
    let address = server.address().map_err(errors::server)?;
    serve::announce(&server)?;
    output::print(&welcome(address, arguments.data.as_deref()))?;
    serve::serve(server, &opened, &configuration.settings).await
    // The temporary folder goes with `temporary`.
}

fn welcome(address: SocketAddr, kept: Option<&Path>) -> String {
    let data = kept.map_or_else(
        || "Everything is in a temporary folder and gone when you stop.".to_owned(),
        |folder| format!("Everything is kept in {}.", folder.display()),
    );
    let client = if embedded::has_client() {
        format!(
            "Open http://{address} in a browser, download a lesson, then stop this server: it still plays.\n\
             Your downloads are on http://{address}/downloads."
        )
    } else {
        "This binary was built without the client, so that there are no pages: run make build.".to_owned()
    };
    format!(
        "\n{client}\n\
         Or look at what a client sees:  curl http://{address}/tags/{}/manifest.json\n\
         {data} Ctrl-C stops.",
        SAMPLES[0].tag
    )
}
