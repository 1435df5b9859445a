"""The blocks that students fill in are found, blanked and filled without touching anything else."""

import pytest
from this_course import COURSE

from coursekit.blocks import (
    END,
    START,
    BlockError,
    blank,
    blocks_in,
    blocks_of,
    read_source,
    replace_blocks,
    write_source,
)

SOURCE = f'''"""A module."""

def double(x):
    """Twice x."""
    # TODO: compute out,
    # and nothing else.
    {START}
    out = x
    if x:
        out += x
    {END}
    return out


class Net:
    def loss(self, X, y=None):
        def inner(z):
            return z

        # A remark on what follows.
        # TODO (scores): compute them.
        {START}
        scores = inner(X)
        {END}
        if y is not None:
            # TODO (gradients): compute them.
            {START}
            grads = {{}}

            def helper():
                return grads
            {END}
            return grads
        return scores
'''


def test_blocks_are_named_after_where_they_stand():
    assert [block.name for block in blocks_in(SOURCE)] == [
        "double",
        "Net.loss:scores",
        "Net.loss:gradients",
    ]


def test_a_block_tells_its_lines_comment_and_code():
    block = blocks_in(SOURCE, "module.py")[0]
    lines = SOURCE.splitlines()
    assert lines[block.start - 1].strip() == START
    assert lines[block.end - 1].strip() == END
    assert (block.path, block.indentation) == ("module.py", "    ")
    assert block.comment == "TODO: compute out, and nothing else."
    assert block.code == "    out = x\n    if x:\n        out += x\n"


def test_a_blank_block_raises_and_names_itself():
    names = {}
    exec(compile(blank(SOURCE), "blank", "exec"), names)
    with pytest.raises(NotImplementedError, match="double is not filled in yet"):
        names["double"](1)
    with pytest.raises(NotImplementedError, match=r"^Net\.loss:scores is not filled in yet$"):
        names["Net"]().loss(1)


def test_only_the_blocks_that_are_asked_for_are_blanked():
    blanked = blank(SOURCE, only=["Net.loss:gradients"])
    codes = {block.name: block.code for block in blocks_in(blanked)}
    assert codes["double"] == blocks_in(SOURCE)[0].code
    assert codes["Net.loss:gradients"] == (
        '            raise NotImplementedError("Net.loss:gradients is not filled in yet")\n'
    )


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_everything_else_stays_as_it_is(line_end):
    # A page break, trailing blanks and a missing last line end must survive, too.
    source = SOURCE.replace('"""Twice x."""', '"""Twice x: \f\x85\u2028 é."""   ')
    source = source.replace("\n", line_end).removesuffix(line_end)
    codes = {block.name: block.code for block in blocks_in(source)}
    assert len(codes) == 3
    blanked = blank(source)
    assert blank(blanked) == blanked
    assert replace_blocks(blanked, codes) == source


def test_code_takes_the_line_ends_of_the_file_it_goes_into():
    source = SOURCE.replace("\n", "\r\n")
    changed = replace_blocks(source, {"double": "    out = 2 * x\n    out += 0"})
    assert "    out = 2 * x\r\n    out += 0\r\n    # *****END" in changed
    assert changed.count("\n") == changed.count("\r\n")


def test_files_are_read_and_written_byte_for_byte(tmp_path):
    data = SOURCE.replace("\n", "\r\n").encode() + "# ü".encode()
    path = tmp_path / "module.py"
    path.write_bytes(data)
    write_source(path, read_source(path))
    assert path.read_bytes() == data


def test_a_file_that_does_not_parse_still_gives_its_blocks():
    broken = SOURCE.replace("scores = inner(X)", "scores = = (")
    assert [block.name for block in blocks_in(broken)][1] == "Net.loss:scores"


def test_what_a_student_defines_inside_a_block_does_not_name_the_next_one():
    source = SOURCE.replace("        out += x\n", "        pass\n\ndef Net2(self):\n    pass\n")
    assert [block.name for block in blocks_in(source)][1:] == [
        "Net.loss:scores",
        "Net.loss:gradients",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    out = x\n", f"    {START}\n", "line 8: a block starts inside the one of line 7"),
        (f"    {START}\n    out", "    out", "line 10: a block ends here that never started"),
        (f"        out += x\n    {END}\n", "", "line 20: a block starts inside the one of line 7"),
        ("# TODO: compute out,", "# compute out,", "line 7: a block without a comment `# TODO: "),
        ("# TODO (scores): compute", "# TODO (gradients): compute", "named 'Net.loss:gradients'"),
        ("# TODO (gradients): compute", "# TODO (scores) compute", "line 27: a block without a"),
        ("    # and nothing else.\n", "    # and nothing else.\n\n", "line 8: a block without a"),
        ("def double(x):\n", "if True:\n", "line 7: a block stands outside any function"),
    ],
)
def test_markers_that_make_no_sense_are_refused(old, new, message):
    assert old in SOURCE
    with pytest.raises(BlockError) as error:
        blocks_in(SOURCE.replace(old, new, 1), "module.py")
    assert message in str(error.value)
    assert str(error.value).startswith("module.py, line ")


def test_a_block_that_never_ends_is_refused():
    source = SOURCE[: SOURCE.rindex(END)]
    with pytest.raises(BlockError, match="line 27: a block starts here that never ends"):
        blocks_in(source)


def test_a_block_that_is_not_there_cannot_be_replaced():
    with pytest.raises(
        BlockError, match=r"no block is named 'triple'; there are double, Net\.loss"
    ):
        replace_blocks(SOURCE, {"triple": ""})
    with pytest.raises(BlockError, match="no block is named 'triple'"):
        blank(SOURCE, only=["triple"])


def test_two_files_may_not_share_a_name(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.py").write_text(SOURCE)
    (tmp_path / "inner" / "b.py").write_text(SOURCE)
    with pytest.raises(BlockError, match=r"a second block is named 'double', after a\.py, line 7"):
        blocks_of(tmp_path)


def test_the_package_has_a_block_for_everything_that_students_write():
    blocks = blocks_of(COURSE.package_folder)
    names = {block.name for block in blocks}
    assert len(names) == len(blocks)
    assert names == {name for check in COURSE.checks.with_optional for name in check.blocks}
    assert {block.path for block in blocks} == {
        "layers.py",
        "layer_utils.py",
        "optim.py",
        "extra.py",
        "classifiers/fc_net.py",
        "classifiers/cnn.py",
    }
    for name in ("batchnorm_forward:train", "dropout_forward:test", "FullyConnectedNet.__init__"):
        assert name in names
    for block in blocks:
        compile(blank(read_source(COURSE.package_folder / block.path)), block.path, "exec")
        assert block.code.strip()
