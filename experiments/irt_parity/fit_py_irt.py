"""Runs in the peers' environment: one parameter an item by py-irt, on the answers of a JSON-lines file.

fit_py_irt.py ANSWERS.jsonl TARGET.json EPOCHS
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from py_irt.config import IrtConfig
from py_irt.dataset import Dataset
from py_irt.training import IrtModelTrainer


def main(source: Path, target: Path, epochs: int) -> None:
    dataset = Dataset.from_jsonlines(source)
    config = IrtConfig(model_type="1pl", priors="hierarchical", epochs=epochs, lr=0.1, lr_decay=0.998, seed=0)
    trainer = IrtModelTrainer(data_path=source, config=config, dataset=dataset, verbose=False)
    began = time.perf_counter()
    trainer.train(device="cpu")
    seconds = time.perf_counter() - began
    found = trainer.irt_model.export()
    difficulty = {dataset.ix_to_item_id[i]: value for i, value in enumerate(found["diff"])}
    target.write_text(json.dumps({"seconds": seconds, "difficulty": difficulty}), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
