//! The engine on real stores and databases. One binary, so that it links once.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall fail")]

mod adopt;
mod adopt_crash;
mod backups;
mod changes;
mod collecting;
mod crash;
mod database;
mod export;
mod export_aliases;
mod faults;
mod folders;
mod full_disk;
mod gc;
mod house;
mod memory;
mod object_stores;
mod origin;
mod postgres;
mod publish;
mod race;
mod records;
mod removals;
mod samples;
mod scene;
mod scrub;
mod slices;
mod small_disk;
mod store;
mod uploads;
mod variants;
mod wait;
