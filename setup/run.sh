#!/bin/sh
# setup/run.sh test|test:long|lab|gate|bench|coverage|dev|COMMAND [ARGUMENTS]: sets up what is missing, then becomes the pinned Node. Any other
# COMMAND is one of `nameplate`; without one it is `start`.
# Runs before anything is installed, so: POSIX sh. On a machine that is set up it must cost no more than a few file tests.
set -eu

called_from=${INIT_CWD:-$PWD}
case $0 in */*) itself=$0 ;; *) itself=./$0 ;; esac
[ ! -L "$itself" ] || itself=$(readlink -f "$itself") # a link to it on the PATH is the command `nameplate`
cd "${itself%/*}/.."
repository=$PWD
PATH=$repository/node_modules/.bin:$PATH:/usr/sbin:/sbin
export PATH NODE_COMPILE_CACHE="$repository/.cache/compile"

say() { echo "setup: $*" >&2; }
fail() {
  say "$*"
  exit 1
}

. setup/dependencies.sh
. setup/packages.sh

start() {
  case " $* " in
    *' --driver simulated '* | *' --driver=simulated '* | *' --help '* | *' -h '* | *' --version '* | *' -v '*) ;;
    *) install_packages for_guests ;;
  esac
  nameplate start "$@"
}

agent() {
  case " $* " in *' --driver simulated '* | *' --driver=simulated '*) ;; *) install_packages for_guests ;; esac
  nameplate agent "$@"
}

nameplate() {
  # Paths among the options are the caller's.
  cd "$called_from"
  # A small young generation keeps the service small: it is mostly idle, and what a request makes dies with it. With gc()
  # the service collects the garbage of its start.
  # glibc keeps freed memory for each thread: 19 MiB for each password that was checked there. A fixed threshold gives large
  # blocks back at once, and huge pages make them cheap to take again.
  GLIBC_TUNABLES=glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=1048576:glibc.malloc.arena_max=2
  export GLIBC_TUNABLES
  exec node --max-semi-space-size=8 --expose-gc "$repository/src/cli/nameplate.ts" "$@"
}

lab() {
  install_packages for_tests
  cd "$called_from"
  exec node "$repository/test/lab/lab.ts" "$@"
}

# Arguments: folders, files, or options of node --test; without any file or folder, all tests.
run_tests() {
  install_packages for_tests
  options='' chosen=''
  for argument in "$@"; do
    case $argument in
      -*) options="$options $argument" ;;
      *) if [ -d "$argument" ]; then chosen="$chosen ${argument%/}/**/*.test.ts"; else chosen="$chosen $argument"; fi ;;
    esac
  done
  set -f # the patterns are for node
  [ -n "$chosen" ] || chosen='{bench,demo-image,packages,setup,src,test}/**/*.test.ts'
  # Guests are emulated and take a core each.
  # shellcheck disable=SC2086 # paths in a repository have no spaces
  exec node --test --test-concurrency=2 --test-timeout=600000 --test-reporter=spec $options $chosen
}

# Restarts when a source file changes. Later options win.
dev() {
  exec node --watch --inspect "$repository/src/cli/nameplate.ts" start --driver simulated --state-dir "$repository/.cache/dev" "$@"
}

# The rooms' own tests, without guests, killed processes and other machines; the floor is a little below what it was last.
coverage() {
  install_packages for_tests
  exec node --test --test-concurrency=2 --test-timeout=600000 --test-reporter=spec --experimental-test-coverage \
    '--test-coverage-include=src/**' '--test-coverage-exclude=**/*.test.ts' --test-coverage-lines=95 --test-coverage-branches=91 \
    'src/**/*.test.ts' 'test/laws/{store-sqlite,driver-simulated,moves-simulated,bus-in-process}.test.ts' 'test/api/*.test.ts'
}

# bench SCRIPT ARGUMENTS: what cannot be installed leaves out the lines that need it.
bench() {
  (install_packages for_bench) || say 'lines that need what is missing are printed as not measured'
  script=$1
  shift
  exec node "$repository/bench/$script.ts" "$@"
}

verdict() {
  name=$1
  shift
  if "$@"; then echo "gate: $name: passed"; else
    echo "gate: $name: FAILED"
    failed=yes
  fi
}

gate() {
  failed=no
  if [ -t 1 ]; then colors=force; else colors=off; fi
  verdict 'format and lint' biome ci --colors=$colors --error-on-warnings .
  verdict 'types' tsc --noEmit
  verdict 'promises that nobody awaits' oxlint --type-aware --quiet
  verdict 'unused files, exports and dependencies' knip
  [ "$failed" = no ]
}

command=${1-start}
[ $# -eq 0 ] || shift
case $command in
  start) install_dependencies && start "$@" ;;
  agent) install_dependencies && agent "$@" ;;
  test) install_dependencies && run_tests "$@" ;;
  test:long)
    export NAMEPLATE_LONG=1
    install_dependencies && run_tests --test-timeout=3600000 "$@"
    ;;
  lab) install_dependencies && lab "$@" ;;
  gate) install_dependencies && gate ;;
  dev) install_dependencies && dev "$@" ;;
  coverage) install_dependencies && coverage ;;
  bench) install_dependencies && bench run "$@" ;;
  bench:many-hosts | bench:bad-requests) install_dependencies && bench "${command#bench:}" "$@" ;;
  *) install_dependencies && nameplate "$command" "$@" ;;
esac
