"""CIFAR-10 is fetched from servers that go wrong, and what was there before stays until the end."""

import errno
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import lame_server
import pytest
from lame_server import LameServer
from small_cifar10 import as_archive, as_release, small_files, write

from cs231n._internal.cifar10 import download, transfer
from cs231n._internal.cifar10.batches import FOLDER, DataError, find_damage
from cs231n.data_utils import data_source, main

# A server that answers, or closes the connection, is waited for as long as a busy machine may take.
# What tests a time limit has a server that never answers, and sets a limit of its own.
PATIENT = {"timeout": 60, "attempts": 3, "pause": 0}
ROOT = Path(__file__).parent.parent


class Situation:
    """A server with a small CIFAR-10, and a folder that holds half of an older one."""

    def __init__(self, tmp_path, server, files):
        self.server, self.files = server, files
        self.folder = tmp_path / "my data" / FOLDER
        self.old = {"data_batch_1": b"old", "test_batch": b"old"}
        write(self.folder, self.old)
        self.part = self.folder.parent / "archive.tar.gz.part"
        self.release = as_release(files, server.content, server.url)

    def fetch(self, **settings):
        download.fetch(self.folder, self.release, **(PATIENT | settings))

    def expect_whole(self):
        assert find_damage(self.folder, self.release, thorough=True) is None
        assert [path.name for path in self.folder.parent.iterdir()] == [FOLDER]

    def expect_failure(self, pattern, left=(), **settings):
        """Fetching fails with a message that says what to do; the old data stand."""
        with pytest.raises(DataError, match=pattern) as raised:
            self.fetch(**settings)
        assert "python -m cs231n.data_utils download --to '" in str(raised.value)
        content = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        assert content == self.old
        others = {path.name for path in self.folder.parent.iterdir()} - {FOLDER}
        assert others == set(left)

    def rearchive(self, archive):
        """Let the server serve another archive, and let that be the one that is expected."""
        self.server.content = archive
        self.release = as_release(self.files, archive, self.server.url)


@pytest.fixture
def situation(tmp_path):
    files = small_files()
    with LameServer(as_archive(files)).running() as server:
        yield Situation(tmp_path, server, files)


PART = ("archive.tar.gz.part", "archive.tar.gz.part.json")


def test_the_archive_is_fetched_and_put_into_place(situation, capsys):
    situation.fetch()
    situation.expect_whole()
    said = f"CIFAR-10 is in {situation.folder}, and every file has its MD5.\n"
    assert capsys.readouterr().out.endswith(said)
    assert "Range" not in situation.server.requests[0]


def test_what_is_whole_is_not_fetched_again(situation, capsys):
    write(situation.folder, situation.files)
    situation.fetch()
    assert situation.server.requests == []
    assert "already" in capsys.readouterr().out


def test_one_wrong_byte_is_mended(situation):
    wrong = bytearray(situation.files["data_batch_3"])
    wrong[-10] ^= 1
    write(situation.folder, situation.files | {"data_batch_3": bytes(wrong)})
    situation.fetch()
    situation.expect_whole()


def test_a_cut_connection_is_taken_up_again(situation):
    situation.server.answers = [lame_server.cut_after(1000), lame_server.cut_after(500)]
    situation.fetch()
    situation.expect_whole()
    ranges = [headers.get("Range") for headers in situation.server.requests]
    assert ranges == [None, "bytes=1000-", "bytes=1500-"]


def test_many_cuts_are_survived_as_long_as_something_comes(situation):
    situation.server.answers = [lame_server.cut_after(1000)] * 10
    situation.fetch()
    situation.expect_whole()
    assert len(situation.server.requests) == 11


@pytest.fixture
def limit_on_silence(monkeypatch):
    """Let a read wait for no more than a moment, once 1000 bytes of a silent server are here."""
    read_block = transfer._read_block

    def read_with_limit(answer, received, size):
        if received == 1000:
            answer.fp.raw._sock.settimeout(0.01)
        return read_block(answer, received, size)

    monkeypatch.setattr(transfer, "_read_block", read_with_limit)


def test_a_server_that_stops_sending_is_asked_again(situation, limit_on_silence):
    situation.server.answers = [lame_server.silent_after(1000)]
    situation.fetch()
    situation.expect_whole()
    ranges = [headers.get("Range") for headers in situation.server.requests]
    assert ranges == [None, "bytes=1000-"]


