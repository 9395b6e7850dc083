//! Resolving and reading what is published: pointers, documents, blobs and pieces.
