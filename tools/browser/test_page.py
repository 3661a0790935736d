#!/usr/bin/env python3
"""Looks at the page of a report in headless Chromium, as its readers do: with and without scripts, style and colour, on
narrow and wide screens, on paper, and with axe-core's rules of accessibility.

usage: test_page.py POOLBENCH [unittest's options]

Of the environment: POOLBENCH_BROWSER (Chromium; else that of the PATH), POOLBENCH_AXE (axe.min.js),
POOLBENCH_SCREENSHOTS (a folder: the pictures are kept there). Without Playwright or Chromium it exits with 77.
"""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import unittest

from make_report import made_report

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
BROWSER = os.environ.get("POOLBENCH_BROWSER") or shutil.which("chromium")
AXE = pathlib.Path(os.environ.get("POOLBENCH_AXE", ROOT / ".cache/browser/node_modules/axe-core/axe.min.js"))
SMALL = ROOT / "harness/report/testdata/report-1.2.json"
# What servers that keep build artefacts say (it is Jenkins' default): neither script nor <style> applies.
STRICT_POLICY = "sandbox; default-src 'none'; img-src 'self'; style-src 'self'"
POOLBENCH = None


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="poolbench-page-"))
        cls.small = cls.page_of("small", json.loads(SMALL.read_text()))
        cls.large = cls.page_of("large", made_report(json.loads(SMALL.read_text()), variants=5, workers=4, blocks=24))
        cls.several = cls.folder / "several.html"
        subprocess.run(
            [POOLBENCH, "html", cls.small.parent, cls.large.parent, "-o", cls.several], check=True, capture_output=True
        )
        cls.playwright = sync_playwright().start()
        cls.browser = cls.playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.playwright.stop()
        shutil.rmtree(cls.folder)

    @classmethod
    def page_of(cls, name, report):
        folder = cls.folder / name
        folder.mkdir()
        (folder / "report.json").write_text(json.dumps(report))
        subprocess.run([POOLBENCH, "html", folder], check=True, capture_output=True)
        return folder / "report.html"

    def opened(self, file, width=1280, policy=None, **options):
        """A page that fails the test on any word in its console, unless it has a policy that forbids things."""
        context = self.browser.new_context(viewport={"width": width, "height": 900}, **options)
        self.addCleanup(context.close)
        page = context.new_page()
        self.complaints = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if policy is None:
            page.goto(file.as_uri())
        else:
            headers = {"content-type": "text/html", "content-security-policy": policy}
            page.route("**/*", lambda route: route.fulfill(body=file.read_bytes(), headers=headers))
            page.goto("http://reports.test/report.html")
        return page

    def picture(self, page, name):
        if folder := os.environ.get("POOLBENCH_SCREENSHOTS"):
            page.screenshot(path=pathlib.Path(folder) / f"{name}.png", full_page=True)

    def test_says_nothing_to_the_console(self):
        for file in (self.small, self.large):
            for scheme in ("light", "dark"):
                page = self.opened(file, color_scheme=scheme)
                self.picture(page, f"{file.parent.name}-{scheme}")
                self.assertEqual(self.complaints, [])

    def test_every_number_with_a_pointer_is_the_reports(self):
        for file in (self.small, self.large):
            report = json.loads(file.with_suffix(".json").read_text())
            numbers = self.opened(file).eval_on_selector_all(
                "data[title]", "all => all.map(each => [each.title, each.value, each.textContent])"
            )
            self.assertGreater(len(numbers), 50)
            for pointer, value, _ in numbers:
                self.assertEqual(float(value), at(report, pointer), pointer)

    def test_nothing_scrolls_sideways(self):
        for file in (self.small, self.large, self.several):
            for width in (360, 800, 1280):
                page = self.opened(file, width)
                self.picture(page, f"{file.parent.name if file.stem == 'report' else file.stem}-{width}")
                self.assertEqual(page.evaluate("document.documentElement.scrollWidth"), width, file)

    def test_is_accessible(self):
        if not AXE.is_file():
            self.skipTest(f"there is no {AXE}")
        for file, options in (
            (self.small, {}),
            (self.small, {"color_scheme": "dark"}),
            (self.large, {}),
            (self.large, {"width": 360}),
            (self.several, {}),
        ):
            with self.subTest(file=file, options=options):
                page = self.opened(file, **options)
                page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true; })")
                page.evaluate(AXE.read_text())
                tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
                found = page.evaluate("tags => axe.run({runOnly: tags})", tags)["violations"]
                words = [f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:200]}" for each in found]
                self.assertEqual(words, [], options)

    def test_is_complete_without_scripts(self):
        texts = [
            self.opened(self.small, java_script_enabled=enabled).locator("main").inner_text() for enabled in (True, False)
        ]
        self.assertEqual(texts[0].replace("Unfold all\n", "").split(), texts[1].split())

    def test_is_complete_under_a_policy_that_forbids_style_and_script(self):
        page = self.opened(self.small, policy=STRICT_POLICY, java_script_enabled=True)
        self.picture(page, "small-nostyle")
        for heading in ("Variants", "Comparisons", "Hypotheses", "Latency", "Over time", "Set-up"):
            self.assertTrue(page.get_by_role("heading", name=heading, exact=True).is_visible(), heading)
        drawn = page.locator("td.pic svg.fill circle").first.bounding_box()
        self.assertGreater(drawn["width"], 4)
        self.assertTrue(page.locator("td.pic .nx text").first.is_visible(), "each row has an axis of its own")

    def test_sorts(self):
        page = self.opened(self.small)
        rates = "table.cells tbody td.main data"
        head = page.get_by_role("columnheader", name="median")
        head.get_by_role("button").click()
        falling = page.eval_on_selector_all(rates, "all => all.map(each => Number(each.value))")
        self.assertEqual(falling, sorted(falling, reverse=True))
        self.assertEqual(head.get_attribute("aria-sort"), "descending")
        page.keyboard.press("Enter")
        rising = page.eval_on_selector_all(rates, "all => all.map(each => Number(each.value))")
        self.assertEqual(rising, sorted(rising))
        self.assertEqual(self.complaints, [])

    def test_folds_and_unfolds_all(self):
        page = self.opened(self.small)
        series = page.locator("details.ts")
        self.assertEqual(series.evaluate_all("all => all.filter(each => each.open).length"), 1)
        page.get_by_role("button", name="Unfold all").click()
        self.assertEqual(series.evaluate_all("all => all.filter(each => !each.open).length"), 0)
        page.get_by_role("button", name="Fold all", exact=True).click()
        self.assertEqual(series.evaluate_all("all => all.filter(each => each.open).length"), 0)

    def test_filters_many_variants_by_factor(self):
        page = self.opened(self.large)
        workers = page.locator(".tools label", has_text="workers").locator("select")
        workers.select_option(label="2")
        rows = page.locator("table.cells tr[data-factors]:visible")
        self.assertEqual(rows.count(), 5)
        self.assertEqual(page.locator("table.forest tbody tr:visible").count(), 4)
        workers.select_option(label="all")
        self.assertEqual(rows.count(), 20)

    def test_copies_the_pointer_of_a_number(self):
        page = self.opened(self.small)
        number = page.locator("table.forest data").first
        number.click()
        page.wait_for_function("document.getElementById('toast').className === 'on'")
        self.assertIn(number.get_attribute("title"), page.locator("#toast").inner_text())

    def test_names_in_a_plot_do_not_collide(self):
        for file in (self.small, self.large):
            for width in (360, 1280):
                plots = self.opened(file, width).evaluate(
                    """() => [...document.querySelectorAll('#latency svg.plot')].map(
                        plot => [...plot.querySelectorAll('.lb')].map(name => {
                            const box = name.getBBox(); return [box.x, box.y, box.x + box.width, box.y + box.height];
                        }))"""
                )
                for names in plots:
                    for i, one in enumerate(names):
                        for other in names[:i]:
                            self.assertFalse(overlap(one, other), f"{one} {other} {file} {width}")

    def test_has_the_answer_on_the_first_printed_page(self):
        page = self.opened(self.small)
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 703, "height": 1016})  # A4 within its margins, in CSS pixels
        first = page.locator(".forest tbody tr").first.bounding_box()
        self.assertLess(first["y"] + first["height"], 1016)
        self.assertFalse(page.locator("nav").is_visible())
        paper = page.pdf(prefer_css_page_size=True, print_background=True)
        self.assertTrue(paper.startswith(b"%PDF"))
        if folder := os.environ.get("POOLBENCH_SCREENSHOTS"):
            (pathlib.Path(folder) / "small.pdf").write_bytes(paper)

    def test_is_small_and_fast(self):
        self.assertLess(self.small.stat().st_size, 150_000)
        self.assertLess(self.large.stat().st_size, 800_000)
        for file in (self.small, self.large):
            times = [
                self.opened(file).evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") for _ in range(5)
            ]
            print(f"{file.parent.name}: {file.stat().st_size} bytes, load event {statistics.median(times):.0f} ms")
            self.assertLess(statistics.median(times), 1000)


def at(document, pointer):
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def overlap(one, other):
    slack = 1.5  # pixels: boxes of text are a little higher than what is seen of it
    return (
        one[0] < other[2] and other[0] < one[2] and one[1] + slack < other[3] - slack and other[1] + slack < one[3] - slack
    )


if __name__ == "__main__":
    if not BROWSER:
        sys.exit(77)
    POOLBENCH = sys.argv.pop(1)
    unittest.main()
