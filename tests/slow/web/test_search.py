"""Promise: the search finds the place that answers, asked in a visitor's words."""

import re

import pytest

from tests.helpers.web import PHONE, SITE, WIDE, Page

# What a visitor types: the page and the anchor that must come first.
WANTED = """
loss nan | field_guide#nan-from-the-first-step-on
nan loss pytorch | field_guide#nan-from-the-first-step-on
why is my loss nan? | field_guide#nan-from-the-first-step-on
loss nan after some steps | field_guide#nan-after-some-steps-or-some-hundred
RuntimeWarning: overflow encountered in exp | field_guide#nan-from-the-first-step-on
RuntimeWarning: divide by zero encountered in log | field_guide#inf-once-then-nan
RuntimeWarning: invalid value encountered in divide | 03#failure-3-very-negative-logits
invalid value encountered in true_divide | 03#failure-3-very-negative-logits
log of zero | field_guide#inf-once-then-nan
loss is inf | field_guide#inf-once-then-nan
loss infinity | field_guide#inf-once-then-nan
nan gradients | field_guide#the-loss-is-fine-and-the-gradient-is-nan
fp16 loss nan | field_guide#nan-in-float16-only
mixed precision nan | field_guide#nan-in-float16-only
attention mask nan | field_guide#nan-with-padding-or-a-mask-only
nan only in the last batch | field_guide#nan-in-the-last-batch-only
cross entropy negative | field_guide#it-is-negative
negative loss | field_guide#it-is-negative
16.118 | field_guide#it-stands-at-16-118-15-94-13-8-or-36-04
loss 15.94 | field_guide#it-stands-at-16-118-15-94-13-8-or-36-04
1e-7 | field_guide#it-stands-at-16-118-15-94-13-8-or-36-04
-16.118 | 05#add-a-small-constant
loss stuck | field_guide#it-stands-at-some-other-number-from-the-first-step-on
keepdims | field_guide#rows-do-not-sum-to-1-but-columns-do
softmax overflow | 03#failure-1-large-logits
softmax returns zeros | 03#failure-2-just-below-the-limit
float16 | 03#three-types-two-ends
709.78 | 03#how-large-is-too-large
numerically stable softmax | 04#the-fix
temperature | 04#temperature
-inf | 05#the-losers-logarithms
logsumexp | 05#log-sum-exp
softmax derivative | 06#its-gradient
from_logits | 06#the-same-loss-elsewhere
softmax pytorch | 06#the-same-loss-elsewhere
model does not learn | 07#the-trap-in-the-table
bfloat16 | 08#another-sixteen-bits
masked | 09#a-softmax-that-takes-a-mask
flash attention | 10#the-pair
exam questions | teaching/README#teach-with-the-series
0.9741 | 06
11.0899 | 03#how-large-is-too-large
softmax returns nan | field_guide#nan-from-the-first-step-on
loss nan after 100 steps | field_guide#nan-after-some-steps-or-some-hundred
causal mask nan | field_guide#nan-with-padding-or-a-mask-only
key_padding_mask nan | field_guide#nan-with-padding-or-a-mask-only
gradient nan where | field_guide#the-loss-is-fine-and-the-gradient-is-nan
loss stuck at 16.12 | field_guide#it-stands-at-16-118-15-94-13-8-or-36-04
2.30 | field_guide#it-stands-at-some-other-number-from-the-first-step-on
accuracy stuck at 10% | 07#the-trap-in-the-table
709 | 03#how-large-is-too-large
fp16 max | 03#three-types-two-ends
softmax shift invariance | 04#a-number-added-to-all
why temperature | 04#temperature
0.9999999 | 05#the-last-digits-of-the-winner
log softmax vs softmax log | 05#the-losers-logarithms
torch.nn.CrossEntropyLoss nan | field_guide#nan-from-the-first-step-on
tf.nn.softmax_cross_entropy_with_logits | 06#the-same-loss-elsewhere
do I need softmax before crossentropyloss | 06#masks-and-what-is-no-logit
4941 | 07
"""
LINKS = "#search-results li a"


@pytest.fixture(scope="module")
def first(browser):
    """A function that returns where the first hit of a query leads."""
    with Page(browser, SITE / "search.html") as page:
        page.tab.wait_for_function("() => Search.hasIndex()")
        yield lambda query: page.tab.evaluate(
            "q => { const hit = Search._performSearch(...Search._parseQuery(q)).pop();"
            " return hit && hit[0] + hit[2]; }",
            query,
        )
        assert not list(page.problems())


@pytest.mark.parametrize("line", WANTED.strip().splitlines())
def test_the_place_that_answers_comes_first(first, line):
    query, wanted = line.split(" | ")
    assert re.sub(r"^(\d\d)_\w+", r"\1", first(query)) == wanted


@pytest.mark.parametrize("viewport", [PHONE, WIDE], ids=["phone", "wide"])
@pytest.mark.parametrize(
    ("query", "place"), [("temperature", "#temperature h3"), ("0.9741", ".highlighted")]
)
def test_a_hit_is_in_sight_and_the_box_stays(browser, viewport, query, place):
    """Typed on the search page and followed: a heading by its anchor, else the words."""
    with Page(browser, SITE / "search.html", viewport) as page:
        box = page.tab.locator("article input[name=q]")
        box.fill(query)
        box.press("Enter")
        page.tab.wait_for_selector(LINKS)
        assert box.input_value() == query
        page.tab.locator(LINKS).first.click()
        # Pages scroll smoothly.
        page.tab.wait_for_function(
            "place => { const box = document.querySelector(`article ${place}`)"
            "?.getBoundingClientRect(); return box && box.top >= 0 && box.bottom <= innerHeight; }",
            arg=place,
            timeout=10_000,
        )
        assert not list(page.problems())
