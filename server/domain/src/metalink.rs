//! The Metalink of a release (RFC 5854): its files with sizes, digests and addresses, for programs that fetch and repair them.

use std::fmt::Write as _;

use crate::AssetPath;
use crate::chunk::{BlobChunks, ChunkIndex};
use crate::manifest::{Link, Manifest};

/// Media type of a Metalink.
pub const MEDIA_TYPE: &str = "application/metalink4+xml";

/// Writes the Metalink of a release, files in manifest order in one folder named like the tag.
///
/// `origin` goes before every address, such as `https://example.org`, as RFC 5854 §4.2.16 wants an IRI with a scheme; where there
/// is none, addresses are relative to that of the document, which programs such as aria2 resolve. A file that `chunks` does not
/// list can be checked as a whole only.
///
/// # Panics
/// Never: writing to a string does not fail.
#[must_use]
pub fn document(manifest: &Manifest, origin: Option<&str>, chunks: &ChunkIndex) -> String {
    let origin = origin.unwrap_or_default().trim_end_matches('/');
    let published = escape(&manifest.metadata.modified);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <metalink xmlns=\"urn:ietf:params:xml:ns:metalink\">\n  <published>{published}</published>\n"
    );
    for link in manifest.asset_links() {
        let (Some(properties), Some(size)) = (&link.properties, link.size) else { continue };
        let name = file_name(manifest, &properties.path);
        let digest = properties.digest.hex();
        write!(text, "  <file name=\"{name}\">\n    <size>{size}</size>\n    <hash type=\"sha-256\">{digest}</hash>\n")
            .expect("a string takes all text");
        if let Some(blob) = chunks.find(&properties.digest) {
            write_chunks(&mut text, blob);
        }
        write_address(&mut text, origin, link);
        text.push_str("  </file>\n");
    }
    text.push_str("</metalink>\n");
    text
}

/// `tag/path`: a path that stays below the folder it is saved in (RFC 5854 §4.1.2.1), which asset paths always do.
fn file_name(manifest: &Manifest, path: &AssetPath) -> String {
    escape(&format!("{}/{path}", manifest.download.tag))
}

/// Metalink calls chunks pieces.
fn write_chunks(text: &mut String, blob: &BlobChunks) {
    writeln!(text, "    <pieces length=\"{}\" type=\"sha-256\">", blob.length).expect("a string takes all text");
    for chunk in &blob.chunks {
        writeln!(text, "      <hash>{}</hash>", chunk.hex()).expect("a string takes all text");
    }
    text.push_str("    </pieces>\n");
}

fn write_address(text: &mut String, origin: &str, link: &Link) {
    writeln!(text, "    <url>{}{}</url>", escape(origin), escape(&link.href)).expect("a string takes all text");
}

/// Escapes text for XML 1.0, and replaces the characters that it cannot hold at all.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            control if control.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            other => escaped.push(other),
        }
    }
    escaped
}
