#!/usr/bin/env bash
# The peer: real Podman of Debian sid, in a root filesystem and namespaces of its own, to compare and exchange archives with.
#
#   eng/peer.sh make          make it if it is not there, without starting it
#   eng/peer.sh up            make it if it is not there (a few minutes and 400 MB, once), start it, say how to use it
#   eng/peer.sh run CMD...    run a command in it, e.g. eng/peer.sh run podman ps
#   eng/peer.sh down          end everything in it; its images and containers stay on disk
#   eng/peer.sh clean         down, and remove it from the disk
#
# The same without a shell's start-up time, once it is up: /run/stasis-peer/run CMD...
# One can be up at a time; a second `up` from other namespaces (those of a test run, say) waits until the first is down.
# artifacts/peer/exchange is at the same absolute path in it, so archives can be handed over by name.
# Podman is configured for a host without systemd: cgroupfs, runc, events in a file, overlay on the disk (containers.conf below).
set -euo pipefail
script=peer
. "$(dirname "$0")/lib.sh"

peer=$artifacts/peer
state=/run/stasis-peer # not with the rest: process IDs are those of the namespaces that /run belongs to
packages=(
  podman runc conmon criu crun libcriu2 catatonit
  netavark aardvark-dns nftables iptables iproute2 procps
  busybox-static golang-github-containers-common ca-certificates
  docker.io docker-cli containerd containernetworking-plugins
  systemd dbus
)

is_up() {
  local pid started
  read -r pid started <"$state/holder" && [ "$(started "$pid")" = "$started" ]
} 2>/dev/null
started() { cut -d ' ' -f 22 "/proc/$1/stat"; } # distinguishes a process from a later one of the same ID

make_root() {
  "$repo/eng/setup.sh" --runtime-only --bench
  say "making a root filesystem of Debian sid with Podman in artifacts/peer/root"
  mkdir -p "$artifacts/cache/sid" "$peer"
  local new=$peer/root.new
  rm -rf --one-file-system "$new"
  in_private_namespace debootstrap --variant=minbase --include="$(IFS=,; echo "${packages[*]}")" \
    --cache-dir="$artifacts/cache/sid" sid "$new" "$(debian_mirror)" >"$peer/debootstrap.log" 2>&1 ||
    { tail -20 "$peer/debootstrap.log" >&2; fail "debootstrap failed; its log is $peer/debootstrap.log"; }
  mkdir -p "$new/etc/containers" "$new$peer/exchange"
  cat >"$new/etc/containers/containers.conf" <<'CONF'
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
events_logger = "file"
[containers]
log_driver = "k8s-file"
CONF
  printf '[storage]\ndriver = "overlay"\nrunroot = "/run/containers/storage"\ngraphroot = "/var/lib/containers/storage"\n' \
    >"$new/etc/containers/storage.conf"
  echo "${packages[*]}" >"$new/etc/stasis-peer"
  rm -rf --one-file-system "$peer/root"
  mv -T "$new" "$peer/root"
}

has_root() { [ "$(cat "$peer/root/etc/stasis-peer" 2>/dev/null)" = "${packages[*]}" ]; }

# Runs as the first process of the peer's namespaces. Of a host with cgroup v1 it shows the v1 hierarchies alone: where a `unified`
# one is in sight besides, crun refuses to start a container.
hold() {
  local root=$peer/root
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  mount -t sysfs sysfs "$root/sys"
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs tmpfs "$root/dev/shm" # Podman's locks are in there
  if mountpoint -q /sys/fs/cgroup/unified; then
    mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
    for hierarchy in /sys/fs/cgroup/*; do
      [ "${hierarchy##*/}" = unified ] && continue
      mkdir "$root$hierarchy"
      mount --bind "$hierarchy" "$root$hierarchy"
    done
  else
    mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
  fi
  mkdir -p "$root$peer/exchange"
  mount --bind "$peer/exchange" "$root$peer/exchange"
  ip link set lo up
  mkdir -p "$root/mnt"
  cd "$root"
  pivot_root . mnt
  umount -l /mnt
  exec catatonit -P # does nothing but reap what containers leave
}

