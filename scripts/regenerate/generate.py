"""Run the generator with our templates, and lay our plain modules beside its output."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
from pathlib import Path
from typing import Any, Final

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from scripts.regenerate.document import Json
from scripts.regenerate.errors import MARKER, ROOT, StepError
from scripts.regenerate.normalise import normalised
from scripts.regenerate.property_hooks import extended
from scripts.regenerate.template_context import Views

TEMPLATES: Final = ROOT / "scripts" / "regenerate" / "templates"
RUNTIME: Final = ROOT / "scripts" / "runtime"
SETTINGS: Final = ROOT / "scripts" / "regenerate" / "generator.yaml"
_STEP: Final = "generate"


def generated(document: Json, package: Path) -> list[str]:
    """
    Write the package, unformatted.

    Args:
        document: The amended document.
        package: Folder to write; its name is the package's.

    Returns:
        The operationIds that page.

    Raises:
        StepError: The generator warned of anything at all.
    """
    config = Config.from_sources(
        ConfigFile.load_from_path(SETTINGS), MetaType.NONE, document_source=Path("amended.yaml"),
        file_encoding="utf-8", overwrite=True, output_path=package,
    )  # fmt: skip
    config.package_name_override = package.name
    document = normalised(document)
    with extended(), contextlib.redirect_stdout(io.StringIO()):
        try:
            data = GeneratorData.from_dict(document, config=config)
        except (ValueError, RecursionError) as error:
            # What it does not foresee it raises, such as two members of an enum under one name.
            raise _stopped([GeneratorError(detail=str(error))]) from None
        if isinstance(data, GeneratorError):
            raise _stopped([data])
        project = Project(openapi=data, config=config, custom_template_path=TEMPLATES)
        views = Views(project, document)
        project.env.globals.update(views=views)
        if warnings := project.build():
            raise _stopped(warnings)
    for module in sorted(RUNTIME.glob("*.py")):
        if module.name != "__init__.py":
            shutil.copyfile(module, package / module.name)
    (package / "py.typed").write_text("", "utf-8")
    for path in package.rglob("*.py"):
        path.write_text(f"{MARKER}\n{path.read_text('utf-8')}", "utf-8")
    return sorted(views.paged)


def _stopped(warnings: Any) -> StepError:
    # It shows some words of the document as the objects that it keeps them in.
    lines = [re.sub(r"<\S+ object at 0x\w+>", "...", f"{each.header or ''} {each.detail or ''}") for each in warnings]
    lines = [" ".join(line.split()) for line in lines]
    return StepError(_STEP, "the generator warns:\n  " + "\n  ".join(lines), "amend the document in an overlay")
