# The commands of the project. `make` lists them.
SHELL := /bin/bash
CARGO_TARGET_DIR ?= $(CURDIR)/target
export CARGO_TARGET_DIR
export PATH := $(PATH):$(HOME)/.cargo/bin
RELEASE_BINARY := $(CARGO_TARGET_DIR)/release/stowaway
NODE_MODULES := client-sw/node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help demo build client server test fuzz bench screenshots browsers soak memory stores samples extras install clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## build everything, publish the samples, serve them on http://127.0.0.1:8080
	$(RELEASE_BINARY) demo --listen 127.0.0.1:8080

build: install client server ## build the client and the server (release)

install:
	@.ci/install build

client: $(NODE_MODULES)
	cd client-sw && npm run build

$(NODE_MODULES): client-sw/package-lock.json client-sw/package.json
	cd client-sw && npm ci --no-audit --no-fund

server: client
	cargo build --release --locked -p stowaway

test: ## run every check and every test; the last line counts them
	@.ci/test

fuzz: ## fuzz every parser, FUZZ_SECONDS (60) each; what it learns is kept in target/fuzz
	@.ci/install fuzz
	server/fuzz/run --seconds $(or $(FUZZ_SECONDS),60) $(FUZZ_TARGETS)

bench: build ## compare with nginx: figures and charts into docs/performance (BENCH_QUICK=1: a short look)
	@.ci/install bench
	loadtests/bench/run --binary $(RELEASE_BINARY)

screenshots: ## take the README's pictures of the pages again
	@.ci/install build test
	@$(MAKE) --no-print-directory client
	cargo build --locked -p stowaway
	cd client-sw && STOWAWAY_BINARY=$(CARGO_TARGET_DIR)/debug/stowaway npm run screenshots

browsers: ## the long lane of the browser tests: every fault in the other browsers too
	@.ci/install build test
	@$(MAKE) --no-print-directory client
	cargo build --locked -p stowaway
	cd client-sw && STOWAWAY_BINARY=$(CARGO_TARGET_DIR)/debug/stowaway npm run e2e:long

soak: ## 200 seeded schedules of random faults in Chromium (SEED, COUNT), about an hour
	@.ci/install build test
	@$(MAKE) --no-print-directory client
	cargo build --locked -p stowaway
	cd client-sw && STOWAWAY_BINARY=$(CARGO_TARGET_DIR)/debug/stowaway node e2e/soak.mjs --seed $(or $(SEED),1) --count $(or $(COUNT),200)

memory: ## what browsers need while they download and play 2 GiB, a quarter of an hour (MIB)
	@.ci/install build test
	@$(MAKE) --no-print-directory client
	cargo build --locked -p stowaway
	cd client-sw && STOWAWAY_BINARY=$(CARGO_TARGET_DIR)/debug/stowaway npm run e2e:memory -- --mib $(or $(MIB),2048)

stores: ## what every object store is held to, on Garage too, which takes ten minutes to build
	@.ci/install stores
	STOWAWAY_TEST_STORES=require-slow cargo nextest run --locked -p stowaway-engine -E 'test(store::)'

samples: ## synthesise the sample course and podcast again, and verify them
	@.ci/install samples
	server/app/samples/make.sh

extras: ## checks beside the tests: shell scripts, licences, banned crates, advisories (slow the first time)
	@.ci/install extras
	shellcheck .ci/install .ci/run .ci/test infra/nginx/render server/app/samples/make.sh
	cargo deny --all-features check

clean: ## remove what was built and what tests left
	rm -rf client-sw/dist client-sw/node_modules test-results
	cargo clean
