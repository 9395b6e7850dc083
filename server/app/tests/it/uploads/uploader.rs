//! A client that sends exactly what it is told.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::Digest as _;

use crate::support::http::{Answer, Connection};
use crate::support::{Place, Server};

pub(crate) struct Uploader {
    address: SocketAddr,
    pub(crate) token: String,
}

impl Uploader {
    /// With a token of that scope.
    pub(crate) fn new(place: &Place, server: &Server, scope: &str) -> Self {
        Self { address: server.address, token: token(place, scope) }
    }

    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut connection = Connection::open(self.address).unwrap();
        connection.send(self.head_of(method, path, headers, body.len()).as_bytes()).unwrap();
        // A server that refuses need not read it all.
        let _ = connection.send(body);
        connection.read_answer(method).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    pub(crate) fn head_of(&self, method: &str, path: &str, headers: &[(&str, &str)], length: usize) -> String {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: stowaway.example\r\nconnection: close\r\nauthorization: Bearer {}\r\n",
            self.token
        );
        if length > 0 || method == "POST" || method == "PATCH" {
            head.push_str(&format!("content-length: {length}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head + "\r\n"
    }

    pub(crate) fn create_with(&self, bytes: &[u8], first: &[u8]) -> Answer {
        let (length, metadata) = (bytes.len().to_string(), metadata_of(bytes));
        let mut headers = vec![("tus-resumable", "1.0.0"), ("upload-length", &length), ("upload-metadata", &metadata)];
        if !first.is_empty() {
            headers.push(("content-type", "application/offset+octet-stream"));
        }
        self.send("POST", "/api/uploads", &headers, first)
    }

    /// The address of a new upload.
    pub(crate) fn create(&self, bytes: &[u8]) -> String {
        let created = self.create_with(bytes, b"");
        assert_eq!(created.status, 201, "{created:?}");
        created.header("location").unwrap().to_owned()
    }

    pub(crate) fn head(&self, upload: &str) -> Answer {
        self.send("HEAD", upload, &[("tus-resumable", "1.0.0")], b"")
    }

    /// Where an upload is.
    pub(crate) fn offset(&self, upload: &str) -> usize {
        let answer = self.head(upload);
        answer.header("upload-offset").unwrap_or_else(|| panic!("{answer:?}")).parse().unwrap()
    }

    pub(crate) fn append(&self, upload: &str, offset: usize, bytes: &[u8]) -> Answer {
        self.append_with(upload, offset, bytes, &[])
    }

    pub(crate) fn append_with(&self, upload: &str, offset: usize, bytes: &[u8], more: &[(&str, &str)]) -> Answer {
        let offset = offset.to_string();
        self.send("PATCH", upload, &[&append_headers(&offset)[..], more].concat(), bytes)
    }

    pub(crate) fn upload(&self, bytes: &[u8]) {
        let upload = self.create(bytes);
        let answer = self.append(&upload, 0, bytes);
        assert_eq!(answer.status, 204, "{answer:?}");
    }

    pub(crate) fn publish(&self, tag: &str, files: &[(&str, &[u8])]) -> Answer {
        let files: Vec<Value> = files
            .iter()
            .map(|(path, bytes)| serde_json::json!({ "path": path, "size": bytes.len(), "sha256": digest_of(bytes) }))
            .collect();
        self.publish_json(tag, &serde_json::json!({ "files": files }))
    }

    pub(crate) fn publish_json(&self, tag: &str, body: &Value) -> Answer {
        let body = serde_json::to_vec(body).unwrap();
        self.send("POST", &format!("/api/tags/{tag}/publications"), &[("content-type", "application/json")], &body)
    }
}

pub(crate) fn append_headers(offset: &str) -> [(&str, &str); 3] {
    [("tus-resumable", "1.0.0"), ("upload-offset", offset), ("content-type", "application/offset+octet-stream")]
}

/// A new token of the place's database.
pub(crate) fn token(place: &Place, scope: &str) -> String {
    crate::support::api::token(place, &[scope])
}

pub(crate) fn digest_of(bytes: &[u8]) -> String {
    stowaway_domain::Digest::of(bytes).hex()
}

pub(crate) fn metadata_of(bytes: &[u8]) -> String {
    format!("sha256 {}", STANDARD.encode(digest_of(bytes)))
}

pub(crate) fn sha256_base64(bytes: &[u8]) -> String {
    STANDARD.encode(sha2::Sha256::digest(bytes))
}
