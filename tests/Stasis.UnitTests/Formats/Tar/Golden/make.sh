#!/bin/bash
# Makes the golden tars: one small tree in each format that GNU tar 1.34 writes. Run as root in this folder.
set -euo pipefail
out=$PWD tree=$(mktemp -d)
trap 'rm -r "$tree"' EXIT
cd "$tree"
mkdir d
echo hello >d/file
ln d/file hard
ln -s d/file soft
mkfifo fifo
mknod null c 1 3
mknod disk b 8 1
truncate -s 2M sparse
printf data | dd of=sparse bs=1 seek=1000000 conv=notrunc status=none
long=$(printf 'n%.0s' {1..120})
echo long >"$long"
ln -s "$long" longlink
chown -hR 1000:1001 .
chmod 4755 d/file
python3 -c 'import os; os.setxattr("d/file", "user.binary", bytes([0, 1, 10, 255, 61]))'
touch -h -d '2020-01-02 03:04:05.25 UTC' d/file soft fifo null disk sparse "$long" longlink d
pack() { tar --sort=name --numeric-owner "$@" | gzip -9n; }
pack --format=v7 -c d hard soft >"$out/v7.tar.gz"
pack --format=ustar -c d hard soft fifo null disk >"$out/ustar.tar.gz"
pack --format=oldgnu -S -c d hard soft fifo null disk sparse "$long" longlink >"$out/oldgnu.tar.gz"
pack --format=gnu -S -c d hard soft fifo null disk sparse "$long" longlink >"$out/gnu.tar.gz"
for version in 0.0 0.1 1.0; do
  pack --format=pax --xattrs -S --sparse-version=$version -c d hard soft fifo null disk sparse "$long" longlink >"$out/pax-$version.tar.gz"
done
