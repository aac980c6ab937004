"""Who may read which annotation, decided on plain values."""

from hypothesis import given
from hypothesis import strategies as st

from api.meetings.notes.rules import WRITES, Layer, may_see
from api.meetings.rules import Part, may
from core.ids import new_id

ME, OTHER = new_id(), new_id()


@given(st.sampled_from(Layer), st.sampled_from(Part), st.booleans(), st.booleans())
def test_nobody_reads_what_is_private_or_not_yet_submitted(
    layer: Layer, part: Part, submitted: bool, mine: bool  # noqa: FBT001 - hypothesis gives them by place
) -> None:  # fmt: skip
    seen = may_see(layer, author=ME if mine else OTHER, reader=ME, part=part, submitted=submitted)

    if mine:
        assert seen
    else:
        public = layer is Layer.SHARED or (layer is Layer.OPINION and submitted)
        assert seen == (public and part is not Part.GUEST)


def test_who_may_write_into_a_layer() -> None:
    writers = {layer: {part for part in Part if may(WRITES[layer], part)} for layer in Layer}

    assert writers == {
        Layer.PRIVATE: set(Part),
        Layer.SHARED: set(Part) - {Part.GUEST},
        Layer.OPINION: {Part.CHAIR, Part.MEMBER, Part.DELEGATE},
    }
