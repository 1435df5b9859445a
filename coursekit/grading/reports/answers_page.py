"""All answers to the inline questions, by question, to be read side by side."""

from collections import defaultdict

from ... import notebooks
from .page import details, escape, page, worded


def answers_page(course, scores):
    """Return the page. Questions are in the words of the course's notebooks, not of a student's."""
    questions, references = _asked(course)
    given = defaultdict(list)
    for score in scores:
        for answer in score.result["answers"]:
            name = answer["notebook"], answer["question"]
            questions.setdefault(name, answer["prompt"])
            given[name].append((score.student, answer["answer"]))
    pieces = [_question(name, prompt, references.get(name, ""), given[name]) for name, prompt in
              questions.items() if given[name]]  # fmt: skip
    return page("Answers in words", *(pieces or ["<p>Nobody has answered anything.</p>"]))


def _question(name, prompt, reference, answers):
    written = [(student, answer) for student, answer in answers if answer]
    silent = [student for student, answer in answers if not answer]
    rows = "\n".join(
        f'<tr><th scope="row">{escape(student)}</th>'
        f'<td><div class="answer">{escape(answer)}</div></td></tr>'
        for student, answer in sorted(written)
    )
    notebook, number = name
    pieces = [
        f"<h2>{escape(notebook)}, {escape(number.replace('-', ' '))}</h2>",
        f'<div class="answer note">{worded(prompt)}</div>',
    ]
    if reference:
        said = f'<div class="answer">{worded(reference)}</div>'
        pieces.append(details("What the reference says", "", said, opened=False))
    pieces.append(f'<table class="list"><tbody>{rows}</tbody></table>')
    if silent:
        pieces.append(f'<p class="soft">Nothing written: {escape(", ".join(sorted(silent)))}.</p>')
    return "\n".join(pieces)


def _asked(course):
    """Return the questions of the course's notebooks, and its answers, by (notebook, question)."""
    questions, references = {}, {}
    for path in map(course.notebook, course.notebooks):
        try:
            cells = notebooks.read(path)["cells"]
        except notebooks.NotebookError:
            continue
        name = None
        for cell in cells:
            tags = notebooks.tags_of(cell)
            if notebooks.QUESTION in tags:
                number = 1 + sum(notebook == path.stem for notebook, _ in questions)
                name = path.stem, f"question-{number}"
                questions[name] = cell["source"].strip()
            elif "reference-answer" in tags and name:
                references[name] = cell["source"].strip()
    return questions, references
