"""One client of ours, as a process: `python -m tests.benchmarks.ours URL FIRST SHARE VERSION NUMBER`."""

from __future__ import annotations

import sys
from itertools import count

from tests.benchmarks.rounds import serve
from tests.benchmarks.stage import ACTION, NOW, officer_of
from workflow.process.perform import perform
from workflow.storage.store import Store


def main(url: str, first: str, share: str, version: str, number: str) -> None:
    store = Store(url)
    officer = officer_of(store)
    cases = count(int(first) + int(share) * int(number))

    def act() -> None:
        with store.writing() as session:
            perform(session, next(cases), ACTION, officer, now=NOW, seen_version=int(version))
            session.commit()

    serve(act)


if __name__ == "__main__":
    main(*sys.argv[1:])
