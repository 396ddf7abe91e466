"""Templates: an unknown field is named, a broken mark is shown, what is filled opens in Word."""

import zipfile
from io import BytesIO

import pytest
from docx import Document
from docxtpl import DocxTemplate

from gpmb.papers.models import LetterKind, Scope
from gpmb.reports.letters import fields, preview, samples
from gpmb.reports.letters.template import Template, TemplateProblem, check, used_fields
from gpmb.reports.letters.values import missing


def word(*lines: str, header: str = "") -> bytes:
    paper = Document()
    for line in lines:
        paper.add_paragraph(line)
    if header:
        paper.sections[0].header.paragraphs[0].text = header
    out = BytesIO()
    paper.save(out)
    return out.getvalue()


def text_of(content: bytes) -> str:
    paper = Document(BytesIO(content))
    cells = [c.text for t in paper.tables for row in t.rows for c in row.cells]
    return "\n".join([*(p.text for p in paper.paragraphs), *cells])


@pytest.mark.parametrize("kind", LetterKind)
def test_every_sample_passes_its_own_check_and_leaves_no_mark(kind):
    template = check(samples.MAKERS[kind](), kind.scope)
    written = text_of(template.write(fields.example(kind.scope)))
    assert "{" not in written
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in written


@pytest.mark.parametrize("kind", LetterKind)
def test_a_letter_says_what_the_bare_library_says(kind):
    content, values = samples.MAKERS[kind](), fields.example(kind.scope)
    bare = DocxTemplate(BytesIO(content))
    bare.render(fields.filled(values), autoescape=True)
    out = BytesIO()
    bare.save(out)
    assert text_of(Template(content).write(values)) == text_of(out.getvalue())


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("{{ ten_hộ }}", r"ten_hộ \(có phải ten_ho\?\)"),
        ("{{ abcxyz }} {{ ten_ho }}", r"không biết: abcxyz\."),
        ("{{ ten_ho.x }}", r"ten_ho\.x"),
        ("{% for t in cac_thua %}{{ t.so_thu }}{% endfor %}", r"cac_thua\.so_thu \(có phải"),
        ("{% if config %}{{ ten_ho }}{% endif %}", "config"),
    ],
)
def test_an_unknown_field_is_named_with_the_nearest_known_one(line, named):
    with pytest.raises(TemplateProblem, match=named):
        check(word(line), Scope.CASE)


@pytest.mark.parametrize(
    "line", ["{{ ten_ho", "{% for t in cac_thua %}{{ t.stt }}", "{{ ten ho }}"]
)
def test_marks_that_don_t_close_are_refused(line):
    with pytest.raises(TemplateProblem, match=r"viết chưa đúng|chưa có trường"):
        check(word(line), Scope.CASE)


def test_a_template_without_fields_is_refused():
    with pytest.raises(TemplateProblem, match="chưa có trường"):
        check(word("Kính gửi ông bà"), Scope.CASE)


def test_fields_in_header_and_footer_are_filled_and_checked():
    content = word("{{ ten_ho }}", header="{{ CO_QUAN }} · {{ ten_ho }}")
    template = check(content, Scope.CASE)
    assert set(used_fields(template, Scope.CASE)) == {"ten_ho", "co_quan"}
    written = Document(BytesIO(template.write({"ten_ho": "Hộ A & B", "co_quan": "Trung tâm"})))
    assert written.sections[0].header.paragraphs[0].text == "TRUNG TÂM · Hộ A & B"
    with pytest.raises(TemplateProblem, match="ten_hoo"):
        check(word("{{ ten_ho }}", header="{{ ten_hoo }}"), Scope.CASE)


def test_in_one_file_each_letter_has_its_own_header():
    template = Template(word("Kính gửi {{ ten_ho }}", header="Hồ sơ {{ ma_ho_so }}"))
    rows = [{"ten_ho": f"Hộ {n}", "ma_ho_so": f"HS-{n // 2}"} for n in range(4)]
    content = template.write_one([template.fill(row) for row in rows])
    paper = Document(BytesIO(content))
    headers = [section.header.paragraphs[0].text for section in paper.sections]
    assert headers == ["Hồ sơ HS-0", "Hồ sơ HS-0", "Hồ sơ HS-1", "Hồ sơ HS-1"]
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert sum("header" in name for name in archive.namelist()) == 2


