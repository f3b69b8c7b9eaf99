"""What do an update, a forecast of a whole bank, a recorded attempt and a recommendation cost?

    python experiments/speed/run.py

Medians of repeated calls in one process; compare the ratios, the machine's speed drifts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from adaptive.catalog import Catalog
from adaptive.catalog.mathematics import mathematics_catalog
from adaptive.datasets import generated_class
from adaptive.domain import Attempt, Item, Prerequisite, Skill
from adaptive.engine import Engine, RecommendationRequest
from adaptive.models import MODELS, build_model, replay
from adaptive.protocols import Items
from adaptive.storage import Store

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def median_us(call: Callable[[int], object], n: int) -> float:
    """Median microseconds of call(0), ..., call(n - 1)."""
    seconds = []
    for i in range(n):
        begun = perf_counter()
        call(i)
        seconds.append(perf_counter() - begun)
    return 1e6 * median(seconds)


def large_catalog(n_items: int, n_skills: int = 200) -> Catalog:
    """A chain of skills with items spread evenly over them."""
    skills = tuple(Skill(f"s{k}", difficulty=150.0 + k / 2) for k in range(n_skills))
    items = tuple(Item(f"q{i}", (f"s{i % n_skills}",)) for i in range(n_items))
    edges = tuple(Prerequisite(f"s{k}", f"s{k + 1}") for k in range(n_skills - 1))
    return Catalog("large", "rit", skills, items, edges)


def main() -> int:
    """Print one line a figure."""
    catalog = mathematics_catalog()
    table = generated_class(catalog, n_learners=200, seed=0).table
    _, history = max(table.histories(), key=lambda pair: len(pair[1]))
    bank = large_catalog(10_000)
    print("model      update us   after 10x the history   predict 10,000 items us   record us   recommend of 10,000 us")
    for name in MODELS:
        model = build_model(name, catalog).fit(table)
        state, long_state = replay(model, history[:20]), replay(model, history[:200])
        items = Items(bank.item_columns.item_ids, bank.item_columns.skill_ids)
        fitted = build_model(name, bank)
        update = median_us(lambda i, m=model, s=state: m.update(s, history[i % 200]), 2000)
        late = median_us(lambda i, m=model, s=long_state: m.update(s, history[i % 200]), 2000)
        start = fitted.initial_state()
        predict = median_us(lambda _, m=fitted, s=start, q=items: m.predict(s, q, START), 30)
        with TemporaryDirectory() as folder:
            store = Store.open(f"sqlite:///{Path(folder) / 'speed.db'}")
            engine = Engine(store, fitted, bank, model_version="speed")
            record = median_us(
                lambda i, e=engine: e.record(
                    "t", Attempt(f"a{i}", f"l{i % 20}", f"q{(7 * i) % 10_000}", (), float(i % 3 > 0), START + timedelta(seconds=i))
                ),
                400,
            )
            recommend = median_us(
                lambda i, e=engine: e.recommend(
                    "t", RecommendationRequest(f"l{i % 20}"), decision_id=f"d{i}", at=START + timedelta(hours=1), seed=i
                ),
                30,
            )
            store.close()
        print(f"{name:10} {update:9.1f} {late:23.1f} {predict:25.0f} {record:11.0f} {recommend:24.0f}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
