"""Handlers for a user's API keys."""

from __future__ import annotations

from typing import Final

from kalshi_paper.service.api_keys import public_key_from_pem
from kalshi_paper.service.commands.accounts import AddApiKey, RemoveApiKey
from kalshi_paper.service.scopes import DEFAULT_SCOPES
from kalshi_paper.service.signer import KeyType, PaperSigner, new_private_key
from kalshi_paper.web.openapi import Json
from kalshi_paper.web.request_context import RequestContext


def get_api_keys(request: RequestContext) -> Json:
    return {
        "api_keys": [
            {"api_key_id": key.key_id, "name": key.name, "scopes": sorted(key.scopes)}
            for key in request.service.state.api_keys.keys_of(request.user.name)
        ]
    }


def create_api_key(request: RequestContext) -> Json:
    public_key_from_pem(request.body["public_key"])
    return {"api_key_id": _add(request, request.service.state.ids(), request.body["public_key"])}


def generate_api_key(request: RequestContext) -> Json:
    key_type: KeyType = request.body.get("key_type") or "rsa"
    signer = PaperSigner(request.service.state.ids(), new_private_key(key_type))
    _add(request, signer.key_id, signer.public_pem())
    return {"api_key_id": signer.key_id, "private_key": signer.pem(), "key_type": key_type}


def delete_api_key(request: RequestContext) -> None:
    request.service.execute(RemoveApiKey(user=request.user.name, key_id=request.path["api_key"]))


def _add(request: RequestContext, key_id: str, public_pem: str) -> str:
    command = AddApiKey(
        key_id=key_id,
        user=request.user.name,
        public_pem=public_pem,
        scopes=list(request.body.get("scopes") or DEFAULT_SCOPES),
        name=request.body["name"],
    )
    request.service.execute(command)
    return key_id


HANDLERS: Final = {
    "GetApiKeys": get_api_keys,
    "CreateApiKey": create_api_key,
    "GenerateApiKey": generate_api_key,
    "DeleteApiKey": delete_api_key,
}
