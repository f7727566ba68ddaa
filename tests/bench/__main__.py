"""Measures what the project promises: `make bench [ONLY=name]`.

Each `tests/bench/bench_*.py` offers `BENCHES: dict[str, Bench]` (tests/bench/result.py). Prints a table and writes
out/bench.json as `{bench: result}`; exit 0 when all bars are kept, 1 when one is missed or a bench failed, 2 when there
is no bench of that name.
"""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from pathlib import Path

from tests.bench.result import Bench, Result

HERE = Path(__file__).parent
REPORT = Path("out/bench.json")


def main(names: list[str]) -> int:
    benches = found()
    unknown = [name for name in names if name not in benches]
    if unknown:
        print(f"No bench named {', '.join(unknown)}; there are: {', '.join(benches)}", file=sys.stderr)
        return 2
    results: dict[str, Result] = {}
    for name in names or benches:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        try:
            results[name] = benches[name]()
        except Exception:  # noqa: BLE001 - a bench that fails is a missed bar, and the others still tell theirs
            traceback.print_exc()
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    print(table(results))
    kept = all(result["ok"] for result in results.values())
    return 0 if kept and len(results) == len(names or benches) else 1


def found() -> dict[str, Bench]:
    """Every bench by name, in the order of files and of their tables."""
    benches: dict[str, Bench] = {}
    for file in sorted(HERE.glob("bench_*.py")):
        offered: dict[str, Bench] = importlib.import_module(f"tests.bench.{file.stem}").BENCHES
        twice = benches.keys() & offered.keys()
        if twice:
            raise ValueError(f"{file.name} names a bench that another file has: {', '.join(twice)}")
        benches |= offered
    return benches


def table(results: dict[str, Result]) -> str:
    rows = [("bench", "value", "bar", "", "peers")]
    for name, result in results.items():
        peers = ", ".join(f"{peer} {figure(value)}" for peer, value in result["peers"].items())
        rows.append((name, figure(result["value"]), figure(result["bar"]), "ok" if result["ok"] else "MISSED", peers))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), row[1].rjust(widths[1]), row[2].rjust(widths[2]), row[3].ljust(widths[3])])
        + ("  " + row[4]).rstrip()
        for row in rows
    )


def figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
