#!/usr/bin/env bash
# Prints the size of the product's C# sources as a row of a table: how many files, how many lines are too long, how long files are.
# Tabs count to the next multiple of 4. Build output and generated files are left out.
#
#   eng/figures.sh [FOLDER] [NAME]      (default: src Stasis)
set -euo pipefail
script=figures
. "$(dirname "$0")/lib.sh"
folder=${1:-$repo/src} name=${2:-Stasis}
[ -d "$folder" ] || fail "$folder is no folder"

echo '| | files | lines > 140 | lines > 160 | file median / p90 / max |'
echo '|---|---|---|---|---|'
find "$folder" \( -name obj -o -name bin \) -prune -o -name '*.cs' ! -name '*.g.cs' ! -name '*.Designer.cs' -type f -print0 | sort -z |
  while IFS= read -r -d '' file; do
    # Continuation bytes of UTF-8 are dropped, so that a byte is a character. A byte order mark is no character.
    sed '1s/^\xef\xbb\xbf//' "$file" | LC_ALL=C tr -d '\200-\277\r' | LC_ALL=C expand -t 4 |
      LC_ALL=C awk 'length > 140 { long++ } length > 160 { longer++ } END { print NR, long + 0, longer + 0 }'
  done | sort -n | awk -v name="$name" '
    { lines[NR] = $1; all += $1; long += $2; longer += $3 }
    function percent(count) { return all ? (count ? sprintf("%.1f %%", 100 * count / all) : "0") : "0" }
    function rank(share, at) { at = int(NR * share); if (at < NR * share) at++; return lines[at < 1 ? 1 : at] + 0 }
    END { printf "| %s | %d | %s | %s | %d / %d / %d |\n", name, NR, percent(long), percent(longer), rank(0.5), rank(0.9), lines[NR] }'
