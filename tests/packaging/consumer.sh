#!/usr/bin/env bash
# consumer.sh BUILD TREE COMPILER GENERATOR: an outside project builds and runs against the installed package,
# and with the tree as a part of its own.
set -eu
build=$1 tree=$2 compiler=$3
export CMAKE_GENERATOR=$4  # what is installed here
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$tree/tests/packaging/consumer" "$work/project"
# The example that a reader of the library sees, word for word.
cp "$tree/impl/example/fork_and_write.cpp" "$work/project"

# way NAME OPTION...
way() {
  local name=$1
  shift
  cmake -S "$work/project" -B "$work/$name" -DCMAKE_CXX_COMPILER="$compiler" "$@"
  cmake --build "$work/$name"
  "$work/$name/fork_and_write"
  "$work/$name/rule_sets"
}

cmake --install "$build" --prefix "$work/installed" >/dev/null
way package -DCMAKE_PREFIX_PATH="$work/installed"
way subdirectory -DCOW_TREE="$tree"
if grep -rlF "$tree" "$work/installed"/lib*/cmake; then
  echo "the installed package names the source tree"
  exit 1
fi
