#!/usr/bin/env bash
# Sets up, builds and runs the tests; the last line is `N passed, N failed` over all of them.
#
#   eng/test.sh [--all] [--list-slow] [unit|integration|e2e]... [-- ARGUMENT...]
#
#   --all         the long form: sizes and numbers of the real thing where a smaller one proves the same (STASIS_TEST_ALL=1)
#   --list-slow   run the tests one at a time, and print at the end the twenty that cost most processor time: that of all processes in the
#                 run's PID namespace (children, containers, the peer) from a test's beginning to the end of its cleanup. What fixtures
#                 that tests share cost is not in it, nor what the kernel's own threads do. For unit tests too, this needs root.
#   ARGUMENT      for the test runner, e.g. -- -method '*Restore*'
#
# End-to-end tests find the binary in $STASIS_BIN and run commands in the peer with $STASIS_PEER (eng/peer.sh, which is up). Those of hostile
# archives find a build that can switch defences off in $STASIS_SWITCHES_BIN; it is made if no ARGUMENT is given, or one has Attack in it.
# Integration and end-to-end tests need root. They run in mount and PID namespaces of their own, with a tmpfs on /run, so that nothing
# they mount or start outlives them. A suite that crashes or runs no test counts as one failure. Reports are in artifacts/tests.
set -euo pipefail
script=test
. "$(dirname "$0")/lib.sh"

suites=() list_slow=
while [ $# -gt 0 ]; do
  case $1 in
    --all) export STASIS_TEST_ALL=1 ;;
    --list-slow) list_slow=yes; need_root ;;
    unit) suites+=(UnitTests) ;;
    integration) suites+=(IntegrationTests) ;;
    e2e) suites+=(EndToEndTests) ;;
    --) shift; break ;;
    *) fail "unknown suite $1; see the first lines of eng/test.sh" ;;
  esac
  shift
done
[ ${#suites[@]} -gt 0 ] || suites=(UnitTests IntegrationTests EndToEndTests)
runner_arguments=("$@")
[ -z "$list_slow" ] || runner_arguments+=(-parallelMode none -reporter cpu-time)

cd "$repo"
eng/setup.sh --test # and for the long form, by its variable
case ${suites[*]} in *EndToEndTests*) eng/peer.sh make ;; esac
eng/build.sh
say "building the tests"
quiet_dotnet build Stasis.slnx -c Release >"$artifacts/build.log" 2>&1 || { cat "$artifacts/build.log" >&2; fail "cannot be built"; }

# Tests of hostile archives switch defences off, one after the other, which the published binary can't: a build beside it, with folders of
# its own, so that nothing of it gets into the other.
case "${suites[*]} ${runner_arguments[*]:-Attack}" in
  *EndToEndTests*Attack*)
    say "building stasis with defence switches"
    quiet_dotnet build src/Stasis.Cli -c Release --artifacts-path "$artifacts/switches" -p:DefenceSwitches=true \
      >"$artifacts/build.log" 2>&1 ||
      { cat "$artifacts/build.log" >&2; fail "cannot be built"; }
    export STASIS_SWITCHES_BIN=$artifacts/switches/bin/Stasis.Cli/release/stasis
    ;;
esac

reports=$artifacts/tests
mkdir -p "$reports"
scratch=$(mktemp -d /var/tmp/stasis-test.XXXXXX)
at_exit+=("remove_state '$scratch'")

export STASIS_BIN=$artifacts/stasis/stasis STASIS_REPO=$repo STASIS_PEER=/run/stasis-peer/run
export TMPDIR=$scratch DOTNET_EnableDiagnostics=0 # which would leave a socket in /tmp when killed

# Tests keep containers in /var/tmp, on a disk; in here that is a folder which goes with the run (unless the checkout itself lies there, and would be hidden).
prelude='set -e; case $STASIS_REPO/ in /var/tmp/*) ;; *) mount --bind "$TMPDIR" /var/tmp; export TMPDIR=/var/tmp ;; esac'

# What a run that was interrupted has left in the peer, whose files stay.
peer_tidy='"$STASIS_PEER" podman rm --all --force --time 0 >/dev/null; rm -rf artifacts/peer/exchange/*'

run_suite() {
  local program=tests/Stasis.$1/bin/Release/net10.0/Stasis.$1
  local command=("$program" -noLogo -noColor -result-xml "$reports/$1.xml" "${runner_arguments[@]}")
  rm -f "$reports/$1.xml" "$reports/$1.cpu"
  export STASIS_CPU_TIMES=$reports/$1.cpu
  case $1 in
    UnitTests) if [ -z "$list_slow" ]; then "${command[@]}"; else in_private_namespace "${command[@]}"; fi ;;
    IntegrationTests) in_private_namespace --net bash -c "$prelude"'; exec "$@"' tests "${command[@]}" ;;
    EndToEndTests) in_private_namespace --net bash -c "$prelude"'; eng/peer.sh up; '"$peer_tidy"'; "$@" || status=$?; eng/peer.sh down; exit ${status:-0}' tests "${command[@]}" ;;
  esac
}

# The number that the report gives for the whole suite, from the attribute of its first <assembly> element.
count() { grep -o -m 1 '<assembly [^>]*' "$reports/$1.xml" 2>/dev/null | grep -o " $2=\"[0-9]*\"" | tr -dc 0-9 || true; }

passed=0 failed=0 skipped=0
for suite in "${suites[@]}"; do
  say "$suite"
  status=0
  run_suite "$suite" || status=$?
  suite_passed=$(count "$suite" passed) suite_failed=$(count "$suite" failed) suite_skipped=$(count "$suite" skipped)
  suite_errors=$(count "$suite" errors)
  : "${suite_passed:=0}" "${suite_failed:=0}" "${suite_skipped:=0}" "${suite_errors:=0}"
  suite_failed=$((suite_failed + suite_errors))
  if [ $((suite_passed + suite_failed)) = 0 ]; then
    say "$suite: ran no test (exit code $status)"
    suite_failed=1
  elif [ "$status" != 0 ] && [ "$suite_failed" = 0 ]; then
    say "$suite: ended with exit code $status"
    suite_failed=1
  fi
  passed=$((passed + suite_passed)) failed=$((failed + suite_failed)) skipped=$((skipped + suite_skipped))
done

if [ -n "$list_slow" ]; then
  times() { for suite in "${suites[@]}"; do cat "$reports/$suite.cpu" 2>/dev/null || true; done; }
  say "processor time of all tests: $(times | awk '{ sum += $1 } END { printf "%.1f s", sum }'); the twenty that cost most, in seconds:"
  times | sort -rn | awk -F '\t' 'NR <= 20 { printf "%9.2f  %s\n", $1, $2 }'
fi

if [ "$skipped" = 0 ]; then echo "$passed passed, $failed failed"; else echo "$passed passed, $failed failed, $skipped skipped"; fi
[ "$failed" = 0 ]
