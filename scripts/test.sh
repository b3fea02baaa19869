#!/bin/sh
# Run the tests: first, side by side, those that only compute; then, alone on the machine, those that start
# and kill real processes or promise an answer within a second. Arguments go to pytest.
cd "$(dirname "$0")/.." || exit 2

.venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not processes" "$@"
first=$?
.venv/bin/pytest -m processes "$@"
second=$?

# 5: nothing of that kind was asked for
[ $first -eq 5 ] && [ $second -eq 5 ] && exit 5
[ $first -eq 5 ] && first=0
[ $second -eq 5 ] && second=0
[ $first -ne 0 ] && exit $first
exit $second
