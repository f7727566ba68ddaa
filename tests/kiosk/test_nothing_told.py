"""Nothing told: no model quotes what it was given, no log line what an error says, no process what it holds."""

from __future__ import annotations

import ast
import importlib
import os
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel, TypeAdapter

import central
import devices
import kiosk
from tests.test_architecture import ROOT

ROOMS = ("kiosk", "screens", "devices", "central")
SHOWN = {"simulated", "dock", "gallery"}
"""Programs that show fictitious people to who develops: nobody's words can stand in their errors."""
CODE = [
    ROOT / "main.py",
    *(file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py")) if not SHOWN & {*file.parts}),
]

OF_THE_LOG = {"debug", "info", "warning", "error", "critical", "log"}
QUOTING = {"exception", "print_exc", "print_exception", "format_exc", "format_exception", "print_last", "print_stack"}


# ---- Models ----------------------------------------------------------------------------------------------------------


def modules() -> Iterator[ModuleType]:
    """All but what runs as a program or as Alembic's."""
    for room in (kiosk, central, devices):
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if not found.name.endswith("__main__") and ".migrations" not in found.name:
                yield importlib.import_module(found.name)


def all_below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in model.__subclasses__():
        yield each
        yield from all_below(each)


def test_no_model_quotes_what_it_was_given() -> None:
    """A refused value may be a person's: pydantic's errors say which field, never what stood in it."""
    for _module in modules():
        pass
    ours = {  # "[": what a RootModel or a generic model is made of on the way; its settings are its child's
        each for each in all_below(BaseModel) if each.__module__.partition(".")[0] in ("kiosk", "central", "devices")
    }
    assert len(ours) > 150, "the walk finds them"
    quoting = sorted(
        f"{each.__module__}.{each.__name__}"
        for each in ours
        if "[" not in each.__name__ and not each.model_config.get("hide_input_in_errors")
    )
    assert quoting == []


def test_no_adapter_quotes_what_it_was_given() -> None:
    """A TypeAdapter of a type that brings no settings of its own gets them where it is made."""
    for module in modules():
        for name, value in vars(module).items():
            if isinstance(value, TypeAdapter):
                told = value._config or {}
                brought = getattr(value._type, "__pydantic_config__", getattr(value._type, "model_config", {}))
                assert {**brought, **told}.get("hide_input_in_errors"), f"{module.__name__}.{name}"


# ---- Logs ------------------------------------------------------------------------------------------------------------


def test_no_log_line_quotes_a_stranger_error() -> None:
    """Traceback and words of an error may be personal: ``where_of`` says kind and place. Errors of ours carry reasons,
    so whoever logs one catches it by its name."""
    assert [told for file in code_with("log", "traceback", "exc_info") for told in quoted(file)] == []


def code_with(*words: str) -> Iterator[Path]:
    """The others need not be parsed, which takes its time."""
    return (file for file in CODE if any(word in file.read_text(encoding="utf-8") for word in words))


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def quoted(file: Path) -> Iterator[str]:
    tree = tree_of(file)
    for call, name in calls(tree):
        on = ast.unparse(call.func)
        shows = any(given.arg in ("exc_info", "stack_info") for given in call.keywords)
        if shows or (name in QUOTING and "future" not in on):
            yield f"{file.name}:{call.lineno} quotes a traceback"
    for handler in (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.name):
        caught = {each.id for each in ast.walk(handler.type or handler) if isinstance(each, ast.Name)}
        for call, name in calls(handler) if caught & STRANGERS else ():
            given = {ast.unparse(each) for each in call.args[1:]}
            if (
                name in OF_THE_LOG
                and "log" in ast.unparse(call.func)
                and given & {handler.name, f"str({handler.name})"}
            ):
                yield f"{file.name}:{call.lineno} logs the words of {sorted(caught & STRANGERS)}"


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Calls of methods, each with the method's name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node, node.func.attr


def test_a_log_line_that_quotes_is_found(tmp_path: Path) -> None:
    for line in ("_log.error('x', error)", "_log.error('x', exc_info=True)", "_log.exception('x')"):
        file = tmp_path / "told.py"
        file.write_text(f"try:\n    pass\nexcept ValueError as error:\n    {line}\n")
        assert list(quoted(file)), line


STRANGERS = {
    "Exception", "BaseException", "ValueError", "TypeError", "KeyError", "LookupError", "IndexError", "ValidationError",
    "SQLAlchemyError", "DBAPIError", "OperationalError", "JSONDecodeError", "UnicodeDecodeError", "RequestException",
}  # fmt: skip


def test_an_error_of_the_database_does_not_quote_what_was_asked() -> None:
    """SQLAlchemy shows the parameters of a statement that failed, unless its engine was told not to."""
    made = [
        call
        for file in code_with("create_engine")
        for call in ast.walk(tree_of(file))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("create_engine")
    ]
    assert made
    for call in made:
        assert {"hide_parameters": True}.items() <= {
            given.arg: given.value.value for given in call.keywords if isinstance(given.value, ast.Constant)
        }.items()


# ---- Processes -------------------------------------------------------------------------------------------------------

LOOK = """
import ctypes, json, resource, sys, threading
from {module} import keep_to_itself
keep_to_itself()
print(json.dumps([ctypes.CDLL(None).prctl(3), resource.getrlimit(resource.RLIMIT_CORE)]), flush=True)
import logging
logging.basicConfig(level=logging.INFO)
logging.getLogger("urllib3.connectionpool").warning("Retrying after: /v1/people?name=陈建国")
def fail():
    name = "陈建国"
    int(name + "339902199203180011")
class Late:
    def __del__(self): fail()
thread = threading.Thread(target=fail)
thread.start()
thread.join()
late = Late()
del late
logging.getLogger().error("%d", "陈建国")
fail()
"""


@pytest.mark.parametrize("module", ["devices.discreet", "central.discreet"])
def test_a_process_that_dies_says_where_and_not_of_whom(module: str) -> None:
    """By an error in its first thread, in another, in a finaliser, in a log line; and it leaves no core."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK.format(module=module)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.strip() == "[0, [0, 0]]"
    assert done.stderr.count("ValueError") == 3, done.stderr
    for said in ("陈建国", "3399", "Traceback"):
        assert said not in done.stderr


def test_what_would_write_down_secrets_is_not_heard() -> None:
    """SSLKEYLOGFILE is honoured by Python's ssl: the keys of connections would lie in a file."""
    call = "from devices.discreet import keep_to_itself; keep_to_itself()"
    look = f"import os; {call}; print(os.environ.get('SSLKEYLOGFILE'))"
    done = subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT, env={**os.environ, "SSLKEYLOGFILE": "/var/tmp/keys"},
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "None"
