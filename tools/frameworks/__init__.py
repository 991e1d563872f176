"""What other libraries make of our inputs: run, compared with the recording, recorded anew.

`python -m tools.frameworks [--write] [LIBRARY ...]` runs in an environment that has the libraries
(`nox -s frameworks` makes it). The cases are in cases.toml, the calls in calls.toml, the right
answers come from oracle.py, and the recording is notebooks/lesson/data/recorded.json. A case agrees
with the recording if it has the same dtype, shape and verdict, and its numbers are within 4 eps,
since processors differ by that much; an error, if it has the same type.
"""
