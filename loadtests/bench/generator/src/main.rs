//! Asks one server for bytes over many connections from one thread, and says what that cost the server.
//!
//! Usage: `stowaway-bench-generator PLAN`, where PLAN is the JSON of [`plan::Plan`]. Prints the JSON of [`tally::Report`].

mod client;
mod head;
mod histogram;
mod plan;
mod process;
mod request;
mod run;
mod tally;

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(text) = std::env::args().nth(1) else {
        eprintln!("usage: stowaway-bench-generator PLAN (a JSON object, see src/plan.rs)");
        return ExitCode::from(2);
    };
    let report =
        serde_json::from_str(&text).map_err(|error| format!("the plan makes no sense: {error}")).and_then(run::run);
    match report.and_then(|report| serde_json::to_string(&report).map_err(|error| error.to_string())) {
        Ok(json) => {
            println!("{json}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
