"""From PEM, file and environment to a signer; and what is said, and not said, when that fails."""

from __future__ import annotations

import itertools
import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from kalshi_auth import (
    CredentialsError,
    Ed25519Signer,
    NotSentError,
    RsaPssSigner,
    signer_from_env,
    signer_from_file,
    signer_from_pem,
)
from tests.vectors.material import KEY_ID, PASSPHRASE, ed25519_verifies, key_file, pem, rsa_verifies

MESSAGE = b"1703123456789GET/trade-api/v2/portfolio/balance"
VARIABLES = ("KALSHI_KEY_ID", "KALSHI_PRIVATE_KEY", "KALSHI_PRIVATE_KEY_FILE", "KALSHI_PRIVATE_KEY_PASSPHRASE")
EXPECTED = "expected an RSA or Ed25519 private key in PEM"

WRITINGS: dict[str, Callable[[str], str | bytes]] = {
    "as it is": lambda text: text,
    "bytes": lambda text: text.encode("ascii"),
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CRLF bytes": lambda text: text.replace("\n", "\r\n").encode("ascii"),
    "literal \\n": lambda text: text.replace("\n", "\\n"),
    "literal \\n bytes": lambda text: text.replace("\n", "\\n").encode("ascii"),
    "literal \\r\\n": lambda text: text.replace("\n", "\\r\\n"),
    "no last line end": lambda text: text.rstrip("\n"),
    "blank lines around": lambda text: f"\n\n  {text}\n\n",
    "quotes around": lambda text: '"' + text.replace("\n", "\\n") + '"',
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode("ascii"),
    "a line before, not ASCII": lambda text: f"Schlüssel\udcff\n{text}",
}


