"""A whole reader study in the real browser: made, read by two at once, taken away, counted."""

import csv
import io
import json
import signal
import zipfile

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import TimeoutError
from sklearn.metrics import cohen_kappa_score, roc_auc_score, roc_curve
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

from pipeline.images import encode_jpeg, encode_png, read_picture

pytestmark = pytest.mark.browser

CASES = 20
# Of the stored networks the one that drawn chests are not all the same to.
RUN, POINT, METHOD = "simple_resnet-notebook-seed0", "Balanced", "Grad-CAM"
# Before which case ann's browser is closed, and before which the server is killed.
CLOSED, KILLED = 8, 12


@pytest.fixture(scope="module")
def pictures(radiograph) -> dict[str, tuple[bytes, int]]:
    """Twenty drawn chests, every second with bright patches: ``{sha256: (file, label)}``."""
    rows, columns = np.mgrid[0:600, 0:800]
    files = {}
    for number in range(CASES):
        draw = np.random.default_rng(number)
        image = radiograph.astype(float) + number / 2 - 5
        for _ in range((number % 2) * (1 + number % 4)):
            row, column = draw.uniform(200, 450), draw.choice([250, 550]) + draw.uniform(-60, 60)
            distance = (rows - row) ** 2 + (columns - column) ** 2
            image += draw.uniform(40, 90) * np.exp(-distance / (2 * draw.uniform(40, 80) ** 2))
        chest = np.clip(image, 0, 255).astype(np.uint8)
        file = encode_png(chest) if number % 3 else encode_jpeg(chest)
        files[read_picture(file).sha256] = (file, number % 2)
    return files


class Reader:
    """A radiologist at a browser, who knows the truth and is wrong now and then."""

    def __init__(self, browser, settle, truth: dict[str, int], address: str, code: str, seed: int):
        self._browser, self._settle, self._truth = browser, settle, truth
        self._link = f"{address}/reading?seat={code}"
        self._draw = np.random.default_rng(seed)
        self.context = None
        self.come()

    def come(self) -> None:
        self.context = self._browser.new_context(viewport={"width": 1440, "height": 1000})
        self.context.set_default_timeout(30_000)
        self.page = self.context.new_page()
        self.page.goto(self._link)

    def leave(self) -> None:
        self.context.close()

    def await_case(self, read: int) -> None:
        count = self.page.get_by_text(f"{read} of {CASES} read")
        try:
            count.wait_for(timeout=10_000)
        except TimeoutError:
            self.page.keyboard.press("Enter")  # what was to end the case before
            count.wait_for()
        # Beside the buttons of the case before, which go when the page is drawn.
        self.page.locator("[class*=st-key-call_Y][data-stale=false]").wait_for()
        self.page.locator(".viewer canvas").first.wait_for()
        self._settle(self.page)

    @property
    def viewer(self):
        return self.page.locator(".viewer")

    def is_blind(self) -> bool:
        told = self.page.locator("[data-testid=stMain]").inner_text()
        hidden = self.viewer.get_attribute("data-layers") == ""
        return hidden and "The model calls" not in told and "probability" not in told

    def _chosen(self, button: str, key: str) -> None:
        """Wait until a button is the chosen one; what is pressed while a page draws may be lost."""
        chosen = self.page.locator(
            f"[class*=st-key-{button}_] [data-testid=stBaseButton-primary]"
        ).first
        try:
            chosen.wait_for(timeout=5_000)
        except TimeoutError:
            self.page.keyboard.press(key)
            chosen.wait_for()

    def call(self) -> None:
        self.label = self._truth[self.viewer.get_attribute("data-picture")]
        says = self.label if self._draw.random() < 0.8 else 1 - self.label
        self.said = "Y" if says else "N"
        self.page.keyboard.press(self.said.lower())

    def has_called(self) -> None:
        self._chosen(f"call_{self.said}", self.said.lower())

    def be_sure(self) -> None:
        self.sure = int(self._draw.integers(1, 6))
        self.page.keyboard.press(str(self.sure))

    def is_sure(self) -> None:
        self._chosen(f"confidence_{self.sure}", str(self.sure))

    def mark(self) -> None:
        self.page.get_by_role("button", name="Mark a finding", exact=True).click()
        box = self.viewer.locator("canvas").first.bounding_box()
        x, y = box["x"] + 0.3 * box["width"], box["y"] + 0.4 * box["height"]
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + 80, y + 100, steps=3)
        self.page.mouse.up()
        self.page.get_by_text("1 marked on the picture").wait_for()
        self.page.get_by_role("button", name="Mark a finding", exact=True).click()
        self.page.get_by_role("heading", level=1).click()  # whoever reads on leaves the picture

    def lock(self) -> None:
        self._settle(self.page)
        self.page.keyboard.press("Enter")

    def sees_the_model(self) -> None:
        try:
            self.page.get_by_text("The model calls this").wait_for(timeout=10_000)
        except TimeoutError:
            self.page.keyboard.press("Enter")
        self.page.get_by_text("The model calls this").wait_for()
        self.page.locator(".viewer[data-layers=first]").wait_for()
        self._settle(self.page)

    def reply(self) -> None:
        """Change a call that the model contradicts every second time, or keep it."""
        self.changes = bool(self._draw.random() < 0.3)
        key, button = ("x", "change") if self.changes else ("a", "keep")
        self.page.keyboard.press(key)
        self._chosen(button, key)
        if self.changes:
            self.said = "N" if self.said == "Y" else "Y"
            self.page.keyboard.press(self.said.lower())
            self.has_called()

    def rate(self) -> None:
        rating = self.page.locator("[class*=st-key-rated_]").first
        if rating.count():
            rating.get_by_text("not", exact=True).click()
            self._settle(self.page)
            self.page.get_by_role("heading", level=1).click()