unified() { if mountpoint -q /sys/fs/cgroup/unified; then echo /sys/fs/cgroup/unified; else echo /sys/fs/cgroup; fi; }

up() {
  has_root || make_root
  if is_up; then
    say "is up already"
  else
    mkdir -p "$peer/exchange" "$state"
    exec 8>"$peer/lock" # held as long as the peer is up
    flock -n 8 || { say "waiting for the one that is up elsewhere"; flock 8; }
    setsid unshare --mount --propagation private --net --pid --fork --kill-child -- "$0" hold </dev/null >"$state/log" 2>&1 &
    exec 8>&-
    local pid='' tries
    for ((tries = 0; tries < 200; tries++)); do
      pid=$(cat "/proc/$!/task/$!/children" 2>/dev/null || true)
      pid=${pid%% *}
      [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = catatonit ] && break
      kill -0 $! 2>/dev/null || { cat "$state/log" >&2; fail "cannot be started"; }
      sleep 0.02
    done
    [ "$(cat "/proc/$pid/comm")" = catatonit ] || fail "did not start in time"
    # A child of the unified root: CRIU would take the whole root for the container's (crun's restore then fails). The `down` of a peer of
    # another checkout may have removed it.
    cat >"$state/run.new" <<RUN
#!/bin/sh
# Runs a command in the peer that is up now. Made by eng/peer.sh up.
enter() { echo \$\$ >$(unified)/stasis-peer/cgroup.procs; }
enter 2>/dev/null || { mkdir -p $(unified)/stasis-peer && enter; } || exit
exec nsenter -t $pid -m -n -p -- /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
  PODMAN_IGNORE_CGROUPSV1_WARNING=1 "\$@"
RUN
    chmod 755 "$state/run.new"
    mv "$state/run.new" "$state/run"
    echo "$pid $(started "$pid")" >"$state/holder"
    say "is up: $("$state/run" podman --version)"
  fi
  say "run commands in it with eng/peer.sh run CMD..., e.g. eng/peer.sh run podman ps -a"
  say "hand files over in artifacts/peer/exchange, which has the same absolute path in it"
}

down() {
  if is_up; then
    local pid
    read -r pid _ <"$state/holder"
    kill -KILL "$pid" # all other processes of its namespaces end with it
    while is_up; do thaw_killed; sleep 0.02; done
    say "is down"
  fi
  rm -rf "$state"
  # CRIU makes the cgroup of what it restores in the peer in the unified hierarchy too, which is out of sight there: nothing in it could remove that.
  [ ! -d "$(unified)/stasis" ] || find "$(unified)/stasis" -depth -mindepth 1 -type d -regextype posix-extended -regex '.*/(libpod-)?[0-9a-f]{64}' -newer "$peer/lock" -exec rmdir {} + 2>/dev/null || true
  local tries
  for tries in 1 2 3 4 5; do # a cgroup can be removed a moment after its last process
    find /sys/fs/cgroup -depth -type d \( -path '*/libpod_parent*' -o -path '*/stasis-peer*' \) -exec rmdir {} + 2>/dev/null || true
    [ -n "$(find /sys/fs/cgroup -type d -name stasis-peer -print -quit)" ] || break
    sleep 0.1
  done
}

need_root
case ${1:-} in
  make) has_root || make_root ;;
  up) up ;;
  run)
    shift
    is_up || fail "is not up: eng/peer.sh up"
    exec "$state/run" "$@"
    ;;
  down) down ;;
  clean)
    down
    rm -rf --one-file-system "$peer"
    ;;
  hold) hold ;; # used by up
  *) fail "unknown verb '${1:-}'; see the first lines of eng/peer.sh" ;;
esac
