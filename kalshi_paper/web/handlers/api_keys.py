"""A user's own keys."""

from __future__ import annotations

from typing import Any, Final

from kalshi_paper.service.api_keys import public_key_from_pem
from kalshi_paper.service.signer import KeyType, PaperSigner, new_private_key
from kalshi_paper.web.openapi import Json
from kalshi_paper.web.request_context import Call

ALL: Final = ("read", "write")
"""What a key may do unless it is told otherwise."""


def get_several(call: Call) -> Json:
    return {
        "api_keys": [
            {"api_key_id": key.key_id, "name": key.name, "scopes": sorted(key.scopes)}
            for key in call.desk.keyring.of(call.user.name)
        ]
    }


def create(call: Call) -> Json:
    public_key_from_pem(call.body["public_key"])
    return {"api_key_id": _add(call, call.desk.ids(), call.body["public_key"])}


def generate(call: Call) -> Json:
    kind: KeyType = call.body.get("key_type") or "rsa"
    signer = PaperSigner(call.desk.ids(), new_private_key(kind))
    _add(call, signer.key_id, signer.public_pem())
    return {"api_key_id": signer.key_id, "private_key": signer.pem(), "key_type": kind}


def delete(call: Call) -> None:
    call.desk.do("drop_key", user=call.user.name, key_id=call.path["api_key"])


def _add(call: Call, key_id: str, public_pem: str) -> str:
    body: Any = call.body
    scopes = list(body.get("scopes") or ALL)
    call.desk.do("key", key_id=key_id, user=call.user.name, public_pem=public_pem, scopes=scopes, name=body["name"])
    return key_id


HANDLERS: Final = {
    "GetApiKeys": get_several,
    "CreateApiKey": create,
    "GenerateApiKey": generate,
    "DeleteApiKey": delete,
}
