//! The binary as its users meet it: real processes, real sockets, a fresh store and database for every test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod addresses;
mod api;
mod attacks;
mod backups;
mod bad_folders;
mod bad_set_up;
mod bucket_access;
mod bundles;
mod commands;
mod conditions;
mod crashes;
mod cross_origin;
mod database_faults;
mod demo;
mod dictionaries;
mod downloads;
mod drain;
mod encodings;
mod fleet;
mod hostile_requests;
mod house;
mod lane;
mod metalinks;
#[path = "../../../engine/tests/engine/object_stores.rs"]
mod object_stores;
mod operations;
#[path = "../../../engine/tests/engine/postgres.rs"]
mod postgres;
mod problems;
mod remote_store;
mod sent_files;
mod static_site;
mod support;
mod traces;
mod uploads;
