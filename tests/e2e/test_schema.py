"""The JSON Schemas for editors accept what the programs accept, and find common mistakes."""

import json
import re
from pathlib import Path

import pytest

from rig.program import REPOSITORY

WITHOUT_PYPI = "PyPI was not reachable, see tests/e2e/prepare"
jsonschema = pytest.importorskip("jsonschema", reason=WITHOUT_PYPI)
yaml = pytest.importorskip("yaml", reason=WITHOUT_PYPI)

PROGRAMS = ["proxy", "scaler", "actuator"]
CORPUS = Path(__file__).parent / "config"

# Mistakes that no schema can find: missing files, keys that depend on each other, YAML syntax.
SEEN_BY_SCHEMA = {
    "actuator-empty_hook",
    "actuator-hook_as_text",
    "actuator-idle_not_below_min",  # these four have no metadata either
    "actuator-late_reconnect",
    "actuator-max_below_min",
    "actuator-zero_polling_interval",
    "actuator-no_scaled_objects",
    "actuator-no_scalers",
    "actuator-no_stop_hook",
    "actuator-unknown_key",
    "proxy-admin_without_address",
    "proxy-application_without_timeout",
    "proxy-auth_query_without_user",
    "proxy-bad_policy",
    "proxy-control_characters",
    "proxy-duration_without_unit",
    "proxy-listener_without_a_port",
    "proxy-no_backend",
    "proxy-no_clients",
    "proxy-no_clusters",
    "proxy-no_connections",
    "proxy-no_listeners",
    "proxy-role_bound_not_a_number",
    "proxy-route_backend_without_a_port",
    "proxy-route_without_cluster",
    "proxy-scaler_without_a_port",
    "proxy-unknown_cancel_key",
    "proxy-unknown_cluster_key",
    "proxy-unknown_key",
    "proxy-unknown_log_level",
    "proxy-unknown_probe_key",
    "proxy-unknown_route_key",
    "proxy-wake_rule_without_class",
    "proxy-zero_threads",
    "scaler-bad_choice",
    "scaler-duration_without_unit",
    "scaler-not_a_mapping",
    "scaler-number_out_of_range",
    "scaler-unknown_key",
    "scaler-unknown_nested_key",
}


class Loader(yaml.SafeLoader):
    """YAML 1.2, as editors and the programs read it: `off` and `no` are text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:bool"]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def errors_of(program: str, text: str) -> list[str]:
    schema = json.loads((REPOSITORY / f"docs/schema/{program}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    # Each of the loader's classes is a subclass of SafeLoader's.
    return [error.message for error in validator.iter_errors(yaml.load(text, Loader))]


def files(kind: str) -> list:
    found = [(name, path) for name in PROGRAMS for path in sorted((CORPUS / name / kind).iterdir())]
    return [pytest.param(*case, id=f"{case[0]}-{case[1].stem}") for case in found]


@pytest.mark.parametrize("program, file", files("valid"))
def test_a_valid_file_fits(program, file):
    assert errors_of(program, file.read_text()) == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_packages_file_fits(program):
    assert errors_of(program, (REPOSITORY / f"deploy/config/{program}.yaml").read_text()) == []


@pytest.mark.parametrize("program, file", files("invalid"))
def test_mistakes_of_form_are_seen(program, file):
    try:
        found = errors_of(program, file.read_text())
    except yaml.YAMLError:
        return
    assert bool(found) == (f"{program}-{file.stem}" in SEEN_BY_SCHEMA), found


def examples() -> list:
    """The whole files in documents: their first line is a comment with the file's name."""
    pages = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
    found = []
    for page in pages:
        for block in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL):
            name = re.match(r"# (?:[\w/]*/)?(proxy|scaler|actuator)\.yaml", block)
            if name:
                case = pytest.param(name[1], block, id=f"{page.stem}-{name[1]}-{len(found)}")
                found.append(case)
    return found


@pytest.mark.parametrize("program, text", examples())
def test_examples_in_documents_fit(program, text):
    assert errors_of(program, text) == []
