"""A copy of the code with a fault planted in it: how a check is shown to bite."""

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ROOMS = ("intake", "community", "pathway", "consent", "notify", "gateway")


def copy_of_the_code(into: Path, source: Path = REPOSITORY) -> Path:
    """Copy `services`, `shared` and pyproject.toml into the folder `into` and return it."""
    for name in ("services", "shared"):
        shutil.copytree(source / name, into / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(source / "pyproject.toml", into)
    return into


def plant(root: Path, module: str, code: str) -> Path:
    """Append code to a module (made, with its packages, where there is none); return its file."""
    path = root.joinpath(*module.split("."))
    for package in reversed(path.parents):
        if package.is_relative_to(root) and package != root:
            package.mkdir(exist_ok=True)
            if not (package / "__init__.py").exists():
                (package / "__init__.py").write_text('"""Planted."""\n')
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    before = file.read_text() if file.exists() else '"""Planted."""\n'
    file.write_text(f"{before}\n{code}\n")
    return file
