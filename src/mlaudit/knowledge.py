"""Where mlaudit's knowledge (the folder `rules`) lies: in the wheel, or in the checkout."""

from pathlib import Path


def knowledge_root() -> Path:
    """The folder with the rules, API tables, tools and schemas."""
    package = Path(__file__).parent
    shipped = package / "_knowledge"
    return shipped if shipped.is_dir() else package.parents[1] / "rules"
