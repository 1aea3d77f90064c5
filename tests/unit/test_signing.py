"""What is signed, with which settings, and what a signer keeps to itself."""

from __future__ import annotations

import base64
import copy
import pickle
import shutil
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA512
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kalshi_auth import (
    CredentialsError,
    Ed25519Signer,
    RsaPssSigner,
    signer_from_file,
    signing_headers,
    signing_message,
)
from tests.vectors.material import (
    HERE,
    KEY_ID,
    SIGNATURES,
    SIGNED_HEADERS,
    ed25519_verifies,
    key_file,
    pem,
    rsa_verifies,
)

NOW_MS = 1703123456789
MESSAGE = b"1703123456789GET/trade-api/v2/portfolio/balance"
RSA = signer_from_file(KEY_ID, key_file("rsa_pkcs8"))
ED25519 = signer_from_file(KEY_ID, key_file("ed25519"))
SIGNERS = pytest.mark.parametrize("signer", [RSA, ED25519], ids=["rsa", "ed25519"])


def vectors(kind: str) -> list[Any]:
    """Return recorded signatures, to parametrise with."""
    return [
        pytest.param(each, id=each.get("why", f"{each.get('key')} {each.get('path')}")) for each in SIGNATURES[kind]
    ]


@pytest.mark.parametrize("vector", vectors("good"))
def test_message_is_timestamp_verb_and_path_with_nothing_in_between(vector: dict[str, Any]) -> None:
    """The message is byte for byte the one that openssl signed."""
    message = signing_message(vector["timestamp_ms"], vector["method"], vector["path"])
    assert message == vector["message"].encode("ascii")


@pytest.mark.parametrize(
    ("path", "signed"),
    [
        ("/", "/"),
        ("/x/v9", "/x/v9"),
        ("/trade-api/v2/orders/a%2Fb", "/trade-api/v2/orders/a%2Fb"),
        ("/trade-api/v2/orders/a%2fb", "/trade-api/v2/orders/a%2fb"),
        ("/trade-api/v2/orders/a%20b", "/trade-api/v2/orders/a%20b"),
        ("/trade-api/v2/orders/%C3%A9", "/trade-api/v2/orders/%C3%A9"),
        ("/trade-api/v2/orders/a+b", "/trade-api/v2/orders/a+b"),
        ("/trade-api/v2/orders/", "/trade-api/v2/orders/"),
        ("//trade-api/../v2", "//trade-api/../v2"),
        ("/orders?limit=5", "/orders"),
        ("/orders?", "/orders"),
        ("/orders?a=?&b=/", "/orders"),
        ("/orders%3Fa", "/orders%3Fa"),
    ],
)
def test_path_is_kept_byte_for_byte_up_to_the_query(path: str, signed: str) -> None:
    """Percent-encoding, slashes and dots stay as they are; the query is cut off."""
    assert signing_message(NOW_MS, "GET", path) == f"{NOW_MS}GET{signed}".encode("ascii")


@pytest.mark.parametrize("method", ["get", "Get", "GET"])
def test_verb_is_signed_in_capitals(method: str) -> None:
    """A verb in any case gives the same message."""
    assert signing_message(NOW_MS, method, "/trade-api/v2/portfolio/balance") == MESSAGE


@pytest.mark.parametrize("path", ["", "portfolio/balance", "https://host/portfolio", "?limit=5", " /x"])
def test_path_that_does_not_start_at_the_root_is_refused(path: str) -> None:
    """A relative path or a URL is a ValueError that says where a path starts."""
    with pytest.raises(ValueError, match="path must start at the host's root"):
        signing_message(NOW_MS, "GET", path)


@pytest.mark.parametrize("path", ["/é", "/a b", "/a\nb", "/a\tb", "/a\x00", "/a\x7f", "/a#part", "/a?q=é"])
def test_path_that_was_not_percent_encoded_is_refused(path: str) -> None:
    """A path that could not be sent as it is, is a ValueError."""
    with pytest.raises(ValueError, match="percent-encode"):
        signing_message(NOW_MS, "GET", path)


