"""Train and calibrate the sentiment heads that the cloud brings, and write them into its package.

    python training/sentiment.py --data DIR --english head_EN.npz

`DIR` holds `xlmt_LANGUAGE_train.tsv` and `..._val.tsv` for seven languages, and `tweeteval_val.tsv`, each line
`label<TAB>text` (0 negative, 1 neutral, 2 positive); none of it enters the repository. Needs the cloud's packages and
scikit-learn, two minutes and 1 GB; the same data gives the same bytes.

The head of seven languages (ar, de, es, fr, hi, it, pt) is trained here, on the train files alone, without what stands
in a development set too. Its regularisation and its calibration are chosen by five folds of the train files.

The English head was trained before, by our prototype, on SemEval 2017's train files and XLM-T's English ones without
what stands in TweetEval's or XLM-T's development and test sets. That data is not here, and what is here can't replace
it: 1,430 of XLM-T's 1,839 English train texts, and all 324 of its development texts, stand in TweetEval's development
set. So its weights are taken as they are, and only two factors are fitted: what a step of its 8 bits is worth, and what
its float part is. They are fitted on TweetEval's development set, classes weighed alike; what they give is reported on
held-out folds.
"""

from __future__ import annotations

import argparse
import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from marinelayer.engines.language import linear_head
from marinelayer.engines.language.polarity import polarity
from marinelayer.engines.language.vader import vader

LANGUAGES = {
    "arabic": "ar",
    "german": "de",
    "spanish": "es",
    "french": "fr",
    "hindi": "hi",
    "italian": "it",
    "portuguese": "pt",
}
FOLDS = 5
STRENGTHS = (1.0, 2.0, 4.0)
LEAST_TEXTS = 2
"""A feature that fewer texts have is left out."""
KEPT = 0.8
"""The share of the remaining features that is kept, by their largest weight."""
OUTSIDE = 0.9995
"""The quantile of the weights that 127 stands for; larger ones are cut to it."""
ROOM = Path(linear_head.__file__).parent

Labelled = list[tuple[int, str]]


def labelled(file: Path) -> Labelled:
    """Labels and texts of a file."""
    rows = (line.partition("\t") for line in file.read_text("utf-8").splitlines())
    return [(int(label), text) for label, _, text in rows]


def key(text: str) -> str:
    """What makes two texts the same: letters and digits, without addresses and names of users."""
    plain = html.unescape(html.unescape(text)).lower()
    plain = re.sub(r"https?://\S+|www\.\S+|\bhttp\b|@\w+", "", plain)
    plain = plain.replace("\\u2019", "'").replace("\\u002c", ",")
    return re.sub(r"[\W_]+", "", plain)


def matrix(texts: Sequence[str]) -> Any:
    """A row of feature values for each text."""
    ends, columns, values = [0], [], []
    for text in texts:
        for half in linear_head.features(text):
            columns += half
            values += [1 / len(half) ** 0.5] * len(half)
        ends.append(len(columns))
    return sparse.csr_matrix((values, columns, ends), shape=(len(texts), 2 * linear_head.HALF))


def macro_f1(labels: Any, told: Any) -> float:
    """Mean F1 of the three classes, in percent."""
    scores = []
    for each in range(3):
        hits = np.sum((labels == each) & (told == each))
        scores.append(2 * hits / max(1, np.sum(labels == each) + np.sum(told == each)))
    return float(100 * np.mean(scores))


def calibration_error(labels: Any, shares: Any) -> float:
    """Expected calibration error of the likeliest class, in ten bins."""
    sure, right = shares.max(1), shares.argmax(1) == labels
    number = np.minimum((sure * 10).astype(int), 9)
    return float(sum(abs((right - sure)[number == each].sum()) for each in range(10)) / len(labels))