def test_fields_in_footnotes_are_refused():
    plain = word("{{ ten_ho }}")
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(plain)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("word/footnotes.xml", "<w:footnotes>{{ ten_ho }}</w:footnotes>")
    with pytest.raises(TemplateProblem, match="Chú thích"):
        check(out.getvalue(), Scope.CASE)


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ten_ho.__class__.__mro__ }}",
        "{{ ''.__class__.__bases__ }}",
        "{% for x in cac_thua.__class__.__mro__ %}{{ ten_ho }}{% endfor %}",
        "{{ cycler.__init__.__globals__ }}{{ ten_ho }}",
    ],
)
def test_a_template_reaches_nothing_but_its_fields(attack):
    with pytest.raises(TemplateProblem):
        check(word(attack), Scope.CASE)


def test_what_people_typed_is_text_and_never_markup():
    template = Template(word("{{ ten_ho }}"))
    written = template.write({"ten_ho": "<w:p>Ông A & bà B</w:p> {{ dia_chi }}"})
    assert text_of(written) == "<w:p>Ông A & bà B</w:p> {{ dia_chi }}"


def test_capital_names_write_capitals_and_lines_stay_lines():
    template = Template(word("{{ TEN_HO }}: {{ noi_dung }}"))
    written = template.write({"ten_ho": "Hộ đầu tiên", "noi_dung": "một\nhai"})
    assert text_of(written) == "HỘ ĐẦU TIÊN: một\nhai"


def test_a_lump_sum_has_no_dots_for_a_quantity_and_a_price():
    lump = fields.filled({"cac_khoan": [{"khoi_luong": "", "don_gia": "", "noi_dung": ""}]})
    assert lump["cac_khoan"] == [{"khoi_luong": "", "don_gia": "", "noi_dung": "…………"}]


def test_what_is_empty_becomes_dots_and_is_listed_before():
    template = Template(word("{{ ten_ho }} {{ dia_chi }}"))
    used = used_fields(template, Scope.CASE)
    values = {"ten_ho": "Hộ A", "dia_chi": ""}
    assert missing(values, used) == ["Địa chỉ"]
    assert text_of(template.write(values)) == f"Hộ A {fields.DOTS}"


def test_missing_parts_of_a_list_are_named_once():
    used = used_fields(
        Template(word("{% for t in cac_thua %}{{ t.so_thua }}{% endfor %}")), Scope.CASE
    )
    row = dict.fromkeys(fields.PARCEL, "x")
    values = {"cac_thua": [row | {"to_ban_do": ""}, row | {"to_ban_do": ""}]}
    assert missing(values, used) == ["Các thửa thu hồi: Tờ bản đồ"]
    assert missing({"cac_thua": []}, used) == ["Các thửa thu hồi"]


def test_many_letters_in_one_file_each_on_a_page_of_its_own():
    template = Template(word("Kính gửi {{ ten_ho }}"))
    filled = [template.fill({"ten_ho": f"Hộ {n}"}) for n in range(3)]
    paper = Document(BytesIO(template.write_one(filled)))
    assert [p.text for p in paper.paragraphs if p.text] == [f"Kính gửi Hộ {n}" for n in range(3)]
    assert len(paper.sections) == 3


def test_a_letter_is_a_whole_zip():
    with zipfile.ZipFile(BytesIO(Template(word("{{ ten_ho }}")).write({"ten_ho": "A"}))) as z:
        assert z.testzip() is None


def test_the_preview_says_what_the_letter_says():
    kind = LetterKind.DECISION
    content = Template(samples.decision()).write(fields.example(kind.scope))
    shown = preview.blocks(content)
    grids = [block for block in shown if isinstance(block, preview.Grid)]
    said = "".join(text for b in shown if isinstance(b, preview.Line) for text, _, _ in b.runs)
    assert "Bằng chữ: Sáu mươi chín triệu" in said
    assert any(grid.drawn for grid in grids)
