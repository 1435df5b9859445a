#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the container that submissions are graded in.
set -euo pipefail
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
"$root/venv/bin/python" -m pip install --quiet -r "$source/requirements.txt"

# A student's code runs as a user of its own. That user may start what is in `inside`, and may not
# read the reference, the checks' mistakes or anything else of the grader.
chmod -R go= "$source"
chmod go+x "$source" "$source/kit" "$source/kit/coursekit" "$source/kit/coursekit/grading"
chmod -R go+rX "$source/kit/coursekit/grading/inside"

# What all submissions share is made now, and not for each of them.
cd "$source/kit"
"$root/venv/bin/python" -m coursekit.grading.gradescope prepare "$root" "$source"
