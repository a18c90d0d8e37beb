"""What must be true of the source itself: texts in both languages, one door for states, no hidden clock."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from string import Formatter

import pytest

from workflow.catalogue import LOCALES, texts
from workflow.settings import load_settings

ROOT = Path(__file__).parents[1]
PACKAGES = ("workflow", "web", "notifications")
MODULES = sorted(
    file
    for package in PACKAGES
    for file in (ROOT / package).rglob("*.py")
    # A migration lists every table of its day in one go.
    if "versions" not in file.parts
)
ENGINE = [file for file in MODULES if file.is_relative_to(ROOT / "workflow")]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TEMPLATES = sorted((ROOT / "web" / "templates").rglob("*.html"))
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))

# Words that hide the subject of a file or class.
VAGUE = re.compile(r"(helper|util|manager|service|processor)s?$", re.IGNORECASE)
LONGEST_MODULE = 400


def name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def is_edge(file: Path) -> bool:
    """Commands and sweeps, which commit after each item, are edges of the engine; the demo plays one too."""
    return file.name in {"commands.py", "cli.py", "check.py", "walking.py"} or "demo" in file.parts


def nodes(file: Path, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
    return (node for node in ast.walk(tree) if isinstance(node, kinds))


def places(file: Path, found: Iterator[ast.AST]) -> list[str]:
    return [f"{name(file)}:{getattr(node, 'lineno', 1)}" for node in found]


def parameters(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def spoken(names: set[str]) -> set[str]:
    """A wording out of a policy file comes as a pair, name_zh and name_en; each language takes its own."""
    return {re.sub(r"_(zh|en)$", "", name) for name in names}


def calls(file: Path, function: str) -> Iterator[ast.Call]:
    """Calls of a function whose first argument is a literal text."""
    for call in nodes(file, ast.Call):
        is_named = isinstance(call.func, ast.Name) and call.func.id == function
        if is_named and call.args and isinstance(getattr(call.args[0], "value", None), str):
            yield call


def given(call: ast.Call) -> set[str] | None:
    """The names of the parameters a Reason or sentence is given; None where only running it would tell."""
    names = {keyword.arg for keyword in call.keywords} - {"field"}
    for argument in call.args[1:2]:
        if isinstance(argument, ast.Dict):
            names |= {getattr(key, "value", None) for key in argument.keys}
        elif not isinstance(argument, ast.Constant) and call.func.id == "Reason":
            return None
    return None if None in names or "params" in names else names


def test_every_text_exists_in_every_language_with_the_same_parameters():
    first, *others = (texts(locale) for locale in LOCALES)

    for other in others:
        assert set(first) == set(other)
        for code, text in first.items():
            assert spoken(parameters(text)) == spoken(parameters(other[code])), code


def test_every_sentence_the_source_names_exists_and_gets_its_parameters():
    missing = []
    for file in MODULES:
        for call in [*calls(file, "Reason"), *calls(file, "sentence")]:
            code = call.args[0].value
            text = texts("zh").get(code)
            wanted = set() if text is None else parameters(text)
            if text is None or (given(call) is not None and not wanted <= given(call)):
                missing.append(f"{name(file)}:{call.lineno} {code} {wanted or ''}")
    assert missing == []


@pytest.mark.parametrize("file", [*MODULES, *TESTS], ids=name)
def test_every_module_says_what_lives_in_it(file):
    assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), "a docstring at the top"


def test_no_name_hides_its_subject():
    vague = [name(file) for file in [*MODULES, *TESTS] if VAGUE.search(file.stem)]
    for file in MODULES:
        vague += places(file, (node for node in nodes(file, ast.ClassDef) if VAGUE.search(node.name)))

    assert vague == []


def test_no_module_swallows_the_domain():
    long = {name(file): len(file.read_text(encoding="utf-8").splitlines()) for file in MODULES}

    assert {file: lines for file, lines in long.items() if lines > LONGEST_MODULE} == {}


def test_only_the_edge_asks_the_clock():
    asked = []
    for file in ENGINE:
        if is_edge(file):
            continue
        clock = (
            node
            for node in nodes(file, ast.Attribute)
            if (node.attr in {"now", "utcnow", "today"} and isinstance(node.value, ast.Name | ast.Attribute))
            and ast.unparse(node.value).split(".")[-1] in {"datetime", "date"}
        )
        asked += places(file, clock)
    assert asked == []


def is_passed_on(file: Path, call: ast.Call) -> bool:
    """The session of a writer is told to commit by the edge, and in its own `commit` tells its connection."""
    methods = (method for method in nodes(file, ast.FunctionDef) if method.name == "commit")
    inside = any(method.lineno <= call.lineno <= (method.end_lineno or 0) for method in methods)
    return inside and name(file) == "workflow/storage/store.py"


def test_only_the_edge_commits():
    committed = []
    for file in ENGINE:
        if not is_edge(file):
            commits = (call for call in nodes(file, ast.Call) if getattr(call.func, "attr", None) == "commit")
            committed += places(file, (call for call in commits if not is_passed_on(file, call)))
    assert committed == []


def test_only_the_engine_sets_a_state():
    door = ROOT / "workflow" / "process"
    set_elsewhere = []
    for file in MODULES:
        if file.is_relative_to(door):
            continue
        for node in nodes(file, ast.Assign, ast.AugAssign, ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Attribute) and target.attr == "state" for target in targets):
                set_elsewhere += places(file, iter([node]))
    assert set_elsewhere == []


def test_no_view_or_template_decides_by_the_name_of_a_state():
    states = {code.split(".")[-1] for code in texts("zh") if code.startswith("state.")}
    comparison = re.compile(r"\bstate\b['\"\]]*\s*(?:==|!=|in\b|not in\b)\s*([(\[{]?(?:\s*['\"]\w+['\"],?)+)")

    decided = []
    for file in [*(ROOT / "web").rglob("*.py"), *TEMPLATES]:
        compared = " ".join(comparison.findall(file.read_text(encoding="utf-8")))
        decided += [f"{name(file)}: {state}" for state in states & set(re.findall(r"\w+", compared))]
    assert "draft" in states
    assert decided == []


def test_no_error_is_swallowed():
    swallowed = []
    for file in MODULES:
        silent = (
            node
            for node in nodes(file, ast.ExceptHandler)
            if node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"}
            if all(isinstance(step, ast.Pass | ast.Continue) for step in node.body)
        )
        swallowed += places(file, silent)
    assert swallowed == []


def test_no_test_replaces_a_part_of_what_it_tests():
    patched = []
    for file in TESTS:
        imported = (
            node for node in nodes(file, ast.Import, ast.ImportFrom) if "unittest" in ast.unparse(node)
        )
        patched += places(file, imported)
    assert patched == []


def test_every_setting_is_read_by_something():
    sources = "\n".join(file.read_text(encoding="utf-8") for file in MODULES if file.name != "settings.py")
    settings = load_settings(ROOT / "config.toml")

    unread = [
        f"{section.name}.{option.name}"
        for section in fields(settings)
        for option in fields(getattr(settings, section.name))
        if not re.search(rf"\.{option.name}\b", sources)
    ]
    assert unread == []


@pytest.mark.parametrize("lock", LOCKS, ids=name)
def test_a_lock_pins_every_package_by_hash_and_names_no_place(lock):
    text = lock.read_text(encoding="utf-8")

    for pinned in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[a-z0-9.-]+(\[[a-z,]+\])?==\S+ (; .+ )?\\\n    --hash=sha256:", pinned), pinned
    assert not re.search(r"://|file:|--(find-links|index|extra|trusted)", text)


def test_the_lock_for_tests_contains_the_one_to_run():
    pinned = {
        lock.stem: dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE))
        for lock in LOCKS
    }

    assert pinned["run"].items() <= pinned["test"].items()


def test_no_file_knows_the_machine_it_was_written_on():
    homes = re.compile(r"(?<![\w.])/(root|home/\w+|Users/\w+|work)/")
    texts_kept = [*MODULES, *TESTS, *TEMPLATES, *LOCKS, *ROOT.glob("*.toml"), *ROOT.glob("*.md")]
    texts_kept += [ROOT / "Makefile", ROOT / ".ci" / "run", *(ROOT / "docs").rglob("*.md")]

    assert [name(file) for file in texts_kept if homes.search(file.read_text(encoding="utf-8"))] == []
