"""Reading the YAML and CSV files of an area pack, with errors that name file, line and key.

What belongs here: turning a file into a pydantic model. What does not: the models, and what they mean.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from orchestration.errors import AreaPackError

Location = tuple[str | int, ...]
Origins = Mapping[Location, tuple[Path, int]]
"""The file and line that each key comes from; the whole file is the empty location."""
Parsed = TypeVar("Parsed", bound="PackModel")


class PlainLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader in which only true and false are booleans (YAML 1.2): `on`, `off`, `yes` and `no` are words."""


PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$", re.IGNORECASE), list("tTfF")
)


class PackModel(BaseModel):
    """A part of the area pack: immutable, and a key that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def read_model(model: type[Parsed], path: Path) -> Parsed:
    """Parse one YAML file; raise AreaPackError listing every fault as 'file, line, key: fault'."""
    data, lines = read_mapping(path)
    return model_of(model, data, {location: (path, line) for location, line in lines.items()})


def read_mapping(path: Path) -> tuple[dict[Any, Any], dict[Location, int]]:
    """Return a YAML file's keys and values, and the line of each key."""
    data, lines = read_yaml(path)
    if not isinstance(data, dict):
        raise AreaPackError(
            f"{path}: expected keys and values, found {type(data).__name__ if data else 'an empty file'}."
        )
    return data, lines


def model_of(model: type[Parsed], data: dict[Any, Any], origins: Origins) -> Parsed:
    """Validate data that may come from several files; a fault names the file and line that its key comes from."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise AreaPackError("\n".join(_fault(origins, dict(item), model) for item in error.errors())) from None


def place(origins: Origins, location: Location) -> str:
    """Return 'file, line, key' of a location, or of the nearest one above it that the files hold."""
    known = location
    while known and known not in origins:
        known = known[:-1]
    path, line = origins[known]
    return f"{path}, line {line}, key '{'.'.join(str(part) for part in location) or '(whole file)'}'"


def read_yaml(path: Path) -> tuple[Any, dict[Location, int]]:
    """Return the content of a YAML file and the line of each of its keys."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise AreaPackError(f"{path}: the file does not exist.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise AreaPackError(f"{path}: cannot be read as UTF-8 text ({error}).") from None
    try:
        node = yaml.compose(text, Loader=PlainLoader)
        data = yaml.load(text, Loader=PlainLoader)  # noqa: S506 - a safe loader with fewer guesses
    except yaml.YAMLError as error:
        raise AreaPackError(f"{path}: this is not valid YAML. {' '.join(str(error).split())}") from None
    if node is None:
        return data, {(): 1}
    _refuse_repeated_keys(path, node)
    return data, dict(_lines(node))


def read_table(path: Path, required: tuple[str, ...]) -> pl.DataFrame:
    """Read a CSV of the pack as text; raise AreaPackError when a required column is missing."""
    if not path.exists():
        raise AreaPackError(f"{path}: the file does not exist; it needs the columns {', '.join(required)}.")
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise AreaPackError(f"{path}: cannot be read as a comma-separated UTF-8 file ({error}).") from None
    missing = [name for name in required if name not in frame.columns]
    if missing:
        raise AreaPackError(f"{path}, line 1: missing column {', '.join(missing)} (found {', '.join(frame.columns)}).")
    return frame


def _lines(node: yaml.Node, at: Location = ()) -> Iterator[tuple[Location, int]]:
    yield at, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*at, key.value)
            yield from _lines(value, here)
            yield here, key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _lines(value, (*at, position))


def _refuse_repeated_keys(path: Path, node: yaml.Node) -> None:
    """Refuse a key that stands twice in one mapping: YAML would keep the last and lose the first without a word."""
    for mapping in _mappings(node):
        seen: dict[str, int] = {}
        for key, _ in mapping.value:
            line = key.start_mark.line + 1
            name = str(key.value)
            if name in seen:
                raise AreaPackError(f"{path}, line {line}, key '{name}': given twice (first in line {seen[name]}).")
            seen[name] = line


def _mappings(node: yaml.Node) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _mappings(value)


def _fault(origins: Origins, item: dict[str, Any], model: type[BaseModel]) -> str:
    location: Location = tuple(item["loc"])
    where = place(origins, location)
    if item["type"] == "extra_forbidden":
        allowed = sorted(_allowed_keys(model, location[:-1]))
        close = difflib.get_close_matches(str(location[-1]), allowed, n=1)
        hint = f" Did you mean '{close[0]}'?" if close else f" Known keys here: {', '.join(allowed)}."
        return f"{where}: this key is not known.{hint}"
    if item["type"] == "missing":
        return f"{where}: this key is required and missing."
    return f"{where}: {item['msg']} (found {item.get('input')!r})."


def _allowed_keys(model: type[BaseModel], location: Location) -> set[str]:
    """Return the keys that the model at a location knows, following fields through lists and dictionaries."""
    current: list[type[BaseModel]] = [model]
    for part in location:
        following: list[type[BaseModel]] = []
        for candidate in current:
            field = next(
                (f for n, f in candidate.model_fields.items() if part in (n, f.alias)),
                None,
            )
            following.extend(_models_in(field.annotation) if field else [candidate])
        current = following or current
    return {field.alias or name for candidate in current for name, field in candidate.model_fields.items()}


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for argument in getattr(annotation, "__args__", ()) for found in _models_in(argument)]
