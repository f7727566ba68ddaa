#!/usr/bin/env bash
# Installs what is missing, and only that: Debian packages, the Python environment in .venv from the lock files, the
# virtual card reader and for tests the foreign printer beside it, the font faces, the pinyin dictionary, the
# translations, the sound files of the fixed sentences and the byte code.
# Says what and why; with nothing missing it is silent, needs no network and takes well under a second.
#     packaging/setup.sh run|test|bench|faults
set -euo pipefail
cd "$(dirname "$0")/.."

main() {
  scope=${1:-run}
  case $scope in
    run) lists=(packaging/packages.run) locks=(packaging/requirements.lock) ;;
    test)
      lists=(packaging/packages.run packaging/packages.test)
      locks=(packaging/requirements.lock packaging/requirements-test.lock)
      ;;
    bench)
      lists=(packaging/packages.run packaging/packages.test)
      locks=(packaging/requirements.lock packaging/requirements-test.lock packaging/requirements-bench.lock)
      ;;
    faults)
      lists=(packaging/packages.run packaging/packages.test packaging/packages.faults)
      locks=(packaging/requirements.lock packaging/requirements-test.lock)
      ;;
    *) fail "usage: packaging/setup.sh run|test|bench|faults" ;;
  esac
  [ -e .venv.lock ] || : >.venv.lock
  exec 9<.venv.lock
  flock 9 # two makes at once take turns
  debian_packages
  python_environment
  virtual_card_reader
  if [ "$scope" != run ]; then foreign_printer; fi
  font_faces
  pinyin_dictionary
  translations
  sound_files
  byte_code
}

debian_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "This is no Debian or Ubuntu: please install the like of what ${lists[*]} name."
    return
  fi
  local wanted missing
  wanted=$(sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "${lists[@]}" | sort -u)
  missing=$(comm -23 <(echo "$wanted") <(installed | sort -u))
  [ -n "$missing" ] || return 0

  say "Installing Debian packages that are missing:"
  local name
  for name in $missing; do
    grep -hE "^$name[[:space:]]" "${lists[@]}" | sed 's/^/    /' >&2
  done
  as_root apt-get update -qq
  # shellcheck disable=SC2086 # one word a package
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends $missing </dev/null >&2
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    command -v sudo >/dev/null || fail "This needs root and there is no sudo. As root: $*"
    sudo "$@"
  fi
}

installed() { # what is installed, by its own name and by those it stands for (libmtdev1t64 provides libmtdev1)
  dpkg-query --show --showformat '${db:Status-Status} ${Package} ${Provides}\n' |
    awk '$1 == "installed" { gsub(/\([^)]*\)|,/, " "); for (i = 2; i <= NF; i++) print $i }'
}

python_environment() {
  local found wanted
  found=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2], sys.version_info >= (3, 11))') ||
    fail "There is no python3. Python 3.11 or later is needed."
  [ "${found#* }" = True ] || fail "python3 is ${found% *}. Python 3.11 or later is needed."

  local stamp=.venv/.installed
  wanted="python ${found% *}
$(sha256sum packaging/requirements-build.lock "${locks[@]}")"
  # What is installed may be more than asked for (test after run), so each wanted line has to be there, not only they.
  if [ -x .venv/bin/python ] && [ -e "$stamp" ] && [ -z "$(grep -vxFf "$stamp" <<<"$wanted")" ]; then return; fi

  if ! [ -x .venv/bin/python ] || ! .venv/bin/python -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != sys.argv[1])' "${found% *}"; then
    say "Making .venv for Python ${found% *}."
    python3 -m venv --clear .venv
  fi
  say "Installing Python packages into .venv from ${locks[*]} (a minute or two the first time)."
  rm -f "$stamp"
  install .venv/bin/python --only-binary=:all: --requirement packaging/requirements-build.lock
  # pyscard alone is built here, with the locked setuptools: an isolated build would fetch its tools without hashes.
  install .venv/bin/python --only-binary=:all: --no-binary=pyscard --no-build-isolation "${locks[@]/#/--requirement=}"
  echo "$wanted" >"$stamp"
}

install() { # install PYTHON WHAT…
  "$1" -m pip install --quiet --quiet --disable-pip-version-check --no-input --require-hashes "${@:2}"
}

