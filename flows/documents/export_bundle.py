"""What an export is gathered in, and the file that it becomes."""

import io
import zipfile
from dataclasses import dataclass, field
from typing import Any

import orjson

from flows.core.context import AppContext

_DATA = "data.json"


@dataclass(slots=True)
class Bundle:
    """What goes into the file. ``room`` is how many bytes of documents still fit; the rest is named, not carried."""

    app: AppContext
    room: int
    data: dict[str, Any] = field(default_factory=dict, repr=False)
    files: list[tuple[str, bytes]] = field(default_factory=list, repr=False)
    left_out: list[str] = field(default_factory=list, repr=False)

    def tell(self, topic: str, what: Any) -> None:
        """Add a topic's data: whatever JSON can say, dates and ids included."""
        self.data[topic] = what

    def fits(self, name: str, size: int) -> bool:
        """Whether a document of so many bytes can be added; otherwise its name is noted. Ask before it is read."""
        if size <= self.room:
            return True
        self.left_out.append(name)
        return False

    def add(self, name: str, content: bytes) -> None:
        """Add a document under a name of ours, such as ``reports/<id>.pdf``."""
        self.room -= len(content)
        self.files.append((name, content))

    def zipped(self) -> bytes:
        """Slow for a large one: call it in a thread."""
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            data = self.data | {"leftOut": self.left_out}
            archive.writestr(_DATA, orjson.dumps(data, option=orjson.OPT_INDENT_2, default=str))
            for name, content in self.files:
                archive.writestr(name, content)
        return whole.getvalue()
