#!/usr/bin/env bash
# Makes the image that installs Stasis on Kubernetes nodes: artifacts/image/stasis-node.oci.tar, an OCI archive. Builds the stasis command
# if need be. docs/kubernetes.md tells how the image is used.
#
#   eng/image.sh
#
# In the image are stasis, the CRIU that eng/setup.sh has proved here, skopeo, the libraries of all three, busybox, and the program
# stasis-node, which copies them to the node. No other tool makes the image: it is one layer, and the files of an OCI layout. Two runs on
# one commit and one machine give the same bytes: times are those of the last commit ($SOURCE_DATE_EPOCH, if set). The archive is replaced
# only when the image is made. Needs eng/setup.sh --test, but no network.
set -euo pipefail
script=image
. "$(dirname "$0")/lib.sh"
[ $# = 0 ] || fail "takes no arguments; see the first lines of eng/image.sh"
for tool in jq patchelf busybox skopeo git; do type -P "$tool" >/dev/null || fail "$tool is missing: eng/setup.sh --test"; done
cd "$repo"
umask 022
export LC_ALL=C.UTF-8 TZ=UTC
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
[ -n "$SOURCE_DATE_EPOCH" ] || fail "the time of the last commit is unknown: set SOURCE_DATE_EPOCH"

version=$(sed -n 's:.*<VersionPrefix>\(.*\)</VersionPrefix>.*:\1:p' Directory.Build.props)
name=localhost/stasis-node:$version
home=/usr/local/lib/stasis/node # the same in the image and on a node, since programs name their libraries by path
mkdir -p "$artifacts"
work=$(mktemp -d "$artifacts/image.XXXXXX")
at_exit+=('rm -rf "$work"')
root=$work/root
node=$root$home

# A program and copies of the libraries that its loader finds for it. It uses these alone: a node's C library may be another, or older.
add_program() { # name, file
  local loader libraries=$work/libraries folder file
  loader=$(patchelf --print-interpreter "$2")
  rm -rf "$libraries"
  mkdir "$libraries"
  cp -L "$loader" "$libraries/ld.so"
  "$loader" --list "$2" | awk '$2 == "=>" && $1 !~ /ld-linux/ { print $1, $3 }' >"$work/list"
  while read -r library file; do
    [ -e "$file" ] || fail "$2: its library $library is not there"
    cp -L "$file" "$libraries/${library##*/}"
    echo "$file" >>"$work/copied"
  done <"$work/list"
  echo "$loader" >>"$work/copied"
  echo "$2" >>"$work/copied"
  folder=lib-$1-$(cd "$libraries" && sha256sum -- * | sha256sum | cut -c 1-12)
  chmod 755 "$libraries"/*
  mv "$libraries" "$node/$folder"
  install -D -m 755 "$2" "$node/bin/$1"
  patchelf --set-interpreter "$home/$folder/ld.so" --force-rpath --set-rpath "$home/$folder" "$node/bin/$1"
  "$node/$folder/ld.so" --library-path "$node/$folder" "$node/bin/$1" --version >/dev/null || fail "$1 does not run from its copy"
}

# The CRIU that was proved here: the distribution's, that without hardware breakpoints (by a script), or one in a folder of its own.
add_criu() {
  local criu=$prefix/bin/criu
  [ -e "$criu" ] || criu=$(type -P criu) || fail "CRIU is missing: eng/setup.sh"
  criu=$(readlink -f "$criu")
  if grep -qs '^CRIU_FAULT=130 exec ' "$criu"; then
    add_program criu-program "$(type -P criu)"
    printf '#!/bin/sh\nCRIU_FAULT=130 exec %s/bin/criu-program "$@"\n' "$home" >"$node/bin/criu"
    chmod 755 "$node/bin/criu"
  else
    add_program criu "$criu"
  fi
}

# Licences of all that was copied: files of the distribution, or of a folder that its packages were unpacked to.
add_licences() {
  local file own package
  while read -r file; do
    case $file in
      "$prefix"/criu-*)
        own=${file#"$prefix"/}
        own=$prefix/${own%%/*}
        for package in "$own"/usr/share/doc/*/; do add_licence "$package/copyright" "$(basename "$package")"; done
        ;;
      *)
        package=$(package_of "$file")
        [ -z "$package" ] || add_licence "/usr/share/doc/$package/copyright" "$package"
        ;;
    esac
  done < <(sort -u "$work/copied")
}
add_licence() { [ ! -e "$1" ] || install -D -m 644 "$1" "$root/usr/share/doc/$2/copyright"; }
package_of() { # by the name that it has, or by the one that a merged /usr gives it
  local file=$1 found
  for file in "$1" "$(readlink -f "$1")" "/usr$1" "${1#/usr}"; do
    found=$(dpkg-query -S "$file" 2>/dev/null | head -1) || continue
    found=${found%%:*}
    echo "${found%%,*}"
    return
  done
}

