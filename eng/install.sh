#!/usr/bin/env bash
# Installs the stasis command, its man pages and its completions for bash, zsh and fish under a prefix. Builds it if need be.
#
#   eng/install.sh [--prefix DIR]      (default: /usr/local; DESTDIR is honoured)
set -euo pipefail
script=install
. "$(dirname "$0")/lib.sh"

into=/usr/local
case ${1:-} in
  "") ;;
  --prefix=*) into=${1#--prefix=} ;;
  --prefix) into=${2:?--prefix needs a folder} ;;
  *) fail "unknown option $1; see the first lines of eng/install.sh" ;;
esac
into=${DESTDIR:-}$into

"$repo/eng/build.sh"
stasis=$artifacts/stasis/stasis
install -D -m 755 "$stasis" "$into/bin/.stasis.new"
mv -T "$into/bin/.stasis.new" "$into/bin/stasis" # a running stasis keeps the old file
for page in "$repo"/docs/man/*.1; do
  [ -e "$page" ] || continue
  install -D -m 644 "$page" "$into/share/man/man1/${page##*/}"
done
completion() { # shell, file
  mkdir -p "$into/share/$(dirname "$2")"
  "$stasis" completion "$1" >"$into/share/$2" || { rm -f "$into/share/$2"; fail "no completion for $1"; }
}
completion bash bash-completion/completions/stasis
completion zsh zsh/site-functions/_stasis
completion fish fish/vendor_completions.d/stasis.fish
say "$("$stasis" version) is under $into"
