//! `stowaway`: publishes folders of media as versioned downloads and serves them.
//!
//! This crate wires the rest: command line, configuration, telemetry and HTTP. See `ARCHITECTURE.md` for the map.

mod cli;
mod commands;
mod configuration;
mod embedded;
mod failure;
mod http;
mod telemetry;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // clap prints usage errors itself and leaves with 2, help with 0.
    let command_line = cli::CommandLine::parse_from(cli::sets_first(std::env::args_os()));
    match commands::run(command_line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Standard error may be closed; there is nobody left to tell.
            let _ = std::io::stderr().write_all(failure.report().as_bytes());
            ExitCode::from(failure.blame.exit_code())
        }
    }
}
