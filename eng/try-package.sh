#!/usr/bin/env bash
# Tries the Debian package on bare Debian systems: installs it there with apt, without the .NET SDK, finds a CRIU with the installed
# find-criu, and runs a checkpoint and a restore. Makes the package first if it is older than its sources.
#
#   eng/try-package.sh [--prepare] [bookworm|trixie|sid]...   (default: sid, or trixie on sid; with STASIS_TEST_ALL=1 all three)
#
#   --prepare   only download what that takes: a bare root of each suite, and the part of the mirror that the packages come from
#
# What --prepare has downloaded is in artifacts/cache, and makes the trial itself need no network. Nothing else is left behind.
set -euo pipefail
script=try-package
. "$(dirname "$0")/lib.sh"
. "$repo/eng/packages.sh"
need_root

prepare_only=
if [ "${1:-}" = --prepare ]; then prepare_only=yes; shift; fi
if [ $# = 0 ]; then
  if [ -n "${STASIS_TEST_ALL:-}" ]; then
    set -- bookworm trixie sid
  elif (. /etc/os-release && [ "$ID-${VERSION_ID:-sid}" = debian-sid ]); then
    set -- trixie
  else
    set -- sid
  fi
fi
cache=$artifacts/cache
mirror=$cache/mirror

# --- what needs a network

download() { # URL, file, hash as apt writes it, if known; files appear whole or not at all
  mkdir -p "$(dirname "$2")"
  [ ! -e "$2" ] || return 0
  /usr/lib/apt/apt-helper -qq download-file "$1" "$2.part" ${3:+"$3"} >"$work/errors" 2>&1 ||
    { cat "$work/errors" >&2; fail "cannot download $1"; }
  mv -T "$2.part" "$2"
}

download_index() { # suite
  local to=$mirror/dists/$1 hash
  rm -rf "$to"
  download "$upstream/dists/$1/InRelease" "$to/InRelease"
  hash=$(awk '/^SHA256:/ { on = 1 } on && $3 == "main/binary-amd64/Packages.xz" { print $1; exit }' "$to/InRelease")
  download "$upstream/dists/$1/main/binary-amd64/by-hash/SHA256/$hash" "$to/main/binary-amd64/by-hash/SHA256/$hash" "SHA256:$hash"
  ln -s "by-hash/SHA256/$hash" "$to/main/binary-amd64/Packages.xz"
}

# Packages of a suite and all they depend on, beside those that a dpkg status file says are installed.
download_packages() { # suite, status file, package...
  local suite=$1 status=$2 state=$work/apt-$1 uri name hash path
  local -x APT_CONFIG=$work/apt.conf # nothing of this machine's settings, which may ask for more indexes
  shift 2
  if [ ! -e "$state" ]; then
    mkdir "$state"
    read_suite "$suite" "$state" "file:$mirror"
  fi
  cp "$status" "$state/status"
  isolated_apt "$state" --print-uris -y install "$@" >"$work/uris"
  while read -r uri name _ hash; do
    uri=${uri//\'/}
    uri=${uri#*:"$mirror"/}
    printf -v path %b "${uri//%/\\x}" # without percent-encoding
    mkdir -p "$mirror/$(dirname "$path")"
    [ -e "$mirror/$path" ] || ln "$cache/$suite/$name" "$mirror/$path" 2>/dev/null || download "$upstream/$uri" "$mirror/$path" "$hash"
  done <"$work/uris"
}

make_bare_root() { # suite
  local suite=$1 root=$cache/bare/$1
  [ ! -d "$root" ] || return 0
  say "$suite: bootstrapping"
  mkdir -p "$cache/$suite/partial" "$cache/bare"
  rm -rf --one-file-system "$root.new"
  in_private_namespace debootstrap --variant=minbase --cache-dir="$cache/$suite" "$suite" "$root.new" "$upstream" >"$work/log" 2>&1 ||
    { tail "$work/log" >&2; fail "$suite cannot be bootstrapped"; }
  sed -i "s#$upstream#file:/mirror#" "$root.new/etc/apt/sources.list"
  printf '%s "%s";\n' Acquire::Check-Valid-Until false Acquire::Languages none APT::Install-Recommends false \
    >"$root.new/etc/apt/apt.conf.d/trial"
  echo force-unsafe-io >"$root.new/etc/dpkg/dpkg.cfg.d/trial"
  mkdir "$root.new/mirror" "$root.new/packages"
  mv -T "$root.new" "$root"
}

key() { echo "${runtime_packages[*]}"; }

prepare() { # suite...
  local suite todo=()
  for suite; do
    if [ "$(cat "$cache/bare/$suite.ready" 2>/dev/null)" = "$(key)" ]; then say "$suite: bare root there"; else todo+=("$suite"); fi
  done
  [ ${#todo[@]} -gt 0 ] || return 0
  upstream=$(debian_mirror)
  upstream=${upstream%/}
  chmod 755 "$work"
  : >"$work/nothing"
  echo 'Dir::Etc::parts "/dev/null"; Dir::Etc::main "/dev/null";' >"$work/apt.conf"
  mkdir -p "$mirror"
  # Indexes of one moment: CRIU's packages come from sid's.
  for suite in $(printf '%s\n' "${todo[@]}" sid | sort -u); do
    rm -f "$cache/bare/$suite.ready"
    download_index "$suite"
  done
  download_packages sid "$work/nothing" criu patchelf
  for suite in $(printf '%s\n' "${todo[@]}" sid | sort -u); do
    [ "$suite" != sid ] || [ -d "$cache/bare/sid" ] || [[ " ${todo[*]} " == *" sid "* ]] || continue
    make_bare_root "$suite"
    say "$suite: downloading what the package depends on"
    download_packages "$suite" "$cache/bare/$suite/var/lib/dpkg/status" "${runtime_packages[@]}"
    key >"$cache/bare/$suite.ready"
  done
}

# --- what doesn't

# Runs as the first process of namespaces of its own: makes a folder its root file system, and runs the steps there.
enter() { # root
  local root=$1
  cd "$root"
  mount --bind . .
  cd "$root"
  mount --bind "$mirror" mirror
  mount --bind "$artifacts/packages" packages
  mount --rbind /dev dev
  mount -t proc proc proc
  mount --rbind /sys sys
  mount -t tmpfs -o mode=755 tmpfs run
  pivot_root . mnt
  umount -l /mnt
  export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
  unset TMPDIR # a folder of the host: packages' scripts would fail
  cd /root
  hash -r
  steps
}

steps() {
  local frozen_at pages
  quiet() { "${@:2}" >/root/log 2>&1 || { tail -40 /root/log >&2; fail "$1"; }; }
  wait_for() { local tries; for ((tries = 0; tries < 1200; tries++)); do "$@" && return; sleep 0.1; done; fail "waited in vain: $*"; }
  last() { stasis logs --tail 1 counter | tr -dc 0-9; }
  counted_beyond() { local last; last=$(last); [ "${last:-0}" -gt "$1" ]; }

  say "installing"
  apt-get -qq update
  quiet "apt cannot install the package" apt-get -qq -y install /packages/stasis_*.deb
  [ -z "$(dpkg --verify stasis)" ] || fail "dpkg --verify: $(dpkg --verify stasis)"
  [ "$(stat -c %a /var/lib/stasis)" = 700 ] || fail "/var/lib/stasis is open to others"
  ! type -P dotnet >/dev/null || fail "the .NET SDK is here; that proves nothing"
  pages=$(find /usr/share/man/man1 -name 'stasis*.1.gz' | wc -l)
  [ "$pages" -gt 50 ] || fail "only $pages man pages are installed"
  for file in bash-completion/completions/stasis zsh/vendor-completions/_stasis fish/vendor_completions.d/stasis.fish; do
    [ -s "/usr/share/$file" ] || fail "/usr/share/$file is missing"
  done

  say "finding a CRIU"
  /usr/share/stasis/find-criu
  quiet "stasis doctor finds this system unable" stasis doctor

  say "$(stasis version): checkpoint and restore"
  stasis image import /root/busybox.tar busybox >/dev/null
  stasis run -d --name counter --network none busybox sh -c 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done' >/dev/null
  wait_for counted_beyond 3
  stasis container checkpoint --export counter.tar.zst counter >/dev/null
  frozen_at=$(last)
  stasis rm counter >/dev/null
  stasis archive verify counter.tar.zst >/dev/null # with the installed import policy
  stasis container restore --import counter.tar.zst >/dev/null
  wait_for counted_beyond "$frozen_at"
  stasis logs counter | awk '$1 != NR { exit 1 }' || fail "it did not count on from $frozen_at: $(stasis logs counter | tr '\n' ' ')"
  say "it counted to $frozen_at before the checkpoint, and to $(last) after the restore"
  stasis rm --force --time 0 counter >/dev/null

  say "removing"
  quiet "apt cannot remove the package" apt-get -qq -y purge stasis
  for path in /usr/bin/stasis /usr/bin/stasis-runtime /usr/share/stasis /etc/stasis; do [ ! -e "$path" ] || fail "$path is left"; done
}

try() { # suite
  local root
  root=$(mktemp -d /var/tmp/stasis-try-package.XXXXXX)
  at_exit+=("remove_state '$root'")
  cp -a --reflink=auto "$cache/bare/$1/." "$root"
  busybox_rootfs >"$root/root/busybox.tar"
  in_private_namespace --net "$repo/eng/try-package.sh" inside "$root" "$1" || fail "$1: the package does not work there"
  remove_state "$root"
  say "$1: works"
}

if [ "${1:-}" = inside ]; then
  script="try-package: $3"
  enter "$2"
  exit
fi

work=$(mktemp -d)
at_exit+=('rm -rf "$work"')
prepare "$@"
[ -z "$prepare_only" ] || exit 0
sums=$artifacts/packages/SHA256SUMS
if [ ! -e "$sums" ] || [ -n "$(cd "$repo" && find eng docs packaging src Directory.*.props "$artifacts/stasis/stasis" \
  \( -name bin -o -name obj \) -prune -o -newer "$sums" -print -quit)" ]; then
  "$repo/eng/package.sh"
fi
for suite; do try "$suite"; done
