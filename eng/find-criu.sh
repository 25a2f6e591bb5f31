#!/usr/bin/env bash
# Finds a CRIU that works on this machine's kernel, and remembers it. Installed as share/stasis/find-criu.
#
#   find-criu
#
# Needs root, and Debian 12 or later. The distribution's CRIU is proved first: it must dump and restore a process within 15 s. If it
# cannot, Debian sid's is downloaded from the mirror that this machine's apt sources name, verified with the archive's keys, and put
# into /usr/local/lib/stasis, where Stasis finds it before the one on PATH. Removing that folder undoes everything.
set -euo pipefail
script=find-criu
here=$(dirname "$(readlink -f "$0")")
. "$here/lib.sh"
. "$here/criu.sh"
[ $# = 0 ] || fail "takes no arguments; see the first lines of $0"
find_criu
