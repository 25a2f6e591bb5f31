#!/usr/bin/env bash
# Publishes the stasis command, compiled ahead of time, to artifacts/stasis/stasis. Any warning fails. Does nothing when no source is
# newer than the last build.
#
#   eng/build.sh [--force]
set -euo pipefail
script=build
. "$(dirname "$0")/lib.sh"

out=$artifacts/stasis
sources=(src Directory.Build.props Directory.Packages.props global.json .editorconfig BannedSymbols.txt eng/build.sh)

cd "$repo"
if [ "${1:-}" != --force ] && [ -x "$out/stasis" ] && [ -e "$out/.built" ] &&
  [ -z "$(find "${sources[@]}" \( -name bin -o -name obj \) -prune -o -newer "$out/.built" -print -quit)" ]; then
  say "artifacts/stasis/stasis is up to date"
  exit
fi

mkdir -p "$out"
log=$artifacts/build.log
for project in src/*/; do mkdir -p "$project"{bin,obj}; done # made later, they would make their folders newer than this build
begun=$(mktemp "$out/.XXXXXX")
at_exit+=('rm -f "$begun"')
say "publishing src/Stasis.Cli"
quiet_dotnet publish src/Stasis.Cli -c Release -r linux-x64 --self-contained -o "$out" >"$log" 2>&1 ||
  { cat "$log" >&2; fail "cannot be built"; }
if grep -i 'warning' "$log" | grep -v ' 0 Warning(s)' >&2; then fail "warnings are errors here"; fi
mv "$begun" "$out/.built"
say "artifacts/stasis/stasis, $(stat -c %s "$out/stasis" | numfmt --to=iec) bytes"
