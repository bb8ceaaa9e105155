"""One table after the run: seconds, real-time factors and ratios to the same job of others."""

from statistics import median


def pytest_terminal_summary(terminalreporter, config):
    """Print every group of benchmarks, ready to be pasted into a note."""
    session = getattr(config, "_benchmarksession", None)
    runs = [b for b in session.benchmarks if b.stats.rounds] if session else []
    if not runs:
        return
    write = terminalreporter.write_line
    write("")
    write("CPU seconds: the best of all rounds, and their median. Ratio: the best of this row in a")
    write("lap over that of the first skstyle row in the same lap; the median of all laps.")
    for group in dict.fromkeys(run.group for run in runs):
        members = [run for run in runs if run.group == group]
        rows = {}
        for run in members:
            rows.setdefault(run.extra_info["library"], {})[run.extra_info["lap"]] = run
        base = next((rows[name] for name in rows if name.startswith("skstyle")), {})
        write("")
        write(f"{group:44s} {'best':>8s} {'median':>8s} {'ratio':>6s} {'real time':>9s}")
        for name, laps in rows.items():
            best = min(run.stats.min for run in laps.values())
            middle = median(second for run in laps.values() for second in run.stats.data)
            common = laps.keys() & base.keys()
            ratios = [laps[lap].stats.min / base[lap].stats.min for lap in common]
            ratio = f"{median(ratios):6.2f}" if ratios else f"{'-':>6s}"
            last = laps[max(laps)].extra_info
            write(
                f"  {name:42s} {best:8.4f} {middle:8.4f} {ratio} "
                f"{best / last['seconds_of_sound']:9.5f} {last.get('note', '')}".rstrip()
            )
