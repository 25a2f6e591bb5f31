#!/usr/bin/env bash
# Measures Stasis side by side with real Podman (eng/peer.sh), both with --network none, by turns in one run. Prints a table of medians
# of whole commands, and writes all the figures to artifacts/bench/results.json, their ratios to artifacts/bench/ratios.svg.
#
#   eng/bench.sh [-n RUNS] [--only SCENARIO,...]     (default: 5 runs of each, of all; at most 2 of bridge)
#
# Scenarios: startup, small, big, frozen, vetting, copies, bridge, warm, runtime, docker, registry, cri.
#
# STASIS_BENCH_BINARY names another stasis to measure, for instance one built from an older commit.
#
# All of it happens in mount and PID namespaces of its own, with a tmpfs on /run, as on most hosts. What else the machine does shows in
# the figures: run it on a quiet one.
set -euo pipefail
script=bench
. "$(dirname "$0")/lib.sh"
need_root
cd "$repo"

if [ "${1:-}" != inside ]; then
  eng/setup.sh --bench
  eng/build.sh
  say "building bench/Stasis.Bench"
  quiet_dotnet build bench/Stasis.Bench -c Release >"$artifacts/build.log" 2>&1 ||
    { cat "$artifacts/build.log" >&2; fail "cannot be built"; }
  eng/peer.sh make
  work=$artifacts/peer/exchange/bench
  at_exit+=("remove_state '$work'")
  mkdir -p "$work"
  in_private_namespace --net eng/bench.sh inside "$work" "$@"
  exit
fi

export STASIS_BIN=${STASIS_BENCH_BINARY:-$artifacts/stasis/stasis} STASIS_PEER=/run/stasis-peer/run
export STASIS_ROOT=$2/stasis STASIS_RUNROOT=/run/stasis
export BENCH_MEMORY_ROOTFS=$2/memory.tar BENCH_PLOT=$artifacts/bench/ratios.svg
export BENCH_WORK=$2 BENCH_ROOTFS=$2/busybox.tar BENCH_RESULTS=$artifacts/bench/results.json
shift 2
busybox_rootfs >"$BENCH_ROOTFS"
gcc -O1 -static -o "$BENCH_WORK/memory" bench/Stasis.Bench/Programs/memory.c
busybox_rootfs "$BENCH_WORK/memory" >"$BENCH_MEMORY_ROOTFS"
export BENCH_PROGRAM_ROOTFS=$BENCH_WORK/programs
mkdir -p "$BENCH_PROGRAM_ROOTFS/lib"
for rootfs in programs-large postgres; do tar -C "artifacts/rootfs/$rootfs" -cf "$BENCH_PROGRAM_ROOTFS/$rootfs.tar" .; done
gcc -O1 -shared -fPIC -o "$BENCH_PROGRAM_ROOTFS/lib/euid.so" tests/Stasis.EndToEndTests/Programs/euid.c # PostgreSQL as root
tar -C "$BENCH_PROGRAM_ROOTFS" -rf "$BENCH_PROGRAM_ROOTFS/postgres.tar" lib/euid.so
eng/peer.sh up >/dev/null
# What a run that was interrupted has left in the peer, whose files stay.
"$STASIS_PEER" podman rm --all --force --time 0 >/dev/null
bench/Stasis.Bench/bin/Release/net10.0/Stasis.Bench "$@"
eng/peer.sh down >/dev/null
