"""A refresh leaves its account in the audit log, its lineage for the documents, and documents that are current."""

from orchestration.area import load_area
from orchestration.audit import audit_of
from orchestration.audit.reading import search
from orchestration.audit.verifying import verify
from orchestration.settings import Settings


def test_a_refresh_records_the_pack_each_decision_and_its_end_and_signs_them(small_area: Settings) -> None:
    folder = audit_of(small_area).folder
    area = load_area(small_area.area_dir)
    known = next(search(folder, kinds=["configuration_known"]))
    ended = next(search(folder, kinds=["refresh"]))
    decisions = [one for one in search(folder, kinds=["agreement_decision"]) if one["seq"] < ended["seq"]]
    decided = {record["feed"]: record for record in decisions}  # of the first refresh: other tests decide later
    signed = next(record for record in search(folder, kinds=["checkpoint"]) if record["seq"] > ended["seq"])
    assert set(decided) == set(area.contracts)
    assert decided["probation_supervision"]["allowed"] is False
    assert "birth_month" in decided["debt_advice"]["items"]
    assert known["seq"] < min(record["seq"] for record in decided.values()) < ended["seq"] == signed["seq"] - 1
    assert (ended["outcome"], ended["published"]) == ("done", True)
    assert set(ended["feeds"]) >= {"debt_advice", "police_youth"}
    assert verify(folder).faults == []


def test_the_documents_of_a_refresh_draw_its_real_lineage(small_area: Settings) -> None:
    folder = small_area.reports / "documents"
    page = (folder / "dpia-pack.html").read_text(encoding="utf-8")
    assert "Rows in force, then Linkage, then Warehouse, then Snapshot" in page
    assert "drawn in outline" not in page
    assert (folder / "dpia-pack.pdf").read_bytes().startswith(b"%PDF")
    assert (folder / "agreement-isa-13-probation.html").exists()
    refreshes = list(search(audit_of(small_area).folder, kinds=["refresh"]))
    assert any(refresh["snapshot"] in page for refresh in refreshes)
