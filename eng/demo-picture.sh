#!/usr/bin/env bash
# Draws what eng/demo.sh prints as a picture of a terminal: docs/demo.svg, which the README shows.
#
#   eng/demo-picture.sh [FILE]
#
#   FILE   what eng/demo.sh printed earlier (- is standard input); without it, eng/demo.sh is run now
#
# The picture is plain SVG text, without fonts or images from elsewhere. The same output gives the same picture, byte for byte. Lines
# before the first command (those of setup.sh and build.sh) are left out; everything else is drawn as it was printed.
set -euo pipefail
script=demo-picture
. "$(dirname "$0")/lib.sh"
export LC_ALL=C.UTF-8 # so that ${#line} counts characters

picture=$repo/docs/demo.svg
output=$(mktemp)
drawn=$(mktemp "$picture.XXXXXX")
at_exit+=("rm -f '$output' '$drawn'")
case ${1:-} in
  "") "$repo/eng/demo.sh" | tee "$output" ;;
  -) cat >"$output" ;;
  *) cat -- "$1" >"$output" ;;
esac

mapfile -t lines < <(sed -n '/^\$ /,$p' "$output" | sed -e 's/\x1b\[[0-9;?]*[A-Za-z]//g' -e 's/[[:cntrl:]]//g' -e 's/ *$//')
[ ${#lines[@]} -gt 0 ] || fail "no command in it: what eng/demo.sh prints has lines that begin with \"\$ \""

# Sizes in pixels. Every line is stretched to a whole number of cells, so that columns meet whatever font the reader has.
cell_width=8 line_height=18 margin=20 title_height=36
columns=0
for line in "${lines[@]}"; do
  if [ ${#line} -gt "$columns" ]; then columns=${#line}; fi
done
width=$((columns * cell_width + 2 * margin))
height=$((title_height + ${#lines[@]} * line_height + 2 * margin))

amp='&amp;' lt='&lt;' gt='&gt;'
escape() {
  local text=$1
  text=${text//&/"$amp"}
  text=${text//</"$lt"}
  printf '%s' "${text//>/"$gt"}"
}
style_class() { # of a line
  case $1 in
    '$ '*) echo command ;;
    '  ('*' ms)') echo time ;;
    'demo: '*) echo result ;;
    *) echo output ;;
  esac
}

{
  cat <<END
<svg xmlns="http://www.w3.org/2000/svg" width="$width" height="$height" viewBox="0 0 $width $height" role="img">
<title>eng/demo.sh: a container is frozen, removed, and restored three times at once</title>
<style>
text { font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace; fill: #c9d1d9 }
.command { fill: #7ee787 }
.time { fill: #8b949e }
.result { fill: #7ee787; font-weight: bold }
.heading { fill: #8b949e; text-anchor: middle }
</style>
<rect width="$width" height="$height" rx="8" fill="#0d1117"/>
<path d="M0 ${title_height}V8a8 8 0 0 1 8-8H$((width - 8))a8 8 0 0 1 8 8V${title_height}z" fill="#161b22"/>
<circle cx="20" cy="18" r="6" fill="#ff5f57"/><circle cx="40" cy="18" r="6" fill="#febc2e"/><circle cx="60" cy="18" r="6" fill="#28c840"/>
<text class="heading" x="$((width / 2))" y="23">eng/demo.sh</text>
END
  baseline=$((title_height + margin + 13))
  for line in "${lines[@]}"; do
    if [ -n "$line" ]; then
      printf '<text xml:space="preserve" class="%s" x="%s" y="%s" textLength="%s" lengthAdjust="spacingAndGlyphs">%s</text>\n' \
        "$(style_class "$line")" "$margin" "$baseline" $((${#line} * cell_width)) "$(escape "$line")"
    fi
    baseline=$((baseline + line_height))
  done
  echo '</svg>'
} >"$drawn"
chmod 644 "$drawn"
mv -T "$drawn" "$picture"
say "docs/demo.svg, ${#lines[@]} lines"
