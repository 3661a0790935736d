"""A report with many cells and blocks, for tests of its page: made from a small one, whose trials it takes in turns."""

import copy
import json
import random


def made_report(source, variants, workers, blocks, seed=1):
    """As many cells as variants × workers, each with a trial in every block; a comparison for each pair with the first."""
    chance = random.Random(seed)
    report = json.loads(json.dumps(source))
    sources = [[trial for trial in cell["trials"] if trial["status"] == "ok"] for cell in source["cells"]]
    sources = [trials for trials in sources if trials]
    report["cells"] = [
        _cell(source["cells"][0], {"variant": f"variant-{v + 1}", "workers": 2**w}, sources[v % len(sources)], blocks, 1 + 0.2 * w, chance)
        for v in range(variants)
        for w in range(workers)
    ]
    report["comparisons"] = [
        _comparison(report["cells"][w], report["cells"][v * workers + w], chance)
        for v in range(1, variants)
        for w in range(workers)
    ]
    report["hypotheses"] = []
    report["scenario"]["references"] = []
    report["design"].update(blocks_planned=blocks, blocks_completed=blocks)
    report.pop("content_sha256", None)
    return report


def _cell(pattern, factors, trials, blocks, speed, chance):
    cell = copy.deepcopy(pattern)
    cell["factors"] = factors
    cell["id"] = ",".join(f"{axis}={value}" for axis, value in factors.items())
    cell["config"].setdefault("target", {}).setdefault("params", {})["workers"] = factors["workers"]
    cell["status"] = "ok"
    cell["error"] = ""
    cell["trials"] = []
    for block in range(blocks):
        trial = copy.deepcopy(chance.choice(trials))
        trial["block"] = block
        trial["throughput_requests_per_second"] *= speed * chance.uniform(0.97, 1.03)
        trial["series"]["requests"] = [round(n * speed) for n in trial["series"]["requests"]]
        cell["trials"].append(trial)
    rates = sorted(trial["throughput_requests_per_second"] for trial in cell["trials"])
    cell["summary"]["throughput_requests_per_second"].update(
        n=blocks, median=rates[blocks // 2], ci_low=rates[blocks // 4], ci_high=rates[3 * blocks // 4]
    )
    return cell


def _comparison(baseline, candidate, chance):
    def median(cell):
        return cell["summary"]["throughput_requests_per_second"]["median"]

    ratio = median(candidate) / median(baseline)
    return {
        "name": "what the variant changes",
        "metric": "throughput_requests_per_second",
        "baseline": baseline["id"],
        "candidate": candidate["id"],
        "n": len(baseline["trials"]),
        "ratio": ratio,
        "ci_low": ratio * chance.uniform(0.96, 0.99),
        "ci_high": ratio * chance.uniform(1.01, 1.04),
        "p_adjusted": 0.001,
        "margin": 0.03,
        "published_ratio": None,
        "verdict": "improved",
        "reason": "",
    }
