#!/usr/bin/env bash
# Gives the readers of archives made-up input, to find what breaks them.
#
#   eng/fuzz.sh [SECONDS] [TARGET]       each target for so long (60), all of them or those whose name has TARGET in it
#
# Targets are the tests of classes named FuzzTests: of archives (A_tar, A_tar_in_pieces, Compressed_data, Seekable_frames, Json, A_whole_archive, Contents_of_an_archive), of age's format and keys, of
# signatures and their keys, of what an archive asks for and what is made of it, of policy files, of CRIU's images (Every_kind_of_image, Checkpoints_are_verified, Seccomp_filters…), of templates.
# Each run tries others, eng/test.sh always the same. Each prints how many it tried, and how much memory the process had at most: 512 MiB, of which 256 are .NET's heap, is the bound. The last line is the sum.
# Input that breaks something is in the failure, in base64 or as it is: make it a test. Of a target that never ends or takes the process with it, artifacts/fuzz/TARGET has the input's numbers: set
# as they stand there (STASIS_FUZZ_SEED=… STASIS_FUZZ_FROM=…), it is the first that is tried.
set -euo pipefail
script=fuzz
. "$(dirname "$0")/lib.sh"

seconds=${1:-60} target=${2:-}
[[ $seconds =~ ^[0-9]+$ ]] || fail "SECONDS must be a number; see the first lines of eng/fuzz.sh"
cd "$repo"
mkdir -p "$artifacts/fuzz"
say "building"
quiet_dotnet build tests/Stasis.UnitTests -c Release >"$artifacts/build.log" 2>&1 || { cat "$artifacts/build.log" >&2; fail "cannot be built"; }
# One at a time: of memory and time, each is to answer for its own.
export STASIS_FUZZ_SECONDS=$seconds STASIS_FUZZ_FOLDER=$artifacts/fuzz DOTNET_GCHeapHardLimit=0x10000000 DOTNET_EnableDiagnostics=0
status=0
tests/Stasis.UnitTests/bin/Release/net10.0/Stasis.UnitTests -noLogo -noColor -showLiveOutput -parallelMode none -class '*FuzzTests' ${target:+-method "*$target*"} | tee "$artifacts/fuzz/log" || status=$?
awk '{ for (i = 2; i <= NF; i++) if ($i == "inputs,") sum += $(i - 1) } END { printf "%d inputs\n", sum }' "$artifacts/fuzz/log"
exit "$status"
