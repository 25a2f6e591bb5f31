#!/usr/bin/env bash
# Tries eng/setup.sh on bare Debian systems: bootstraps each into a folder, runs it there twice, and checks that a CRIU was proved.
#
#   eng/try-setup.sh [bookworm|trixie|sid]...      (default: all three)
#
# Package files are kept in artifacts/cache, so that repeating it costs little network. Leaves nothing else behind.
set -euo pipefail
script=try-setup
. "$(dirname "$0")/lib.sh"
need_root
[ $# -gt 0 ] || set -- bookworm trixie sid
"$repo/eng/setup.sh" --runtime-only --bench

try() {
  local suite=$1 cache=$artifacts/cache/$1 root
  root=$(mktemp -d /var/tmp/stasis-try-setup.XXXXXX)
  chmod 755 "$root"
  at_exit+=("rm -rf --one-file-system '$root'")
  mkdir -p "$cache/partial"
  say "$suite: bootstrapping"
  debootstrap --variant=minbase --include=debian-archive-keyring --cache-dir="$cache" "$suite" "$root" "$(debian_mirror)" >"$root.log" ||
    { tail "$root.log"; fail "$suite cannot be bootstrapped"; }
  rm -f "$root.log"
  echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/lagging-mirror"
  echo 'APT::Keep-Downloaded-Packages "true";' >"$root/etc/apt/apt.conf.d/keep"
  mkdir "$root/repo"
  in_private_namespace bash -c '
    set -e
    root=$1 repo=$2 cache=$3
    mount --bind "$root" "$root"
    mount --bind "$repo" "$root/repo"
    mount --bind "$cache" "$root/var/cache/apt/archives"
    mount --rbind /dev "$root/dev"
    mount -t proc proc "$root/proc"
    mount -t sysfs sysfs "$root/sys"
    mount -t tmpfs tmpfs "$root/run"
    export LC_ALL=C.UTF-8
    echo "--- first"
    time chroot "$root" /repo/eng/setup.sh --runtime-only
    echo "--- again"
    time chroot "$root" /repo/eng/setup.sh --runtime-only
    echo "--- result"
    chroot "$root" sh -c "PATH=/usr/local/lib/stasis/bin:\$PATH; command -v criu; criu --version | head -1; /repo/eng/prove-criu.sh criu; runc --version | head -1"
  ' try "$root" "$repo" "$cache" || fail "$suite: eng/setup.sh does not work there"
  say "$suite: works"
}

for suite; do try "$suite"; done
