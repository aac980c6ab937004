"""An agency is found under the names that it had and has."""

import pytest

from api.lookup.analysis.agencies import also_called, names_of


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Bộ Tài nguyên và Môi trường", "Bộ Nông nghiệp và Môi trường"),
        ("Bộ Nông nghiệp và Môi trường", "Bộ Tài nguyên và Môi trường"),
        ("Bộ Nông nghiệp và Môi trường", "Bộ Nông nghiệp và Phát triển nông thôn"),
        ("Cục Biển - BTNMT", "Cục Biển - Bộ Nông nghiệp và Môi trường"),
        ("BỘ TÀI NGUYÊN VÀ MÔI TRƯỜNG", "BỘ NÔNG NGHIỆP VÀ MÔI TRƯỜNG"),
        ("UBND tỉnh Vĩnh Phúc", "UBND tỉnh Phú Thọ"),
        ("UBND tỉnh Phú Thọ", "UBND tỉnh Hòa Bình"),
        ("UBND tỉnh Hải Dương", "UBND thành phố Hải Phòng"),
        ("Bộ Lao động – Thương binh và Xã hội", "Bộ Nội vụ"),
    ],
)
def test_old_and_new_names_lead_to_each_other(name: str, other: str) -> None:
    assert other in names_of(name)
    assert names_of(name)[0] == name


def test_agencies_that_merged_are_no_names_of_each_other() -> None:
    names = names_of("Bộ Tài nguyên và Môi trường")

    assert not [one for one in names if "Phát triển" in one]


def test_what_was_never_renamed_has_its_own_name_alone() -> None:
    assert names_of("Thủ tướng Chính phủ") == ("Thủ tướng Chính phủ",)
    assert also_called("Thủ tướng Chính phủ") == also_called("") == []


def test_the_syllables_of_other_names_are_found_too() -> None:
    assert "nong nghiep va moi truong" in " ".join(also_called("Bộ Tài nguyên và Môi trường"))
