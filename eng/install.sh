#!/usr/bin/env bash
# Installs the stasis command, the OCI runtime stasis-runtime (a link to it), its man pages, its completions for bash, zsh and fish, and
# the script that finds a CRIU, under a prefix. Builds it if need be.
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
ln -sfn stasis "$into/bin/stasis-runtime" # the same program: by that name it is an OCI runtime
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
for file in lib.sh criu.sh; do install -D -m 644 "$repo/eng/$file" "$into/share/stasis/$file"; done
install -m 755 "$repo/eng/prove-criu.sh" "$into/share/stasis/prove-criu.sh"
install -m 755 "$repo/eng/find-criu.sh" "$into/share/stasis/find-criu"
install -D -m 644 "$repo/packaging/debian/copyright" "$into/share/doc/stasis/copyright"
install -m 644 "$repo"/docs/*.md "$into/share/doc/stasis/"
sed -i 's#](\.\./deploy/#](deploy/#g; s#](\.\./deploy)#](deploy)#g' "$into"/share/doc/stasis/*.md
(cd "$repo" && find deploy -type f -exec install -D -m 644 {} "$into/share/doc/stasis/{}" \;)
install -m 644 "$repo/LICENSE" "$into/share/doc/stasis/LICENSE"
install -D -m 644 "$repo/packaging/import-policy.json" "$into/share/doc/stasis/examples/import-policy.json"
say "$("$stasis" version) is under $into"