def softmax(logits: Any) -> Any:
    """Shares of each row."""
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def seven(data: Path) -> dict[str, Any]:
    """The head of seven languages."""
    train: list[tuple[str, int, str]] = []
    dev: list[tuple[str, int, str]] = []
    seen = {key(text) for name in LANGUAGES for _, text in labelled(data / f"xlmt_{name}_val.tsv")}
    seen |= {key(text) for _, text in labelled(data / "tweeteval_val.tsv")}
    for name, code in LANGUAGES.items():
        dev += [(code, label, text) for label, text in labelled(data / f"xlmt_{name}_val.tsv")]
        for label, text in labelled(data / f"xlmt_{name}_train.tsv"):
            if key(text) not in seen:
                seen.add(key(text))
                train.append((code, label, text))
    print(f"{len(train)} texts to train on")
    codes, labels = np.array([code for code, _, _ in train]), np.array([label for _, label, _ in train])
    everything = matrix([text for _, _, text in train]).tocsc()
    texts_with = np.diff(everything.indptr)
    kept = np.flatnonzero(texts_with >= LEAST_TEXTS)
    # A rare feature says more; the factor becomes part of the weight, so that whoever scores needs not know it.
    rarity = np.log((1 + len(train)) / (1 + texts_with[kept]))
    rarity = rarity / rarity.mean()
    words = np.array([polarity(linear_head.normalised(text), code) for code, _, text in train])
    values = sparse.hstack([everything[:, kept] @ sparse.diags(rarity), sparse.csr_matrix(words)]).tocsr()
    strength, held_out = chosen(values, labels, codes)
    model = fitted(values, labels, strength)
    weights = np.zeros((3, 2 * linear_head.HALF))
    learned = np.vstack([each.coef_[0] for each in model.estimators_])
    weights[:, kept], extra = learned[:, : len(kept)] * rarity, learned[:, len(kept) :].astype(np.float32)
    bias = np.array([each.intercept_[0] for each in model.estimators_])
    quantised, scale = eight_bits(weights)
    calibration = {code: temperature(held_out[codes == code], labels[codes == code]) for code in LANGUAGES.values()}
    head = {"Q": quantised, "scale": np.float64(scale), "v": extra, "b": bias}
    head["languages"] = np.array(sorted(calibration))
    head["calibration"] = np.array([calibration[code] for code in sorted(calibration)])
    shares = {code: softmax(held_out[codes == code] * calibration[code]) for code in calibration}
    errors = {code: calibration_error(labels[codes == code], shares[code]) for code in calibration}
    print("calibration error on held-out folds:", {code: round(error, 3) for code, error in errors.items()})
    report(head, dev)
    return head


def chosen(values: Any, labels: Any, codes: Any) -> tuple[float, Any]:
    """How little is regularised so that held-out folds are told best, and their logits under it."""
    folds = np.arange(len(labels)) % FOLDS
    found: list[tuple[float, float, Any]] = []
    for strength in STRENGTHS:
        logits = np.zeros((len(labels), 3))
        for fold in range(FOLDS):
            inside = folds != fold
            model = fitted(values[inside], labels[inside], strength)
            logits[~inside] = model.decision_function(values[~inside])
        told = logits.argmax(1)
        f1 = float(np.mean([macro_f1(labels[codes == code], told[codes == code]) for code in LANGUAGES.values()]))
        print(f"strength {strength}: mean F1 of held-out folds {f1:.2f}", flush=True)
        found.append((f1, strength, logits))
    # The weakest that is as good as the best but for noise.
    enough = max(f1 for f1, _, _ in found) - 0.1
    return next((strength, logits) for f1, strength, logits in found if f1 >= enough)


def fitted(values: Any, labels: Any, strength: float) -> Any:
    """A linear classifier of the three classes, each against the others; in the dual, which takes seconds."""
    one = LogisticRegression(solver="liblinear", dual=True, C=strength, max_iter=400, tol=1e-3, random_state=0)
    return OneVsRestClassifier(one).fit(values, labels)


