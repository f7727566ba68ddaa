#!/usr/bin/env bash
# Makes the lock files from pyproject.toml: every package that `make setup` installs, by version and hash, for CPython
# 3.11 and later. Versions that are locked stay; name packages to move them, or --upgrade to move all:
#     make lock [UPGRADE="requests fastapi"|--all]
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
python3 -m venv "$tools"
"$tools/bin/pip" install --quiet --disable-pip-version-check uv==0.13.9

upgrade=()
for name in "$@"; do
  if [ "$name" = --all ]; then upgrade+=(--upgrade); else upgrade+=(--upgrade-package "$name"); fi
done

compile() { # compile PYTHON LOCK WHAT…: the lock holds packages and hashes only, nothing of where they came from
  "$tools/bin/uv" pip compile --quiet --universal --python-version "$1" --generate-hashes \
    --no-header --no-emit-index-url --no-emit-find-links "${upgrade[@]}" --output-file "${@:2}"
}

compile 3.11 packaging/requirements-build.lock --group pyproject.toml:build
compile 3.11 packaging/requirements.lock pyproject.toml --constraints packaging/requirements-build.lock
compile 3.11 packaging/requirements-test.lock --group pyproject.toml:test --constraints packaging/requirements.lock
compile 3.11 packaging/requirements-bench.lock --group pyproject.toml:bench --constraints packaging/requirements.lock
compile 3.13 packaging/requirements-printer.lock --group pyproject.toml:printer \
  --constraints packaging/requirements.lock --constraints packaging/requirements-test.lock