def test_a_server_that_stops_sending_is_given_up(situation, limit_on_silence):
    situation.server.answers = [lame_server.silent_after(1000)] + [lame_server.silent_after(0)] * 2
    situation.expect_failure("The server stopped sending after 0.0 of 0.1 MB", left=PART)
    assert len(situation.server.requests) == 3


def test_a_later_call_goes_on_where_an_earlier_one_stopped(situation):
    cut = [lame_server.cut_after(1000)] + [lame_server.cut_after(0)] * 3
    situation.server.answers = cut
    situation.expect_failure(r"The connection was cut after 0.0 of 0.1 MB", left=PART)
    assert situation.part.stat().st_size == 1000
    situation.fetch()
    situation.expect_whole()
    last = situation.server.requests[-1]
    assert (last["Range"], last["If-Range"]) == ("bytes=1000-", '"first"')


def test_another_edition_is_fetched_from_the_start(situation):
    situation.server.answers = [lame_server.cut_after(1000)] + [lame_server.cut_after(0)] * 3
    situation.expect_failure("The connection was cut", left=PART)
    newer = small_files(seed=1)
    situation.files = newer
    situation.rearchive(as_archive(newer))
    situation.server.edition = '"second"'
    situation.fetch()
    situation.expect_whole()


def test_bytes_of_another_file_are_noticed_by_md5_and_fetched_again(situation):
    situation.part.write_bytes(b"x" * 1000)  # as from a server that gives no mark of its edition
    situation.fetch()
    situation.expect_whole()
    ranges = [headers.get("Range") for headers in situation.server.requests]
    assert ranges == ["bytes=1000-", None]


def test_a_server_without_ranges_sends_all_again(situation):
    situation.server.answers = [lame_server.cut_after(1000), lame_server.without_ranges]
    situation.fetch()
    situation.expect_whole()


def test_a_server_without_ranges_that_is_always_cut_is_given_up(situation):
    situation.server.answers = [lame_server.cut_after_whole(1000)] * 20
    situation.expect_failure("The connection was cut", left=PART)
    assert len(situation.server.requests) == 3


def test_a_part_that_is_too_long_is_fetched_again(situation):
    situation.part.write_bytes(situation.server.content + b"more")
    situation.fetch()
    situation.expect_whole()


def test_a_range_that_the_server_does_not_have_is_given_up(situation):
    situation.part.write_bytes(b"x" * 1000)
    situation.server.answers = [lame_server.status(416)]
    situation.fetch()
    situation.expect_whole()


def test_a_file_of_another_size_is_refused_before_it_is_fetched(situation):
    situation.server.answers = [lame_server.another_file(b"<html>Log in first</html>")]
    situation.expect_failure("archive.tar.gz has 25 bytes, expected ")


def test_a_file_of_the_same_size_is_refused(situation):
    other = bytes(len(situation.server.content))
    situation.server.answers = [lame_server.another_file(other)]
    situation.expect_failure("has MD5 [0-9a-f]{32}, expected [0-9a-f]{32}")


def test_a_file_of_no_length_is_refused_when_it_gets_too_long(situation):
    longer = situation.server.content + b"more"
    situation.server.answers = [lame_server.without_length(longer)]
    situation.expect_failure("has more than [0-9,]+ bytes")


def test_a_file_of_no_length_is_taken_if_it_is_right(situation):
    situation.server.answers = [lame_server.without_length(situation.server.content)]
    situation.fetch()
    situation.expect_whole()


@pytest.mark.parametrize("code", [403, 404, 410])
def test_what_is_not_there_is_asked_for_once(situation, code):
    situation.server.answers = [lame_server.status(code)]
    situation.expect_failure(f"archive.tar.gz cannot be fetched: {code} ")
    assert len(situation.server.requests) == 1


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_busy_server_is_asked_again(situation, code):
    situation.server.answers = [lame_server.status(code)] * 2
    situation.fetch()
    situation.expect_whole()


def test_a_server_that_stays_busy_is_given_up(situation):
    situation.server.answers = [lame_server.status(503)] * 20
    situation.expect_failure("archive.tar.gz cannot be fetched now: 503 Service Unavailable")
    assert len(situation.server.requests) == 3


def test_a_server_that_never_answers_is_asked_once(situation, monkeypatch):
    asked, ask = [], transfer._ask
    monkeypatch.setattr(transfer, "_ask", lambda *one: asked.append(one) or ask(*one))
    situation.server.answers = [lame_server.never] * 20
    situation.expect_failure("127.0.0.1 did not answer within 0.1 seconds", timeout=0.1)
    assert len(asked) == 1


