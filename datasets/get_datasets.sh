#!/usr/bin/env bash
# Fetch CIFAR-10 into this folder. The same as `python -m cs231n.data_utils download`, from anywhere
# and with its options: --to DIR, --url URL, --from FILE.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

for python in "$root/.venv/bin/python" "$root/.venv/Scripts/python.exe" python3 python; do
    if "$python" -c 'import sys, numpy, tqdm; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        # -P: a package of the same name in the working directory is not mistaken for ours.
        PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}" exec "$python" -P -m cs231n.data_utils download "$@"
    fi
done
echo "No Python 3.11 or later with numpy and tqdm was found. \`make lab\` sets one up." >&2
exit 1
