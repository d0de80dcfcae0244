"""What schemathesis is told of Pli: what its scalars look like, and what no answer of the API may be.

A refusal is an error with a stable code (`docs/decisions/0006-mutations.md`), which schemathesis's own check takes
for a failure of the server; the check below knows the difference.
"""

import os
import re

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

# Identifiers of things that are there, so that requests get past "not found"; half of them are anything at all.
IDS = [one for one in os.environ.get("PLI_IDS", "").split(",") if one]
KINDS = sorted({one.split(":")[0] for one in IDS} | {"mail", "unit"})
CODE = re.compile(r"[A-Z][A-Z_]+")
INSIDE = re.compile(r"sqlx|sqlite|postgres|sea.?orm|select |insert |panicked|\.rs:\d|src/", re.IGNORECASE)

schemathesis.graphql.scalar("NaiveDate", st.one_of(st.dates().map(str), st.text(max_size=12)).map(nodes.String))
schemathesis.graphql.scalar(
    "DateTime", st.one_of(st.datetimes().map(lambda at: at.isoformat() + "Z"), st.text(max_size=25)).map(nodes.String)
)
strange = st.one_of(st.text(max_size=40), st.builds("{}:{}".format, st.sampled_from(KINDS), st.uuids()))
schemathesis.graphql.scalar(
    "ID", (st.one_of(st.sampled_from(IDS), strange) if IDS else strange).map(nodes.String)
)


@schemathesis.check
def nothing_breaks(ctx, response, case):
    """Every answer is a GraphQL answer; every error has a stable code, and tells nothing of the inside."""
    assert response.status_code in (200, 400), f"HTTP {response.status_code}: {response.text[:300]}"
    answer = response.json()
    assert isinstance(answer, dict) and ("data" in answer or "errors" in answer), "not a GraphQL answer"
    for error in answer.get("errors") or []:
        code = (error.get("extensions") or {}).get("code", "")
        assert CODE.fullmatch(code), f"an error without a stable code: {error}"
        assert code not in ("INTERNAL", "INTERNAL_SERVER_ERROR"), f"the server broke: {error}"
        assert not INSIDE.search(error["message"]), f"an error tells of the inside: {error}"
