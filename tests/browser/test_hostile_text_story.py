"""Whatever people write into names, notes and answers is seen as they wrote it, and nothing else:
no page and no file to take away runs it, fetches for it, or makes a link of it."""

import json
import re
import shutil
from urllib.parse import quote, urlsplit

import numpy as np
import pytest

from pipeline.config import REPOSITORY
from pipeline.images import encode_png, read_picture
from pipeline.readings.design import Design, Pass
from pipeline.readings.reading import Answer, Shown
from pipeline.readings.store import NewCase, Store

pytestmark = pytest.mark.browser

ELSEWHERE = "elsewhere.invalid"
# A tag, a picture, a link, a formula and the end of a script, as short as a tag of a run must be.
TAG = "<img src=x onerror=ran=1>"
PICTURE = f"![i](http://{ELSEWHERE}/i.png)"
LINK = f"[see](https://{ELSEWHERE})"
SCRIPT = "</script><script>ran=2</script>"
FORMULA = "$\\href{x}{y}$"
EVERYTHING = " ".join((TAG, PICTURE, LINK, FORMULA, SCRIPT))
READER = f"a{PICTURE}"[:40]
RUN, IMPORTED = "compact-quarter-seed0", "imported-run"


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory):
    """A network that can judge and a run of another program, both with words planted in them."""
    folder = tmp_path_factory.mktemp("artifacts")
    stored = REPOSITORY / "artifacts"
    for name in (f"runs/{RUN}", "gate", "audit"):
        shutil.copytree(stored / name, folder / name)
    plant(folder, RUN)
    run = folder / "runs" / IMPORTED
    run.mkdir()
    figures = [f"{TAG}", PICTURE, f"val_{LINK}"]
    lines = ["epoch,loss,val_loss," + ",".join(figures)]
    lines += [f"{n},{1 / n},{1.5 / n},{n},{2 * n},{3 * n}" for n in range(1, 9)]
    (run / "history.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    document = {"schema": 1, "name": IMPORTED, "status": "imported", "architecture": "unknown"}
    document |= {"parameters": {"total": None}, "config": {TAG: PICTURE, "seed": 1}}
    (run / "run.json").write_text(json.dumps(document | {"title": "", "origin": EVERYTHING}))
    plant(folder, IMPORTED)
    return folder


def plant(folder, name: str) -> None:
    path = folder / "runs" / name / "run.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document |= {"title": EVERYTHING, "notes": [EVERYTHING], "tags": [TAG, PICTURE]}
    path.write_text(json.dumps(document), encoding="utf-8")
    written = {"schema": 1, "tags": [TAG, LINK[:40]], "note": EVERYTHING}
    (path.parent / "annotations.json").write_text(json.dumps(written), encoding="utf-8")


@pytest.fixture(scope="module")
def study(tmp_path_factory, artifacts, radiograph):
    """Address of a database with one study, its codes, and a case that one reader has finished."""
    url = f"sqlite:///{tmp_path_factory.mktemp('readings') / 'readings.sqlite'}"
    run = json.loads((artifacts / "runs" / RUN / "run.json").read_text(encoding="utf-8"))
    design = Design(
        EVERYTHING[:80],
        RUN,
        run["model_sha256"],
        "balanced",
        0.5,
        (Pass("score"),),
        findings=(PICTURE, LINK, TAG),
        regions=False,
    )
    store = Store(url)
    cases = [
        NewCase(read_picture(encode_png(np.roll(radiograph, n))), f"P{n}", n % 2, 0.875, True, True)
        for n in range(3)
    ]
    made = store.create(design, cases, (READER, "b"))
    said = Answer(True, 4, (PICTURE, LINK))
    shown = Shown("score", RUN, run["model_sha256"], 0.875, 0.5, True)
    for item in store.worklist(made.study_id, READER)[:2]:
        place = (made.study_id, READER, 1, item.case)
        store.answer(*place, said, 1.0, f"a{item.case}", EVERYTHING)
        store.reveal(*place, shown, f"r{item.case}")
        if item.position == 1:
            store.finish(*place, said, (), EVERYTHING, 1.0, f"f{item.case}")
    store.dispose()
    return url, made


class Watch:
    """A page of which everything is kept that it fetches from elsewhere."""

    def __init__(self, browser):
        self.context = browser.new_context(
            viewport={"width": 1440, "height": 1000}, accept_downloads=True
        )
        self.context.set_default_timeout(30_000)
        self.page, self.fetched = self.context.new_page(), []
        self.page.on("request", lambda request: self.fetched.append(request.url))
        self.page.on("dialog", lambda dialog: dialog.dismiss())

    def holds(self, where: str) -> None:
        """Nothing ran, nothing was fetched, and no words of others became a link or a picture."""
        assert [url for url in self.fetched if urlsplit(url).hostname == ELSEWHERE] == [], where
        for frame in self.page.frames:
            assert frame.evaluate("typeof ran") == "undefined", where
            made = frame.evaluate(
                f"""() => [...document.querySelectorAll(
                  'img[src="x"], img[src*="{ELSEWHERE}"], .katex, a')]
                  .filter((e) => e.tagName !== 'A' || (e.hostname === '{ELSEWHERE}'
                    && !e.textContent.includes('{ELSEWHERE}')) || e.href.startsWith('javascript'))
                  .map((e) => e.outerHTML)"""
            )
            assert made == [], where


@pytest.fixture
def watch(browser):
    watched = Watch(browser)
    yield watched
    watched.context.close()


@pytest.fixture(scope="module")
def address(serving, artifacts, study):
    with serving(XRAY_ARTIFACTS=str(artifacts), XRAY_DATABASE_URL=study[0]) as address:
        yield address


def opened(watch, settle, address: str, path: str) -> str:
    """Open a page, unfold all there is to unfold, and return what can be read on it."""
    watch.page.goto(f"{address}/{path}")
    watch.page.get_by_role("heading", level=1).wait_for()
    settle(watch.page)
    closed = watch.page.locator("[data-testid=stExpander] details:not([open]) > summary")
    for _ in range(closed.count()):
        closed.first.click()
        settle(watch.page)
    watch.page.evaluate(
        "document.querySelectorAll('[data-testid=stTooltipIcon]').forEach((e) => e.focus?.())"
    )
    told = watch.page.locator("[data-testid=stMain]").inner_text()
    watch.holds(path)
    return re.sub(r"\s+", " ", told)


def taken(watch, button: str):
    with watch.page.expect_download() as download:
        watch.page.get_by_role("button", name=button).click()
    return download.value.path()


def look_into(watch, path, folder) -> str:
    """Open a file that was taken away, in the browser, and return what can be read in it."""
    file = folder / "taken.html"
    shutil.copyfile(path, file)
    watch.page.goto(file.as_uri())
    watch.page.get_by_role("heading", level=1).first.wait_for()
    watch.page.wait_for_load_state("networkidle")
    watch.holds(path.name)
    return re.sub(r"\s+", " ", watch.page.locator("body").inner_text())


def test_a_link_cannot_plant_anything(watch, settle, address):
    for path, name in (("compare", "runs"), ("performance", "judged")):
        planted = f"{path}?{name}={quote(' '.join((PICTURE, LINK, TAG)))}"
        assert f"shown here: {PICTURE}" in opened(watch, settle, address, planted)


def test_what_is_written_to_runs_is_seen_as_it_was_written(watch, settle, address, tmp_path):
    told = opened(watch, settle, address, "compare?runs=*")
    assert EVERYTHING in told
    kept = taken(watch, "Download these curves as a page")
    look_into(watch, kept, tmp_path)


def test_a_card_says_what_is_written_to_its_run(watch, settle, address, tmp_path):
    told = opened(watch, settle, address, "about")
    assert EVERYTHING in told
    kept = taken(watch, "Download this card")
    assert TAG in look_into(watch, kept, tmp_path)


@pytest.mark.parametrize("path", ["performance", "errors", ""])
def test_other_pages_run_nothing(watch, settle, address, path):
    opened(watch, settle, address, path)


def test_a_study_is_told_as_it_was_written(watch, settle, address, study):
    made = study[1]
    told = opened(watch, settle, address, f"reading?seat={made.reader_codes[READER]}")
    assert EVERYTHING[:79].strip() in told
    for finding in (PICTURE, LINK):
        assert finding in told
    told = opened(watch, settle, address, f"studies?seat={made.owner_code}")
    assert READER in told
    opened(watch, settle, address, f"agreement?seat={made.owner_code}")