virtual_card_reader() {
  # Debian's vsmartcard-vpcd makes pcscd listen on every interface, to anybody. It is never installed: apt brings it and
  # checks it as ever, and it is unpacked where only a pcscd in a namespace of ours finds it (devices/simulated/pcscd.py):
  # the demonstration's and the tests'.
  local folder=.venv/vsmartcard-vpcd
  if [ -d "$folder" ] || ! command -v dpkg-deb >/dev/null; then return; fi
  say "Unpacking vsmartcard-vpcd, a virtual card reader, into $folder (it is not installed)."
  local unpacked
  unpacked=$(mktemp -d .venv/unpacking.XXXXXX)
  download() { (cd "$unpacked" && apt-get download -qq -o APT::Sandbox::User=root vsmartcard-vpcd >&2); }
  if ! download && ! { as_root apt-get update -qq && download; }; then
    rm -r "$unpacked"
    [ "$scope" = run ] || fail "It could not be had from apt's sources."
    say "It could not be had from apt's sources: the demonstration goes on without social security cards."
    return
  fi
  dpkg-deb --extract "$unpacked"/vsmartcard-vpcd_*.deb "$unpacked/all"
  mv "$unpacked/all" "$folder"
  rm -r "$unpacked"
}

foreign_printer() {
  # A receipt printer by somebody else, which our driver is tested on. It needs a later Python than we do; where there
  # is none, tests/devices/test_foreign_printer.py is skipped.
  local folder=.venv/emupos wanted python
  wanted=$(sha256sum packaging/requirements-printer.lock)
  if [ "$(cat "$folder/.installed" 2>/dev/null)" = "$wanted" ] || ! python=$(later_python); then return; fi
  say "Installing emupos, a simulated receipt printer for the tests, into $folder (with $("$python" --version))."
  if "$python" -m venv --clear "$folder" &&
    install "$folder/bin/python" --only-binary=:all: --requirement packaging/requirements-printer.lock; then
    echo "$wanted" >"$folder/.installed"
  else
    say "It could not be installed: its tests will be skipped."
  fi
}

later_python() { # Python 3.13 or later: the system's or one of pyenv's
  local python
  for python in python3 python3.14 python3.13 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[3-9]*/bin/python3; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 13))' 2>/dev/null; then
      echo "$python"
      return
    fi
  done
  return 1
}

font_faces() {
  # It knows which faces are there already.
  .venv/bin/python -m devices.glyphs assets/fonts >/dev/null
}

pinyin_dictionary() {
  local file=assets/pinyin/dictionary.txt source
  for source in packaging/pinyin.py /usr/share/rime-data/pinyin_simp.dict.yaml /usr/share/unicode/Unihan_Readings.txt.bz2; do
    if [ "$source" -nt "$file" ]; then
      say "Making the dictionary of the pinyin keyboard, $file."
      .venv/bin/python packaging/pinyin.py "$file" || say "There is none: on the screen nothing can be written in Chinese."
      return
    fi
  done
}

translations() {
  local text
  while IFS= read -r text; do
    if [ "$text" -nt "${text%.po}.mo" ]; then .venv/bin/pybabel --quiet compile -i "$text" -o "${text%.po}.mo"; fi
  done < <(find assets/locale -name '*.po' 2>/dev/null)
}

sound_files() {
  # It knows which are there already, but looking takes a third of a second.
  local list=assets/voice/sentences.csv newer
  newer=$(find assets/locale packaging/voice.py devices/speech.py devices/wav.py kiosk/sentences.py \
    \( -name '*.po' -o -name '*.py' \) -newer "$list" -print -quit 2>/dev/null) || newer=all
  if [ -n "$newer" ]; then PYTHONPATH=. .venv/bin/python packaging/voice.py; fi
}

byte_code() {
  # The kiosk's own modules, as pip does with the packages: an eighth of the first start, and of every start where Python
  # does not write them (PYTHONDONTWRITEBYTECODE, another user's folder). What has a mistake says so when it is run.
  .venv/bin/python -m compileall -qq kiosk screens devices central tests || true
}

say() { echo "setup: $*" >&2; }

fail() {
  say "$*"
  exit 2
}

main "$@"
