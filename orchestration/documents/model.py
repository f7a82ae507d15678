"""A document as blocks: one content, from which the HTML and the PDF are made. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Block = dict[str, Any]


@dataclass
class Document:
    """One document. `name` is its file's; `foot` says from what it was made."""

    name: str
    title: str
    lead: str
    foot: str
    blocks: list[Block] = field(default_factory=list)

    def section(self, text: str, *, level: int = 2) -> None:
        self.blocks.append({"kind": "heading", "level": level, "text": text})

    def say(self, *texts: str) -> None:
        self.blocks.extend({"kind": "paragraph", "text": text} for text in texts if text)

    def warn(self, text: str) -> None:
        self.blocks.append({"kind": "notice", "text": text})

    def points(self, items: Sequence[str]) -> None:
        self.blocks.append({"kind": "list", "items": list(items)})

    def facts(self, caption: str, facts: Mapping[str, str]) -> None:
        """Add terms and what they are; a term without text is left out."""
        rows = [[term, text] for term, text in facts.items() if text]
        self.table(caption, ["About", "What it is"], rows, widths=(1, 3))

    def table(
        self, caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, widths: Sequence[int] = ()
    ) -> None:
        """Add a table whose first column heads its rows; one without rows is said to be empty."""
        if not rows:
            self.say(f"{caption}: none.")
            return
        self.blocks.append(
            {
                "kind": "table",
                "caption": caption,
                "head": list(head),
                "rows": [list(row) for row in rows],
                "widths": list(widths or [1] * len(head)),
            }
        )

    def draw(self, svg: str, alternative: str) -> None:
        self.blocks.append({"kind": "drawing", "svg": svg, "alternative": alternative})
