# Root file systems of the images that the tests run, unpacked from the distribution's packages; sourced by eng/setup.sh, after lib.sh.
# shellcheck shell=bash

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
  rm -rf "$root.new"/usr/share/{locale,i18n,doc,man} "$root.new"/usr/lib/*/gconv
  case $name in
    programs*) finish_programs "$root.new" ;;
    *) rm -rf "$root.new"/usr/share/perl "$root.new"/usr/lib/*/{perl,perl-base,libperl.so*} ;; # only packages' own scripts need it
  esac
  case $name in
    redis) chroot "$root.new" /bin/busybox --install -s /bin 2>/dev/null || true ;; # but what is there already
    postgres) make_cluster "$root.new" ;;
    programs-large) add_dotnet "$root.new" ;;
  esac
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

# What the packages' own scripts would make when they are installed: accounts, and programs by the names that have no version in them.
finish_programs() {
  local root=$1 program versioned
  cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
  cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
  chmod 1777 "$root/tmp"
  for program in java:lib/jvm/java-*-openjdk-*/bin/java php:bin/php[0-9]* lua:bin/lua5*; do
    versioned=$(cd "$root/usr" && compgen -G "${program#*:}" | grep -v 'java-1\.' | head -1 || true)
    [ -z "$versioned" ] || [ -e "$root/usr/bin/${program%%:*}" ] || ln -s "../$versioned" "$root/usr/bin/${program%%:*}"
  done
  ln -sfn /proc/self/mounts "$root/etc/mtab"
  chroot "$root" /bin/busybox --install -s /bin 2>/dev/null || true # but what is there already
}

# The runtimes of this machine's SDK, and programs for them, built where no file of the repository applies to them.
add_dotnet() {
  local root=$1 dotnet build program
  dotnet=$(dirname "$(readlink -f "$(type -P dotnet)")")
  mkdir -p "$root"/opt/dotnet/shared
  cp -a "$dotnet"/{dotnet,host} "$root/opt/dotnet"
  cp -a "$dotnet"/shared/Microsoft.{NETCore,AspNetCore}.App "$root/opt/dotnet/shared"
  build=$(mktemp -d)
  at_exit+=("rm -rf '$build'")
  for program in requests web; do
    cp "$repo/tests/Stasis.EndToEndTests/Programs/$program.cs" "$build"
    # Not quiet_dotnet, since not all of its options are known where a source file is built.
    (cd "$build" && TMPDIR=$build XDG_DATA_HOME=$build dotnet build $program.cs -o "$root/opt/$program" -p:UseSharedCompilation=false) \
      >"$artifacts/$program.log" 2>&1 || { cat "$artifacts/$program.log" >&2; fail "$program.cs cannot be built"; }
  done
  # As in a project made by "dotnet new web".
  printf '{ "Logging": { "LogLevel": { "Default": "Information" } }, "AllowedHosts": "*" }\n' >"$root/opt/web/appsettings.json"
}
