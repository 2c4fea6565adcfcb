"""`docs/policy.md` has every act on a policy and every field, and `docs/refusals.md` has every way of saying no."""

import re
from pathlib import Path

from flows.core.policy import Policy
from schema.kit.refusals import TYPES
from schema.kit.refusals_page import page

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```graphql\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_every_act_on_the_policy_has_an_example() -> None:
    assert len(EXAMPLES) == 8
    for act in ("setPolicy", "policyDryRun", "declineFactor", "exemptFromFactor", "endExemption", "smsUsage"):
        assert any(f"  {act}(" in example for example in EXAMPLES)


def test_the_table_has_every_field_of_a_policy() -> None:
    named = set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE))
    assert named == {_camel(name) for name in Policy.__dataclass_fields__}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def test_every_refusal_has_its_row() -> None:
    written = page()
    for refusal in TYPES:
        for code in refusal.codes():
            assert f"| `{code}` | `{refusal.__name__}` |" in written
