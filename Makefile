# The same on a laptop and in CI. `make demo` and `make test` install what a fresh Debian or Ubuntu machine lacks.

CARGO  ?= cargo
PREFIX ?= /usr/local
OUT    ?= out
# How long `make fuzz` spends on each target, in seconds, and which targets it runs.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs)))
# `make soak`: flows in its hour, where `make test` has 24,000; minutes on the wire, and flows at once there, where `make test`
# has 12 seconds of 40.
SOAK_FLOWS ?= 1000000
SOAK_MINUTES ?= 20
SOAK_AT_ONCE ?= 2000

SUDO := $(if $(filter-out 0,$(shell id -u)),sudo)
APT  := DEBIAN_FRONTEND=noninteractive apt-get

.PHONY: help demo test check build install deps deny fuzz bench bench-peers instructions soak static lab lab-deps dataset

help:
	@echo "make demo   build, and replay the demonstration captures of pcaps/demo"
	@echo "make test   everything that must hold: format, lints, all tests"
	@echo "make check  format, lints and documentation only"
	@echo "make build  target/release/hushwire"
	@echo "make install  the program, a systemd unit, a sample configuration (PREFIX=$(PREFIX), DESTDIR)"
	@echo "make deps   libpcap's headers and a C compiler (Debian, Ubuntu)"
	@echo "make deny   licences, duplicates and sources of the dependencies (cargo-deny)"
	@echo "make bench  the cost of whole runs, as multiples of a bare pcap_loop (benches/README.md)"
	@echo "make bench-peers  the same beside tcpdump, argus, ndpiReader and tshark, which it installs (Debian, Ubuntu)"
	@echo "make static build a program that needs no library of the machine that it runs on (Debian, Ubuntu)"
	@echo "make instructions  instructions of a small run against the committed figure (valgrind)"
	@echo "make soak   an hour of ever new traffic in a pipe, SOAK_FLOWS=$(SOAK_FLOWS), and SOAK_MINUTES=$(SOAK_MINUTES) of"
	@echo "            hostile traffic on a wire (as root): flat memory, no loss without a word, all as it was sent"
	@echo "make lab    play every scenario of pcaps/scenarios and judge it: a table (OUT=$(OUT))"
	@echo "make lab-deps  what the lab's real mode needs (Debian, Ubuntu)"
	@echo "make dataset  the labelled captures of all scenarios, with a data sheet, in one archive"
	@echo "make fuzz   every fuzz target for FUZZ_SECONDS=$(FUZZ_SECONDS) (cargo-fuzz)"

demo: build
	target/release/hushwire replay pcaps/demo/captures --blocklist pcaps/demo/lab-root.pem -o $(OUT)

test: check
	$(CARGO) test --locked --workspace --no-fail-fast
	benches/instructions.sh

check: deps
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps --quiet

build: deps
	$(CARGO) build --locked --release -p sensor --bin hushwire

static: deps
	.ci/static.sh

# A configuration that is there stays as it is.
install: build
	install -D -m 755 target/release/hushwire $(DESTDIR)$(PREFIX)/bin/hushwire
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|/usr/local|$(PREFIX)|' sensor/dist/hushwire.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/hushwire.service
	for file in hushwire.toml rules.toml; do test -e $(DESTDIR)/etc/hushwire/$$file || \
	  install -D -m 644 sensor/dist/$$file $(DESTDIR)/etc/hushwire/$$file; done

# Looked for before cargo starts: without libpcap a build fails only when it links, minutes later.
deps:
	@.ci/deps.sh

deny:
	@cargo-deny --version >/dev/null 2>&1 || $(CARGO) install --locked cargo-deny
	$(CARGO) deny --offline check licenses bans sources

# Whole runs against a bare pcap_loop; benches/README.md says how to read it, and how to compare with other tools.
bench: deps
	benches/run.sh

bench-peers: deps
	benches/peers.sh
	PEERS=1 benches/run.sh

soak: deps
	HUSHWIRE_SOAK_FLOWS=$(SOAK_FLOWS) $(CARGO) test --locked --release -p sensor --test soak -- --nocapture
	HUSHWIRE_SOAK_MINUTES=$(SOAK_MINUTES) HUSHWIRE_SOAK_AT_ONCE=$(SOAK_AT_ONCE) \
	  $(CARGO) test --locked --release -p sensor --test soak_live -- --nocapture

instructions: deps
	benches/instructions.sh

# First in virtual time: seconds, and no root. Then between real programs, where that may and can be done: a quarter of an
# hour, which says of each scenario that cannot why not. Exit status 1 if something is told otherwise than a scenario requires.
lab: deps
	$(CARGO) run --locked -q -p pcaps --bin lab -- run pcaps/scenarios/*.toml --judge -q -o $(OUT)/lab
	$(CARGO) build --locked -q -p pcaps --features real-quic --bin lab --bin lab-peer
	target/debug/lab run pcaps/scenarios/*.toml --real --where-possible --judge -q -o $(OUT)/lab

# What real runs need of Debian or Ubuntu.
lab-deps: deps
	$(SUDO) $(APT) update
	$(SUDO) $(APT) install -y --no-install-recommends \
	  curl ethtool iproute2 mitmproxy nginx-light openssl procps tcpdump

# Sorted and without times or owners, so that the same scenarios give the same archive.
dataset: deps
	rm -rf $(OUT)/dataset
	$(CARGO) run --locked -q -p pcaps --bin lab -- run pcaps/scenarios/*.toml -q -o $(OUT)/dataset
	for scenario in pcaps/scenarios/*.toml; do cp $$scenario $(OUT)/dataset/$$(basename $$scenario .toml)/scenario.toml; done
	cp pcaps/dataset/README.md pcaps/dataset/LICENSE $(OUT)/dataset/
	cd $(OUT)/dataset && find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs sha256sum > SHA256SUMS
	tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C $(OUT) -cf - dataset | xz -T0 -9 > $(OUT)/dataset.tar.xz
	@ls -l $(OUT)/dataset.tar.xz

# libFuzzer's runtime is C++. `-s none`: no address sanitiser, so that it runs on stable Rust; there is no unsafe code
# of ours for it to watch.
fuzz: deps
	@command -v g++ >/dev/null || { $(SUDO) $(APT) update && $(SUDO) $(APT) install -y g++; }
	@cargo-fuzz --version >/dev/null 2>&1 || $(CARGO) install --locked cargo-fuzz
	set -e; for target in $(FUZZ_TARGETS); do \
	  mkdir -p fuzz/corpus/$$target fuzz/failed/$$target fuzz/target/found/$$target; \
	  $(CARGO) fuzz run -s none $$target fuzz/target/found/$$target fuzz/corpus/$$target \
	    fuzz/failed/$$target -- -max_total_time=$(FUZZ_SECONDS); \
	done