def temperature(logits: Any, labels: Any) -> float:
    """The factor under which the labels are likeliest."""

    def loss(factor: Any) -> float:
        shares = softmax(logits * factor[0])
        return float(-np.log(shares[np.arange(len(labels)), labels]).mean())

    return float(minimize(loss, [1.0], method="Nelder-Mead").x[0])


def eight_bits(weights: Any) -> tuple[Any, float]:
    """The weights in steps, those of the least features left out, and what a step is worth."""
    largest = np.abs(weights).max(0)
    least = np.quantile(largest[largest > 0], 1 - KEPT)
    weights = np.where(largest >= least, weights, 0.0)
    scale = float(np.quantile(np.abs(weights[weights != 0]), OUTSIDE) / 127)
    return np.clip(np.round(weights / scale), -127, 127).astype(np.int8), scale


def english(data: Path, prototype: Path) -> dict[str, Any]:
    """The English head, as the prototype trained it, calibrated."""
    with np.load(prototype) as file:
        weights, extra, bias = file["Q"], file["v"].astype(np.float64), file["b"].astype(np.float64)
    rows = labelled(data / "tweeteval_val.tsv")
    labels = np.array([label for label, _ in rows])
    steps = np.asarray(matrix([text for _, text in rows]) @ weights.T.astype(np.float64))
    values = np.array([linear_head.vader_values(vader().polarity_scores(text)) for _, text in rows])
    floats = values @ extra.T + bias
    folds, alike = np.arange(len(rows)) % FOLDS, (len(rows) / 3 / np.bincount(labels))[labels]

    def factors(chosen: Any) -> Any:
        def loss(pair: Any) -> float:
            shares = softmax(pair[0] / 100 * steps[chosen] + pair[1] * floats[chosen])
            return float(-(alike[chosen] * np.log(shares[np.arange(len(shares)), labels[chosen]])).mean())

        return minimize(loss, [0.6, 1.0], method="Nelder-Mead").x

    shares = np.zeros((len(rows), 3))
    for fold in range(FOLDS):
        step, rest = factors(folds != fold)
        shares[folds == fold] = softmax(step / 100 * steps[folds == fold] + rest * floats[folds == fold])
    told = shares.argmax(1)
    recall = 100 * np.mean([np.mean(told[labels == each] == each) for each in range(3)])
    print(f"English, held-out folds: recall {recall:.2f}, calibration error {calibration_error(labels, shares):.3f}")
    step, rest = factors(np.ones(len(rows), bool))
    return {
        "Q": weights,
        "scale": np.float64(step / 100),
        "v": (extra * rest).astype(np.float32),
        "b": bias * rest,
        "languages": np.array(["en"]),
        "calibration": np.array([1.0]),
    }


def report(head: dict[str, Any], dev: Sequence[tuple[str, int, str]]) -> None:
    """What a head, in its 8 bits, does on the development sets."""
    scores: list[float] = []
    for place, code in enumerate(head["languages"]):
        rows = [(label, text) for language, label, text in dev if language == code]
        labels = np.array([label for label, _ in rows])
        steps = np.asarray(matrix([text for _, text in rows]) @ head["Q"].T.astype(np.float64))
        words = np.array([polarity(linear_head.normalised(text), code) for _, text in rows])
        shares = softmax((steps * head["scale"] + words @ head["v"].T + head["b"]) * head["calibration"][place])
        scores.append(macro_f1(labels, shares.argmax(1)))
        print(f"{code}: F1 {scores[-1]:.1f}, calibration error {calibration_error(labels, shares):.3f}")
    print(f"mean F1 {np.mean(scores):.2f}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--english", type=Path, required=True)
    arguments = parser.parse_args()
    heads = {"sentiment_en.npz": english(arguments.data, arguments.english), "sentiment_7.npz": seven(arguments.data)}
    for name, head in heads.items():
        np.savez_compressed(ROOM / name, **head)
        print(f"{name}: {(ROOM / name).stat().st_size} bytes")


if __name__ == "__main__":
    main()
