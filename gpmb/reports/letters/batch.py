"""One run: the letters of its cases into one file, with progress, in a process of its own.

A run of 500 letters would hold a web worker for half a minute; it runs beside the server, its row
says how far it is, and a run whose process died can be started anew from the row alone.
"""

from __future__ import annotations

import logging
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from gpmb.clearance.models import Case
from gpmb.papers.models import LetterRun, Scope
from gpmb.reports import background
from gpmb.reports.letters import pdf, values
from gpmb.reports.letters.template import Letter, Template, TemplateProblem

CHUNK = 50  # letters between two words of progress
log = logging.getLogger(__name__)


def start(run: LetterRun) -> None:
    """Write the letters of a run in a process of its own."""
    background.start("write_letters", run)


def write(run: LetterRun) -> None:
    """Write the letters; whatever goes wrong is said on the run's row, never lost."""
    background.clear_old()
    try:
        _write(run)
    except (TemplateProblem, pdf.NoPdf) as problem:
        run.tell(LetterRun.State.FAILED, problem=str(problem))
    except Exception:
        log.exception("letters of run %s", run.pk)
        run.tell(
            LetterRun.State.FAILED,
            problem="Lỗi khi soạn văn bản. Hãy soạn lại; nếu vẫn lỗi, báo quản trị viên.",
        )


def _write(run: LetterRun) -> None:
    run.tell(LetterRun.State.WRITING, done=0)
    template = Template(run.template.file.read())
    run.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=run.path.parent, prefix=".writing-") as scratch:
        outcome = Path(scratch) / "letters"
        if run.format == LetterRun.Format.ZIP:
            _zip(run, template, outcome)
        else:
            filled = [template.fill(each) for _, each in letters(run)]
            if run.format == LetterRun.Format.PDF:
                outcome = _pdf(run, template, filled, Path(scratch))
            else:
                outcome.write_bytes(template.write_one(filled))
        outcome.chmod(0o600)  # it holds personal data
        outcome.replace(run.path)
    run.tell(LetterRun.State.DONE, done=run.total)


def letters(run: LetterRun) -> Iterator[tuple[str, values.Values]]:
    """Yield (name, values) of each letter of a run, saying on its row how far it is."""
    cases = ordered(run)
    if run.template.scope == Scope.LIST:
        yield cases[0].project.code, values.of_list(cases, on=run.on, typed=run.typed)
        return
    for start_at in range(0, len(cases), CHUNK):
        chunk = cases[start_at : start_at + CHUNK]
        for case, each in zip(
            chunk, values.of_cases(chunk, on=run.on, typed=run.typed), strict=True
        ):
            yield case.code, each
        run.tell(LetterRun.State.WRITING, done=start_at + len(chunk))


def ordered(run: LetterRun) -> list[Case]:
    rows = run.cases.select_related("project__investor", "officer")
    return list(rows.order_by("project__code", "code"))


def _zip(run: LetterRun, template: Template, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number, (name, each) in enumerate(letters(run), start=1):
            safe = re.sub(r"[^\w.-]+", "-", name)
            archive.writestr(f"{number:03}-{run.template.kind}-{safe}.docx", template.write(each))


def _pdf(run: LetterRun, template: Template, filled: Sequence[Letter], folder: Path) -> Path:
    """Convert the letters in pieces; a word of progress after each."""
    pieces = [filled[at : at + pdf.PIECE] for at in range(0, len(filled), pdf.PIECE)]

    def tell(done: int) -> None:
        run.tell(LetterRun.State.CONVERTING, done=min(done * pdf.PIECE, run.total))

    tell(0)
    return pdf.convert([template.write_one(piece) for piece in pieces], folder, tell)