def test_a_server_that_is_not_there_is_asked_once(situation):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/archive.tar.gz"
        situation.expect_failure("127.0.0.1 could not be reached", url=url)


def test_without_a_network_names_are_not_found(situation, monkeypatch):
    def not_found(*_):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", not_found)
    situation.expect_failure("host.invalid was not found", url="https://host.invalid/a.tar.gz")


def test_a_name_service_that_never_answers_is_not_waited_for(situation, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: situation.server.over.wait())
    situation.expect_failure(
        "host.invalid did not answer within 0.1 seconds",
        url="https://host.invalid/a.tar.gz",
        timeout=0.1,
    )


def test_a_certificate_that_does_not_hold_is_named(situation, monkeypatch):
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_message = "unable to get local issuer certificate"

    def refuse(*_, **__):
        raise urllib.error.URLError(error)

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    situation.expect_failure(
        "certificate of localhost could not be verified: unable to get local issuer certificate",
        url="https://localhost/a.tar.gz",
    )


def test_authorities_come_from_certifi_where_the_system_has_none(monkeypatch):
    pytest.importorskip("certifi")
    monkeypatch.setattr(
        ssl, "create_default_context", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    )
    assert ssl.create_default_context().cert_store_stats()["x509_ca"] == 0
    assert transfer._certificates().cert_store_stats()["x509_ca"] > 0


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/a", "archive.tar.gz", "https:"])
def test_only_web_addresses_are_fetched(situation, url):
    situation.expect_failure("expected one that begins with https://", url=url)


