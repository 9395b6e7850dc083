//! The command line: what can be typed. It parses and names; the commands act.

pub(crate) mod flags;
mod sets;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use flags::GlobalFlags;
pub(crate) use sets::sets_first;
use stowaway_domain::token::Lifetime;

/// Packs course and podcast media into versioned downloads that a browser can keep.
#[derive(Debug, Parser)]
#[command(
    name = "stowaway",
    version,
    arg_required_else_help = true,
    after_help = "Examples:\n  stowaway demo\n  stowaway publish ./my-course --tag my-course\n  stowaway serve --listen 0.0.0.0:8080\n\n\
                  Exit codes: 0 done, 1 failed (store, database, port, disk), 2 misused (flag, tag, folder, configuration)."
)]
pub(crate) struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Options of every command.
    #[command(flatten)]
    pub(crate) global: GlobalFlags,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Publish the sample course and podcast and serve them, with nothing to configure
    #[command(
        after_help = "Examples:\n  stowaway demo\n  stowaway demo --listen 127.0.0.1:0\n  stowaway demo --data ./stowaway-demo-data"
    )]
    Demo(DemoArguments),
    /// Serve what was published
    #[command(
        after_help = "Examples:\n  stowaway serve\n  stowaway serve --listen 0.0.0.0:8080 --admin-listen 127.0.0.1:9090"
    )]
    Serve(ServeArguments),
    /// Publish a folder as the next release of a tag
    #[command(
        after_help = "Examples:\n  stowaway publish ./my-course --tag my-course\n  stowaway publish ./show --tag show --json | jq .release\n  STOWAWAY_TOKEN=sw_… stowaway publish ./show --tag show --server https://media.example.org"
    )]
    Publish(PublishArguments),
    /// List the releases of a tag
    #[command(after_help = "Example:\n  stowaway releases my-course --json")]
    Releases(ReleasesArguments),
    /// Compare two releases of a tag: what changed and what a client that has one must fetch for the other
    #[command(after_help = "Example:\n  stowaway diff my-course 1 2")]
    Diff(DiffArguments),
    /// Write the database into a file, as it is at one moment, while servers and publishers go on
    #[command(
        after_help = "Examples:\n  stowaway backup stowaway.backup\n  stowaway backup - | gzip > stowaway.backup.gz\n\nThe file holds the hashes that tokens are checked against. The objects are not in it: keep the bucket."
    )]
    Backup(BackupArguments),
    /// Make the database that of a backup, of SQLite or PostgreSQL alike, or make it again from the store alone
    #[command(
        after_help = "Examples:\n  stowaway restore stowaway.backup\n  gunzip < stowaway.backup.gz | stowaway restore - --database-url postgres://user@host/name\n  stowaway restore --from-store"
    )]
    Restore(RestoreArguments),
    /// Make an old release of a tag the current one again
    #[command(after_help = "Example:\n  stowaway rollback my-course 3")]
    Rollback(RollbackArguments),
    /// Take a tag back: it is not offered any more, and its releases stay
    #[command(
        after_help = "Example:\n  stowaway unpublish my-course\n\nAddresses of its releases and blobs go on answering; its manifest, media and \
                      catalogue entry do not. Publish a folder or roll back to offer it again."
    )]
    Unpublish(UnpublishArguments),
    /// Make, list and revoke tokens of the administration API
    #[command(
        after_help = "Examples:\n  stowaway token create --name ci --scope publish:my-course --expires 90d\n  stowaway token list\n  stowaway token revoke 2KmPq0XzT4b"
    )]
    Token(TokenArguments),
    /// Print the OpenAPI description of the administration API
    #[command(after_help = "Example:\n  stowaway openapi > openapi.json")]
    Openapi,
    /// Register objects that are in the bucket already as the next release of a tag, without copying them
    #[command(
        after_help = "Examples:\n  stowaway adopt recordings/2026 --tag field-notes\n  stowaway adopt s3://bucket/recordings --tag field-notes\n  \
                      stowaway adopt --list keys.txt --tag field-notes --json\n\n\
                      Each object is read once. Interrupted, it goes on where it stopped. A line of a list is a key relative to storage.url, \
                      and behind a tab its path in the tag, if that is another."
    )]
    Adopt(AdoptArguments),
    /// Write what is published as a static site into a folder or a bucket, under the same addresses
    #[command(
        after_help = "Examples:\n  stowaway export ./site --all\n  stowaway export s3://bucket/site --tag my-course --dry-run\n\n\
                      Only what is missing or changed is written. Nothing is deleted but what an export wrote at addresses that follow the current \
                      release, and that is none of it any more. Credentials, endpoint and region of a bucket are \
                      those of the configured store. A folder gets .stowaway/nginx.conf with the headers."
    )]
    Export(ExportArguments),
    /// Remove what no release needs from the store; without --delete only say what that would be
    #[command(after_help = "Examples:\n  stowaway gc\n  stowaway gc --delete\n  stowaway gc --json | jq .objects")]
    Gc(GcArguments),
    /// Read everything that is stored again, compare it with its digest, and say what is damaged
    #[command(
        after_help = "Examples:\n  stowaway scrub --bytes-per-second 20000000\n  stowaway scrub --tag my-course --repair-from s3://copy/prefix"
    )]
    Scrub(ScrubArguments),
    /// Say how much each tag has stored
    #[command(after_help = "Examples:\n  stowaway usage\n  stowaway usage my-course --json")]
    Usage(UsageArguments),
    /// Show or set what one tag may keep: releases, days, bytes
    #[command(
        after_help = "Examples:\n  stowaway limits my-course\n  stowaway limits my-course --keep-releases 10 --quota-bytes 50000000000\n  stowaway limits my-course --keep-releases default"
    )]
    Limits(LimitsArguments),
    /// Print the effective configuration and where each value comes from
    #[command(after_help = "Examples:\n  stowaway config\n  STOWAWAY_HTTP__WORKERS=4 stowaway config --json")]
    Config(ConfigArguments),
}