def refused(found: str, build: Callable[..., Any], *arguments: Any, **options: Any) -> CredentialsError:
    """Build, expecting a refusal that says what was found and expected, and no line of any test key."""
    with pytest.raises(CredentialsError) as caught:
        build(*arguments, **options)
    error = caught.value
    text = str(error)
    assert text.startswith(f"found {found}"), text
    assert "; expected " in text
    told = "".join(traceback.format_exception(error)) + repr(error) + repr(error.__dict__) + text
    told += "".join(traceback.format_exception(error.__context__)) if error.__context__ else ""
    for file in key_file("ec").parent.glob("*.pem"):
        body = [line for line in file.read_text("ascii").splitlines() if "-----" not in line and "TEST" not in line]
        assert not [line for line in body if line and line in told]
        assert not [line for line in body if len(line) > 16 and line[:16] in told]
    assert PASSPHRASE not in text
    return error


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Return a function that sets these variables, and no other of ours."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)

    def put(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return put


@pytest.mark.parametrize("write", WRITINGS.values(), ids=WRITINGS.keys())
@pytest.mark.parametrize("name", ["rsa_pkcs8", "rsa_pkcs1", "ed25519"])
def test_key_is_read_in_every_common_writing(name: str, write: Callable[[str], str | bytes]) -> None:
    """PKCS#8 and PKCS#1, with real, literal or foreign line ends, as str or bytes, give the key's signer."""
    signer = signer_from_pem(KEY_ID, write(pem(name)))
    assert signer.key_id == KEY_ID
    if name == "ed25519":
        assert isinstance(signer, Ed25519Signer)
        assert ed25519_verifies(signer.sign(MESSAGE), MESSAGE)
    else:
        assert isinstance(signer, RsaPssSigner)
        assert rsa_verifies(signer.sign(MESSAGE), MESSAGE)


@pytest.mark.parametrize("passphrase", [PASSPHRASE, PASSPHRASE.encode()], ids=["str", "bytes"])
@pytest.mark.parametrize("write", WRITINGS.values(), ids=WRITINGS.keys())
@pytest.mark.parametrize("name", ["rsa_pkcs8_encrypted", "rsa_pkcs1_encrypted", "ed25519_encrypted"])
def test_encrypted_key_opens_with_its_passphrase(
    name: str, write: Callable[[str], str | bytes], passphrase: str | bytes
) -> None:
    """An encrypted key opens with its passphrase as str or bytes, in every writing."""
    signer = signer_from_pem(KEY_ID, write(pem(name)), passphrase=passphrase)
    verifies = rsa_verifies if isinstance(signer, RsaPssSigner) else ed25519_verifies
    assert verifies(signer.sign(MESSAGE), MESSAGE)


def test_empty_passphrase_is_no_passphrase() -> None:
    """An empty passphrase opens a key that is not encrypted, as None does."""
    for nothing in ("", b"", None):
        assert signer_from_pem(KEY_ID, pem("ed25519"), passphrase=nothing).key_id == KEY_ID


@pytest.mark.parametrize("as_path", [str, Path], ids=["str", "Path"])
@pytest.mark.parametrize("name", ["rsa_pkcs8", "ed25519"])
def test_key_is_read_from_a_file(name: str, as_path: Callable[[Path], str | Path]) -> None:
    """A path as str or Path gives the key's signer, marking line and all."""
    assert signer_from_file(KEY_ID, as_path(key_file(name))).key_id == KEY_ID


def test_encrypted_key_is_read_from_a_file() -> None:
    """A file's key opens with its passphrase."""
    signer = signer_from_file(KEY_ID, key_file("rsa_pkcs8_encrypted"), passphrase=PASSPHRASE)
    assert rsa_verifies(signer.sign(MESSAGE), MESSAGE)


@pytest.mark.parametrize("path", ["~/keys/kalshi.pem", Path("~/keys/kalshi.pem")], ids=["str", "Path"])
def test_tilde_is_the_home_directory(path: str | Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that starts with a tilde is looked up below HOME."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/kalshi.pem").write_text(pem("ed25519"))
    assert signer_from_file(KEY_ID, path).key_id == KEY_ID


PEM, FILE = pem("ed25519"), str(key_file("ed25519"))
LOCKED, LOCKED_FILE = pem("ed25519_encrypted"), str(key_file("ed25519_encrypted"))
CHOICES: list[dict[str, str | None]] = [
    {"absent": None, "empty": "", "given": KEY_ID},
    {"absent": None, "empty": "", "open": PEM, "locked": LOCKED},
    {"absent": None, "empty": "", "open": FILE, "locked": LOCKED_FILE},
    {"absent": None, "empty": "", "given": PASSPHRASE},
]


def expected_from(key_id: str | None, key: str | None, file: str | None, passphrase: str | None) -> str | None:
    """Say what the environment's rules make of four variables: None for a signer, else what is found."""
    if not key_id:
        return "no KALSHI_KEY_ID"
    if key and file:
        return "both KALSHI_PRIVATE_KEY and KALSHI_PRIVATE_KEY_FILE"
    if not key and not file:
        return "neither KALSHI_PRIVATE_KEY nor KALSHI_PRIVATE_KEY_FILE"
    if (key or file) in (PEM, FILE):
        return "a passphrase for a key without one" if passphrase else None
    return None if passphrase else "an encrypted key and no passphrase"


@pytest.mark.parametrize("chosen", list(itertools.product(*CHOICES)), ids=" ".join)
def test_environment_in_every_combination(environment: Callable[..., None], chosen: tuple[str, ...]) -> None:
    """An absent and an empty variable are alike; half a set, and both keys, are refused by name."""
    values = [choices[name] for choices, name in zip(CHOICES, chosen, strict=True)]
    environment(**{name: value for name, value in zip(VARIABLES, values, strict=True) if value is not None})
    found = expected_from(*values)
    if found is None:
        signer = signer_from_env()
        assert signer.key_id == KEY_ID
        assert ed25519_verifies(signer.sign(MESSAGE), MESSAGE)
    else:
        refused(found, signer_from_env)


def test_environment_takes_a_key_on_one_line(environment: Callable[..., None]) -> None:
    r"""A key whose line ends are written `\n`, as container settings do, is read."""
    environment(KALSHI_KEY_ID=KEY_ID, KALSHI_PRIVATE_KEY=pem("rsa_pkcs1").replace("\n", "\\n"))
    assert rsa_verifies(signer_from_env().sign(MESSAGE), MESSAGE)


def test_environment_takes_a_file_below_the_home_directory(environment: Callable[..., None], tmp_path: Path) -> None:
    """A tilde in KALSHI_PRIVATE_KEY_FILE is the home directory."""
    (tmp_path / "kalshi.pem").write_text(PEM)
    environment(
        HOME=str(tmp_path), USERPROFILE=str(tmp_path), KALSHI_KEY_ID=KEY_ID, KALSHI_PRIVATE_KEY_FILE="~/kalshi.pem"
    )
    assert signer_from_env().key_id == KEY_ID


def test_environment_with_bytes_that_are_not_utf_8_is_refused(environment: Callable[..., None]) -> None:
    """A variable of stray bytes is a CredentialsError, not an encoding error that carries the key."""
    environment(KALSHI_KEY_ID=KEY_ID, KALSHI_PRIVATE_KEY=PEM.replace("MC4", "\udcff\udcfe"))
    refused("PEM of kind PRIVATE KEY that cannot be read", signer_from_env)
    environment(KALSHI_PRIVATE_KEY=LOCKED, KALSHI_PRIVATE_KEY_PASSPHRASE="\udcff")
    refused("PEM of kind ENCRYPTED PRIVATE KEY that the passphrase does not decrypt", signer_from_env)


TRUNCATED = "\n".join(pem("rsa_pkcs8").splitlines()[:10])
BAD_PEMS = {
    "public key": (pem("rsa_public"), "PEM of kind PUBLIC KEY; " + EXPECTED),
    "ed25519 public key": (pem("ed25519_public"), "PEM of kind PUBLIC KEY; " + EXPECTED),
    "certificate": (pem("rsa_certificate"), "PEM of kind CERTIFICATE; " + EXPECTED),
    "EC key": (pem("ec"), "a private key of kind EC"),
    "empty": ("", "0 bytes without a PEM header; " + EXPECTED),
    "blank": (" \r\n\t", "0 bytes without a PEM header; " + EXPECTED),
    "garbage": ("not a key", "9 bytes without a PEM header; " + EXPECTED),
    "garbage bytes": (bytes(range(128, 160)), "32 bytes without a PEM header; " + EXPECTED),
    "body alone": ("".join(pem("ed25519").splitlines()[1:-1]), "64 bytes without a PEM header; " + EXPECTED),
    "truncated": (TRUNCATED, "PEM of kind PRIVATE KEY that cannot be read; " + EXPECTED),
    "cut short, with its end": (
        TRUNCATED + "\n-----END PRIVATE KEY-----",
        "PEM of kind PRIVATE KEY that cannot be read; " + EXPECTED,
    ),
    "header alone": ("-----BEGIN PRIVATE KEY-----", "PEM of kind PRIVATE KEY that cannot be read; " + EXPECTED),
    "wrong label": (
        pem("ed25519").replace("PRIVATE", "RSA PRIVATE"),
        "PEM of kind RSA PRIVATE KEY that cannot be read",
    ),
    "line ends lost": (pem("ed25519").replace("\n", "x"), "PEM of kind PRIVATE KEY that cannot be read"),
    "OpenSSH": (pem("ed25519").replace("PRIVATE", "OPENSSH PRIVATE"), "PEM of kind OPENSSH PRIVATE KEY that"),
    "None": (None, "a key of type NoneType; " + EXPECTED),
    "number": (5, "a key of type int; " + EXPECTED),
    "bytearray": (bytearray(PEM, "ascii"), "a key of type bytearray; " + EXPECTED),
    "file handle's path": (Path(FILE), f"a key of type {type(Path()).__name__}; " + EXPECTED),
    "encrypted, no passphrase": (LOCKED, "an encrypted key and no passphrase; expected both or neither"),
    "encrypted PKCS#1, no passphrase": (pem("rsa_pkcs1_encrypted"), "an encrypted key and no passphrase"),
}


@pytest.mark.parametrize(("bad", "found"), BAD_PEMS.values(), ids=BAD_PEMS.keys())
def test_bad_key_is_refused_without_quoting_it(bad: Any, found: str) -> None:
    """Whatever is not a usable key is a CredentialsError that says what was found and what was expected."""
    error = refused(found, signer_from_pem, KEY_ID, bad)
    assert isinstance(error, NotSentError)
    assert isinstance(error, ValueError)


@pytest.mark.parametrize(
    ("name", "passphrase", "found"),
    [
        ("rsa_pkcs8", PASSPHRASE, "a passphrase for a key without one; expected both or neither"),
        ("rsa_pkcs1", PASSPHRASE, "a passphrase for a key without one; expected both or neither"),
        ("ed25519", b"x", "a passphrase for a key without one; expected both or neither"),
        ("rsa_pkcs8_encrypted", "wrong", "PEM of kind ENCRYPTED PRIVATE KEY that the passphrase does not decrypt"),
        ("rsa_pkcs1_encrypted", "wrong", "PEM of kind RSA PRIVATE KEY that the passphrase does not decrypt"),
        ("ed25519_encrypted", b"\xff", "PEM of kind ENCRYPTED PRIVATE KEY that the passphrase does not decrypt"),
        (
            "ed25519_encrypted",
            PASSPHRASE + " ",
            "PEM of kind ENCRYPTED PRIVATE KEY that the passphrase does not decrypt",
        ),
        ("ed25519_encrypted", "x" * 5000, "PEM of kind ENCRYPTED PRIVATE KEY that the passphrase does not decrypt"),
        ("ed25519_encrypted", "", "an encrypted key and no passphrase; expected both or neither"),
        ("ed25519_encrypted", b"", "an encrypted key and no passphrase; expected both or neither"),
        ("ed25519_encrypted", 5, "a passphrase of type int; expected str or bytes"),
        ("ed25519_encrypted", "\ud800", "a passphrase that is not text; expected str or bytes"),
        ("rsa_certificate", PASSPHRASE, "PEM of kind CERTIFICATE; " + EXPECTED),
    ],
)
def test_passphrase_that_does_not_fit_is_refused(name: str, passphrase: Any, found: str) -> None:
    """A missing, needless or wrong passphrase is a CredentialsError that tells which of them it is."""
    refused(found, signer_from_pem, KEY_ID, pem(name), passphrase=passphrase)
    refused(found, signer_from_file, KEY_ID, key_file(name), passphrase=passphrase)


@pytest.mark.parametrize("build", [signer_from_pem, signer_from_file])
@pytest.mark.parametrize("key_id", ["", "  ", "clé", f"{KEY_ID}\n", None])
def test_bad_key_id_is_refused(key_id: Any, build: Callable[..., Any]) -> None:
    """A key id that no header could carry is a CredentialsError, wherever the key is from."""
    refused("a key id ", build, key_id, PEM if build is signer_from_pem else FILE)


def test_bad_key_id_in_the_environment_is_refused(environment: Callable[..., None]) -> None:
    """A key id with a line end, as `$(cat file)` alone would not leave, is a CredentialsError."""
    environment(KALSHI_KEY_ID=f"{KEY_ID}\n", KALSHI_PRIVATE_KEY=PEM)
    refused("a key id with spaces or unprintable characters", signer_from_env)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.pem", "No such file"),
        ("", "Is a directory"),
        ("missing/missing.pem", "No such file"),
        ("nul\x00.pem", "null"),
        ("x" * 5000, "too long"),
    ],
    ids=["missing", "directory", "missing directory", "NUL", "long"],
)
def test_file_that_cannot_be_read_is_refused(name: str, reason: str, tmp_path: Path) -> None:
    """A missing file, a directory and a name that no file has, are a CredentialsError with path and reason."""
    path = os.path.join(tmp_path, name)  # noqa: PTH118
    error = refused(f"no readable file at {path!r}: ", signer_from_file, KEY_ID, path)
    assert reason in str(error)


def test_home_directory_that_is_not_known_is_refused() -> None:
    """A tilde of an unknown user is a CredentialsError."""
    refused("no readable file at '~no-such-user/key.pem': ", signer_from_file, KEY_ID, "~no-such-user/key.pem")


@pytest.mark.parametrize("name", ["rsa_pkcs8", "ed25519", "rsa_pkcs1"])
def test_key_that_was_passed_for_a_path_is_not_quoted(name: str, environment: Callable[..., None]) -> None:
    """PEM text where a path is expected is a CredentialsError that doesn't show it."""
    refused("PEM text as the path of a key file", signer_from_file, KEY_ID, pem(name))
    one_line = pem(name).replace("\n", "\\n")
    environment(KALSHI_KEY_ID=KEY_ID, KALSHI_PRIVATE_KEY_FILE=one_line)
    refused("PEM text as the path of a key file", signer_from_env)


def test_rsa_key_that_is_too_short_is_refused() -> None:
    """A key of 1024 bits is a CredentialsError that names both sizes."""
    short = rsa.generate_private_key(65537, 1024).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    refused("an RSA key of 1024 bits; expected 2048 or more", signer_from_pem, KEY_ID, short)