def member(name, kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    info.size = 4 if kind == tarfile.REGTYPE else 0
    return info


@pytest.mark.parametrize(
    "evil",
    [
        member("../outside"),
        member(f"{FOLDER}/../../outside"),
        member("/tmp/outside"),
        member(f"{FOLDER}/link", tarfile.SYMTYPE, "/etc/passwd"),
        member(f"{FOLDER}/data_batch_1", tarfile.LNKTYPE, f"{FOLDER}/data_batch_2"),
        member(f"{FOLDER}/device", tarfile.CHRTYPE),
        member(f"{FOLDER}/pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda evil: evil.name,
)
def test_an_archive_that_leaves_its_folder_is_refused(situation, evil):
    situation.rearchive(as_archive(situation.files, [evil]))
    situation.expect_failure("is a link or leads out of its folder; expected plain files")
    assert not (situation.folder.parent.parent / "outside").exists()


def test_harmless_members_beside_the_batches_are_left_out(situation):
    extra = [member(f"{FOLDER}/readme.html"), member("notes"), member("a/data_batch_1")]
    situation.rearchive(as_archive(situation.files, extra))
    situation.fetch()
    situation.expect_whole()
    assert {path.name for path in situation.folder.iterdir()} == set(situation.files)


def test_an_archive_without_a_batch_is_refused(situation):
    fewer = {name: situation.files[name] for name in situation.files if name != "data_batch_4"}
    situation.rearchive(as_archive(fewer))
    situation.expect_failure("is incomplete or damaged: data_batch_4 is missing")


def test_an_archive_with_a_wrong_batch_is_refused(situation):
    wrong = situation.files | {"data_batch_4": situation.files["data_batch_4"][::-1]}
    situation.rearchive(as_archive(wrong))
    situation.expect_failure("is incomplete or damaged: data_batch_4 has MD5")


def test_an_archive_with_a_longer_batch_is_refused(situation):
    longer = situation.files | {"data_batch_4": situation.files["data_batch_4"] + b"x"}
    situation.rearchive(as_archive(longer))
    situation.expect_failure("data_batch_4 of [0-9,]+ bytes, expected [0-9,]+")


@pytest.mark.parametrize("broken", [b"not a tar at all", as_archive(small_files())[:5000]])
def test_an_archive_that_is_none_is_refused(situation, broken):
    situation.rearchive(broken)
    situation.expect_failure("cannot be unpacked")


def test_an_archive_fetched_by_other_means_is_unpacked_and_kept(situation, tmp_path):
    archive = tmp_path / "by hand.tar.gz"
    archive.write_bytes(situation.server.content)
    situation.fetch(archive=archive)
    situation.expect_whole()
    assert archive.exists()
    assert situation.server.requests == []


def test_an_archive_fetched_by_other_means_is_checked(situation, tmp_path):
    archive = tmp_path / "by hand.tar.gz"
    situation.expect_failure("by hand.tar.gz: No such file or directory", archive=archive)
    archive.write_bytes(situation.server.content[:-1])
    situation.expect_failure("by hand.tar.gz has MD5", archive=archive)
    assert archive.exists()


def test_without_room_nothing_is_begun(situation, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    situation.expect_failure("has 0.0 MB free, expected at least 0.1 MB")
    assert situation.server.requests == []


def test_a_disk_that_fills_up_leaves_a_part_to_go_on_from(situation, monkeypatch):
    def full_disk(source, *_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(download, "_copy", full_disk)
        situation.expect_failure("No space left on device", left=PART)
    requests = len(situation.server.requests)
    situation.fetch()
    situation.expect_whole()
    assert len(situation.server.requests) == requests  # what had been received was enough


@pytest.mark.skipif(sys.platform == "win32", reason="limits on file size are of POSIX")
def test_a_write_that_fails_leaves_a_part_to_go_on_from(situation):
    code = f"""
import resource, sys
sys.path[:0] = {[str(ROOT), str(ROOT / "tests")]!r}
from cs231n._internal.cifar10.transfer import Part, receive
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
receive({situation.server.url!r}, Part({str(situation.part)!r}), {len(situation.server.content)})
"""
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "OSError" in outcome.stderr
    assert situation.part.stat().st_size == 5000
    situation.fetch()
    situation.expect_whole()
    assert situation.server.requests[-1]["Range"] == "bytes=5000-"


@pytest.mark.parametrize("where", ["receiving", "unpacking"])
def test_ctrl_c_leaves_a_part_to_go_on_from(situation, monkeypatch, where):
    def interrupt(*_):
        raise KeyboardInterrupt

    situation.server.answers = [lame_server.cut_after(1000)]
    with monkeypatch.context() as patch:
        module, name = (transfer.time, "sleep") if where == "receiving" else (download, "_copy")
        patch.setattr(module, name, interrupt)
        with pytest.raises(KeyboardInterrupt):
            situation.fetch()
    assert {path.name for path in situation.folder.parent.iterdir()} == {FOLDER, *PART}
    assert {path.name for path in situation.folder.iterdir()} == set(situation.old)
    situation.fetch()
    situation.expect_whole()


def test_the_command_says_in_words_what_went_wrong(situation, monkeypatch, capsys):
    monkeypatch.setitem(transfer.receive.__kwdefaults__, "timeout", PATIENT["timeout"])
    situation.server.answers = [lame_server.status(404)]
    where = str(situation.folder.parent)
    assert main(["download", "--to", where, "--url", situation.server.url]) == 1
    written = capsys.readouterr()
    assert "404 Not Found" in written.err
    assert f"python -m cs231n.data_utils download --to '{where}'" in written.err
    assert "--from cifar-10-python.tar.gz" in written.err


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_the_script_is_the_same_command(situation, tmp_path):
    copy = tmp_path / "a copy"
    shutil.copytree(ROOT / "cs231n", copy / "cs231n", ignore=shutil.ignore_patterns("checks"))
    (copy / "datasets").mkdir()
    script = shutil.copy(ROOT / "datasets" / "get_datasets.sh", copy / "datasets")
    situation.server.answers = [lame_server.status(404)]
    outcome = subprocess.run(
        [script, "--to", "my data", "--url", situation.server.url],
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 1
    assert "404 Not Found" in outcome.stderr
    assert str(situation.folder) in outcome.stderr


@pytest.mark.parametrize("length", ["abc", "9" * 5000, "-1", "1.5"])
def test_a_length_that_is_none_is_told(situation, length):
    situation.server.answers = [lame_server.with_length(length)] * 9
    situation.expect_failure("bytes, expected|could not be reached|cut|cannot be fetched", left=())


@pytest.mark.parametrize(
    "url",
    ["http://[::1/x", "http://exämple.org/x", "http://host:99999999/x", "http://a b/x", "ftp://a/b",
     "http:///x", "http://host/\nx"],
)  # fmt: skip
def test_an_address_that_is_none_is_told(tmp_path, url, capsys):
    assert main(["download", "--to", str(tmp_path), "--url", url]) == 1
    assert "The address is " in capsys.readouterr().err


def test_a_folder_of_nobody_is_told(monkeypatch, capsys):
    monkeypatch.setenv("CS231N_DATA", "~nosuchuserhere/data")
    with pytest.raises(DataError, match="expected a folder that exists"):
        data_source()
