#!/usr/bin/env bash
# Sets up, builds, and shows what Stasis is for: a container that counts is frozen into an archive, removed, and brought back three
# times at once under three names, each counting on from where it was. Says how long each step took.
#
#   eng/demo.sh
#
# All of it happens in mount and PID namespaces of its own and in a temporary folder; nothing is left when it ends, or is interrupted.
set -euo pipefail
script=demo
. "$(dirname "$0")/lib.sh"
need_root

if [ "${1:-}" != inside ]; then
  "$repo/eng/setup.sh"
  "$repo/eng/build.sh"
  work=$(mktemp -d /var/tmp/stasis-demo.XXXXXX)
  at_exit+=("remove_state '$work'")
  in_private_namespace --net "$0" inside "$work"
  exit
fi

work=$2
cd "$work"
stasis() { "$artifacts/stasis/stasis" --root "$work/root" --runroot /run/stasis "$@"; }
step() { # runs a command, shows it and the time it took
  local begun status=0
  begun=$(milliseconds)
  printf '\n$ %s\n' "$*"
  "$@" || status=$?
  printf '  (%s ms)\n' $(($(milliseconds) - begun))
  return $status
}
restore_copies() {
  local copies=() name
  for name in copy-1 copy-2 copy-3; do
    stasis container restore --import counter.tar.zst --name "$name" &
    copies+=($!)
  done
  for name in "${copies[@]}"; do wait "$name"; done
}
last_line() { stasis logs --tail 1 "$1" | tr -dc 0-9; }

at_exit+=('stasis rm --force --time 0 counter copy-1 copy-2 copy-3 >/dev/null 2>&1')
busybox_rootfs >busybox.tar
step stasis image import busybox.tar busybox
step stasis run -d --name counter busybox sh -c 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done'
sleep 2
step stasis container checkpoint --export counter.tar.zst counter
frozen_at=$(last_line counter)
echo "  it had counted to $frozen_at; the archive is $(stat -c %s counter.tar.zst | numfmt --to=iec)"
step stasis rm counter

printf '\nthree copies at once:'
step restore_copies
sleep 1
step stasis ps
for name in copy-1 copy-2 copy-3; do
  printf '\n$ stasis logs --tail 3 %s\n' "$name"
  stasis logs --tail 3 "$name"
  [ "$(last_line "$name")" -gt "$frozen_at" ] || fail "$name did not count on from $frozen_at"
done
echo
say "each copy counted on from $frozen_at"
