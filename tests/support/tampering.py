"""What is done to an audit trail past the product: what the database refuses, and what it can't and how that shows.

The practice ``linden`` has three segments of three rows and a row in none; ``elders`` has two of one.
"""

LINDEN = "(SELECT id FROM practice WHERE slug = 'linden')"
_ELDERS = "(SELECT id FROM practice WHERE slug = 'elders')"
_TWO = f"practice_id = {LINDEN} AND segment = 2"
FIRST_OF_TWO = f"id = (SELECT id FROM audit_event WHERE {_TWO} ORDER BY at LIMIT 1)"
_LAST_OF_TWO = f"id = (SELECT id FROM audit_event WHERE {_TWO} ORDER BY at DESC LIMIT 1)"
_UNSEALED = "id = (SELECT id FROM audit_event WHERE segment IS NULL LIMIT 1)"
_SEGMENT_TWO = f"practice_id = {LINDEN} AND number = 2"
_NEW = "'00000000-0000-0000-0000-0000000000aa'"
_REST = "practice_id, at, event, outcome, actor_account, actor_role, session, request, address, subjects, details"
_INTO_TWO = (
    f"INSERT INTO audit_event (id, {_REST}, segment) "
    f"SELECT {_NEW}, {_REST}, segment FROM audit_event WHERE {FIRST_OF_TWO}"
)
_SWAPPED = (
    "UPDATE audit_event SET at = (SELECT CASE WHEN audit_event.at = first_at THEN last_at ELSE first_at END "
    f"FROM audit_segment WHERE {_SEGMENT_TWO}) WHERE {_TWO} "
    f"AND at <> (SELECT at FROM audit_event WHERE {_TWO} ORDER BY at LIMIT 1 OFFSET 1)"
)
_LISTED = "INSERT INTO audit_subject (practice_id, subject, at, event)"
_FIRST_SUBJECT = f"subject = 'd-1' AND event = (SELECT id FROM audit_event WHERE {FIRST_OF_TWO})"


#: What nobody may do.
FORBIDDEN = {
    "a row is changed": f"UPDATE audit_event SET event = 'dossier.listed' WHERE {FIRST_OF_TWO}",
    "a row without a segment is changed": f"UPDATE audit_event SET outcome = 'REFUSED' WHERE {_UNSEALED}",
    "its time is changed": f"UPDATE audit_event SET at = '2030-01-01 00:00:00+00:00' WHERE {_UNSEALED}",
    "it is put into an old segment": f"UPDATE audit_event SET segment = 2 WHERE {_UNSEALED}",
    "it is put into a segment to come": f"UPDATE audit_event SET segment = 4 WHERE {_UNSEALED}",
    "it is put into a segment and changed": f"UPDATE audit_event SET segment = 3, address = '' WHERE {_UNSEALED}",
    "it is taken out of its segment": f"UPDATE audit_event SET segment = NULL WHERE {FIRST_OF_TWO}",
    "it comes into another": f"UPDATE audit_event SET segment = 3 WHERE {FIRST_OF_TWO}",
    "a row is deleted": f"DELETE FROM audit_event WHERE {FIRST_OF_TWO}",
    "a row without a segment is deleted": f"DELETE FROM audit_event WHERE {_UNSEALED}",
    "a row is added to a segment": _INTO_TWO,
    "a segment is changed": f"UPDATE audit_segment SET digest = chain, seal = chain WHERE {_SEGMENT_TWO}",
    "a segment is renumbered": f"UPDATE audit_segment SET number = 9 WHERE {_SEGMENT_TWO}",
    "a segment is purged with its old seal": f"UPDATE audit_segment SET purged_at = sealed_at WHERE {_SEGMENT_TWO}",
    "a segment is deleted": f"DELETE FROM audit_segment WHERE {_SEGMENT_TWO}",
    "a subject is changed": "UPDATE audit_subject SET subject = 'd-3'",
    "a subject is deleted": "DELETE FROM audit_subject WHERE subject = 'd-1'",
}
OF_SQLITE = {
    "a row is replaced": f"INSERT OR REPLACE INTO audit_event (id, {_REST}) "
    f"SELECT id, {_REST.replace('event', _NEW)} FROM audit_event WHERE {FIRST_OF_TWO}",
    "a row is replaced by its place": f"INSERT OR REPLACE INTO audit_event (rowid, id, {_REST}) "
    f"SELECT rowid, {_NEW}, {_REST} FROM audit_event WHERE {FIRST_OF_TWO}",
    "a row replaces another as it is sealed": "UPDATE OR REPLACE audit_event SET segment = 3, "
    f"rowid = (SELECT rowid FROM audit_event WHERE {FIRST_OF_TWO}) WHERE {_UNSEALED}",
    "a segment is replaced": "INSERT OR REPLACE INTO audit_segment "
    f"SELECT {_NEW}, number, events, first_at, last_at, digest, chain, seal, sealed_at, purged_at, practice_id "
    f"FROM audit_segment WHERE {_SEGMENT_TWO}",
    "a subject is replaced": "INSERT OR REPLACE INTO audit_subject (id, practice_id, subject, at, event) "
    "SELECT id, practice_id, 'd-3', at, event FROM audit_subject LIMIT 1",
}
OF_POSTGRESQL = {
    f"{table} is emptied": f"TRUNCATE {table} CASCADE" for table in ("audit_event", "audit_segment", "audit_subject")
}

