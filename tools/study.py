"""What tools/aa-study and tools/power-study share: runs of poolbench, lines of results, exact intervals."""

import json
import math
import pathlib
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build" / "release" / "poolbench"
CONFIRMING_BLOCKS = 10


def poolbench(*arguments, may_return=(0,)):
    """Its standard output; ends the study when it does not return as expected."""
    with subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        try:
            output, errors = program.communicate()
        except BaseException as reason:
            if not isinstance(reason, KeyboardInterrupt):  # the terminal sends that to both of us
                program.terminate()
            program.communicate()  # it stops what it has started
            raise
    if program.returncode not in may_return:
        sys.exit(f"study: poolbench {' '.join(map(str, arguments))} returned {program.returncode}:\n{errors}")
    return output


def run(scenario, folder, seed, *options):
    """Runs a scenario; its report and where that is."""
    before = set(folder.glob("*/report.json"))
    begin = time.monotonic()
    poolbench("run", scenario, "--out", folder, "--seed", seed, *options)
    (file,) = set(folder.glob("*/report.json")) - before
    report = json.loads(file.read_text())
    report["seconds"] = round(time.monotonic() - begin, 1)
    return report, file


def ready(folder):
    if not PROGRAM.exists():
        sys.exit("study: there is no build/release/poolbench\nnext: tools/bench scenarios/smoke.toml builds it")
    folder.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by way of poolbench(), which ends the run, too


def read_lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def text_of(line):
    return json.dumps(line, ensure_ascii=False) + "\n"


def append_line(file, line):
    """Whole lines only: a study that is interrupted goes on where it was."""
    with file.open("a") as out:
        out.write(text_of(line))


def replace_lines(file, lines):
    """All or nothing: a study took too long to be lost."""
    fresh = file.with_suffix(".new")
    fresh.write_text("".join(map(text_of, lines)))
    fresh.replace(file)


def noise(report):
    """Standard deviation of ln(requests/s) over the good trials of each cell."""
    result = {}
    for cell in report["cells"]:
        logs = [math.log(trial["throughput_requests_per_second"]) for trial in cell["trials"] if trial["status"] == "ok"]
        mean = sum(logs) / len(logs)
        result[cell["id"]] = round(math.sqrt(sum((x - mean) ** 2 for x in logs) / max(len(logs) - 1, 1)), 5)
    return result


def facts(report):
    """What every line says of the run that it comes from."""
    trials = [trial for cell in report["cells"] for trial in cell["trials"]]
    environment = report["environment"]
    return {
        "report_id": report["report_id"],
        "started_at": report["started_at"],
        "seconds": report["seconds"],
        "blocks": report["design"]["blocks_completed"],
        "in_turns": report["cells"][0]["config"]["load"].get("slice") is not None,
        "revision": report["tool"]["revision"],
        "machine": f'{environment["host.cpu.logical_count"]} × {environment["host.cpu.model.name"]}',
        "not_ok": sum(trial["status"] != "ok" for trial in trials),
        "most_steal": max((trial["host"]["steal_ratio"] or 0 for trial in trials), default=None),
        "warnings": environment["warnings"],
        "noise": noise(report),
    }


def at_most(successes, trials, share):
    """P(X ≤ successes) of the binomial distribution."""
    return sum(math.comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(successes + 1))


def clopper_pearson(successes, trials):
    """The exact 95 % interval of a share."""

    def solve(above):
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if above(middle) else (low, middle)
        return low

    low = 0.0 if successes == 0 else solve(lambda share: 1 - at_most(successes - 1, trials, share) < 0.025)
    high = 1.0 if successes == trials else solve(lambda share: at_most(successes, trials, share) > 0.025)
    return low, high


def share(successes, trials):
    if trials == 0:
        return "none yet"
    low, high = clopper_pearson(successes, trials)
    return f"{successes} of {trials} = {100 * successes / trials:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
