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
from typing import Any, NamedTuple

from docx import Document
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from gpmb.papers.models import Scope
from gpmb.reports.letters.fields import FIELDS, Field, Listed, example, filled

BODY = "word/document.xml"
RELATIONS, TYPES = "word/_rels/document.xml.rels", "[Content_Types].xml"
MARGINS = re.compile(r"word/((?:header|footer)\d*)\.xml$")
NOTES = re.compile(r"word/(footnotes|endnotes)\d*\.xml$")
MARK = re.compile(rb"\{\{|\{%")
RELATION_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
LOOSE = "\n\t\a\f"  # in a value they become breaks and tabs of Word


class TemplateProblem(ValueError):
    """The template can't be used; the message says what, and where."""


class Letter(NamedTuple):
    """The XML of one filled letter: its body, and the headers and footers that have fields."""

    body: str
    margins: dict[str, str]


class Template:
    """A compiled template: the body, and each header and footer with fields.

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
        self._refuse_fields_in_notes()
        env = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
        env.globals.clear()
        env.filters = {name: env.filters[name] for name in ("upper", "lower", "length")}
        self.trees: list[nodes.Template] = []
        self._declarations: dict[str, str] = {}
        self._compiled: dict[str, Any] = {}
        margins = [n for n in self._parts if MARGINS.match(n) and MARK.search(self._parts[n])]
        for name in (BODY, *sorted(margins)):
            self._compile(name, env)

    def _compile(self, name: str, env: ImmutableSandboxedEnvironment) -> None:
        patched = self._word.patch_xml(self._parts[name].decode("utf-8"))
        self._declarations[name], source = _without_declaration(patched)
        try:
            self.trees.append(env.parse(source))
            self._compiled[name] = env.from_string(source)
        except TemplateSyntaxError as error:
            raise TemplateProblem(_where(source, error)) from error

    def _refuse_fields_in_notes(self) -> None:
        for name, part in self._parts.items():
            if NOTES.match(name) and MARK.search(part):
                raise TemplateProblem(
                    "Chú thích cuối trang không dùng được trường. "
                    "Hãy đưa trường vào thân văn bản, đầu trang hoặc chân trang."
                )

    # Filling

    def fill(self, values: Mapping[str, Any]) -> Letter:
        """Return the XML of one letter."""
        given = filled(values)
        loose = _is_loose(given)
        parts = {name: compiled.render(given) for name, compiled in self._compiled.items()}
        if loose:
            parts = {name: self._word.resolve_listing(xml) for name, xml in parts.items()}
        return Letter(parts.pop(BODY), parts)

    def write(self, values: Mapping[str, Any]) -> bytes:
        """Return one letter as a Word file."""
        letter = self.fill(values)
        return self._packed({BODY: letter.body, **letter.margins})

    def write_one(self, letters: Sequence[Letter]) -> bytes:
        """Return one Word file of many filled letters, each on a page of its own.

        Each letter is a section; headers and footers that say something else of it are parts of
        their own.
        """
        margins = _Margins(self._parts)
        start, _, _, end = _split(letters[0].body)
        pieces = [start]
        for at, letter in enumerate(letters):
            _, body, section, _ = _split(letter.body)
            ids = margins.ids_of(letter)
            pieces.append(_pointing(body, ids))
            last = at == len(letters) - 1
            section = _pointing(section, ids)
            pieces.append(section if last else _page_end(section))
        return self._packed({BODY: "".join([*pieces, end]), **margins.made()})

    def _packed(self, made: Mapping[str, str]) -> bytes:
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, part in self._parts.items():
                if name not in made:
                    archive.writestr(name, part)
            for name, xml in made.items():
                archive.writestr(name, (self._declarations.get(name, "") + xml).encode())
        return out.getvalue()


class _Margins:
    """The headers and footers of letters in one file: what a letter says anew is a new part."""

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        self._parts = parts
        self._relations, self._types = parts[RELATIONS].decode(), parts[TYPES].decode()
        self._made: dict[str, str] = {}
        self._known: dict[tuple[str, str], str] = {}  # what a part says → its relation

    def ids_of(self, letter: Letter) -> dict[str, str]:
        """Return relation in the template → relation of this letter's own part."""
        return {self._relation(n): self._own(n, xml) for n, xml in letter.margins.items()}

    def made(self) -> dict[str, str]:
        return self._made and {
            **self._made,
            RELATIONS: self._relations,
            TYPES: self._types,
        }

    def _relation(self, name: str) -> str:
        target = re.escape(name.removeprefix("word/"))
        found = re.search(
            rf'<Relationship\b[^>]*Target="(?:/word/)?{target}"[^>]*>', self._relations
        )
        known = found and re.search(r'\bId="([^"]+)"', found[0])
        return known[1] if known else ""

    def _own(self, name: str, xml: str) -> str:
        if (name, xml) in self._known:
            return self._known[name, xml]
        relation = self._relation(name)
        if name not in self._made:
            self._made[name] = xml
        else:
            relation = self._add(name, xml, relation)
        self._known[name, xml] = relation
        return relation

    def _add(self, name: str, xml: str, relation: str) -> str:
        number = len(self._known) + 1
        new, own = name.replace(".xml", f"x{number}.xml"), f"{relation}x{number}"
        self._made[new] = xml
        drawn = f"word/_rels/{name.removeprefix('word/')}.rels"  # its pictures
        if drawn in self._parts:
            self._made[drawn.replace(".xml.rels", f"x{number}.xml.rels")] = self._parts[
                drawn
            ].decode()
        kind = "header" if "header" in name else "footer"
        self._relations = self._relations.replace(
            "</Relationships>",
            f'<Relationship Id="{own}" Type="{RELATION_TYPE}/{kind}"'
            f' Target="{new.removeprefix("word/")}"/></Relationships>',
        )
        self._types = self._types.replace(
            "</Types>",
            f'<Override PartName="/{new}" ContentType="{CONTENT_TYPE}.{kind}+xml"/></Types>',
        )
        return own


def _pointing(xml: str, ids: Mapping[str, str]) -> str:
    """Return the XML with its sections' headers and footers pointing to a letter's own."""
    if all(old == new for old, new in ids.items()):
        return xml

    def point(found: re.Match[str]) -> str:
        return f'{found[1]}"{ids.get(found[2], found[2])}"'

    return re.sub(r'(<w:(?:header|footer)Reference\b[^>]*?r:id=)"([^"]+)"', point, xml)


def _where(source: str, error: TemplateSyntaxError) -> str:
    lines = source.splitlines()
    near = re.sub(r"<[^>]+>", " ", lines[error.lineno - 1])[:2000] if lines else ""
    marks = re.findall(r"\{[{%].*?[}%]\}", near)
    shown = f" Xem các dấu {', '.join(marks[:3])}." if marks else ""
    return f"Dấu {{{{ }}}} hoặc {{% %}} viết chưa đúng ({error.message}).{shown}"


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
    for path in _paths(template.trees):
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
    used = {path.partition(".")[0].lower() for path in _paths(template.trees)}
    return {name: field for name, field in FIELDS[scope].items() if name in used}


def _with_nearest(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=0.6)
    return f"{name} (có phải {near[0]}?)" if near else name


def _paths(trees: Sequence[nodes.Template]) -> list[str]:
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

    for tree in trees:
        walk(tree, {})
    return list(dict.fromkeys(found))