#: What a database administrator can do, and how it shows.
TAMPERED = {
    "a row is changed": (
        [f"UPDATE audit_event SET address = '192.0.2.2' WHERE {FIRST_OF_TWO}"],
        "2: a row was changed",
    ),
    "its details are changed": (
        [f"UPDATE audit_event SET details = '[]' WHERE {FIRST_OF_TWO}"],
        "2: a row was changed",
    ),
    "a row is deleted": ([f"DELETE FROM audit_event WHERE {FIRST_OF_TWO}"], "2: 1 row(s) of 3 are gone"),
    "a row is added": (
        [_INTO_TWO],
        "2: 1 row(s) were added",
    ),
    "two rows change places": (
        [
            _SWAPPED,
        ],
        "2: a row was changed",
    ),
    "a row goes to another practice": (
        [f"UPDATE audit_event SET practice_id = {_ELDERS} WHERE {FIRST_OF_TWO}"],
        "elders: segment 2: 1 row(s) were added",
    ),
    "a row leaves its segment": (
        [f"UPDATE audit_event SET segment = NULL WHERE {FIRST_OF_TWO}"],
        "2: 1 row(s) of 3 are gone",
    ),
    "a time is no time": ([f"UPDATE audit_event SET at = {{strange}} WHERE {_LAST_OF_TWO}"], "2: a row was changed"),
    "a segment is taken out": (
        [f"DELETE FROM audit_segment WHERE {_SEGMENT_TWO}", f"DELETE FROM audit_event WHERE {_TWO}"],
        "linden: segment 3: comes after segment 1: what was between them is gone",
    ),
    "only its record is": (
        [f"DELETE FROM audit_segment WHERE {_SEGMENT_TWO}"],
        "linden: segment 2: is gone and has 3 row(s)",
    ),
    "and the next takes its number": (
        [
            f"DELETE FROM audit_segment WHERE {_SEGMENT_TWO}",
            f"DELETE FROM audit_event WHERE {_TWO}",
            f"UPDATE audit_event SET segment = 2 WHERE practice_id = {LINDEN} AND segment = 3",
            f"UPDATE audit_segment SET number = 2 WHERE practice_id = {LINDEN} AND number = 3",
        ],
        "linden: segment 2: its record, or the chain before it, was changed",
    ),
    "its record is changed": (
        [f"UPDATE audit_segment SET events = 2 WHERE {_SEGMENT_TWO}"],
        "linden: segment 2: its record, or the chain before it, was changed",
    ),
    "a seal is of nobody": (
        [f"UPDATE audit_segment SET seal = chain WHERE {_SEGMENT_TWO}"],
        "linden: segment 2: its seal is of none of our keys",
    ),
    "a seal is another's": (
        [f"UPDATE audit_segment SET seal = (SELECT seal FROM audit_segment WHERE number = 3) WHERE {_SEGMENT_TWO}"],
        "linden: segment 2: its seal is of none of our keys",
    ),
    "rows go as if they were purged": (
        [
            f"UPDATE audit_segment SET purged_at = sealed_at WHERE {_SEGMENT_TWO}",
            f"DELETE FROM audit_event WHERE {_TWO}",
        ],
        "linden: segment 2: its seal is of none of our keys",
    ),
    "a subject is deleted": (
        [f"DELETE FROM audit_subject WHERE {_FIRST_SUBJECT}"],
        "linden: segment 2: the index of subjects differs by 1 for event",
    ),
    "a subject of a row without a segment is": (
        [f"DELETE FROM audit_subject WHERE subject = 'd-1' AND event = (SELECT id FROM audit_event WHERE {_UNSEALED})"],
        "linden: rows in no segment: the index of subjects differs by 1 for event",
    ),
    "a subject is there twice": (
        [f"{_LISTED} SELECT practice_id, subject, at, event FROM audit_subject WHERE {_FIRST_SUBJECT}"],
        "linden: segment 2: the index of subjects differs by 1 for event",
    ),
    "a subject is added": (
        [f"{_LISTED} SELECT practice_id, 'd-9', at, id FROM audit_event WHERE {FIRST_OF_TWO}"],
        "linden: segment 2: the index of subjects has row",
    ),
    "a subject of no row is added": (
        [f"{_LISTED} SELECT practice_id, 'd-9', at, {{new}} FROM audit_event WHERE {FIRST_OF_TWO}"],
        "linden: rows in no segment: the index of subjects has row",
    ),
}
