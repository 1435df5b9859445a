"""Drive the site in headless Chromium, as a student would, and say how long each step takes.

    python .ci/site_in_browser.py SITE CHROMIUM [--screenshots FOLDER] [--notebooks NAME ...]

It opens the start page and a notebook, runs a check of a blank block, of a right one and of a wrong
one, whose sentence has to be the one that is said without a browser, looks at the table of points,
writes an answer, downloads the work and puts another submission in its place, and runs notebooks
with the reference from top to bottom. A request to anything but this machine fails it.
"""

import argparse
import base64
import functools
import http.server
import io
import json
import re
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from coursekit.authoring import workspace  # noqa: E402
from coursekit.blocks import blocks_in, replace_blocks  # noqa: E402
from coursekit.checks import runner  # noqa: E402
from coursekit.course import Course  # noqa: E402

COURSE = Course.read(ROOT)
LAYERS = f"{COURSE.package}/layers.py"
RIGHT = "    out = x.reshape(len(x), -1).dot(w) + b\n"
WRONG = "    out = x.reshape(len(x), -1).dot(w)\n"
# Without these Chromium calls home by itself.
ARGUMENTS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync
    --disable-background-networking --disable-component-update""".split()
SET_UP = 4  # cells that load what the notebook needs
STARTS, RUNS = 180_000, 900_000  # milliseconds for Python to come up, and for a notebook

# Each is a function of the page's application and of one argument.
OPEN = """async ([app, path]) => {
  const panel = await app.commands.execute('docmanager:open', {path, kernel: {name: 'python'}});
  await panel.revealed; await panel.sessionContext.ready;
  return panel.content.widgets.length; }"""
CELLS = """async ([app, path]) => {
  const panel = await app.commands.execute('docmanager:open', {path});
  await panel.context.ready;
  return panel.content.widgets.map(w => w.model.toJSON()); }"""
RUN = """async ([app, path, index]) => {
  const panel = await app.commands.execute('docmanager:open', {path});
  const notebook = panel.content;
  notebook.activeCellIndex = index; notebook.deselectAll();
  await app.commands.execute('notebook:run-cell');
  return notebook.widgets[index].model.toJSON(); }"""
WRITE_CELL = """async ([app, path, index, text]) => {
  const panel = await app.commands.execute('docmanager:open', {path});
  panel.content.widgets[index].model.sharedModel.setSource(text);
  await panel.context.save(); }"""
READ = """async ([app, path]) =>
  (await app.serviceManager.contents.get(path, {content: true})).content"""
SAVE = """async ([app, path, format, content]) => {
  await app.serviceManager.contents.save(path, {type: 'file', format, content}); }"""


class Lab:
    """A page that JupyterLab runs in."""

    def __init__(self, page):
        self.page = page

    def begin_anew(self):
        """Load the page again, with no document open."""
        self.page.goto(f"{self.page.url.partition('/lab/')[0]}/lab/index.html?reset")
        self.page.wait_for_function("window.jupyterapp && window.jupyterapp.restored")
        self.do("async ([app]) => { await app.restored; }")

    def do(self, function, *arguments):
        """Call a function of the page's application."""
        code = f"(given) => ({function})([window.jupyterapp, ...given])"
        return self.page.evaluate(code, list(arguments))

    def cells(self, path):
        return self.do(CELLS, path)

    def place(self, path, name):
        """Return the place of a cell by its id."""
        return [cell["id"] for cell in self.cells(path)].index(name)

    def run(self, path, index):
        """Run one cell and return (its text, its error, seconds)."""
        begun = time.monotonic()
        cell = self.do(RUN, path, index)
        return text_of(cell), error_of(cell), time.monotonic() - begun

    def edit(self, file, block, code):
        self.do(SAVE, file, "text", replace_blocks(self.do(READ, file), {block: code}))


