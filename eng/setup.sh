#!/usr/bin/env bash
# Installs what Stasis drives and is built with, and finds a CRIU that really works.
#
#   eng/setup.sh [--runtime-only] [--test] [--bench]
#
#   --runtime-only   not what is needed to build Stasis, only what it drives
#   --test           also what the tests need: age and ssh-keygen, and a Redis and a PostgreSQL server, unpacked into artifacts/rootfs, not installed
#   --bench          also what making the peer needs (eng/peer.sh)
#
# Packages come from the distribution: Debian 12, 13 and sid. On other systems it says which are needed and stops. What is already
# there is left alone; when all of it is, this takes well under a second.
#
# CRIU depends on the kernel more than anything else here: one that passes `criu check` may hang, or refuse, when it dumps. So a CRIU
# is believed only when it has dumped and restored a process in time. The distribution's is tried first, then the distribution's
# without hardware breakpoints (CRIU_FAULT=130: virtual machines often have none that work), then Debian sid's. In the last two
# cases it is in /usr/local/lib/stasis/bin, and Stasis prefers it to the one on PATH. Nothing else is put outside of packages.
set -euo pipefail
script=setup
. "$(dirname "$0")/lib.sh"

build=yes test= bench=
for option; do
  case $option in
    --runtime-only) build= ;;
    --test) test=yes ;;
    --bench) bench=yes ;;
    *) fail "unknown option $option; see the first lines of eng/setup.sh" ;;
  esac
done

runtime_packages=(
  runc conmon criu
  netavark aardvark-dns nftables iproute2
  iptables # CRIU runs iptables-restore and ip6tables-restore to hold the network still while it dumps
  skopeo tar gzip zstd ca-certificates
  busybox-static # the demo image
  catatonit # --init
  golang-github-containers-common # /usr/share/containers/seccomp.json
)
crun_packages=(crun libcriu2)
build_packages=(gcc libc6-dev libsqlite3-dev libzstd-dev libssl-dev zlib1g-dev)
test_packages=(age openssh-client btrfs-progs e2fsprogs) # what Stasis encrypts, decrypts and signs is checked with the first two; btrfs shares blocks, ext4 forgets what was not synced
bench_packages=(debootstrap)

release() { (. /etc/os-release && echo "$ID ${VERSION_ID:-sid}"); }

check_system() {
  case $(release) in
    "debian 12" | "debian 13" | "debian sid") ;;
    *)
      {
        echo "setup: this knows the packages of Debian 12, 13 and sid only, and this is $(release)."
        echo "Install these, or what your distribution calls them, and a CRIU of at least 4.2:"
        echo "  to run:   ${runtime_packages[*]}"
        echo "            and, if crun --version then prints +CRIU, also: ${crun_packages[*]}"
        echo "  to build: ${build_packages[*]} and the .NET SDK 10"
        echo "  to measure against Podman: ${bench_packages[*]}"
      } >&2
      exit 1
      ;;
  esac
}