def make_study(page, settle, pictures) -> dict[str, str]:
    """Make the study on its page; return the codes."""
    page.get_by_role("textbox", name="Title").fill("Drawn chests")
    page.keyboard.press("Tab")
    page.locator(".st-key-study_cases").get_by_text("Your own pictures").click()
    kinds = {b"\x89PNG": ("png", "image/png")}
    page.locator("input[type=file]").set_input_files(
        [
            {
                "name": f"Jane Doe {number}.{kinds.get(file[:4], ('jpeg', ''))[0]}",
                "mimeType": kinds.get(file[:4], ("", "image/jpeg"))[1],
                "buffer": file,
            }
            for number, (file, _) in enumerate(pictures.values())
        ]
    )
    settle(page)
    page.get_by_role("textbox", name="Readers").fill("ann\nbob")
    page.keyboard.press("Tab")
    settle(page)
    page.get_by_text("Model, explanation and seed").click()
    for key, choice in (("study_run", RUN), ("study_point", POINT), ("study_method", METHOD)):
        choose(page, settle, key, choice)
    page.locator(".st-key-study_make button").click()
    page.get_by_text("is ready: 20 cases, 2 readers").wait_for(timeout=120_000)
    codes = downloaded(page, settle, "study_codes").decode()
    return dict(line.split("\t") for line in codes.splitlines())


def choose(page, settle, key: str, choice: str) -> None:
    """Choose from a list, once more if the page was drawn meanwhile, which closes it."""
    box = page.locator(f".st-key-{key} input")
    for _ in range(5):
        settle(page)
        box.fill("")
        box.press_sequentially(choice)  # a long list draws only what is in sight
        try:
            page.get_by_role("option", name=choice, exact=True).click(timeout=5_000)
        except TimeoutError:
            page.keyboard.press("Escape")
        else:
            break
    settle(page)
    assert box.input_value() == choice


def downloaded(page, settle, key: str) -> bytes:
    settle(page)
    with page.expect_download(timeout=60_000) as download:
        page.locator(f".st-key-{key} button").click()
    return download.value.path().read_bytes()


def read_all(readers: list[Reader], first: int, last: int) -> None:
    """Have both read cases `first` to `last` (from 0), each step of both at the same time."""
    ann, _ = readers
    for number in range(first, last):
        for reader in readers:
            reader.await_case(number)
            assert reader.is_blind()
        for step, done in (("call", "has_called"), ("be_sure", "is_sure")):
            for reader in readers:
                getattr(reader, step)()
            for reader in readers:
                getattr(reader, done)()
        if number % 4 == 1:
            ann.mark()
        for reader in readers:
            reader.lock()
        for reader in readers:
            reader.sees_the_model()
        for reader in readers:
            reader.reply()
        if number % 5 == 0:
            ann.rate()
        for reader in readers:
            reader.lock()


def test_twenty_cases_read_by_two_are_counted_as_others_count_them(
    browser, serving, settle, pictures, tmp_path
):
    database = f"sqlite:///{tmp_path}/readings.sqlite"
    environment = {"XRAY_DATABASE_URL": database, "XRAY_SAMPLES": str(tmp_path / "none")}
    truth = {sha256: label for sha256, (_, label) in pictures.items()}
    with serving(**environment) as address:
        owner = browser.new_context(viewport={"width": 1440, "height": 1000})
        owner.set_default_timeout(30_000)
        page = owner.new_page()
        page.goto(f"{address}/studies")
        page.get_by_role("heading", name="Make a study").wait_for()
        settle(page)
        codes = make_study(page, settle, pictures)
        assert set(codes) == {"owner", "ann", "bob"}

        readers = [
            Reader(browser, settle, truth, address, codes[name], seed)
            for seed, name in enumerate(("ann", "bob"))
        ]
        ann = readers[0]
        read_all(readers, 0, CLOSED)

        # Ann's browser is closed in the middle of a case, and she goes on elsewhere.
        ann.await_case(CLOSED)
        ann.call()
        ann.has_called()
        ann.mark()
        settle(ann.page)
        ann.leave()
        ann.come()
        ann.await_case(CLOSED)
        ann.has_called()
        ann.page.get_by_text("1 marked on the picture").wait_for()
        ann.page.get_by_text("A: ").wait_for()
        assert ann.is_blind()
        read_all(readers, CLOSED, KILLED)

        # The server is killed while both have a case open.
        for reader in readers:
            reader.await_case(KILLED)
            reader.call()
            reader.has_called()
            settle(reader.page)
        address.process.send_signal(signal.SIGKILL)
        address.process.wait()
        with serving(port=address.port, **environment):
            for reader in readers:
                reader.page.reload()
                reader.await_case(KILLED)
                reader.has_called()
            read_all(readers, KILLED, CASES)
            for reader in readers:
                reader.page.get_by_text("You have read every case").wait_for()
                reader.leave()
            _counted(owner, settle, f"{address}/studies?seat={codes['owner']}", truth)
        owner.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("readings.sqlite*"))
    assert b"Jane" not in stored
    assert not any(code.replace("-", "").encode() in stored for code in codes.values())