@pytest.mark.parametrize(
    "timestamp",
    [0, -NOW_MS, NOW_MS // 1000, 10**12 - 1, 10**13, NOW_MS * 1000, NOW_MS * 10**6, float(NOW_MS), True, str(NOW_MS)],
)
def test_timestamp_in_another_unit_is_refused(timestamp: Any) -> None:
    """Seconds, microseconds, nanoseconds, fractions and text are a ValueError."""
    with pytest.raises(ValueError, match="milliseconds"):
        signing_message(timestamp, "GET", "/")


@pytest.mark.parametrize("vector", vectors("good"))
def test_openssl_signatures_verify_under_our_settings(vector: dict[str, Any]) -> None:
    """A signature that openssl made with the exchange's settings verifies."""
    verifies = rsa_verifies if vector["key"] == "rsa" else ed25519_verifies
    assert verifies(base64.b64decode(vector["signature"]), vector["message"].encode())
    assert not verifies(base64.b64decode(vector["signature"]), vector["message"].encode() + b"x")


@pytest.mark.parametrize("vector", vectors("bad"))
def test_openssl_signatures_with_other_settings_do_not_verify(vector: dict[str, Any]) -> None:
    """A signature with another salt, mask, digest or padding is not taken for a good one."""
    assert not rsa_verifies(base64.b64decode(vector["signature"]), vector["message"].encode())


def test_rsa_signature_has_a_salt_of_32_bytes_and_a_sha256_mask() -> None:
    """Ours verifies with exactly the exchange's settings, and with no others."""
    signature = RSA.sign(MESSAGE)
    assert rsa_verifies(signature, MESSAGE)
    assert [
        length for length in (0, 20, 31, 32, 33, 64, 222) if rsa_verifies(signature, MESSAGE, salt_length=length)
    ] == [32]
    assert not rsa_verifies(signature, MESSAGE, mgf1=SHA1())
    assert not rsa_verifies(signature, MESSAGE, mgf1=SHA512())
    assert not rsa_verifies(signature, MESSAGE + b"?")


def test_rsa_signatures_differ_and_all_verify() -> None:
    """Two signatures over one message are not alike, for the salt is fresh."""
    one, other = RSA.sign(MESSAGE), RSA.sign(MESSAGE)
    assert one != other
    assert rsa_verifies(one, MESSAGE)
    assert rsa_verifies(other, MESSAGE)


@pytest.mark.parametrize("vector", [each for each in vectors("good") if each.values[0]["key"] == "ed25519"])
def test_ed25519_signature_is_the_one_openssl_makes(vector: dict[str, Any]) -> None:
    """Ed25519 has no salt: ours equals openssl's, and verifies."""
    signature = ED25519.sign(vector["message"].encode())
    assert signature == base64.b64decode(vector["signature"])
    assert ed25519_verifies(signature, vector["message"].encode())


@SIGNERS
def test_openssl_command_line_verifies_ours(signer: RsaPssSigner | Ed25519Signer, tmp_path: Path) -> None:
    """The openssl program accepts a signature of ours, and refuses it over another message."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("the openssl program is not installed")
    version = subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout
    if not version.startswith("OpenSSL 3"):
        pytest.skip(f"needs OpenSSL 3, found {version.strip()}")
    (tmp_path / "signature").write_bytes(signer.sign(MESSAGE))
    if isinstance(signer, RsaPssSigner):
        options = ["rsa_padding_mode:pss", "rsa_pss_saltlen:32", "rsa_mgf1_md:sha256"]
        command = ["dgst", "-sha256", *(word for each in options for word in ("-sigopt", each))]
        command += ["-verify", str(HERE / "keys/test_rsa_public.pem"), "-signature", "signature", "message"]
    else:
        command = ["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", str(HERE / "keys/test_ed25519_public.pem")]
        command += ["-in", "message", "-sigfile", "signature"]
    codes = []
    for message in (MESSAGE, MESSAGE + b"x"):
        (tmp_path / "message").write_bytes(message)
        done = subprocess.run([program, *command], cwd=tmp_path, capture_output=True, check=False, timeout=30)
        codes.append(done.returncode)
    assert codes == [0, 1]


@SIGNERS
def test_headers_are_three_and_good_for_their_request(signer: RsaPssSigner | Ed25519Signer) -> None:
    """The headers hold the key id, the timestamp, and a padded base64 signature over the message."""
    headers = signing_headers(signer, "get", "/trade-api/v2/portfolio/balance?subaccount=1", timestamp_ms=NOW_MS)
    assert tuple(headers) == SIGNED_HEADERS
    assert headers["KALSHI-ACCESS-KEY"] == KEY_ID
    assert headers["KALSHI-ACCESS-TIMESTAMP"] == "1703123456789"
    verifies = rsa_verifies if isinstance(signer, RsaPssSigner) else ed25519_verifies
    assert verifies(base64.b64decode(headers["KALSHI-ACCESS-SIGNATURE"], validate=True), MESSAGE)


def test_headers_take_any_object_that_signs() -> None:
    """A signer of the user's own is asked for the exact message, and its raw bytes are encoded."""

    class Vault:
        key_id = "vault"

        def sign(self, message: bytes) -> bytes:
            asked.append(message)
            return b"\xfb\xff\xfe\x00"

    asked: list[bytes] = []
    headers = signing_headers(Vault(), "GET", "/trade-api/v2/portfolio/balance", timestamp_ms=NOW_MS)
    assert asked == [MESSAGE]
    assert headers["KALSHI-ACCESS-KEY"] == "vault"
    assert headers["KALSHI-ACCESS-SIGNATURE"] == "+//+AA=="


@SIGNERS
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_signer_is_neither_copied_nor_pickled(signer: RsaPssSigner | Ed25519Signer, duplicate: Any) -> None:
    """Copying or pickling a signer is a TypeError that shows neither key nor key id."""
    with pytest.raises(TypeError, match="neither copied nor pickled") as caught:
        duplicate(signer)
    assert KEY_ID not in str(caught.value)


@SIGNERS
def test_signer_shows_the_beginning_of_its_key_id_alone(signer: RsaPssSigner | Ed25519Signer) -> None:
    """A signer's text names its class and four characters, and it has no open attributes."""
    assert repr(signer) == str(signer) == f"{type(signer).__name__}(key_id='0a1b…')"
    assert not hasattr(signer, "__dict__")
    assert [name for name in dir(signer) if not name.startswith("_")] == ["key_id", "sign"]


def test_signer_wants_a_key_of_its_kind() -> None:
    """A signer with another kind of key, or PEM for a key, is a CredentialsError that says what was found."""
    rsa = load_pem_private_key(pem("rsa_pkcs8").encode(), None)
    ed25519 = load_pem_private_key(pem("ed25519").encode(), None)
    with pytest.raises(CredentialsError, match="found a key of type Ed25519PrivateKey; expected RSAPrivateKey"):
        RsaPssSigner(KEY_ID, cast(RSAPrivateKey, ed25519))
    with pytest.raises(CredentialsError, match="found a key of type RSAPrivateKey; expected Ed25519PrivateKey"):
        Ed25519Signer(KEY_ID, cast(Ed25519PrivateKey, rsa))
    with pytest.raises(CredentialsError, match="found a key of type str; expected RSAPrivateKey"):
        RsaPssSigner(KEY_ID, cast(RSAPrivateKey, pem("rsa_pkcs8")))


@pytest.mark.parametrize(
    ("key_id", "found"),
    [
        ("", "that is empty"),
        (" ", "with spaces or unprintable characters"),
        ("a b", "with spaces or unprintable characters"),
        (f"{KEY_ID}\n", "with spaces or unprintable characters"),
        (f"{KEY_ID}\r\nX-More: 1", "with spaces or unprintable characters"),
        ("\t", "with spaces or unprintable characters"),
        ("kid\x00", "with spaces or unprintable characters"),
        ("clé", "with spaces or unprintable characters"),
        ("kid\u200b", "with spaces or unprintable characters"),
        (None, "of type NoneType"),
        (b"kid", "of type bytes"),
    ],
)
def test_key_id_that_no_header_could_carry_is_refused(key_id: Any, found: str) -> None:
    """A bad key id is a CredentialsError when the signer is built, and isn't quoted."""
    with pytest.raises(CredentialsError, match=f"found a key id {found}.*; expected the UUID") as caught:
        signer_from_file(key_id, key_file("ed25519"))
    assert "0a1b" not in str(caught.value)


def test_key_id_is_sent_as_it_was_given() -> None:
    """Whatever its case: the exchange compares it."""
    key = load_pem_private_key(pem("ed25519").encode(), None)
    assert isinstance(key, Ed25519PrivateKey)
    headers = signing_headers(Ed25519Signer("0A1b-Key_ID", key), "GET", "/x", timestamp_ms=NOW_MS)
    assert headers["KALSHI-ACCESS-KEY"] == "0A1b-Key_ID"
