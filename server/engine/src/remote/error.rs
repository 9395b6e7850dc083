//! Why a folder was not published over the network: what is at fault, and what to do about it.

use crate::publish::PublishError;

/// A publish over the network that made no release, as far as is known.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The folder breaks a rule or cannot be read.
    #[error(transparent)]
    Folder(PublishError),
    /// The token has characters that no header can have.
    #[error("the token cannot be sent: it has characters that none has; copy it again")]
    TokenText,
    /// The HTTP client cannot be set up.
    #[error("no connection can be made from here")]
    Client(#[source] reqwest::Error),
    /// The server does not answer.
    #[error(
        "{server} does not answer, {attempts} times in a row: check the address and the network, then publish again; it goes on from here"
    )]
    Away {
        /// Its address.
        server: String,
        /// How often it was asked.
        attempts: u32,
        /// The last failure.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server refuses, and would again.
    #[error("the server refuses ({status}{}): {detail}", code.as_ref().map(|code| format!(", {code}")).unwrap_or_default())]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The code of the problem, if it is one of Stowaway's.
        code: Option<String>,
        /// What the problem says.
        detail: String,
    },
    /// The server says again and again that bytes are missing which it was sent.
    #[error("the server still lacks files that it was sent: its log says why")]
    StillMissing,
    /// The server answers as no Stowaway does.
    #[error("the server {what}: check that --server is the address of a Stowaway of at least this version")]
    Unexpected {
        /// What it does, after "the server …".
        what: &'static str,
    },
}

impl RemoteError {
    /// Whether the folder, the token or what was asked for is at fault, and not the machine, the network or the server.
    #[must_use]
    pub fn is_misuse(&self) -> bool {
        match self {
            Self::Folder(error) => error.is_misuse(),
            Self::TokenText => true,
            // A wrong digest is a file that changed on its way; that may go well the next time.
            Self::Refused { status, code, .. } => {
                (400..500).contains(status) && code.as_deref() != Some("upload-digest-mismatch")
            }
            Self::Client(_) | Self::Away { .. } | Self::StillMissing | Self::Unexpected { .. } => false,
        }
    }
}