def _counted(owner, settle, link: str, truth: dict[str, int]) -> None:
    page = owner.new_page()
    page.goto(link)
    page.get_by_text("ann: 20 of 20").wait_for()
    page.get_by_text("The truth of 20 of 20 cases is not known").wait_for()
    table = io.StringIO()
    csv.writer(table).writerows([("sha256", "label"), *truth.items()])
    page.locator("input[type=file]").set_input_files(
        {"name": "truth.csv", "mimeType": "text/csv", "buffer": table.getvalue().encode()}
    )
    settle(page)
    page.locator(".st-key-study_truth_save button").click()
    page.get_by_text("The truth of 20 cases is stored").wait_for()

    with zipfile.ZipFile(io.BytesIO(downloaded(page, settle, "study_save"))) as archive:
        readings = pd.read_csv(archive.open("readings.csv"))
        same = pd.read_parquet(io.BytesIO(archive.read("readings.parquet")))
        ratings = pd.read_csv(archive.open("ratings.csv"))
        regions = pd.read_csv(archive.open("regions.csv"))
        document = json.loads(archive.read("study.json"))
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Jane" not in everything
    assert len(readings) == len(same) == len(document["readings"]) == 2 * CASES
    assert readings["final_score"].tolist() == same["final_score"].tolist()
    assert set(ratings["reader"]) == {"ann"}
    assert (ratings["judgement"] == "implausible").all()
    assert regions["case"].nunique() >= 5
    assert (readings["seconds_first"] > 0).all()
    assert readings["switched"].sum() > 0

    page.get_by_role("link", name="How readers and model agree").click()
    page.get_by_role("heading", name="Agreement", exact=True).wait_for()
    settle(page)
    shown = {
        name: pd.read_csv(io.BytesIO(downloaded(page, settle, f"statistics_csv_{name}")))
        for name in ("agreement", "accuracy", "roc")
    }
    page.close()
    for stage, given in (("before", "first"), ("after", "final")):
        at = {name: table[table["stage"] == stage] for name, table in shown.items()}
        _same_agreement(readings, given, at["agreement"])
        _same_curves(readings, given, at["accuracy"], at["roc"])


def _same_agreement(readings: pd.DataFrame, given: str, shown: pd.DataFrame) -> None:
    """Hold kappas of the page against scikit-learn's and statsmodels', of the exported readings."""
    calls = readings.pivot(index="case", columns="reader", values=f"{given}_pneumonia").astype(int)
    known = readings.drop_duplicates("case").set_index("case").loc[calls.index]
    raters = {"ann": calls["ann"], "bob": calls["bob"]}
    raters["the truth"] = known["label"].astype(int)
    raters["the model"] = known["model_pneumonia"].astype(int)
    pairs = shown[shown["first"] != "all readers"]
    assert len(pairs) == 6
    for row in pairs.to_dict("records"):
        expected = cohen_kappa_score(raters[row["first"]], raters[row["second"]])
        assert row["kappa"] == pytest.approx(expected, abs=1e-9), row
        assert row["kappa_n"] == CASES
    everybody = shown[shown["first"] == "all readers"].iloc[0]
    expected = fleiss_kappa(aggregate_raters(calls.to_numpy())[0])
    assert everybody["fleiss_kappa"] == pytest.approx(expected, abs=1e-9)


def _same_curves(
    readings: pd.DataFrame, given: str, accuracy: pd.DataFrame, curves: pd.DataFrame
) -> None:
    """Hold areas and curves of the page against scikit-learn's, of the exported readings."""
    for name, scores in (("ann", f"{given}_score"), ("bob", f"{given}_score")):
        own = readings[readings["reader"] == name]
        _same_curve(own["label"], own[scores], name, accuracy, curves)
    cases = readings.drop_duplicates("case")
    _same_curve(cases["label"], cases["model_probability"], "the model", accuracy, curves)


def _same_curve(labels, scores, name, accuracy, curves) -> None:
    row = accuracy[accuracy["reader"] == name].iloc[0]
    assert row["auc"] == pytest.approx(roc_auc_score(labels, scores), abs=1e-9), name
    shown = curves[curves["reader"] == name]
    false_alarms, sensitivity, _ = roc_curve(labels, scores, drop_intermediate=False)
    expected = set(zip(false_alarms.round(9), sensitivity.round(9), strict=True))
    assert set(zip(shown["false_alarms"].round(9), shown["sensitivity"].round(9), strict=True)) == (
        expected
    )
