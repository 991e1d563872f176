"""A copy of the project for a test that runs or damages it."""

import os
import shutil
import subprocess

from tools.notebook import ROOT


def copy_project(folder):
    """Copy what git tracks or would track: the project as it is here, without what it ignores."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, os.fsdecode(names).split("\0")):
        if (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    return folder
