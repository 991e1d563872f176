"""The functions of the series, from one place: to be replaced by `lesson.taught`."""

import importlib.util
import sys
from pathlib import Path

PATH = Path(__file__).resolve().parents[1] / "taught_new.py"
SPEC = importlib.util.spec_from_file_location("taught_new", PATH)
sys.modules["taught_new"] = module = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(module)
globals().update({name: value for name, value in vars(module).items() if name[:2] != "__"})
