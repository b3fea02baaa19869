"""The described API and the real one agree, and no generated request makes it fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from bot.app import create_app
from bot.brain import BrainHolder
from bot.settings import Settings
from bot.storage.engine import migrate

SPEC = Path(__file__).parent.parent.parent / "docs" / "openapi.yaml"


OPERATIONS = [
    ("POST", "/api/v1/messages"),
    ("POST", "/api/v1/furigana"),
    ("POST", "/api/v1/suggest"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, holder: BrainHolder) -> Iterator[Flask]:
    values = Settings(data_dir=tmp_path_factory.mktemp("openapi"), reload_seconds=0, log_level="ERROR")
    values = replace(values, turn_limit="100000/minute", address_limit="100000/minute")
    migrate(values.database)
    made = create_app(values, holder)
    yield made
    made.extensions["tochimado"].close()


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_the_api_is_as_described(app: Flask, method: str, path: str) -> None:
    schema = schemathesis.openapi.from_path(str(SPEC))
    schema.app = app

    @given(case=schema[path][method].as_strategy())
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def agrees(case: schemathesis.Case) -> None:
        case.call_and_validate(
            headers={"Accept-Encoding": "identity"},  # its client announces gzip and does not unpack it
            checks=[not_a_server_error, content_type_conformance, response_schema_conformance],
        )

    agrees()


def test_every_described_route_exists(app: Flask) -> None:
    schema = schemathesis.openapi.from_path(str(SPEC))
    described = {(op.ok().method.upper(), op.ok().path) for op in schema.get_all_operations()}
    assert described == set(OPERATIONS)
    assert {path for _, path in OPERATIONS} <= {rule.rule for rule in app.url_map.iter_rules()}
