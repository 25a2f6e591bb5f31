#!/usr/bin/env bash
# Makes all files of a release, in artifacts/packages: NuGet packages with symbols, a Debian package, a tarball, an SBOM, and
# SHA256SUMS over all of them. Builds the stasis command if need be. docs/packaging.md describes the files.
#
#   eng/package.sh
#
# Two runs on one commit and one machine give the same bytes: times are those of the last commit ($SOURCE_DATE_EPOCH, if set). The
# folder is replaced only when every file is made. Needs eng/setup.sh --test, but no network.
set -euo pipefail
script=package
. "$(dirname "$0")/lib.sh"
. "$repo/eng/packages.sh"
[ $# = 0 ] || fail "takes no arguments; see the first lines of eng/package.sh"
for tool in jq objdump dpkg-deb dpkg-query git; do type -P "$tool" >/dev/null || fail "$tool is missing: eng/setup.sh --test"; done
cd "$repo"
umask 022
export LC_ALL=C.UTF-8 TZ=UTC
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
[ -n "$SOURCE_DATE_EPOCH" ] || fail "the time of the last commit is unknown: set SOURCE_DATE_EPOCH"
export SOURCE_DATE_EPOCH

version=$(sed -n 's:.*<VersionPrefix>\(.*\)</VersionPrefix>.*:\1:p' Directory.Build.props)
stasis=$artifacts/stasis/stasis
mkdir -p "$artifacts"
work=$(mktemp -d "$artifacts/packages.XXXXXX")
at_exit+=('rm -rf "$work"')
out=$work/out
mkdir "$out"
chmod 755 "$out"

offline=(-p:NuGetAudit=false) # the audit asks the registry; eng/build.sh has asked it

same_times() { find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +; }
dotnet_step() { quiet_dotnet "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "dotnet $1 failed"; }; }

make_nuget_packages() {
  local project
  for project in src/*/*.csproj; do
    ! grep -q '<IsPackable>false' "$project" || continue
    say "packing ${project%/*}"
    dotnet_step pack "$project" -c Release -o "$out" "${offline[@]}"
  done
}

# The libraries that the linker puts into the program, from the Debian packages of their static archives.
static_libraries() {
  local library package license file package_version
  while read -r library package license; do
    file=/usr/lib/x86_64-linux-gnu/$library.a
    package_version=$(dpkg-query -W -f '${Version}' "$package")
    jq -n --arg name "$library" --arg version "$package_version" --arg license "$license" \
      --arg sha256 "$(sha256sum "$file" | cut -d ' ' -f 1)" \
      --arg purl "pkg:deb/debian/$package@${package_version//+/%2B}?arch=amd64" '{
        type: "library", "bom-ref": $purl, name: $name, version: $version, scope: "required", purl: $purl,
        hashes: [{ alg: "SHA-256", content: $sha256 }],
        licenses: [{ license: (if $license == "public-domain" then { name: $license } else { id: $license } end) }]
      }'
  done <<'LIBRARIES'
libsqlite3 libsqlite3-dev public-domain
libzstd libzstd-dev BSD-3-Clause
libcrypto libssl-dev Apache-2.0
LIBRARIES
}

make_sbom() {
  say "listing what is in the program"
  dotnet tool restore >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "the tools of .config/dotnet-tools.json cannot be restored"; }
  dotnet_step restore src/Stasis.Cli -r linux-x64 --artifacts-path "$work/restored" "${offline[@]}"
  # Without --url the tool asks the registry, though it finds all packages where they have been restored to.
  dotnet tool run dotnet-CycloneDX -- src/Stasis.Cli/Stasis.Cli.csproj \
    --disable-package-restore --base-intermediate-output-path "$work/restored" \
    --url "${NUGET_PACKAGES:-$HOME/.nuget/packages}" \
    --no-serial-number --spec-version 1.6 --set-name stasis --set-version "$version" \
    --output-format UnsafeJson --output "$work" --filename nuget.cdx.json >"$work/log" 2>&1 ||
    { cat "$work/log" >&2; fail "the SBOM cannot be made"; }
  static_libraries >"$work/libraries.json"
  # The .NET runtime comes as a build-time package, but its libraries are linked in.
  jq --slurpfile libraries "$work/libraries.json" --arg sha256 "$(sha256sum "$stasis" | cut -d ' ' -f 1)" '
    .metadata.timestamp = (env.SOURCE_DATE_EPOCH | tonumber | todate)
    | .metadata.component.hashes = [{ alg: "SHA-256", content: $sha256 }]
    | .metadata.component.licenses = [{ license: { id: "Apache-2.0" } }]
    | (.components[] | select(.name | startswith("runtime.linux-x64.")) | .scope) = "required"
    | .components += $libraries
    | .metadata.component["bom-ref"] as $self
    | (.dependencies[] | select(.ref == $self) | .dependsOn) += [$libraries[]["bom-ref"]]
    | .dependencies += [$libraries[] | { ref: .["bom-ref"] }]
  ' "$work/nuget.cdx.json" >"$out/stasis-$version.cdx.json"
}

# Every library that the program contains must be named in the copyright file.
check_copyright() {
  local name
  for name in $(jq -r '.components[] | select(.scope == "required") | .name' "$out/stasis-$version.cdx.json"); do
    grep -qF "$name" packaging/debian/copyright || fail "packaging/debian/copyright does not name $name, which the program contains"
  done
}

# Notices of the .NET runtime's own parts, from the package that it comes in.
runtime_notices() {
  local name package_version
  read -r name package_version < <(jq -r '.components[] | select(.name | startswith("runtime.linux-x64.")) | "\(.name) \(.version)"' \
    "$out/stasis-$version.cdx.json")
  cat "$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')/${name,,}/$package_version/THIRD-PARTY-NOTICES.TXT"
}

make_tarball() {
  local name=stasis-$version-linux-amd64
  say "making the tarball"
  DESTDIR='' eng/install.sh --prefix "$work/$name" >/dev/null
  cp "$work/notices" "$work/$name/share/doc/stasis/THIRD-PARTY-NOTICES.TXT"
  tar -C "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX -c "$name" |
    gzip -9n >"$out/$name.tar.gz"
}

join() { local all; printf -v all '%s, ' "$@"; echo "${all%, }"; }

make_deb() {
  local root=$work/deb libc package depends size
  say "making the Debian package"
  DESTDIR=$root eng/install.sh --prefix /usr >/dev/null
  local share=$root/usr/share doc=$root/usr/share/doc/stasis
  mkdir -p "$share/zsh/vendor-completions"
  mv "$share/zsh/site-functions/_stasis" "$share/zsh/vendor-completions/"
  rmdir "$share/zsh/site-functions"
  install -D -m 644 packaging/import-policy.json "$root/etc/stasis/import-policy.json"
  rm "$doc/LICENSE" # in /usr/share/common-licenses
  cp "$work/notices" "$doc/THIRD-PARTY-NOTICES.TXT"
  [ ! -e CHANGELOG.md ] || cp CHANGELOG.md "$doc/changelog"
  find "$share/man" "$doc" -type f \( -name '*.1' -o -name changelog -o -name '*.TXT' \) -exec gzip -9n {} +

  # The newest version of the C library whose symbols the program uses.
  libc=$(objdump -T "$stasis" | grep -o 'GLIBC_[0-9.]*' | cut -d _ -f 2 | sort -Vu | tail -1)
  depends=("libc6 (>= $libc)")
  for package in "${runtime_packages[@]}"; do
    case $package in tar | gzip) ;; *) depends+=("$package") ;; esac # always there on Debian
  done
  mkdir "$root/DEBIAN"
  (cd "$root" && find etc usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
  (cd "$root" && find etc -type f -printf '/%p\n' | sort) >"$root/DEBIAN/conffiles"
  size=$(find "$root/etc" "$root/usr" -type f -printf '%s\n' | awk '{ sum += int(($1 + 1023) / 1024) } END { print sum }')
  sed -e "s/@VERSION@/$version/; s/@INSTALLED_SIZE@/$size/" \
    -e "s/@DEPENDS@/$(join "${depends[@]}")/; s/@SUGGESTS@/$(join "${crun_packages[@]}")/" \
    packaging/debian/control >"$root/DEBIAN/control"
  chmod 644 "$root"/DEBIAN/*
  install -d -m 700 "$root/var/lib/stasis" # where memory of containers lies in the clear
  same_times "$root"
  dpkg-deb --root-owner-group -Zxz --build "$root" "$out/stasis_${version}_amd64.deb" >/dev/null
}

eng/build.sh
make_nuget_packages
make_sbom
check_copyright
runtime_notices >"$work/notices"
make_tarball
make_deb
(cd "$out" && sha256sum -- * >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
rm -rf "$artifacts/packages"
mv -T "$out" "$artifacts/packages"
say "made in artifacts/packages:"
(cd "$artifacts/packages" && stat -c '  %n, %s bytes' -- *)
