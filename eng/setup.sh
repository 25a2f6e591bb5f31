#!/usr/bin/env bash
# Installs what Stasis drives and is built with, and finds a CRIU that really works.
#
#   eng/setup.sh [--runtime-only] [--test] [--bench]
#
#   --runtime-only   not what is needed to build Stasis, only what it drives
#   --test           also what the tests need: age and ssh-keygen, a Redis and a PostgreSQL server, unpacked into artifacts/rootfs, not
#                    installed, and bare Debian roots in artifacts/cache for eng/try-package.sh
#   --bench          also what making the peer needs (eng/peer.sh)
#
# Packages come from the distribution: Debian 12, 13 and sid. On other systems it says which are needed and stops. What is already
# there is left alone; when all of it is, this takes well under a second.
# How a CRIU is found is told in eng/criu.sh.
set -euo pipefail
script=setup
. "$(dirname "$0")/lib.sh"
. "$repo/eng/packages.sh"
. "$repo/eng/criu.sh"

build=yes test= bench=
for option; do
  case $option in
    --runtime-only) build= ;;
    --test) test=yes ;;
    --bench) bench=yes ;;
    *) fail "unknown option $option; see the first lines of eng/setup.sh" ;;
  esac
done

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

missing=
check_system
packages=("${runtime_packages[@]}")
[ -z "$build" ] || packages+=("${build_packages[@]}")
[ -z "$test" ] || packages+=("${test_packages[@]}" "${packaging_packages[@]}")
[ -z "$bench" ] || packages+=("${bench_packages[@]}")
install_packages "${packages[@]}"
check_crun
find_criu
[ -z "$build" ] || check_dotnet
if [ -n "$test" ]; then
  test_image redis redis-server
  test_image postgres postgresql busybox-static
  [ -n "$missing" ] || (cd "$repo" && dotnet tool restore >/dev/null) || fail "the tools of .config/dotnet-tools.json cannot be restored"
  "$repo/eng/try-package.sh" --prepare
fi
[ -z "$missing" ] || fail "$missing"
