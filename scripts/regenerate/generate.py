"""Run the generator with our templates."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any, Final

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from scripts.regenerate.document import Json
from scripts.regenerate.errors import StepError
from scripts.regenerate.normalise import normalise
from scripts.regenerate.project import MARKER, ROOT
from scripts.regenerate.property_hooks import property_hooks
from scripts.regenerate.template_context import TemplateContext

TEMPLATES: Final = ROOT / "scripts" / "regenerate" / "templates"
SETTINGS: Final = ROOT / "scripts" / "regenerate" / "generator.yaml"
_STEP: Final = "generate"


def generate(document: Json, package: Path) -> list[str]:
    """
    Write the package, unformatted.

    Args:
        document: The document, after the overlay.
        package: Folder to write to; its name is the name of the package.

    Returns:
        The operationIds of the operations with pagination.

    Raises:
        StepError: The generator gave a warning or an error.
    """
    config = Config.from_sources(
        ConfigFile.load_from_path(SETTINGS), MetaType.NONE, document_source=Path("amended.yaml"),
        file_encoding="utf-8", overwrite=True, output_path=package,
    )  # fmt: skip
    config.package_name_override = package.name
    document = normalise(document)
    with property_hooks(), contextlib.redirect_stdout(io.StringIO()):
        try:
            data = GeneratorData.from_dict(document, config=config)
        except (ValueError, RecursionError) as error:
            # Some faults are exceptions in the generator, such as two members of an enum with one name.
            raise _generator_error([GeneratorError(detail=str(error))]) from None
        if isinstance(data, GeneratorError):
            raise _generator_error([data])
        project = Project(openapi=data, config=config, custom_template_path=TEMPLATES)
        views = TemplateContext(project, document)
        project.env.globals.update(views=views)
        if warnings := project.build():
            raise _generator_error(warnings)
    (package / "py.typed").write_text("", "utf-8")
    for path in package.rglob("*.py"):
        path.write_text(f"{MARKER}\n{path.read_text('utf-8')}", "utf-8")
    return sorted(views.paged)


def _generator_error(warnings: Any) -> StepError:
    # The generator formats some text of the document as the `repr` of an object.
    lines = [re.sub(r"<\S+ object at 0x\w+>", "...", f"{each.header or ''} {each.detail or ''}") for each in warnings]
    lines = [" ".join(line.split()) for line in lines]
    return StepError(_STEP, "the generator reports:\n  " + "\n  ".join(lines), "amend the document in an overlay")
