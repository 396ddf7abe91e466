"""One Word template: which fields it uses, what is wrong with it, and letters filled from it.

docxtpl makes the template's XML into a Jinja template. It is compiled once and filled many times:
the bare library parses and rebuilds the whole file for each letter. Templates come from people,
so Jinja runs in a sandbox that knows the fields alone, and every value is escaped.
"""

from __future__ import annotations

import difflib
import re
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from docx import Document
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from gpmb.papers.models import Scope
from gpmb.reports.letters.fields import FIELDS, Field, Listed, example, filled

BODY = "word/document.xml"
OTHER_PARTS = re.compile(r"word/(header|footer|footnotes|endnotes)\d*\.xml$")
LOOSE = "\n\t\a\f"  # in a value they become breaks and tabs of Word


class TemplateProblem(ValueError):
    """The template can't be used; the message says what, and where."""


class Template:
    """A compiled template.

    Raises:
        TemplateProblem: it can't be read, or its marks don't close.
    """

    def __init__(self, content: bytes) -> None:
        self._word = DocxTemplate(BytesIO(content))
        try:
            self._word.init_docx()
            with zipfile.ZipFile(BytesIO(content)) as archive:
                self._parts = {name: archive.read(name) for name in archive.namelist()}
        except (zipfile.BadZipFile, KeyError, ValueError) as error:
            raise TemplateProblem("Không đọc được tệp Word này.") from error
        self._refuse_fields_outside_the_body()
        source = self._word.patch_xml(self._parts[BODY].decode("utf-8"))
        head, self._source = _without_declaration(source)
        self._declaration = head
        env = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
        env.globals.clear()
        env.filters = {name: env.filters[name] for name in ("upper", "lower", "length")}
        try:
            self.tree = env.parse(self._source)
            self._compiled = env.from_string(self._source)
        except TemplateSyntaxError as error:
            raise TemplateProblem(self._where(error)) from error

    def _refuse_fields_outside_the_body(self) -> None:
        for name, part in self._parts.items():
            if OTHER_PARTS.match(name) and re.search(rb"\{\{|\{%", part):
                raise TemplateProblem(
                    "Đầu trang, chân trang không dùng được trường. "
                    "Hãy đưa trường vào thân văn bản."
                )

    def _where(self, error: TemplateSyntaxError) -> str:
        lines = self._source.splitlines()
        near = re.sub(r"<[^>]+>", " ", lines[error.lineno - 1])[:2000] if lines else ""
        marks = re.findall(r"\{[{%].*?[}%]\}", near)
        shown = f" Xem các dấu {', '.join(marks[:3])}." if marks else ""
        return f"Dấu {{{{ }}}} hoặc {{% %}} viết chưa đúng ({error.message}).{shown}"

    # Filling

    def fill(self, values: Mapping[str, Any]) -> str:
        """Return the XML of the document part of one letter."""
        given = filled(values)
        xml: str = self._compiled.render(given)
        return self._word.resolve_listing(xml) if _is_loose(given) else xml

    def write(self, values: Mapping[str, Any]) -> bytes:
        """Return one letter as a Word file."""
        return self._packed(self.fill(values))

    def write_one(self, letters: Sequence[str]) -> bytes:
        """Return one Word file of many filled letters, each on a page of its own."""
        first, *others = letters
        start, body, section, end = _split(first)
        pieces = [body]
        for each in others:
            pieces += [_page_end(section), _split(each)[1]]
        return self._packed("".join([start, *pieces, section, end]))

    def _packed(self, xml: str) -> bytes:
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, part in self._parts.items():
                archive.writestr(
                    name, (self._declaration + xml).encode() if name == BODY else part
                )
        return out.getvalue()


def _without_declaration(xml: str) -> tuple[str, str]:
    found = re.match(r"<\?xml[^>]*\?>\s*", xml)
    return (xml[: found.end()], xml[found.end() :]) if found else ("", xml)