def text_of(cell):
    """Return what a cell has put out, as text."""
    parts = []
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        parts.append(joined(data.get("text/plain", output.get("text", ""))))
        html = joined(data.get("text/html", ""))
        parts.append(html if "base64," in html else "")
    return "\n".join(parts)


def joined(text):
    return text if isinstance(text, str) else "".join(text)


def error_of(cell):
    errors = [o for o in cell.get("outputs", ()) if o["output_type"] == "error"]
    return f"{errors[0]['ename']}: {errors[0]['evalue']}" if errors else ""


def expect(holds, said):
    if not holds:
        raise SystemExit(f"The site fails: {said[:1500]}")


def told(step, seconds):
    print(f"{seconds:7.1f} s  {step}", flush=True)


def sentence_without_a_browser(code):
    """Return what a check says of a block on this machine."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work"
        workspace.open_workspace(COURSE, work)
        path = work / LAYERS
        path.write_text(replace_blocks(path.read_text("utf-8"), {"affine_forward": code}), "utf-8")
        mine = Course.read(work)
        _, text = runner.run([mine.checks["affine_forward"]], shows_bar=False)["affine_forward"]
    return text.splitlines()[1].strip()


def walk(lab, address, shots):
    """Go the way of a student on their first day."""
    page, first = lab.page, COURSE.notebooks[0]
    path = f"notebooks/{first}.ipynb"
    page.goto(address)
    expect(page.locator("a.open").count() == len(COURSE.notebooks), "a notebook has no button")
    picture(page, shots, "start")
    page.set_viewport_size({"width": 390, "height": 800})
    picture(page, shots, "start-phone")
    page.set_viewport_size({"width": 1280, "height": 900})

    begun = time.monotonic()
    page.locator("a.open").first.click()
    page.wait_for_function("window.jupyterapp && window.jupyterapp.restored", timeout=STARTS)
    lab.do("async ([app]) => { await app.restored; }")
    lab.do(OPEN, path)
    numbers = [i for i, cell in enumerate(lab.cells(path)) if cell["cell_type"] == "code"]
    _, error, _ = lab.run(path, numbers[0])
    told("until the first cell was run", time.monotonic() - begun)
    expect(not error, error)
    begun = time.monotonic()
    for index in numbers[1:SET_UP]:
        _, error, _ = lab.run(path, index)
        expect(not error, error)
    told("the other cells of the set-up", time.monotonic() - begun)
    check = lab.place(path, "check-affine_forward")

    text, error, seconds = lab.run(path, check)
    told("a check of a blank block", seconds)
    expect("not attempted" in text + error, text)

    lab.edit(LAYERS, "affine_forward", WRONG)
    text, error, seconds = lab.run(path, check)
    told("a check of a wrong block", seconds)
    wanted = sentence_without_a_browser(WRONG)
    expect(wanted in text, f"{text!r} does not say {wanted!r}")
    picture(page, shots, "red")

    lab.edit(LAYERS, "affine_forward", RIGHT)
    text, error, seconds = lab.run(path, check)
    told("a check of a right block", seconds)
    expect("passed" in text and not error, text + error)

    cells = lab.cells(path)
    question = next(i for i, c in enumerate(cells) if "inline-question" in str(c["metadata"]))
    answer = question + 1
    lab.do(WRITE_CELL, path, answer, "**Your answer:** because sums are linear.")
    keep_work(lab, path, answer, shots)


def keep_work(lab, path, answer, shots):
    """Download the work, and put another submission in its place."""
    work = "Your work.ipynb"
    lab.do(OPEN, work)
    codes = [i for i, cell in enumerate(lab.cells(work)) if cell["cell_type"] == "code"]
    _, error, _ = lab.run(work, codes[0])
    expect(not error, error)
    text, error, seconds = lab.run(work, codes[3])
    told("the table of points", seconds)
    expect("1 of 100 points" in text, error + text[-300:])
    picture(lab.page, shots, "progress")

    text, error, seconds = lab.run(work, codes[4])
    told("what the doctor says", seconds)
    expect("in a browser" in text and "broken, " not in text, error + text[-1500:])

    text, error, seconds = lab.run(work, codes[1])
    told("download of the work", seconds)
    expect(not error, error)
    packed = base64.b64decode(re.search(r"base64,([\w+/=]+)", text)[1])
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    expect(RIGHT in files[LAYERS].decode(), "the download has not the block that was written")
    cells = json.loads(files[path])["cells"]
    expect("sums are linear" in joined(cells[answer]["source"]), "the download has no answer")

    source = files[LAYERS].decode()
    files[LAYERS] = replace_blocks(source, {"relu_forward": "    out = 7 * x\n"}).encode()
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    lab.begin_anew()
    lab.do(SAVE, "submission.zip", "base64", base64.b64encode(changed.getvalue()).decode())
    lab.do(OPEN, work)
    lab.run(work, codes[0])
    text, error, seconds = lab.run(work, codes[2])
    told("upload of a submission", seconds)
    expect(not error, error)
    expect("out = 7 * x" in lab.do(READ, LAYERS), "the upload has changed no block")


def solve(lab):
    """Put the reference into all blocks."""
    for file in COURSE.editable_files():
        code = {b.name: b.code for b in blocks_in((ROOT / file).read_text("utf-8"))}
        lab.do(SAVE, file, "text", replace_blocks(lab.do(READ, file), code))


def run_through(lab, name, shots):
    """Run a notebook from top to bottom, and print how long it and its slowest cells took."""
    path = f"notebooks/{name}.ipynb"
    lab.begin_anew()
    lab.do(OPEN, path)
    begun, took, number = time.monotonic(), [], 0
    for index, cell in enumerate(lab.cells(path)):
        if cell["cell_type"] != "code":
            continue
        number += 1
        text, error, seconds = lab.run(path, index)
        took.append((seconds, number))
        if error and not left_to_the_student(error):
            expect(False, f"{name}, In [{number}]: {error}\n{text[-2000:]}")
    took.sort(reverse=True)
    slowest = ", ".join(f"In [{number}] {seconds:.0f} s" for seconds, number in took[:8])
    told(f"{name} from top to bottom; the slowest cells: {slowest}", time.monotonic() - begun)
    picture(lab.page, shots, f"end-{name}")


def left_to_the_student(error):
    """Whether a cell fails over what is written in notebooks: no reference is put into those.

    Cells like `best = None` are for the reader to fill in, and what uses them says so.
    """
    return "None" in error


def picture(page, shots, name):
    if shots:
        shots.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=shots / f"{name}.png")


def served(folder):
    """Serve a folder on this machine, and return its address."""
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(quiet, directory=folder)
    )
    server.handle_error = lambda *_: None  # a page that is left cuts its connections
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", type=Path)
    parser.add_argument("chromium")
    parser.add_argument("--screenshots", type=Path)
    parser.add_argument("--notebooks", nargs="*", default=["Dropout"])
    parser.add_argument("--only-notebooks", action="store_true")
    parser.add_argument("--dark", action="store_true")
    given = parser.parse_args()
    address, outside = served(given.site), set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=given.chromium, args=ARGUMENTS)
        context = browser.new_context(
            viewport={"width": 1280, "height": 900},
            color_scheme="dark" if given.dark else "light",
        )
        context.on("request", lambda request: outside.add(urlsplit(request.url).hostname))
        page = context.new_page()
        page.set_default_timeout(RUNS)
        lab = Lab(page)
        if given.only_notebooks:
            page.goto(f"{address}lab/index.html")
            lab.begin_anew()
        else:
            walk(lab, address, given.screenshots)
        if given.notebooks:
            solve(lab)
        for name in given.notebooks:
            run_through(lab, name, given.screenshots)
        browser.close()
    strangers = outside - {"127.0.0.1", "", None}
    expect(not strangers, f"it asks {', '.join(sorted(strangers))}")
    print("The site works, and asks nothing of other machines.")


if __name__ == "__main__":
    main()