/// `stowaway demo`
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// Address and port to serve on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<String>,
    /// Keep store and database in this folder instead of a temporary one
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

/// `stowaway serve`
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// Address and port to serve on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<String>,
    /// A second address for /metrics, /healthz and /readyz
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) admin_listen: Option<String>,
}

/// `stowaway publish`
#[derive(Debug, Args)]
pub(crate) struct PublishArguments {
    /// The folder
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The tag to publish it under
    #[arg(long)]
    pub(crate) tag: String,
    /// Publish to this server over the network, instead of into the configured store and database
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<url::Url>,
    /// The token for that server; else that of STOWAWAY_TOKEN, where others do not see it
    #[arg(long, value_name = "TOKEN", requires = "server")]
    pub(crate) token: Option<String>,
    /// Stay, and publish again whenever the folder has changed and settled
    #[arg(long, conflicts_with = "server")]
    pub(crate) watch: bool,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `stowaway releases`
#[derive(Debug, Args)]
pub(crate) struct ReleasesArguments {
    /// The tag
    pub(crate) tag: String,
    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

/// `stowaway diff`
#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// The tag
    pub(crate) tag: String,
    /// The release a client has
    #[arg(value_name = "A", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) old: u64,
    /// The release it wants
    #[arg(value_name = "B", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) new: u64,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `stowaway backup`
#[derive(Debug, Args)]
pub(crate) struct BackupArguments {
    /// Where to write it; - is standard output
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `stowaway adopt`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("objects").required(true))]
pub(crate) struct AdoptArguments {
    /// What the keys begin with: relative to storage.url, or a URL below it
    #[arg(value_name = "PREFIX|URL", group = "objects")]
    pub(crate) prefix: Option<String>,
    /// Read the keys from this file, one a line
    #[arg(long, value_name = "FILE", group = "objects")]
    pub(crate) list: Option<PathBuf>,
    /// The tag to publish them under
    #[arg(long)]
    pub(crate) tag: String,
    /// A folder with room for one copy of each object that is being read; else the system's temporary one
    #[arg(long, value_name = "DIR")]
    pub(crate) scratch: Option<PathBuf>,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `stowaway restore`
#[derive(Debug, Args)]
pub(crate) struct RestoreArguments {
    /// The backup; - is standard input
    #[arg(value_name = "FILE", required_unless_present = "from_store", conflicts_with = "from_store")]
    pub(crate) file: Option<PathBuf>,
    /// Make the database again from the records of releases in the store
    #[arg(long)]
    pub(crate) from_store: bool,
    /// Replace what is in the database
    #[arg(long)]
    pub(crate) force: bool,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `stowaway rollback`
#[derive(Debug, Args)]
pub(crate) struct RollbackArguments {
    /// The tag
    pub(crate) tag: String,
    /// The release that is to be the current one
    #[arg(value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) release: u64,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `stowaway unpublish`
#[derive(Debug, Args)]
pub(crate) struct UnpublishArguments {
    /// The tag
    pub(crate) tag: String,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `stowaway token`
#[derive(Debug, Args)]
pub(crate) struct TokenArguments {
    /// What to do with tokens.
    #[command(subcommand)]
    pub(crate) action: TokenAction,
}

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenAction {
    /// Make a token and show it, once
    #[command(after_help = "Examples:\n  stowaway token create --name ci --scope publish:my-course --expires 90d\n  \
                      stowaway token create --name ada --scope admin --json | jq -r .token\n\n\
                      Scopes: admin (everything), publish:PREFIX (read, publish and roll back the tags that begin so), read:PREFIX. An empty PREFIX is all tags.")]
    Create(CreateTokenArguments),
    /// List the tokens, newest first
    #[command(after_help = "Example:\n  stowaway token list --json")]
    List(ListTokensArguments),
    /// Refuse a token from now on
    #[command(after_help = "Example:\n  stowaway token revoke 2KmPq0XzT4b")]
    Revoke(RevokeTokenArguments),
}

/// `stowaway token create`
#[derive(Debug, Args)]
pub(crate) struct CreateTokenArguments {
    /// What you call it, to know later which one to revoke
    #[arg(long)]
    pub(crate) name: String,
    /// What it may do; may be repeated
    #[arg(long = "scope", required = true, value_name = "SCOPE")]
    pub(crate) scopes: Vec<String>,
    /// How long it is good for: days or hours such as 90d and 12h, or never
    #[arg(long, value_name = "TIME", default_value = Lifetime::DEFAULT)]
    pub(crate) expires: String,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `stowaway token list`
#[derive(Debug, Args)]
pub(crate) struct ListTokensArguments {
    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

/// `stowaway token revoke`
#[derive(Debug, Args)]
pub(crate) struct RevokeTokenArguments {
    /// The public part of the token: of sw_2KmPq0XzT4b_… it is 2KmPq0XzT4b
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `stowaway export`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(crate) struct ExportArguments {
    /// A folder, or the URL of a bucket and a prefix in it
    #[arg(value_name = "DIR|BUCKET_URL")]
    pub(crate) destination: String,
    /// A tag with all its releases; may be repeated
    #[arg(long, group = "what")]
    pub(crate) tag: Vec<String>,
    /// Every tag
    #[arg(long, group = "what")]
    pub(crate) all: bool,
    /// Without /tags/{tag}/media/… and /tags/{tag}/latest.zip, which take the room of a release once more in a bucket
    #[arg(long)]
    pub(crate) no_aliases: bool,
    /// Only say what would be written
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `stowaway gc`
#[derive(Debug, Args)]
pub(crate) struct GcArguments {
    /// Really remove it
    #[arg(long)]
    pub(crate) delete: bool,
    /// Spare what was written within this many seconds, instead of gc.grace_seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) grace: Option<String>,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `stowaway scrub`
#[derive(Debug, Args)]
pub(crate) struct ScrubArguments {
    /// Only what the releases of this tag need
    #[arg(long)]
    pub(crate) tag: Option<String>,
    /// Read at most so many bytes a second
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) bytes_per_second: Option<u64>,
    /// Bring what is damaged from this copy of the store
    #[arg(long, value_name = "URL")]
    pub(crate) repair_from: Option<String>,
    /// Begin anew, instead of where one that was stopped has left off
    #[arg(long)]
    pub(crate) restart: bool,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `stowaway usage`
#[derive(Debug, Args)]
pub(crate) struct UsageArguments {
    /// Only this tag
    pub(crate) tag: Option<String>,
    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

/// `stowaway limits`
#[derive(Debug, Args)]
pub(crate) struct LimitsArguments {
    /// The tag
    pub(crate) tag: String,
    /// Keep the newest so many releases; 0 keeps all, default is what the configuration says
    #[arg(long, value_name = "N|default")]
    pub(crate) keep_releases: Option<String>,
    /// Keep releases for so many days; 0 is for ever
    #[arg(long, value_name = "N|default")]
    pub(crate) keep_days: Option<String>,
    /// Bytes that its files may have; 0 is any number
    #[arg(long, value_name = "N|default")]
    pub(crate) quota_bytes: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `stowaway config`
#[derive(Debug, Args)]
pub(crate) struct ConfigArguments {
    /// Print a JSON array of key, value, source and meaning
    #[arg(long)]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        for command in CommandLine::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains(&format!("stowaway {}", command.get_name())), "{}", command.get_name());
        }
    }
}
