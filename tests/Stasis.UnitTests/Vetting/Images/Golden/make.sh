#!/bin/bash
# Makes the golden images: those of a container that holds one of everything, dumped by CRIU 4.2 through runc, with its config and spec. Run as root in this folder, in namespaces of its own with a
# tmpfs on /run (eng/lib.sh: in_private_namespace), with $STASIS_BIN and an image of busybox's root file system in $1.
set -euo pipefail
out=$PWD work=$(mktemp -d /var/tmp/golden.XXXXXX)
st() { "$STASIS_BIN" --root "$work/root" --runroot /run/stasis-golden "$@"; }
trap 'st rm -f everything; rm -rf --one-file-system "$work"' EXIT
mkdir "$work/program"
gcc -Os -s -static -pthread -o "$work/program/everything" ../../../../Shared/Programs/everything.c
st image import "$1" busybox
st run -d --network none --security-opt no-new-privileges --cap-drop SETUID -v "$work/program:/program:ro" --tmpfs /scratch --name everything busybox /program/everything
until [ "$(st logs everything)" = ready ]; do sleep 0.1; done
st container checkpoint -e "$work/archive.tar" -c none --file-locks everything
mkdir "$work/unpacked"
tar -C "$work/unpacked" -xf "$work/archive.tar"
tar -C "$work/unpacked" --sort=name --owner=0 --group=0 --numeric-owner --mtime=2026-11-26 -c checkpoint config.dump spec.dump | zstd -19 -q -f -o "$out/everything.tar.zst"
