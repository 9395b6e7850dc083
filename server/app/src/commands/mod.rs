//! What the commands do: load the configuration, open what is needed, call the engine, print the result.

mod adopt;
mod backup;
mod config;
mod demo;
mod diff;
mod errors;
mod export;
mod faults;
mod gc;
mod interrupt;
mod jobs;
mod limits;
mod open;
mod openapi;
mod output;
mod pointer;
mod probe;
mod progress;
mod publish;
mod publish_remote;
mod releases;
mod restore;
mod scrub;
mod serve;
mod token;
mod usage;
mod watch;

use actix_web::rt::System;
use stowaway_domain::Tag;

use crate::cli::{Command, CommandLine, flags};
use crate::configuration::{self, Configuration};
use crate::failure::Failure;
use crate::telemetry;

/// Runs what was typed.
///
/// # Errors
/// What the process ends with.
pub(crate) fn run(command_line: CommandLine) -> Result<(), Failure> {
    let mut configuration = load_configuration(&command_line).map_err(errors::configuration)?;
    if matches!(command_line.command, Command::Demo(_)) {
        configuration.default_log_level("warn");
    }
    if let Command::Config(arguments) = command_line.command {
        return config::run(&configuration, &arguments);
    }
    let telemetry = telemetry::start(&configuration.settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::environment)?;
    // actix-web serves on threads of its own; the engine's tasks and blocking work run on this runtime.
    let outcome = System::with_tokio_rt(|| runtime).block_on(dispatch(command_line.command, configuration));
    telemetry.finish();
    outcome
}

async fn dispatch(command: Command, configuration: Configuration) -> Result<(), Failure> {
    match command {
        Command::Demo(arguments) => demo::run(configuration, &arguments).await,
        Command::Serve(_) => serve::run(&configuration).await,
        Command::Publish(arguments) => publish::run(&configuration, &arguments).await,
        Command::Releases(arguments) => releases::run(&configuration, &arguments).await,
        Command::Diff(arguments) => diff::run(&configuration, &arguments).await,
        Command::Backup(arguments) => backup::run(&configuration, &arguments).await,
        Command::Restore(arguments) => restore::run(&configuration, &arguments).await,
        Command::Rollback(arguments) => pointer::roll_back(&configuration, &arguments).await,
        Command::Unpublish(arguments) => pointer::unpublish(&configuration, &arguments).await,
        Command::Token(arguments) => token::run(&configuration, arguments.action).await,
        Command::Openapi => openapi::run(),
        Command::Adopt(arguments) => adopt::run(&configuration, &arguments).await,
        Command::Export(arguments) => export::run(&configuration, &arguments).await,
        Command::Gc(arguments) => gc::run(&configuration, &arguments).await,
        Command::Scrub(arguments) => scrub::run(&configuration, &arguments).await,
        Command::Usage(arguments) => usage::run(&configuration, &arguments).await,
        Command::Limits(arguments) => limits::run(&configuration, &arguments).await,
        Command::Config(arguments) => config::run(&configuration, &arguments),
    }
}

fn load_configuration(command_line: &CommandLine) -> Result<Configuration, configuration::ConfigurationError> {
    let mut layer = command_line.global.layer()?;
    match &command_line.command {
        Command::Serve(arguments) => {
            flags::set_flag(&mut layer, "listen", "--listen", arguments.listen.as_deref());
            flags::set_flag(&mut layer, "admin_listen", "--admin-listen", arguments.admin_listen.as_deref());
        }
        Command::Demo(arguments) => flags::set_flag(&mut layer, "listen", "--listen", arguments.listen.as_deref()),
        Command::Gc(arguments) => {
            flags::set_flag(&mut layer, "gc.grace_seconds", "--grace", arguments.grace.as_deref());
        }
        _ => {}
    }
    configuration::load(command_line.global.config.as_deref(), layer)
}

/// Parses a tag that was typed.
fn parse_tag(text: &str) -> Result<Tag, Failure> {
    text.parse().map_err(|error: stowaway_domain::tag::TagError| Failure::caller(error))
}
