# Copy this file beside your code, and the folder notebooks/lesson, too.
import pytest
from my_project import softmax  # yours

from lesson.contract import ids, verdict


@pytest.mark.parametrize("case", ids("softmax"))
def test_softmax(case):
    assert verdict(softmax, case) == "right"
