"""What one request of somebody unknown may cost."""

from tests.security.defences import Change, Defence

_CHOSEN = "tests/journeys/test_chosen_passwords.py"
_STRENGTH = "tests/security/test_strength.py"

ENTRIES = (
    Defence(
        row="passwords-counted",
        file="flows/passwords.py",
        old="    if too_often := await may_choose_password(house, whom):\n        return too_often\n",
        new="",
        fails=(f"{_CHOSEN}::test_passwords_are_counted_before_they_are_estimated",),
    ),
    Defence(
        row="passwords-estimated",
        file="security/strength.py",
        old="        if choices * part * (part + 1) // 2 > _MOST_LOOKUPS:\n            return normal[: part - 1]\n",
        new="",
        fails=(
            f"{_STRENGTH}::test_what_is_estimated_is_bounded_and_enough",
            f"{_STRENGTH}::test_the_dearest_are_within_the_bound",
        ),
    ),
    Defence(
        row="marks",
        file="security/normalising.py",
        old="        if marks > MOST_MARKS:\n            raise TooManyMarks\n",
        new="",
        fails=("tests/security/test_normalising.py::test_both_edges_of_the_marks_on_one_letter",),
        also=(
            Change(
                "security/strength.py",
                "return len(password) > 4 * LONGEST_CHOSEN",
                "return len(password) > 400 * LONGEST_CHOSEN",
            ),
        ),
    ),
)
