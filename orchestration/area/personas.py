"""`personas/*.yaml` and `lenses/*.yaml`: situations and policy lenses as rules that the warehouse measures.

What belongs here: the grammar of a rule, its faults, and the rules as rows of two reference tables. What does not:
who a rule holds for (dbt, `fct_persona_member`).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import Field, field_validator, model_validator

from orchestration.area.directory import Directory
from orchestration.area.reading import Location, PackModel, model_of, place, read_mapping
from orchestration.errors import AreaPackError

Kind = Literal["persona", "lens"]
FOLDERS: dict[str, Kind] = {"personas": "persona", "lenses": "lens"}
LONGEST_SEQUENCE = 4
"""Steps of a sequence; dbt follows as many (macro `sequence_steps`)."""
OLDEST = 120


class Ages(PackModel):
    """Ages in whole years on the age date of the year, both ends included."""

    from_age: int = Field(default=0, alias="from", ge=0, le=OLDEST)
    to_age: int = Field(default=OLDEST, alias="to", ge=0, le=OLDEST)

    @model_validator(mode="after")
    def _in_order(self) -> "Ages":
        if self.from_age > self.to_age:
            raise ValueError(f"'from' ({self.from_age}) is above 'to' ({self.to_age})")
        return self


class Choice(PackModel):
    """Codes of one kind: every one of `all_of`, at least one of `any_of`, and none of `none_of`."""

    all_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> "Choice":
        if not self.all_of and not self.any_of and not self.none_of:
            raise ValueError("give at least one of all_of, any_of, none_of")
        return self


class Cohort(PackModel):
    """Who belongs: all that is given here must hold in the year."""

    ages: Ages | None = None
    services: Choice | None = Field(default=None, description="services used in the year")
    themes: Choice | None = Field(default=None, description="themes of the services used in the year")
    needs: Choice | None = Field(default=None, description="needs recorded in the year")
    sequence: tuple[str, ...] = Field(default=(), description="services begun in this order by the end of the year")

    @field_validator("sequence")
    @classmethod
    def _followed(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value and not 2 <= len(value) <= LONGEST_SEQUENCE:
            raise ValueError(f"a sequence has 2 to {LONGEST_SEQUENCE} services")
        return value

    @model_validator(mode="after")
    def _names_somebody(self) -> "Cohort":
        choices = [choice for choice in (self.services, self.themes, self.needs) if choice]
        if not self.sequence and not any(choice.all_of or choice.any_of for choice in choices):
            raise ValueError("a rule needs something that its people have: a service, theme or need, or a sequence")
        return self


class Persona(PackModel):
    """A situation, or a policy lens, and the rule that measures it."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    situation: str = Field(description="the situation in plain words; never a person's name")
    cohort: Cohort
    not_known: tuple[str, ...] = Field(default=(), description="what the data cannot say about these people")
    struggles: tuple[str, ...] = ()
    services: tuple[str, ...] = Field(default=(), description="services that the story tells of")
    voice: str = ""

    @property
    def version(self) -> str:
        """Return a digest of the rule alone: a new wording changes no trend, a new rule begins another one."""
        rule = json.dumps(self.cohort.model_dump(mode="json", exclude_defaults=True), sort_keys=True)
        return hashlib.sha256(rule.encode()).hexdigest()[:12]


def read_personas(folder: Path, directory: Directory) -> dict[str, tuple[Kind, Persona]]:
    """Read the personas and lenses of a pack; raise AreaPackError naming file, line and key of what is wrong."""
    found: dict[str, tuple[Kind, Persona]] = {}
    for name, kind in FOLDERS.items():
        for path in sorted((folder / name).glob("*.yaml")):
            data, lines = read_mapping(path)
            origins = {location: (path, line) for location, line in lines.items()}
            persona = model_of(Persona, data, origins)
            if persona.id in found:
                raise AreaPackError(f"{place(origins, ('id',))}: '{persona.id}' is the id of another file already.")
            _check_codes(persona, origins, directory)
            found[persona.id] = (kind, persona)
    return found


