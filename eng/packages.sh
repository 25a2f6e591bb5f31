# The Debian packages that Stasis needs, by purpose; sourced, never run. All of them have the same names in Debian 12, 13 and sid.
# shellcheck shell=bash disable=SC2034

# What Stasis drives. eng/setup.sh installs these, and the .deb of eng/package.sh depends on them.
runtime_packages=(
  runc conmon criu
  netavark aardvark-dns nftables iproute2
  iptables # CRIU runs iptables-restore and ip6tables-restore to hold the network still while it dumps
  skopeo tar gzip zstd ca-certificates
  busybox-static # the demo image, and the process that a CRIU is proved with
  catatonit # --init
  golang-github-containers-common # /usr/share/containers/seccomp.json
)
# Optional: a second OCI runtime. Debian 12's crun is built without CRIU.
crun_packages=(crun libcriu2)
build_packages=(gcc libc6-dev libsqlite3-dev libzstd-dev libssl-dev zlib1g-dev)
# age and ssh-keygen check what Stasis encrypts, decrypts and signs; btrfs shares blocks, ext4 and xfs forget what was not synced; images are
# pushed to docker-registry.
test_packages=(age openssh-client btrfs-progs e2fsprogs xfsprogs docker-registry)
bench_packages=(debootstrap docker-registry)
# eng/package.sh merges the SBOM's parts with jq and reads the needed C library's version with objdump; eng/try-package.sh bootstraps;
# eng/image.sh ties programs to their own libraries with patchelf.
packaging_packages=(jq binutils git debootstrap debian-archive-keyring patchelf)

# What the tests run in containers: the root file systems artifacts/rootfs/programs, and programs-large for the long form.
program_base_packages=(libc-bin bash dash coreutils busybox-static base-files base-passwd)
program_packages=(
  "${program_base_packages[@]}"
  nginx lighttpd memcached haproxy socat rsyslog cron tmux ncurses-base procps sqlite3 python3 supervisor perl lua5.4 tcl
)
large_program_packages=(
  "${program_base_packages[@]}"
  default-jre-headless nodejs ruby php-cli mariadb-server caddy sox ffmpeg gcc libc6-dev make
)