# Installs those of the packages that are missing.
install_packages() {
  local missing status
  status=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  missing=()
  for package; do
    grep -qx "$package installed" <<<"$status" || missing+=("$package")
  done
  if [ ${#missing[@]} = 0 ]; then
    say "packages: all $# there"
    return
  fi
  need_root
  say "packages: installing ${missing[*]}"
  apt-get -qq update
  without_services apt-get -qq -y --no-install-recommends install "${missing[@]}" >/dev/null
}

# Keeps packages from starting services while they are installed.
without_services() {
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    at_exit+=("rm -f $policy")
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  DEBIAN_FRONTEND=noninteractive "$@"
}

prove_criu() { criu_error=$("$repo/eng/prove-criu.sh" "$1"); }

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
  printf '#!/bin/sh\n# Made by eng/setup.sh of Stasis: this CRIU was proved to work on this machine.\n%s\n' "$1" >"$prefix/bin/.criu.new"
  chmod 755 "$prefix/bin/.criu.new"
  mv -T "$prefix/bin/.criu.new" "$prefix/bin/criu"
}

remember_criu() {
  criu_key >"$prefix/criu.proved.new"
  mv -T "$prefix/criu.proved.new" "$prefix/criu.proved"
  say "criu: $1"
}

check_crun() {
  if [ "$(release)" = "debian 12" ]; then
    say "crun: left out, Debian 12's is built without CRIU"
    return
  fi
  install_packages "${crun_packages[@]}"
  crun --version | grep -q +CRIU || say "crun: has no CRIU, so Stasis can only start containers with it, not checkpoint them"
}

check_dotnet() {
  if type -P dotnet >/dev/null && dotnet --list-sdks | grep -q '^10\.'; then
    say ".NET SDK: $(dotnet --list-sdks | grep '^10\.' | tail -1)"
  elif apt-cache show dotnet-sdk-10.0 >/dev/null 2>&1; then
    install_packages dotnet-sdk-10.0
  else
    missing=".NET SDK 10 is missing, and this distribution has no package dotnet-sdk-10.0: install it as https://learn.microsoft.com/dotnet/core/install/linux tells, or use --runtime-only"
  fi
}

# A program of the distribution with all its libraries, in artifacts/rootfs: the root filesystem of a test image.
test_image() {
  local name=$1 root=$artifacts/rootfs/$1 suite
  shift
  if [ -d "$root" ]; then
    say "image $name: there"
    return
  fi
  need_root
  say "image $name: unpacking $* into artifacts/rootfs/$name"
  case $(release) in "debian 12") suite=bookworm ;; "debian 13") suite=trixie ;; *) suite=sid ;; esac
  rm -rf "$root.new"
  unpack_packages "$suite" "$root.new" "$@"
  for folder in bin sbin lib lib64; do # links of a package that nothing depends on
    [ -e "$root.new/$folder" ] || ln -s "usr/$folder" "$root.new/$folder"
  done
  mkdir -p "$root.new"/{dev,etc,proc,root,run,sys,tmp,var/lib}
  # What only packages' own scripts need is most of it.
  rm -rf "$root.new"/usr/share/{perl,locale,i18n,doc,man} "$root.new"/usr/lib/*/{perl,perl-base,gconv,libperl.so*}
  [ "$name" != postgres ] || make_cluster "$root.new"
  mv -T "$root.new" "$root"
}

# An empty database cluster in /var/lib/postgresql/data, made once: it takes longer than the tests that use it. Without the compiler for
# queries, which is most of the image.
make_cluster() {
  local root=$1 lib
  lib=$(cd "$root" && echo usr/lib/postgresql/*)
  rm -rf "$root/$lib"/lib/{bitcode,llvmjit*} "$root"/usr/lib/llvm-* "$root"/usr/lib/*/{libLLVM*,libz3*} "$root"/usr/bin/perl*
  ln -s "$lib" "$root/postgresql" # whatever its version
  printf 'root:x:0:0:root:/root:/bin/sh\npostgres:x:999:999::/var/lib/postgresql:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\npostgres:x:999:\n' >"$root/etc/group"
  chroot "$root" /bin/busybox --install -s /bin 2>/dev/null || true # but what is there already
  mkdir -p "$root/var/lib/postgresql/data"
  chmod 1777 "$root/tmp"
  chown -R 999:999 "$root/var/lib/postgresql"
  # shellcheck disable=SC2016
  in_private_namespace bash -c 'mount --rbind /dev "$0/dev" && exec chroot --userspec=999:999 "$0" "/$1/bin/initdb" -D /var/lib/postgresql/data -U postgres --auth=trust --no-sync --no-locale' \
    "$root" "$lib" >"$artifacts/initdb.log" 2>&1 || { cat "$artifacts/initdb.log" >&2; fail "PostgreSQL's initdb failed"; }
}

missing= kept_criu=
check_system
packages=("${runtime_packages[@]}")
[ -z "$build" ] || packages+=("${build_packages[@]}")
[ -z "$test" ] || packages+=("${test_packages[@]}")
[ -z "$bench" ] || packages+=("${bench_packages[@]}")
install_packages "${packages[@]}"
check_crun
find_criu
[ -z "$build" ] || check_dotnet
if [ -n "$test" ]; then
  test_image redis redis-server
  test_image postgres postgresql busybox-static
fi
[ -z "$missing" ] || fail "$missing"
