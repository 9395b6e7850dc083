//! The body of an append on its way to the engine. It is taken by a task of its own: what had come when a client left is kept, although
//! nobody waits for the answer any more.

use std::io;

use actix_web::error::PayloadError;
use actix_web::web::Payload;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use stowaway_domain::token::TokenId;
use stowaway_domain::upload::UploadId;
use stowaway_engine::uploads::{Append, UploadState, Uploads};
use tokio::sync::mpsc;

use super::refused::Refused;
use super::upload_problems;

/// Hands the body on, chunk by chunk, and waits until what came of it is durable.
pub(super) async fn append(
    uploads: &Uploads,
    owner: &TokenId,
    id: &UploadId,
    append: Append,
    mut payload: Payload,
) -> Result<UploadState, Refused> {
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(1);
    let body = stream::unfold(receiver, |mut receiver| async { Some((receiver.recv().await?, receiver)) });
    let (uploads, owner, id) = (uploads.clone(), owner.to_string(), id.clone());
    let appending = tokio::spawn(async move { uploads.append(&owner, &id, append, body).await });
    while let Some(chunk) = payload.next().await {
        // The engine has enough, or has refused.
        if sender.send(chunk.map_err(broken)).await.is_err() {
            break;
        }
    }
    drop(sender);
    Ok(appending.await.map_err(|error| upload_problems::broken_task(&error))??)
}

fn broken(error: PayloadError) -> io::Error {
    match error {
        PayloadError::Io(error) => error,
        error => io::Error::new(io::ErrorKind::UnexpectedEof, error.to_string()),
    }
}