# Of the .NET runtime's own parts, from the newest package of it that was restored here.
add_runtime_notices() {
  local packages notices
  packages=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')
  notices=$(compgen -G "$packages/runtime.linux-x64.microsoft.dotnet.ilcompiler/*/THIRD-PARTY-NOTICES.TXT" | sort -V | tail -1)
  [ -n "$notices" ] || fail "the notices of the .NET runtime are not in $packages: eng/build.sh --force"
  install -D -m 644 "$notices" "$root/usr/share/doc/stasis/THIRD-PARTY-NOTICES.TXT"
}

make_root() {
  local applet
  mkdir -p "$node/bin" "$root"/{bin,dev,etc,host,proc,sys}
  add_program stasis "$artifacts/stasis/stasis"
  add_criu
  add_program skopeo "$(type -P skopeo)"
  install -D -m 644 deploy/kubernetes/containerd-config.toml "$node/drop-ins/containerd.toml"
  install -D -m 644 deploy/kubernetes/crio.conf "$node/drop-ins/crio.conf"
  sed -i "1i $(sed -n "s/^mark='\(.*\)'.*/\1/p" packaging/node/stasis-node)" "$node"/drop-ins/*
  install -D -m 644 deploy/runtime.json "$node/examples/runtime.json"
  install -D -m 644 packaging/import-policy.json "$node/examples/import-policy.json"

  install -m 755 "$(type -P busybox)" "$root/bin/busybox"
  type -P busybox >>"$work/copied"
  for applet in $(busybox --list | grep -vx busybox); do ln -s busybox "$root/bin/$applet"; done
  install -m 755 packaging/node/stasis-node "$root/bin/stasis-node"
  add_licences
  add_licence packaging/debian/copyright stasis
  add_runtime_notices
  echo "Stasis $version, image $(tar_of "$root" | sha256sum | cut -c 1-12)" >"$node/version"
}

tar_of() { tar -C "$1" --format=gnu --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX -c .; }

add_blob() { # file; prints its digest
  local digest
  digest=$(sha256sum "$1" | cut -d ' ' -f 1)
  mv "$1" "$work/layout/blobs/sha256/$digest"
  echo "sha256:$digest"
}

make_layout() {
  local diff size layer config manifest config_size manifest_size
  mkdir -p "$work/layout/blobs/sha256"
  tar_of "$root" >"$work/layer"
  diff=sha256:$(sha256sum "$work/layer" | cut -d ' ' -f 1)
  gzip -9n "$work/layer"
  size=$(stat -c %s "$work/layer.gz")
  layer=$(add_blob "$work/layer.gz")
  jq -nc --arg diff "$diff" --arg version "$version" '{
    created: (env.SOURCE_DATE_EPOCH | tonumber | todate), architecture: "amd64", os: "linux",
    config: {
      Env: ["PATH=/bin"], Entrypoint: ["/bin/stasis-node"], Cmd: ["wait"],
      Labels: { "org.opencontainers.image.title": "stasis-node", "org.opencontainers.image.version": $version }
    },
    rootfs: { type: "layers", diff_ids: [$diff] },
    history: [{ created: (env.SOURCE_DATE_EPOCH | tonumber | todate), created_by: "eng/image.sh" }]
  }' >"$work/config"
  config_size=$(stat -c %s "$work/config")
  config=$(add_blob "$work/config")
  jq -nc --arg config "$config" --arg layer "$layer" --argjson config_size "$config_size" --argjson size "$size" '{
    schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: $config, size: $config_size },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: $layer, size: $size }]
  }' >"$work/manifest"
  manifest_size=$(stat -c %s "$work/manifest")
  manifest=$(add_blob "$work/manifest")
  jq -nc --arg manifest "$manifest" --arg name "$name" --argjson size "$manifest_size" '{
    schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [{
      mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $manifest, size: $size,
      platform: { architecture: "amd64", os: "linux" },
      annotations: { "org.opencontainers.image.ref.name": $name, "io.containerd.image.name": $name }
    }]
  }' >"$work/layout/index.json"
  printf '{"imageLayoutVersion":"1.0.0"}' >"$work/layout/oci-layout"
}

export SOURCE_DATE_EPOCH
eng/build.sh
say "collecting what is in the image"
make_root
say "packing it"
make_layout
tar_of "$work/layout" >"$work/stasis-node.oci.tar"
mkdir -p "$artifacts/image"
mv "$work/stasis-node.oci.tar" "$artifacts/image/"
say "artifacts/image/stasis-node.oci.tar, $name, $(stat -c %s "$artifacts/image/stasis-node.oci.tar" | numfmt --to=iec) bytes"
