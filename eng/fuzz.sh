#!/usr/bin/env bash
# Gives the readers of archives made-up input, to find what breaks them.
#
#   eng/fuzz.sh [SECONDS] [TARGET]       each target for so long (60), all of them or those whose name has TARGET in it
#
# Targets are the tests of classes named FuzzTests: of archives A_tar, A_tar_in_pieces, Compressed_data, Seekable_frames, Json, A_whole_archive, Contents_of_an_archive; of images; of templates.
# Each run tries others, eng/test.sh always the same. Input that breaks something is in the failure, with its seed, in base64: make it a test.
set -euo pipefail
script=fuzz
. "$(dirname "$0")/lib.sh"

seconds=${1:-60} target=${2:-}
[[ $seconds =~ ^[0-9]+$ ]] || fail "SECONDS must be a number; see the first lines of eng/fuzz.sh"
cd "$repo"
mkdir -p "$artifacts"
say "building"
dotnet build tests/Stasis.UnitTests -c Release "${quiet_dotnet[@]}" >"$artifacts/build.log" 2>&1 || { cat "$artifacts/build.log" >&2; fail "cannot be built"; }
# One at a time: of memory and time, each is to answer for its own.
export STASIS_FUZZ_SECONDS=$seconds DOTNET_EnableDiagnostics=0
exec tests/Stasis.UnitTests/bin/Release/net10.0/Stasis.UnitTests -noLogo -noColor -showLiveOutput -parallelMode none -class '*FuzzTests' -method "*$target*"
