"""Make `.venv` from requirements.lock with both packages in it, and what the engines need from the system.

Runs on the system's own Python (3.11+), standard library only. Does nothing when nothing has changed since the
last time. As root on Debian it installs missing system packages and says so; elsewhere it says what is missing.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "setup.stamp"
INPUTS = (
    "requirements.lock",
    "cloud/pyproject.toml",
    "getitdone/pyproject.toml",
    "scripts/setup.py",
    "scripts/generate_types.py",
)
APERTIUM = ("apertium", "apertium-eng-spa")


def fingerprint() -> str:
    """A digest of everything that decides what `.venv` holds."""
    digest = hashlib.sha256(f"{sys.version}{ROOT}".encode())
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def on_debian_as_root() -> bool:
    """Whether `apt-get install` is ours to call."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> bool:
    """Install Debian packages, saying so; False when that did not work."""
    print(f"setup: apt-get install {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}

    def apt_get(*arguments: str, quiet: bool = False) -> bool:
        errors = subprocess.DEVNULL if quiet else None
        command = ["apt-get", *arguments]
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=errors, check=False)
        return done.returncode == 0

    install = ("install", "-y", "-qq", "--no-install-recommends", *packages)
    return apt_get(*install, quiet=True) or (apt_get("update", "-qq") and apt_get(*install))


def make_venv() -> None:
    """A fresh `.venv`.

    Raises:
        SystemExit: this Python can not make one, with what to install.
    """
    if importlib.util.find_spec("ensurepip") is None and not (on_debian_as_root() and apt_install("python3-venv")):
        raise SystemExit("setup: this Python has no venv; on Debian: apt-get install python3-venv")
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)


def install_packages() -> None:
    """Everything pinned in requirements.lock, checked by hash, then our two packages as editable."""
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-deps"]
    print("setup: installing the packages of requirements.lock into .venv (a minute or two)", flush=True)
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements.lock")], check=True)
    editable = ["-e", str(ROOT / "cloud"), "-e", str(ROOT / "getitdone")]
    subprocess.run([*pip, "--no-build-isolation", *editable], check=True)


def install_engines() -> None:
    """Apertium, the translation engine that comes from the system's packages."""
    if shutil.which("apertium"):
        return
    if on_debian_as_root() and apt_install(*APERTIUM):
        return
    hint = "brew has none; see docs/differences.md" if platform.system() == "Darwin" else "sudo apt-get install"
    print(f"setup: no translation engine ({hint}: {' '.join(APERTIUM)}); TranslateText will say so", flush=True)


def main() -> None:
    """Set up, unless the stamp says that nothing has changed."""
    if sys.version_info < (3, 11):
        raise SystemExit(f"setup: Python 3.11 or newer is needed; this is {platform.python_version()}")
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    make_venv()
    install_packages()
    subprocess.run([str(VENV / "bin" / "python"), str(ROOT / "scripts" / "generate_types.py")], check=True)
    install_engines()
    STAMP.write_text(wanted)
    print("setup: .venv/bin/marinelayer and .venv/bin/getitdone are ready", flush=True)


if __name__ == "__main__":
    main()
