"""Liberation Serif: complete Vietnamese, with the measures of Times New Roman (see OFL.txt)."""

from pathlib import Path

_FOLDER = Path(__file__).parent

UPRIGHT = _FOLDER / "LiberationSerif-Regular.ttf"
BOLD = _FOLDER / "LiberationSerif-Bold.ttf"
ITALIC = _FOLDER / "LiberationSerif-Italic.ttf"
BOLD_ITALIC = _FOLDER / "LiberationSerif-BoldItalic.ttf"
