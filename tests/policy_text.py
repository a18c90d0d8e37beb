"""The policy of Changle as it is written."""

from __future__ import annotations

from pathlib import Path

from workflow.policy.policy import load_policy

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "workflow" / "districts" / "changle"
FILE = FOLDER / "policy" / "opinions-2020.toml"
CHANGLE = load_policy(FILE)
