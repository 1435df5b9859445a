#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the container that submissions are graded in.
set -euo pipefail
umask 022  # the user that a student's code runs as has to get at what is installed
root="${AUTOGRADER_ROOT:-/autograder}"
source="$(cd "$(dirname "$0")" && pwd)"

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

python=""
for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if new_enough "$candidate"; then python="$candidate"; break; fi
done
if command -v apt-get >/dev/null && [ -z "${AUTOGRADER_ROOT:-}" ]; then
    apt-get update
    apt-get install -y bubblewrap
    if [ -z "$python" ]; then
        apt-get install -y python3.11 python3.11-venv
        python=python3.11
    else
        apt-get install -y python3-venv || true
    fi
fi
[ -n "$python" ] || { echo "Python 3.11 or later is needed, and there is none." >&2; exit 1; }

"$python" -m venv "$root/venv"
cd "$source"  # the engine's wheel is named as it lies here
"$root/venv/bin/python" -m pip install --quiet -r requirements.txt

# That user may not read the reference and the known mistakes.
chmod -R go= "$source"

# What all submissions share is made now, and not for each of them.
"$root/venv/bin/python" -m coursekit.grading.gradescope prepare "$root" "$source"
