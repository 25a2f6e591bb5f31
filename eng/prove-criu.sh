#!/usr/bin/env bash
# Proves a CRIU: it dumps a process with a listening TCP socket and restores it, within 15 s. Says why not, if not.
#
#   eng/prove-criu.sh CRIU
#
# `criu check` does not find out: there are CRIUs that pass it and hang in a dump, and ones that dump no socket of a newer kernel.
# All happens in namespaces of its own, so that a CRIU that hangs takes nothing else with it and leaves nothing behind.
set -euo pipefail

if [ "${2:-}" = "" ]; then
  images=$(mktemp -d)
  trap 'rm -rf "$images"' EXIT
  status=0
  # timeout's own message is not wanted, so it runs in a shell that ends with an exit code like any other
  bash -c 'timeout -s KILL 15 "$@"; exit $?' prove \
    unshare --mount --propagation private --net --pid --fork --kill-child --mount-proc -- bash "$0" "$1" "$images" \
    </dev/null >/dev/null 2>"$images/errors" || status=$?
  case $status in
    0) ;;
    137) echo "it hung, and was ended after 15 s" ;;
    *)
      error=$({ cat "$images"/{restore,dump}.log "$images/errors" 2>/dev/null || true; } |
        grep -a 'Error\|not found\|No such' | grep -a -v RLIMIT_NOFILE | head -1 || true)
      echo "${error:-it ended with exit code $status}"
      ;;
  esac
  exit "$status"
fi

criu=$1 images=$2
for fd in /proc/self/fd/*; do # what a caller left open is no part of the proof, but CRIU would have to dump it
  case ${fd##*/} in [0-2] | 255) ;; *) eval "exec ${fd##*/}>&-" ;; esac
done
mount -t tmpfs tmpfs /run
ip link set lo up
listens() { grep -q ':1092 ' /proc/net/tcp /proc/net/tcp6; } # 4242

setsid busybox nc -l -p 4242 </dev/null >/dev/null 2>&1 &
process=$!
disown
until listens; do busybox usleep 1000; done
"$criu" dump -v4 -o dump.log -D "$images" -t "$process"
if listens; then exit 1; fi
"$criu" restore -v4 -o restore.log -D "$images" -d
listens
[ "$(cat "/proc/$process/comm")" = busybox ]
