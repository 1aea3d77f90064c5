"""Choose the generated modules for each kind of fault, by a hash, so that the choice is always the same."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from scripts.mutate import endpoint_rules, function_rules, model_rules
from scripts.mutate.edits import Edit, Finder, InapplicableError, Mutant, Source
from scripts.mutate.function_rules import Rule
from scripts.mutate.module_syntax import keyword, operation_of

_PACKAGE: Final = "generated/kalshi_trade_api"
_REQUESTS: Final = "tests/contract/test_requests.py"
_BOUNDS: Final = "tests/contract/test_bounds.py"
_MEMBERS: Final = "tests/contract/test_members.py"
_RESPONSES: Final = "tests/contract/test_responses.py"
_DECODING: Final = "tests/contract/test_decoding.py"
_COMPLETENESS: Final = "tests/contract/test_completeness.py"
_OPERATION: Final = "tests/unit/test_operation.py"

_ENDPOINTS: Final[tuple[tuple[str, Rule, int, str], ...]] = (
    ("method", endpoint_rules.method, 3, _REQUESTS),
    ("path", endpoint_rules.path, 3, _REQUESTS),
    ("path-places-swapped", endpoint_rules.path_placeholders_swapped, 2, _REQUESTS),
    ("operation-id", endpoint_rules.operation_id, 1, _COMPLETENESS),
    ("success-status", endpoint_rules.status, 3, _COMPLETENESS),
    ("success-type", endpoint_rules.success_type, 3, _RESPONSES),
    ("success-without-body", endpoint_rules.success_without_body, 2, _RESPONSES),
    ("signed-dropped", endpoint_rules.signed_dropped, 3, _REQUESTS),
    ("signed-added", endpoint_rules.signed_added, 2, _REQUESTS),
    ("deprecated-dropped", endpoint_rules.deprecated_dropped, 1, _REQUESTS),
    ("wire-name", endpoint_rules.wire_name, 3, _REQUESTS),
    ("argument-renamed", endpoint_rules.argument_name, 2, _REQUESTS),
    ("place", endpoint_rules.location, 2, _REQUESTS),
    ("argument-type", endpoint_rules.argument_type, 2, _REQUESTS),
    ("parameter-dropped", endpoint_rules.parameter_dropped, 3, _REQUESTS),
    ("body-dropped", endpoint_rules.body_dropped, 2, _REQUESTS),
    ("required-dropped", endpoint_rules.required_dropped, 2, _COMPLETENESS),
    ("required-added", endpoint_rules.required_added, 2, _REQUESTS),
    ("explode-flipped", endpoint_rules.explode_flipped, 2, _REQUESTS),
    ("swapped-in-sync", function_rules.arguments_swapped_in("sync"), 2, _REQUESTS),
    ("swapped-in-asyncio", function_rules.arguments_swapped_in("asyncio"), 2, _REQUESTS),
    ("swapped-in-sync-detailed", function_rules.arguments_swapped_in("sync_detailed"), 1, _REQUESTS),
    ("swapped-in-asyncio-detailed", function_rules.arguments_swapped_in("asyncio_detailed"), 1, _REQUESTS),
    ("swapped-in-pages", function_rules.arguments_swapped_in("pages"), 1, _REQUESTS),
    ("swapped-in-aiterate", function_rules.arguments_swapped_in("aiterate"), 1, _REQUESTS),
    ("forgotten-in-asyncio", function_rules.argument_forgotten_in("asyncio"), 1, _REQUESTS),
    ("forgotten-in-iterate", function_rules.argument_forgotten_in("iterate"), 1, _REQUESTS),
    ("forgotten-in-apages", function_rules.argument_forgotten_in("apages"), 1, _REQUESTS),
    ("default-sent", function_rules.default_sent, 2, _REQUESTS),
    ("cursor-field", function_rules.argument_replaced_in("pages", 2, '"next_page"'), 1, _REQUESTS),
    ("rows-field", function_rules.argument_replaced_in("iterate", 1, '"cursor"'), 1, _REQUESTS),
    ("async-rows-field", function_rules.argument_replaced_in("aiterate", 1, '"cursor"'), 1, _REQUESTS),
    ("max-pages-ignored", function_rules.argument_replaced_in("apages", 3, "UNSET"), 1, _BOUNDS),
    ("max-items-ignored", function_rules.argument_replaced_in("iterate", 2, "UNSET"), 1, _BOUNDS),
    ("detailed-raises", function_rules.method_replaced_in("sync_detailed", "sync"), 1, _RESPONSES),
    ("plain-does-not-raise", function_rules.method_replaced_in("asyncio", "asyncio_detailed"), 1, _RESPONSES),
    ("row-type", function_rules.row_type_replaced_in("iterate"), 1, _COMPLETENESS),
    ("async-row-type", function_rules.row_type_replaced_in("aiterate"), 1, _COMPLETENESS),
)
"""Name, rule, number of modules, and the tests that should fail."""

_MODELS: Final[tuple[tuple[str, Rule, int, str], ...]] = (
    ("field-dropped", model_rules.field_dropped, 2, _COMPLETENESS),
    ("required-field-dropped", model_rules.required_field_dropped, 2, _COMPLETENESS),
    ("field-renamed", model_rules.field_renamed, 2, _COMPLETENESS),
    ("field-added", model_rules.field_added, 1, _COMPLETENESS),
    ("integer-as-string", model_rules.retyped("int", "str"), 1, _DECODING),
    ("string-as-integer", model_rules.retyped("str", "int"), 1, _DECODING),
    ("decimal-as-string", model_rules.retyped("Decimal", "str"), 1, _COMPLETENESS),
    ("decimal-as-float", model_rules.retyped("Decimal", "float"), 1, _DECODING),
    ("moment-as-string", model_rules.retyped("datetime.datetime", "str"), 1, _COMPLETENESS),
    ("list-as-its-item", model_rules.retyped("list[str]", "str"), 1, _DECODING),
    ("boolean-as-integer", model_rules.retyped("bool", "int"), 1, _DECODING),
    ("wire-name-of-type-dropped", model_rules.wire_name_dropped, 2, _COMPLETENESS),
    ("required-made-optional", model_rules.required_made_optional, 2, _COMPLETENESS),
    ("optional-made-required", model_rules.optional_made_required, 2, _COMPLETENESS),
    ("nullable-dropped", model_rules.nullable_dropped, 1, _COMPLETENESS),
    ("nullable-added", model_rules.nullable_added, 1, _COMPLETENESS),
    ("more-places", model_rules.more_decimal_places, 1, _COMPLETENESS),
    ("member-value", model_rules.member_value, 2, _COMPLETENESS),
    ("member-dropped", model_rules.member_dropped, 2, _COMPLETENESS),
    ("member-added", model_rules.member_added, 1, _COMPLETENESS),
    ("members-swapped", model_rules.members_swapped, 2, _MEMBERS),
    ("absent-is-none", model_rules.unset_is_none, 1, _COMPLETENESS),
    ("by-position", model_rules.positional_fields, 1, _COMPLETENESS),
)
"""The same, for models and enums."""


def endpoint_mutants(root: Path) -> Iterator[Mutant]:
    """Yield the mutants of endpoint modules."""
    modules = _sources(root, "api/*/*.py")
    for family, rule, path, test in _choose("endpoints", _ENDPOINTS, modules):
        id_ = keyword(operation_of(modules[path]), "id")
        assert id_ is not None
        selection = modules[path].text(id_.value).strip('"') if test in (_BOUNDS, _REQUESTS, _RESPONSES) else ""
        yield Mutant(f"{family}.{Path(path).stem}", (path,), _finder(rule), test, selection)


def model_mutants(root: Path) -> Iterator[Mutant]:
    """Yield the mutants of models and enums."""
    modules = _sources(root, "models/*.py")
    for family, rule, path, test in _choose("models", _MODELS, modules):
        yield Mutant(f"{family}.{Path(path).stem}", (path,), _finder(rule), test)


def _sources(root: Path, pattern: str) -> dict[str, Source]:
    found = sorted(path for path in (root / _PACKAGE).glob(pattern) if path.name != "__init__.py")
    return {path.relative_to(root).as_posix(): Source(path.read_bytes()) for path in found}


def _choose(
    family: str, rules: tuple[tuple[str, Rule, int, str], ...], modules: dict[str, Source]
) -> Iterator[tuple[str, Rule, str, str]]:
    taken: set[str] = set()
    for name, rule, number, test in rules:
        fit = [path for path in modules if rule(modules[path]) is not None]
        # Modules without a fault come first, to spread the faults.
        order = {path: (path in taken, sha256(f"{name} {path}".encode()).digest()) for path in fit}
        chosen = sorted(fit, key=order.__getitem__)[:number]
        if len(chosen) < number:
            raise InapplicableError(f"{family}.{name}: {len(chosen)} modules have a place for it, {number} expected")
        taken.update(chosen)
        yield from ((f"{family}.{name}", rule, path, test) for path in chosen)


def _finder(rule: Rule) -> Finder:
    def found(rule: Rule, source: Source) -> list[Edit]:
        edit = rule(source)
        return [edit] if edit else []

    return partial(found, rule)
