//! The administration API, as its clients meet it.

mod document;
mod examples;
mod jobs;
mod limits;
mod secrets;
mod tags;
mod tokens;