def persona_tables(personas: Mapping[str, tuple[Kind, Persona]]) -> dict[str, pl.DataFrame]:
    """Return the tables `personas`, `persona_rules` and `persona_lacks` that the warehouse reads.

    A rule is clauses that must all hold; a clause is conditions of which one must hold, or, refused, none may.
    """
    rules = [row for _, persona in personas.values() for row in _rules(persona)]
    required = {(row["persona_id"], row["clause_no"]) for row in rules if not row["is_refused"]}
    return {
        "personas": pl.DataFrame(
            [
                {
                    "persona_id": persona.id,
                    "persona_kind": kind,
                    "persona_name": persona.name,
                    "situation": " ".join(persona.situation.split()),
                    "persona_version": persona.version,
                    "clause_count": sum(1 for owner, _ in required if owner == persona.id),
                    "age_from": persona.cohort.ages.from_age if persona.cohort.ages else None,
                    "age_to": persona.cohort.ages.to_age if persona.cohort.ages else None,
                }
                for kind, persona in personas.values()
            ],
            schema=PERSONAS,
        ).sort("persona_id"),
        "persona_rules": pl.DataFrame(rules, schema=RULES).sort("persona_id", "clause_no", "step_no", "feature_code"),
        "persona_lacks": pl.DataFrame(
            [
                {"persona_id": persona.id, "lack_no": number, "lack": " ".join(lack.split())}
                for _, persona in personas.values()
                for number, lack in enumerate(persona.not_known, start=1)
            ],
            schema=LACKS,
        ).sort("persona_id", "lack_no"),
    }


def services_asked(personas: Mapping[str, tuple[Kind, Persona]], directory: Directory) -> dict[str, frozenset[str]]:
    """Return by persona the services that its rule asks for or refuses, by themselves, by theme or in a sequence."""
    themes = directory.services.group_by("theme").agg("id")
    by_theme: dict[str, list[str]] = dict(themes.iter_rows())
    found = {}
    for name, (_, persona) in personas.items():
        rules = list(_rules(persona))
        codes = {row["feature_code"] for row in rules if row["feature_kind"] in ("service", "sequence")}
        of_themes = [by_theme[row["feature_code"]] for row in rules if row["feature_kind"] == "theme"]
        found[name] = frozenset(codes.union(*of_themes))
    return found


PERSONAS = pl.Schema(
    {
        "persona_id": pl.String(),
        "persona_kind": pl.String(),
        "persona_name": pl.String(),
        "situation": pl.String(),
        "persona_version": pl.String(),
        "clause_count": pl.Int64(),
        "age_from": pl.Int64(),
        "age_to": pl.Int64(),
    }
)
RULES = pl.Schema(
    {
        "persona_id": pl.String(),
        "clause_no": pl.Int64(),
        "feature_kind": pl.String(),
        "feature_code": pl.String(),
        "is_refused": pl.Boolean(),
        "step_no": pl.Int64(),
    }
)
LACKS = pl.Schema({"persona_id": pl.String(), "lack_no": pl.Int64(), "lack": pl.String()})


def _rules(persona: Persona) -> Iterator[dict[str, Any]]:
    cohort = persona.cohort
    clause = 0
    for kind, choice in (("service", cohort.services), ("theme", cohort.themes), ("need", cohort.needs)):
        if choice is None:
            continue
        groups = [*((code,) for code in choice.all_of), choice.any_of, choice.none_of]
        for codes, refused in zip(groups, [False] * (len(groups) - 1) + [True], strict=True):
            clause += 1 if codes else 0
            for code in sorted(set(codes)):
                yield _row(persona, clause, kind, code, refused=refused, step=0)
    for step, code in enumerate(cohort.sequence, start=1):
        yield _row(persona, clause + 1, "sequence", code, refused=False, step=step)


def _row(persona: Persona, clause: int, kind: str, code: str, *, refused: bool, step: int) -> dict[str, Any]:
    return {
        "persona_id": persona.id,
        "clause_no": clause,
        "feature_kind": kind,
        "feature_code": code,
        "is_refused": refused,
        "step_no": step,
    }


def _check_codes(persona: Persona, origins: Mapping[Location, tuple[Path, int]], directory: Directory) -> None:
    """Refuse a code that the pack does not hold: it would measure nobody without a word."""
    services = set(directory.services["id"])
    themes = set(directory.services["theme"])
    needs = set(directory.needs["need_code"])
    cohort = persona.cohort
    for at, file, known, codes in [
        (("services",), "services.csv", services, persona.services),
        (("cohort", "sequence"), "services.csv", services, cohort.sequence),
        *(
            (("cohort", key, part), file, known, getattr(choice, part))
            for key, file, known, choice in (
                ("services", "services.csv", services, cohort.services),
                ("themes", "services.csv", themes, cohort.themes),
                ("needs", "needs.csv", needs, cohort.needs),
            )
            if choice
            for part in ("all_of", "any_of", "none_of")
        ),
    ]:
        for position, code in enumerate(codes):
            if code not in known:
                raise AreaPackError(f"{place(origins, (*at, position))}: '{code}' is not in {file}.")