def _is_loose(values: Mapping[str, Any]) -> bool:
    return any(isinstance(each, str) and set(each) & set(LOOSE) for each in values.values())


def _split(xml: str) -> tuple[str, str, str, str]:
    """Return (up to the body, its content, its section's properties, the rest) of a document."""
    opened = re.search(r"<w:body[^>]*>", xml)
    closed = xml.rindex("</w:body>")
    assert opened is not None  # noqa: S101  (a Word document has a body)
    inside = xml[opened.end() : closed]
    last = inside.rfind("<w:sectPr")
    section = inside[last:] if last >= 0 and "</w:p>" not in inside[last:] else ""
    return xml[: opened.end()], inside[: len(inside) - len(section)], section, xml[closed:]


def _page_end(section: str) -> str:
    """Return a paragraph that ends a letter: the next one begins a page, numbered from 1."""
    return (
        '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
        f'{section}<w:rPr><w:sz w:val="2"/></w:rPr></w:pPr></w:p>'
    )


# Checking


def check(content: bytes, scope: Scope) -> Template:
    """Return the template, after filling it with examples and reading the outcome.

    Raises:
        TemplateProblem: an unknown field (it says which, and the nearest known one), marks that
            don't close, or a letter that Word couldn't open.
    """
    template = Template(content)
    unknown = unknown_fields(template, scope)
    if unknown:
        raise TemplateProblem("Mẫu có trường chương trình không biết: " + "; ".join(unknown) + ".")
    if not used_fields(template, scope):
        raise TemplateProblem("Mẫu chưa có trường nào, ví dụ {{ ten_ho }}: mọi bản sẽ như nhau.")
    try:
        Document(BytesIO(template.write(example(scope))))
    except Exception as error:
        raise TemplateProblem(
            "Mẫu đặt dấu {% %} lệch ô, lệch dòng nên văn bản tạo ra bị hỏng. "
            "Mỗi dấu {%tr … %} phải ở một dòng riêng của bảng."
        ) from error
    return template


def unknown_fields(template: Template, scope: Scope) -> list[str]:
    """Return each unknown field with the nearest known one: "ten_hộ (có phải ten_ho?)"."""
    known = FIELDS[scope]
    wrong = []
    for path in _paths(template.tree):
        name, _, part = path.partition(".")
        field = known.get(name.lower())
        if field is None:
            wrong.append(_with_nearest(name, known))
        elif part and (not isinstance(field, Listed) or part not in field.fields):
            near = field.fields if isinstance(field, Listed) else {}
            wrong.append(_with_nearest(path, {f"{name}.{each}": 0 for each in near}))
    return list(dict.fromkeys(wrong))


def used_fields(template: Template, scope: Scope) -> dict[str, Field | Listed]:
    """Return the known fields a template uses, in the registry's order."""
    used = {path.partition(".")[0].lower() for path in _paths(template.tree)}
    return {name: field for name, field in FIELDS[scope].items() if name in used}


def _with_nearest(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=0.6)
    return f"{name} (có phải {near[0]}?)" if near else name


def _paths(tree: nodes.Template) -> list[str]:
    """Return the dotted names a template reads; a loop's variable stands for its list."""
    found: list[str] = []

    def walk(node: nodes.Node, loops: dict[str, str]) -> None:
        if isinstance(node, nodes.For):
            walk(node.iter, loops)
            inner = dict(loops)
            if isinstance(node.target, nodes.Name) and isinstance(node.iter, nodes.Name):
                inner[node.target.name] = node.iter.name
            for child in [*node.body, *node.else_]:
                walk(child, inner | {"loop": ""})
            return
        if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
            owner = loops.get(node.node.name, node.node.name)
            if owner:
                found.append(f"{owner}.{node.attr}")
            return
        if isinstance(node, nodes.Name):
            if node.ctx == "load" and loops.get(node.name, node.name) == node.name:
                found.append(node.name)
            return
        for child in node.iter_child_nodes():
            walk(child, loops)

    walk(tree, {})
    return list(dict.fromkeys(found))
