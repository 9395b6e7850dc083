//! `stowaway token …`: tokens of the administration API, made, listed and revoked in the configured database.

use serde::Serialize;
use stowaway_domain::scope::Scopes;
use stowaway_domain::token::{Lifetime, LifetimeError, Token, TokenId, TokenName, TokenNameError};
use stowaway_engine::db::TokenRow;
use stowaway_engine::tokens::Tokens;

use super::{errors, open, output};
use crate::cli::{CreateTokenArguments, ListTokensArguments, RevokeTokenArguments, TokenAction};
use crate::configuration::Configuration;
use crate::failure::Failure;

/// Tokens that are asked for at once.
const PAGE: u32 = 500;

/// A token without its secret.
#[derive(Serialize)]
struct Entry {
    id: TokenId,
    name: String,
    scopes: Scopes,
    created: String,
    expires: Option<String>,
    revoked: Option<String>,
    last_used: Option<String>,
}

/// A token with its secret.
#[derive(Serialize)]
struct Created {
    token: String,
    #[serde(flatten)]
    entry: Entry,
}

/// Does what was asked.
pub(super) async fn run(configuration: &Configuration, action: TokenAction) -> Result<(), Failure> {
    match action {
        TokenAction::Create(arguments) => create(configuration, arguments).await,
        TokenAction::List(arguments) => list(configuration, &arguments).await,
        TokenAction::Revoke(arguments) => revoke(configuration, &arguments).await,
    }
}

async fn create(configuration: &Configuration, arguments: CreateTokenArguments) -> Result<(), Failure> {
    let name: TokenName = arguments.name.parse().map_err(|error: TokenNameError| Failure::caller(error))?;
    let scopes = arguments.scopes.iter().map(|scope| scope.parse()).collect::<Result<_, _>>();
    let scopes = scopes.and_then(Scopes::new).map_err(Failure::caller)?;
    let lifetime: Lifetime = arguments.expires.parse().map_err(|error: LifetimeError| Failure::caller(error))?;
    let tokens = Tokens::new(open::database(configuration).await?);
    let (row, token) = tokens.create(name, scopes, lifetime).await.map_err(errors::token)?;
    if arguments.json {
        return output::print_json(&Created { token: token.reveal(), entry: row.into() });
    }
    output::print(&describe(&row, &token))
}

fn describe(row: &TokenRow, token: &Token) -> String {
    let until =
        row.expires.as_deref().map_or_else(|| "It does not expire.".to_owned(), |at| format!("It expires at {at}."));
    format!(
        "{}\n\nThis is the only time it is shown. It may: {}. {until}\nTo take it back: stowaway token revoke {}",
        token.reveal(),
        row.scopes,
        row.id
    )
}

async fn list(configuration: &Configuration, arguments: &ListTokensArguments) -> Result<(), Failure> {
    let tokens = Tokens::new(open::existing_database(configuration).await?);
    let mut entries: Vec<Entry> = Vec::new();
    let mut before = None;
    loop {
        let rows = tokens.list(before, PAGE).await.map_err(errors::database)?;
        let Some(last) = rows.last() else { break };
        before = Some(last.number);
        entries.extend(rows.into_iter().map(Entry::from));
    }
    if arguments.json {
        return output::print_json(&entries);
    }
    let mut table = output::table(&["ID", "NAME", "SCOPES", "CREATED", "EXPIRES", "REVOKED", "LAST USED"]);
    for entry in entries {
        let or = |moment: Option<String>, otherwise: &str| moment.unwrap_or_else(|| otherwise.to_owned());
        table.add_row([
            entry.id.to_string(),
            entry.name,
            entry.scopes.to_string(),
            entry.created,
            or(entry.expires, "never"),
            or(entry.revoked, "no"),
            or(entry.last_used, "never"),
        ]);
    }
    output::print(&table.trim_fmt())
}

async fn revoke(configuration: &Configuration, arguments: &RevokeTokenArguments) -> Result<(), Failure> {
    let no_token =
        |text: &str| Failure::caller(format!("there is no token {text:?}")).remedy("list them: stowaway token list");
    let shown: String = arguments.id.chars().take(11).collect();
    let id: TokenId = arguments.id.parse().map_err(|_| no_token(&shown))?;
    let tokens = Tokens::new(open::existing_database(configuration).await?);
    let row = tokens.revoke(&id).await.map_err(errors::database)?.ok_or_else(|| no_token(&shown))?;
    if arguments.json {
        return output::print_json(&Entry::from(row));
    }
    output::print(&format!("{id} ({}) is refused since {}", row.name, row.revoked.unwrap_or_default()))
}

impl From<TokenRow> for Entry {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id,
            name: row.name.to_string(),
            scopes: row.scopes,
            created: row.created,
            expires: row.expires,
            revoked: row.revoked,
            last_used: row.last_used,
        }
    }
}
