# Shared by the scripts of this folder; sourced, never run.
# shellcheck shell=bash

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
artifacts=$repo/artifacts
prefix=/usr/local/lib/stasis # what setup.sh adds to the machine beside distribution packages

say() { printf '%s: %s\n' "${script:-eng}" "$*"; }
fail() { printf '%s: %s\n' "${script:-eng}" "$*" >&2; exit 1; }
need_root() { [ "$(id -u)" = 0 ] || fail "must run as root: containers, mounts and CRIU need it"; }
milliseconds() { local now=${EPOCHREALTIME/[.,]/}; echo "${now%???}"; }

# Commands to run when the script ends, also when it is interrupted; the last one first.
at_exit=()
finish() {
  local status=$? i
  for ((i = ${#at_exit[@]} - 1; i >= 0; i--)); do eval "${at_exit[i]}" || true; done
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Thaws what is frozen of the caller's PID namespace, which is about to end: see thaw_killed.
thaw_all='for state in $(find /sys/fs/cgroup/freezer -name freezer.state -exec grep -slx FROZEN {} + 2>/dev/null); do
  [ -z "$(cat "${state%/*}/cgroup.procs")" ] || echo THAWED >"$state"; done 2>/dev/null'

# Runs a command in mount and PID namespaces of its own with a tmpfs on /run (CRIU caches what it learns of the kernel only there).
# Whatever the command starts, containers and their conmon included, ends with it, also when this script is interrupted.
# With --net, it has a network namespace too, in which nothing but the loopback is: containers' bridges and firewall rules go with it.
in_private_namespace() {
  local status=0 net=()
  [ "$1" != --net ] || { net=(--net); shift; }
  set -m # so that the command keeps the default action for SIGINT, which a background job of a script would ignore
  unshare --mount "${net[@]}" --propagation private --pid --fork --kill-child --mount-proc -- \
    bash -c 'mount -t tmpfs -o mode=755 tmpfs /run && mkdir -p /run/lock && { [ "$0" != private--net ] || ip link set lo up; } && "$@"; status=$?; '"$thaw_all"'; exit $status' "private${net[*]}" "$@" </dev/null &
  private_namespace=$!
  set +m
  at_exit+=(end_private_namespace)
  wait "$private_namespace" || status=$?
  private_namespace=
  return "$status"
}
end_private_namespace() {
  [ -n "$private_namespace" ] || return 0
  # Not unshare itself, but the namespace's first process: its end is reported only when all the others are gone.
  # shellcheck disable=SC2046
  kill -KILL $(cat "/proc/$private_namespace/task/$private_namespace/children")
  while [ -d "/proc/$private_namespace" ] && ! grep -qs '^State:.Z' "/proc/$private_namespace/status"; do thaw_killed; sleep 0.05; done
  wait "$private_namespace"
}

# Processes that cgroup v1's freezer holds don't die of SIGKILL until they are thawed: containers that were paused, or not yet started.
thaw_killed() {
  local state pid pending
  for state in $(find /sys/fs/cgroup/freezer -name freezer.state -exec grep -slx FROZEN {} + 2>/dev/null || true); do
    while read -r pid; do
      pending=$(awk '/^ShdPnd:/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
      if ((16#${pending:-0} & 0x100)); then echo THAWED >"$state" || true; break; fi
    done <"${state%/*}/cgroup.procs"
  done 2>/dev/null
}

# Removes a folder that Stasis had its state in, and the cgroups of the containers in it, and of the canaries that tests of hostile
# archives had there. Cgroups are no part of any namespace: where stasis was not left the time to remove a container, its cgroup would stay.
remove_state() {
  local ids
  ids=$(find "$1" -regextype posix-extended -regex '.*/(containers/[0-9a-f]{64}|stasis-canary-[A-Za-z0-9]+)' -prune -printf '%f\n' \
    2>/dev/null || true)
  if [ -n "$ids" ]; then
    { find /sys/fs/cgroup -depth -type d | grep -F "$ids" | xargs -r rmdir; } 2>/dev/null || true
  fi
  rm -rf --one-file-system "$1"
}

# The Debian mirror that this machine's own apt sources name.
debian_mirror() {
  local mirror
  for _ in 1 2; do
    mirror=$(apt-get indextargets --format '$(LABEL) $(COMPONENT) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
      awk '$1 == "Debian" && $2 == "main" && $3 !~ /-/ { print $4; exit }')
    if [ -n "$mirror" ]; then echo "$mirror"; return; fi
    apt-get -q update >&2 || true
  done
  fail "this machine's apt sources name no Debian mirror"
}

# read_suite SUITE WORK MIRROR: reads the package index of a Debian suite into a folder, for isolated_apt.
read_suite() {
  local suite=$1 work=$2 mirror=${3/#file:/copy:} keyring # of a file: mirror, apt would leave packages where they are
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -e "$keyring" ] || keyring=${keyring%.gpg}.pgp
  [ -e "$keyring" ] || fail "no archive keys to verify Debian $suite with; install the package debian-archive-keyring"
  chmod 755 "$work" # apt downloads as another user
  mkdir -p "$work"/{lists,archives}/partial
  : >"$work/status"
  echo "deb [signed-by=$keyring] $mirror $suite main" >"$work/sources.list"
  if ! isolated_apt "$work" update 2>"$work/errors"; then
    if grep -q 'is not valid anymore\|has expired\|is expired' "$work/errors" && ! grep -q 'NO_PUBKEY' "$work/errors"; then
      say "the mirror's copy of $suite is older than its signature allows; taken all the same, its signature is still checked"
      isolated_apt "$work" -o Acquire::Check-Valid-Until=false update
    else
      cat "$work/errors" >&2
      if grep -q 'NO_PUBKEY\|not signed\|verif' "$work/errors"; then
        fail "the package debian-archive-keyring is too old to verify Debian $suite: upgrade it, or install the one from $suite"
      fi
      fail "cannot read Debian $suite from $mirror"
    fi
  fi
}

# isolated_apt WORK ARGUMENT...: apt-get on what read_suite has read, as if nothing were installed ($WORK/status says what is), without
# touching this machine's own apt state.
isolated_apt() {
  local work=$1
  shift
  apt-get -qq -o Dir::State="$work" -o Dir::State::status="$work/status" -o Dir::State::Lists="$work/lists" \
    -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
    -o Dir::Etc::Preferences=/dev/null -o Dir::Cache="$work" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
    -o APT::Install-Recommends=false -o APT::Update::Error-Mode=any \
    -o Acquire::Languages=none -o APT::Get::AllowUnauthenticated=false "$@"
}

# unpack_packages SUITE FOLDER PACKAGE...: unpacks the packages of a Debian suite and all they depend on into a new folder, without
# installing anything. The folder appears whole or not at all.
unpack_packages() {
  local suite=$1 folder=$2 work mirror
  shift 2
  mirror=$(debian_mirror)
  mkdir -p "$(dirname "$folder")"
  work=$(mktemp -d "$folder.XXXXXX")
  # shellcheck disable=SC2064
  (
    trap "rm -rf '$work'" EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    mkdir "$work/root"
    read_suite "$suite" "$work" "$mirror"
    isolated_apt "$work" --download-only -y install "$@"
    for deb in "$work"/archives/*.deb; do dpkg-deb -x "$deb" "$work/root"; done
    rm -rf "$folder"
    mv -T "$work/root" "$folder"
  )
}

# The root filesystem of a small image, as a tar on standard output: busybox and its links, and the
# programs that are given.
busybox_rootfs() {
  local root
  root=$(mktemp -d)
  mkdir -p "$root"/{bin,dev,etc,proc,root,sys,tmp,var}
  chmod 755 "$root"
  chmod 1777 "$root/tmp"
  cp "$(type -P busybox)" "$@" "$root/bin"
  chroot "$root" /bin/busybox --install -s /bin
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
  echo 'root:x:0:' >"$root/etc/group"
  tar -C "$root" --sort=name --owner=0 --group=0 --numeric-owner -c .
  rm -rf "$root"
}

# Builds with the .NET SDK: no compiler or build server is left behind, nor the folders that it leaves where temporary files go, and nothing
# but errors is printed.
quiet_dotnet() {
  local temporary status=0
  temporary=$(mktemp -d)
  at_exit+=("rm -rf '$temporary'")
  TMPDIR=$temporary dotnet "$@" --nologo -v quiet -nodeReuse:false -p:UseSharedCompilation=false || status=$?
  rm -rf "$temporary"
  return "$status"
}
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
