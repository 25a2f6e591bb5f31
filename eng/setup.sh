#!/usr/bin/env bash
# Installs what Stasis drives and is built with, and finds a CRIU that really works.
#
#   eng/setup.sh [--runtime-only] [--test [--all]] [--bench]
#
#   --runtime-only   not what is needed to build Stasis, only what it drives
#   --test           also what the tests need: age and ssh-keygen, servers and interpreters, unpacked into artifacts/rootfs, not
#                    installed, and bare Debian roots in artifacts/cache for eng/try-package.sh
#   --all            with --test: also the programs of its long form (1 GB), as with STASIS_TEST_ALL=1
#   --bench          also what making the peer needs (eng/peer.sh), and the programs of the warm starts (1 GB)
#
# Packages come from the distribution: Debian 12, 13 and sid. On other systems it says which are needed and stops. What is already
# there is left alone; when all of it is, this takes well under a second.
# How a CRIU is found is told in eng/criu.sh.
set -euo pipefail
script=setup
. "$(dirname "$0")/lib.sh"
. "$repo/eng/packages.sh"
. "$repo/eng/criu.sh"
. "$repo/eng/images.sh"

build=yes test= bench= all=${STASIS_TEST_ALL:-}
for option; do
  case $option in
    --runtime-only) build= ;;
    --test) test=yes ;;
    --all) all=1 ;;
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
if [ -n "$bench" ]; then
  test_image postgres postgresql busybox-static
  test_image programs-large "${large_program_packages[@]}"
fi
if [ -n "$test" ]; then
  test_image redis redis-server busybox-static
  test_image postgres postgresql busybox-static
  test_image programs "${program_packages[@]}"
  [ "$all" != 1 ] || test_image programs-large "${large_program_packages[@]}"
  [ -n "$missing" ] || (cd "$repo" && dotnet tool restore >/dev/null) || fail "the tools of .config/dotnet-tools.json cannot be restored"
  "$repo/eng/try-package.sh" --prepare
fi
[ -z "$missing" ] || fail "$missing"
