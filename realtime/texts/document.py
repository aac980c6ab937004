"""A text as Yjs keeps it, applied by pycrdt (yrs)."""

from collections.abc import Iterator
from contextlib import contextmanager

from pycrdt import Doc, Text, merge_updates

from realtime.texts.updates import NOTHING, BadUpdate, Contents, read, read_vector


class SharedText:
    """One text; `position` is how far of its log it holds.

    Only what `updates.read` has taken is ever applied, so that no crafted bytes reach the library.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self.empty()

    def empty(self) -> None:
        """Forget everything: it is read from its log anew."""
        self._doc: Doc[Text] = Doc()
        self._text: Text = self._doc.get(self._root, type=Text)
        self.position = 0
        #: Of how many updates it was made, and how many bytes those were.
        self.pieces = self.weight = 0

    @property
    def words(self) -> str:
        """What can be read."""
        return str(self._text)

    @property
    def vector(self) -> bytes:
        """How much of each writer is here."""
        return self._doc.get_state()

    @property
    def known(self) -> dict[int, int]:
        """The same, as numbers."""
        return read_vector(self.vector)

    def load(self, update: bytes, position: int) -> None:
        """Apply what the log has kept."""
        self._apply(update)
        self.position = position

    def take(self, update: bytes) -> Contents:
        """Apply what somebody has written.

        Raises:
            BadUpdate: it is no update of this text, or leans on what is not here; when it is raised
                by the library's own view of it, this text is of no use any more.
        """
        contents = read(update, self._root)
        then = contents.after(self.known)
        self._apply(update)
        if self.known != then:
            raise BadUpdate("leans on itself")
        return contents

    def must_be_sound(self) -> None:
        """Refuse a text that whoever reads it anew would read differently.

        No honest client makes one: it takes an insertion between a place and an earlier one.

        Raises:
            BadUpdate: the order of its words is not settled by what was written.
        """
        again = SharedText(self._root)
        again.load(self.whole(), 0)
        if again.words != self.words:
            raise BadUpdate("reads differently when it is read anew")

    def whole(self) -> bytes:
        """Return all of it as one update."""
        return self._doc.get_update()

    def condense(self) -> bytes:
        """Return all of it as one update, which stands for all the others from now on."""
        whole = self.whole()
        self.pieces, self.weight = 1, len(whole)
        return whole

    def since(self, vector: bytes) -> bytes:
        """Return what a client lacks that has this much.

        Raises:
            BadUpdate: `vector` is no state vector.
        """
        read_vector(vector)
        return self._doc.get_update(vector)

    def rewrite(self, words: str) -> bytes:
        """Change the text to `words`, touching only what differs; return the update."""
        before = self.words
        common, old, new = _difference(before, words)
        begin = len(before[:common].encode())  # the library counts in bytes of UTF-8
        with self._watched() as made, self._doc.transaction():
            if old:
                del self._text[begin : begin + len(old.encode())]
            if new:
                self._text.insert(begin, new)
        return together(made) if made else NOTHING

    def _apply(self, update: bytes) -> None:
        self._doc.apply_update(update)
        self.pieces += 1
        self.weight += len(update)

    @contextmanager
    def _watched(self) -> Iterator[list[bytes]]:
        made: list[bytes] = []
        watching = self._doc.observe(lambda event: made.append(event.update))
        try:
            yield made
        finally:
            self._doc.unobserve(watching)


def together(updates: list[bytes]) -> bytes:
    """Return one update that brings what all of them bring."""
    return updates[0] if len(updates) == 1 else merge_updates(*updates)


def _difference(before: str, after: str) -> tuple[int, str, str]:
    """Return where two texts begin to differ, what of the first goes, and what comes."""
    most = min(len(before), len(after))
    begin = next((n for n in range(most) if before[n] != after[n]), most)
    rest = most - begin
    same = next((n for n in range(rest) if before[-1 - n] != after[-1 - n]), rest)
    return begin, before[begin : len(before) - same], after[begin : len(after) - same]
