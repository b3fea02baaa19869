"""The LINE specifications made strict, and the limits that they do not state.

As published, the base types carry a `discriminator` that validators ignore, so that nearly anything passes.
Here each base becomes the union of its mapping, chosen by the discriminating property, every object is closed
to unknown properties, and the formats `uri` and `uuid` are checked.  Nothing of the specifications is
in the project: they are read from `TOCHIMADO_SPECS`, or from `shared/specs` beside the repository.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from ruamel.yaml import YAML

from tests.fakes.line_limits import check_limits, limit_faults

__all__ = [
    "StrictSpec",
    "check_limits",
    "check_messages",
    "limit_faults",
    "line_api",
    "line_webhook",
    "needs_specs",
    "specs_dir",
]

JSON = dict[str, Any]

_REPOSITORY = Path(__file__).resolve().parents[2]
_PLACES = (Path("/work/shared/specs"), _REPOSITORY.parent / "shared" / "specs")
_REF = "#/components/schemas/"
_BOUNDS = {"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"}
_KEYWORDS = {"type", "required", "enum", "format", "pattern", *_BOUNDS}
_URI = re.compile(
    r"(?:https?|line)://[A-Za-z0-9.-]+(?::\d+)?(?:[/?](?:[\w\-.~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)?"
    r"(?:#(?:[\w\-.~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)?",
    re.ASCII,
)
_TEL = re.compile(r"tel:(?:[0-9+*-]|%[0-9A-Fa-f]{2}){2,30}")

_formats = FormatChecker(formats=())


@_formats.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(_URI.fullmatch(value) or _TEL.fullmatch(value))


@_formats.checks("uuid", raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or str(UUID(value)) == value.lower()


def specs_dir() -> Path | None:
    """Return the folder of the channel specifications, or None where there is none on this machine."""
    named = os.environ.get("TOCHIMADO_SPECS")
    return next((place for place in ([Path(named)] if named else _PLACES) if place.is_dir()), None)


needs_specs = pytest.mark.skipif(specs_dir() is None, reason="no channel specifications (TOCHIMADO_SPECS)")


class StrictSpec:
    """One OpenAPI 3.0 file whose unions, objects and formats are enforced.

    `closed`: whether objects may hold no other properties than the file names.
    """

    def __init__(self, document: JSON, *, closed: bool = True) -> None:
        self.paths: JSON = document.get("paths", {})
        self._closed = closed
        self.schemas: JSON = document["components"]["schemas"]
        self._kinds = {
            ref.removeprefix(_REF): (base["discriminator"]["propertyName"], kind)
            for base in self.schemas.values()
            for kind, ref in base.get("discriminator", {}).get("mapping", {}).items()
        }
        strict = {name: self._component(name, schema) for name, schema in self.schemas.items()}
        resource = Resource.opaque({"components": {"schemas": strict}})
        self._registry: Registry[Any] = Registry().with_resource("urn:spec", resource)
        self._validators: dict[str, Draft202012Validator] = {}

    def errors(self, schema: str, value: object) -> list[str]:
        """Return the faults of `value` as the component `schema`, each as `path: fault`."""
        if schema not in self._validators:
            self._validators[schema] = Draft202012Validator(
                {"$ref": f"urn:spec{_REF}{schema}"}, registry=self._registry, format_checker=_formats
            )
        found = self._validators[schema].iter_errors(value)
        return [f"{'/'.join(map(str, error.absolute_path)) or '.'}: {error.message[:200]}" for error in found]

    def kinds(self, base: str) -> set[str]:
        """Return the values that choose among the members of a base type."""
        return set(self.schemas[base]["discriminator"]["mapping"])

    def request_schema(self, path: str, method: str = "post") -> str:
        """Return the name of the component that the JSON body of a request must be."""
        body = self.paths[path][method]["requestBody"]["content"]["application/json"]["schema"]
        return str(body["$ref"]).removeprefix(_REF)

    def _component(self, name: str, schema: JSON) -> JSON:
        """Return a component: a base as its union, a member so that it is only itself, the rest as it is."""
        if "mapping" in schema.get("discriminator", {}):
            return _union(schema["discriminator"])
        strict = self._strict(schema)
        if name in self._kinds:
            key, kind = self._kinds[name]
            strict["properties"] = {**strict["properties"], key: {"const": kind}}
            strict["required"] = [*strict.get("required", []), key]
        return strict

    def _strict(self, schema: JSON) -> JSON:
        """Return a schema in JSON Schema's terms, `allOf` merged into it, closed to other properties."""
        if "$ref" in schema:
            return {"$ref": f"urn:spec{schema['$ref']}"}
        schema = self._merged(schema)
        found = {key: value for key, value in schema.items() if key in _KEYWORDS}
        if schema.get("nullable"):
            found["type"] = [schema["type"], "null"]
        if "properties" in schema:
            found["properties"] = {name: self._strict(part) for name, part in schema["properties"].items()}
            if self._closed:
                found["additionalProperties"] = False
        for key in {"items", "additionalProperties"} & schema.keys():
            found[key] = self._strict(schema[key])
        return found

    def _merged(self, schema: JSON) -> JSON:
        """Return an object schema with all that its `allOf` has and requires (of a base, not its union)."""
        found = {"properties": {}, "required": [], **schema} if "allOf" in schema else schema
        for part in schema.get("allOf", []):
            base = self._merged(self.schemas[part["$ref"].removeprefix(_REF)] if "$ref" in part else part)
            found["properties"] = found["properties"] | base.get("properties", {})
            found["required"] = [*found["required"], *base.get("required", [])]
        return found


def _union(discriminator: JSON) -> JSON:
    """Return a base type as the union of its mapping: the property chooses, and must be one of it."""
    key, mapping = discriminator["propertyName"], discriminator["mapping"]
    choices = [
        {"if": {"properties": {key: {"const": kind}}}, "then": {"$ref": f"urn:spec{ref}"}}
        for kind, ref in mapping.items()
    ]
    chosen = {"if": {"required": [key]}, "then": {"allOf": choices}}
    return {"type": "object", "required": [key], "properties": {key: {"enum": list(mapping)}}, **chosen}


@cache
def line_api() -> StrictSpec | None:
    """Return the Messaging API's specification, or None where it is not on this machine."""
    return _load("messaging-api.yml", closed=True)


@cache
def line_webhook() -> StrictSpec | None:
    """Return the webhook's specification (open to unknown properties, as LINE's events are), or None."""
    return _load("webhook.yml", closed=False)


def check_messages(messages: list[JSON]) -> None:
    """Assert that LINE accepts a reply of these messages (limits alone where there is no specification)."""
    assert len(messages) <= 5
    spec = line_api()
    if spec is not None and messages:
        assert spec.errors("ReplyMessageRequest", {"replyToken": "token", "messages": messages}) == []
    for message in messages:
        check_limits(message)
    assert all("quickReply" not in message for message in messages[:-1])


def _load(name: str, *, closed: bool) -> StrictSpec | None:
    folder = specs_dir()
    if folder is None:
        return None
    return StrictSpec(YAML(typ="safe").load((folder / "line" / name).read_text("utf-8")), closed=closed)
