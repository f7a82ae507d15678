"""Claims of the model's charts: they need no network and show no one."""

import re

from orchestration.linkage.charts import model_charts
from orchestration.linkage.linking import link_records
from orchestration.linkage.records import prepare_records
from tests.support.linkage_crowd import make_crowd


def test_charts_of_the_model_load_nothing_and_hold_no_value_of_a_person() -> None:
    crowd = make_crowd(200)
    found = link_records(prepare_records(crowd.people))
    pages = model_charts(found.model, found.records.profiles)
    assert set(pages) == {"linkage-weights", "linkage-parameters"}
    for page in pages.values():
        assert "same date of birth" in page
        assert not re.search(r"""<(?:script|link|img)[^>]+(?:src|href)=["']?(?:https?:)?//""", page)
        assert not any(reference in page for reference in crowd.people["source_ref"])
        assert not any(token in page for token in crowd.people["tok_name_dob"].drop_nulls())
