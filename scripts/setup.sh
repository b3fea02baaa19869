#!/bin/sh
# Set up .venv from a lock file with hashes; quick when nothing has changed.
# usage: scripts/setup.sh run|dev
set -eu
cd "$(dirname "$0")/.."
kind=${1:-run}
lock=requirements/$kind.lock

say() { printf 'tochimado: %s\n' "$*" >&2; }

python=
for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
    [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    found=$(python3 --version 2>/dev/null || echo "none")
    say "Python 3.11 or newer is needed (found: $found). Python 3.11 以上を入れるか、PYTHON=/path/to/python3.11 を指定してください。"
    exit 1
fi

wanted=$(cat "$lock" requirements/run.lock pyproject.toml | cksum)
stamp=.venv/.installed-$kind
if [ -x .venv/bin/tochimado ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi
if [ "$kind" = run ] && [ -x .venv/bin/tochimado ] && [ "$(cat .venv/.installed-dev 2>/dev/null)" = "$(cat requirements/dev.lock requirements/run.lock pyproject.toml | cksum)" ]; then
    exit 0 # the test environment holds everything that running needs
fi
if ! [ -x .venv/bin/python ]; then
    say "1/3 making .venv with $python 仮想環境を作っています"
    "$python" -m venv .venv || {
        say "the venv module is missing (Debian: apt-get install python3-venv)"
        exit 1
    }
fi
say "2/3 installing pinned packages (some minutes the first time) 必要な部品を入れています"
.venv/bin/python -m pip install --disable-pip-version-check --require-hashes --no-deps -r "$lock" >&2 || {
    say "some packages could not be installed; see the lines above. 上の行を確かめて、もう一度実行してください。"
    exit 1
}
say "3/3 installing tochimado itself 本体を入れています"
.venv/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable . >&2 || {
    say "tochimado could not be installed; see the lines above. 上の行を確かめてください。"
    exit 1
}
printf '%s' "$wanted" >"$stamp"
