# Finds a CRIU that works on this machine's kernel; sourced by eng/setup.sh and eng/find-criu.sh, after lib.sh.
# shellcheck shell=bash
#
# CRIU depends on the kernel more than anything else here: one that passes `criu check` may hang, or refuse, when it dumps. So a CRIU
# is believed only when it has dumped and restored a process in time. The distribution's is tried first, then the distribution's
# without hardware breakpoints (CRIU_FAULT=130: virtual machines often have none that work), then Debian sid's. In the last two
# cases it is in /usr/local/lib/stasis/bin, and Stasis prefers it to the one on PATH. Nothing else is put outside of packages.

criu_scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) # eng/ of a checkout, or share/stasis of an installation
kept_criu=

prove_criu() { criu_error=$("$criu_scripts/prove-criu.sh" "$1"); }

# What the proof of a CRIU depends on: the kernel and the binaries.
criu_key() { echo "$(uname -r)" $(stat -L -c '%n %s %Y' "$(type -P criu)" "$prefix"/bin/criu 2>/dev/null); }
criu_version() { "$1" --version | awk '/^Version/ { print $2 }'; }

find_criu() {
  local system key private
  system=$(type -P criu || true)
  if [ "$(cat "$prefix/criu.proved" 2>/dev/null)" = "$(criu_key)" ]; then
    say "criu: works, as proved before on this kernel ($([ -e "$prefix/bin/criu" ] && echo "$prefix/bin/criu" || echo "$system"))"
    return
  fi
  need_root
  mkdir -p "$prefix/bin"

  if [ -n "$system" ]; then
    say "criu: proving $system, version $(criu_version "$system")"
    if prove_criu "$system"; then
      rm -rf "$prefix/bin/criu" "$prefix"/criu-*
      remember_criu "$system works"
      return
    fi
    say "criu: it cannot dump and restore here: $criu_error"
    say "criu: proving it without hardware breakpoints"
    if CRIU_FAULT=130 prove_criu "$system"; then
      install_wrapper "CRIU_FAULT=130 exec $system \"\$@\""
      rm -rf "$prefix"/criu-*
      remember_criu "$prefix/bin/criu works: $system without hardware breakpoints"
      return
    fi
    say "criu: it cannot dump and restore here: $criu_error"
  fi

  say "criu: taking the one of Debian sid, with the libraries it needs, into a folder of its own"
  private=$(mktemp -d -u "$prefix/criu-XXXXXX")
  at_exit+=("[ '$private' = \"\$kept_criu\" ] || rm -rf '$private'")
  unpack_packages sid "$private" criu patchelf
  tie_to_own_libraries "$private" usr/sbin/criu
  say "criu: proving it, version $(criu_version "$private/usr/sbin/criu")"
  prove_criu "$private/usr/sbin/criu" || fail "no CRIU works on this kernel ($(uname -r)); Debian sid's says: $criu_error"
  kept_criu=$private
  ln -sfn "$private/usr/sbin/criu" "$prefix/bin/.criu.new"
  mv -T "$prefix/bin/.criu.new" "$prefix/bin/criu"
  for old in "$prefix"/criu-*; do [ "$old" = "$private" ] || rm -rf "$old"; done
  remember_criu "$prefix/bin/criu works: version $(criu_version "$prefix/bin/criu")"
}

# A program of a newer Debian needs that Debian's C library and loader. They are written into it: a wrapper that calls the loader would
# be one more program to start, twice in every dump and restore.
tie_to_own_libraries() { # folder, program in it
  local libraries=$1/usr/lib/x86_64-linux-gnu
  local loader=$libraries/ld-linux-x86-64.so.2
  "$loader" --library-path "$libraries" "$1/usr/bin/patchelf" --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" "$1/$2"
}

install_wrapper() { # whole or not at all, so it is written beside and renamed
  printf '#!/bin/sh\n# Made by the CRIU finder of Stasis. This CRIU was proved to work on this machine.\n%s\n' "$1" >"$prefix/bin/.criu.new"
  chmod 755 "$prefix/bin/.criu.new"
  mv -T "$prefix/bin/.criu.new" "$prefix/bin/criu"
}

remember_criu() {
  criu_key >"$prefix/criu.proved.new"
  mv -T "$prefix/criu.proved.new" "$prefix/criu.proved"
  say "criu: $1"
}
