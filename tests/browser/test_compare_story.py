"""Comparing training curves in the real browser: choosing, smoothing, pinning, bands, zoom, saving,
and the link to a colleague."""

import csv
import math
import shutil
import time
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from scipy.stats import t as student

from pipeline.runs import open_run
from pipeline.storage import write_json

pytestmark = pytest.mark.browser

SEEDS, EPOCHS = 3, 12
SINGLE = 1e-6  # the browser keeps single precision


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory):
    """Two configurations of three seeds each, and a run of which nothing but a loss was told."""
    folder = tmp_path_factory.mktemp("artifacts")
    generator = np.random.default_rng(0)
    for name in ("plain", "wide"):
        for seed in range(SEEDS):
            loss = 1 / np.arange(1, EPOCHS + 1) + generator.uniform(0, 0.1, EPOCHS)
            rows = [
                f"{i + 1},10,{loss[i]:.6f},{loss[i] + 0.1 * i:.6f},{1 - loss[i] / 3:.6f}"
                for i in range(EPOCHS)
            ]
            store(folder, f"{name}-seed{seed}", "epoch,seconds,loss,val_loss,val_auc", rows, seed)
    store(folder, "short", "epoch,loss", ["1,0.9", "2,0.8"], None, status="imported")
    return folder


def store(folder, name, header, rows, seed, status="recorded"):
    run = folder / "runs" / name
    run.mkdir(parents=True)
    (run / "history.csv").write_text("\n".join([header, *rows]) + "\n")
    write_json(
        run / "run.json",
        {
            "schema": 1,
            "name": name,
            "title": f"Made up, {name}",
            "status": status,
            "architecture": name.split("-")[0],
            "parameters": {"total": None},
            "config": {} if seed is None else {"seed": seed, "batch_size": 10},
            "data": {"train": {"NORMAL": 20, "PNEUMONIA": 75}},
        },
    )


@pytest.fixture(scope="module")
def address(serving, artifacts):
    with serving(XRAY_ARTIFACTS=str(artifacts)) as address:
        yield address


@pytest.fixture
def visit(browser, address):
    """Open the page and wait until its curves are drawn."""
    contexts = []

    def open_it(path="compare?runs=plain-seed0", **options):
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, accept_downloads=True, **options
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(path if "://" in path else f"{address}/{path}")
        drawn(page)
        return page

    yield open_it
    for context in contexts:
        context.close()


def drawn(page):
    curves = page.locator(".curves")
    curves.wait_for()
    curves.evaluate(
        """async (curves) => {
          while (!Number(curves.dataset.drawn)) await new Promise(requestAnimationFrame);
        }"""
    )
    curves.locator(".run").first.wait_for(state="attached")
    return curves


def told(page, name):
    return page.locator(".curves").get_attribute(f"data-{name}")


def saved(page, kind):
    button = page.locator(f'[data-save="{kind}"]')
    if not button.is_visible():
        page.locator('[data-do="save"]').click()
    with page.expect_download() as download:
        button.click()
    return download.value.path()


def table(page, kind="csv"):
    with saved(page, kind).open(newline="") as file:
        return list(csv.DictReader(file))


def column(rows, name, **fixed):
    return [
        float(row[name])
        for row in rows
        if all(row[key] == value for key, value in fixed.items()) and row[name]
    ]


def history(artifacts, name):
    return open_run(artifacts / "runs", name).history()


def link_has(page, text):
    page.wait_for_function("(text) => decodeURIComponent(location.search).includes(text)", arg=text)


def test_a_link_chooses_the_runs_and_the_csv_holds_what_is_drawn(visit, artifacts):
    page = visit("compare?runs=plain-seed0&runs=wide-seed1&metrics=loss&metrics=auc")
    rows = table(page)
    assert {row["line"] for row in rows} == {"plain-seed0", "wide-seed1"}
    for name in ("plain-seed0", "wide-seed1"):
        own = history(artifacts, name)
        for side, figure in (("train", "loss"), ("validation", "val_loss")):
            values = column(rows, "plotted", line=name, side=side, metric="loss")
            assert values == pytest.approx(own[figure].tolist(), rel=SINGLE)
    assert {row["side"] for row in rows if row["metric"] == "auc"} == {"validation"}


def test_smoothing_is_the_debiased_average_of_pandas_and_off_means_off(visit, artifacts):
    page = visit("compare?runs=plain-seed0&metrics=loss")
    own = history(artifacts, "plain-seed0")
    rows = table(page)
    assert column(rows, "plotted") == column(rows, "raw")
    page.locator('[data-set="smoothing"]').fill("0.6")
    rows = table(page)
    expected = own["val_loss"].ewm(alpha=1 - 0.6, adjust=True).mean().tolist()
    assert column(rows, "plotted", side="validation") == pytest.approx(expected, rel=SINGLE)
    assert column(rows, "raw", side="validation") == pytest.approx(
        own["val_loss"].tolist(), rel=SINGLE
    )
    link_has(page, "smoothing=0.6")
    page.locator('[data-do="unsmooth"]').click()
    assert column(table(page), "plotted", side="validation") == pytest.approx(
        own["val_loss"].tolist(), rel=SINGLE
    )


def test_a_filter_finds_by_word_and_pattern_and_forgets_nobody(visit):
    page = visit("compare?runs=short&metrics=loss")
    rows, text = page.locator(".run:visible .name"), page.locator('[data-set="text"]')
    assert rows.count() == 2 * SEEDS + 1
    text.fill("WIDE made")
    assert sorted(rows.all_text_contents()) == ["short", *(f"wide-seed{i}" for i in range(SEEDS))]
    text.fill("/seed[01]$/")
    assert rows.count() == 5
    page.locator('[data-do="only"]').click()
    assert told(page, "runs") == "4"
    text.fill("/(/")
    page.get_by_text("This is no regular expression").wait_for()
    text.fill("no such run")
    assert rows.count() == 4, "what is drawn stays on the list"
    link_has(page, "text=no such run".replace(" ", "+"))


def test_filters_by_architecture_and_seed(visit):
    page = visit("compare?runs=short&metrics=loss")
    page.locator('[data-do="filters"]').click()
    page.locator('[data-filter="architecture"][data-value="wide"]').check()
    page.locator('[data-filter="seed"][data-value="1"]').check()
    page.locator('[data-do="all"]').click()
    assert {row["line"] for row in table(page)} == {"short", "wide-seed1"}


def test_differences_to_a_pinned_baseline(visit, artifacts):
    page = visit("compare?runs=plain-seed0&runs=plain-seed1&metrics=loss")
    page.get_by_role("button", name="Baseline: plain-seed0").click()
    page.locator('[data-set="difference"]').check()
    rows = table(page)
    assert set(column(rows, "plotted", line="plain-seed0")) == {0.0}
    difference = (
        history(artifacts, "plain-seed1")["loss"] - history(artifacts, "plain-seed0")["loss"]
    )
    assert column(rows, "plotted", line="plain-seed1", side="train") == pytest.approx(
        difference.tolist(), abs=SINGLE
    )
    link_has(page, "pinned=plain-seed0")
    link_has(page, "difference=true")


@pytest.mark.parametrize("band", ["minmax", "sd", "ci"])
def test_bands_over_seeds(visit, artifacts, band):
    page = visit(f"compare?runs=*&metrics=loss&group=configuration&band={band}")
    rows = table(page)
    runs = np.array([history(artifacts, f"wide-seed{i}")["loss"] for i in range(SEEDS)])
    mean, sd = runs.mean(axis=0), runs.std(axis=0, ddof=1)
    reach = {"sd": sd, "ci": student.ppf(0.975, SEEDS - 1) * sd / math.sqrt(SEEDS)}
    low, high = (
        (runs.min(axis=0), runs.max(axis=0))
        if band == "minmax"
        else (mean - reach[band], mean + reach[band])
    )
    own = {"line": "wide", "side": "train"}
    assert column(rows, "plotted", **own) == pytest.approx(mean.tolist(), rel=1e-5)
    assert column(rows, "low", **own) == pytest.approx(low.tolist(), abs=1e-4)
    assert column(rows, "high", **own) == pytest.approx(high.tolist(), abs=1e-4)
    assert set(column(rows, "n", **own)) == {float(SEEDS)}
    assert column(rows, "low", line="short") == [], "one run has no spread"


def test_lines_are_grouped_by_a_setting_too(visit):
    page = visit("compare?runs=*&metrics=loss")
    page.locator('[data-set="group"]').select_option("setting:batch_size")
    assert {row["line"] for row in table(page)} == {"10", "not told"}
    link_has(page, "group=setting:batch_size")


def test_axes_are_epochs_steps_seconds_and_pictures(visit):
    page = visit("compare?runs=plain-seed0&metrics=loss")
    for axis, last in (("step", 120), ("seconds", 120), ("images", 95 * EPOCHS), ("epoch", EPOCHS)):
        page.locator('[data-set="x"]').select_option(axis)
        assert column(table(page), axis)[-1] == last
    page.locator('[data-set="logx"]').check()
    link_has(page, "logx=true")


def test_a_run_that_does_not_tell_an_axis_is_named(visit):
    page = visit("compare?runs=plain-seed0&runs=short&metrics=loss&x=seconds")
    page.get_by_text("Not known of short, so not drawn: seconds since training began.").wait_for()
    assert {row["line"] for row in table(page)} == {"plain-seed0"}


def test_a_drag_zooms_all_panels_and_the_link_brings_everything_back(visit, address):
    page = visit("compare?runs=plain-seed0&runs=wide-seed0&metrics=loss&metrics=auc&log=true")
    box = page.locator(".panels canvas").first.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, middle, steps=4)
    page.mouse.up()
    link_has(page, "zoom=")
    page.locator('[data-set="facet"]').select_option("side")
    page.locator('[data-set="clip"]').check()
    link_has(page, "clip=true")
    again = visit(page.url)
    assert told(again, "state") == told(page, "state")
    assert told(again, "panels") == "3"
    again.locator('[data-do="fit"]').click()
    again.wait_for_function("() => !location.search.includes('zoom=')")


def test_the_cursor_tells_values_and_a_click_holds_them(visit, artifacts):
    page = visit("compare?runs=plain-seed0&metrics=loss&sides=train")
    box = page.locator(".panels canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tip = page.locator(".tip")
    tip.wait_for()
    assert "plain-seed0, train" in tip.text_content()
    page.mouse.down()
    page.mouse.up()
    held = page.locator(".held td.number")
    epoch = round(float(told(page, "at")))
    value = history(artifacts, "plain-seed0")["loss"][epoch - 1]
    assert float(held.text_content()) == pytest.approx(value, rel=1e-3)
    page.keyboard.press("Escape")


def test_pictures_come_at_the_size_that_was_chosen(visit):
    page = visit("compare?runs=plain-seed0&runs=wide-seed0&metrics=loss")
    page.locator('[data-do="save"]').click()
    page.locator('[data-size="width"]').fill("1230")
    page.locator('[data-size="height"]').fill("640")
    with Image.open(saved(page, "png")) as picture:
        assert picture.size == (1230, 640)
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 20
    drawing = ElementTree.parse(saved(page, "svg")).getroot()
    assert (drawing.get("width"), drawing.get("height")) == ("1230", "640")
    words = [text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {"plain-seed0", "wide-seed0", "Epoch"} <= set(words)


def test_raw_figures_are_all_that_was_recorded(visit, artifacts):
    page = visit("compare?runs=plain-seed2&metrics=loss&smoothing=0.9")
    rows, own = table(page, "raw"), history(artifacts, "plain-seed2")
    for name in own:
        if name != "seconds":  # counted from the start
            assert column(rows, name) == pytest.approx(own[name].tolist(), rel=SINGLE)


def test_the_page_to_take_away_draws_the_same_without_a_server(visit, browser, settle, tmp_path):
    page = visit("compare?runs=plain-seed0&runs=wide-seed0&metrics=loss&smoothing=0.5")
    settle(page)
    with page.expect_download() as download:
        page.locator(".st-key-curves_html button").click()
    copy = shutil.copy(download.value.path(), tmp_path / "curves.html")
    context = browser.new_context(offline=True, accept_downloads=True)
    away = context.new_page()
    problems = []
    away.on("pageerror", lambda error: problems.append(str(error)))
    away.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    away.goto(f"file://{copy}")
    drawn(away)
    assert table(away) == table(page)
    assert "wide-seed0" in away.locator("table").last.text_content()
    away.locator('[data-do="none"]').click()
    assert told(away, "runs") == "0"
    assert problems == []
    context.close()


def test_a_chart_of_another_program_is_added_by_upload(visit, artifacts):
    page = visit("compare?runs=plain-seed0&metrics=loss")
    page.get_by_text("Add runs from elsewhere").click()
    log = b"epoch,accuracy,loss,val_loss\n0,0.5,0.9,1.0\n1,0.6,0.7,0.8\n2,0.7,0."
    page.locator('input[type="file"]').set_input_files(
        {"name": "their-log.csv", "mimeType": "text/csv", "buffer": log}
    )
    page.get_by_role("button", name="Add these runs").click()
    try:
        added = page.locator('[data-run="their-log"], [data-run="uploaded"]')
        added.wait_for()
        added.check()
        name = added.get_attribute("data-run")
        assert column(table(page), "plotted", line=name, side="validation") == [1.0, 0.8]
    finally:
        for folder in (artifacts / "runs").glob("*"):
            if folder.name in ("their-log", "uploaded"):
                shutil.rmtree(folder)


def test_a_tag_and_a_note_are_kept_and_the_tag_finds_the_run(visit, artifacts, settle):
    page = visit("compare?runs=wide-seed1&metrics=loss")
    settle(page)
    page.get_by_text("Notes and tags").click()
    tags = page.locator('[class*="st-key-note_tags"] input')
    added = page.locator('[aria-label="Remove odd one"]')
    tags.wait_for()
    for _ in range(20):  # its list closes when the page is drawn anew meanwhile
        tags.fill("odd one")
        tags.press("Enter")
        page.wait_for_timeout(500)
        if added.count():
            break
    tags.press("Escape")  # closes its list, which hides the rest from a screen reader
    page.get_by_role("textbox", name="Note").fill("Rises from epoch 5 on.")
    page.get_by_role("button", name="Save", exact=True).click()
    kept = artifacts / "runs" / "wide-seed1" / "annotations.json"
    try:
        page.locator('[data-filter="tag"][data-value="odd one"]').wait_for(state="attached")
        assert "Rises from epoch 5 on." in kept.read_text()
        page.locator('[data-set="text"]').fill("odd one")
        assert page.locator(".run:visible .name").all_text_contents() == ["wide-seed1"]
    finally:
        kept.unlink(missing_ok=True)


def test_keys_smooth_and_scale(visit):
    page = visit("compare?runs=plain-seed0&metrics=loss")
    page.locator(".panels canvas").focus()
    page.keyboard.press("]")
    page.keyboard.press("]")
    page.keyboard.press("l")
    link_has(page, "smoothing=0.2")
    link_has(page, "log=true")


def test_choosing_quicker_than_the_address_follows_loses_nothing(visit, settle):
    page = visit("compare?runs=plain-seed0&metrics=loss")
    smoothing = page.locator('[data-set="smoothing"]')
    for hundredths in range(5, 60, 5):
        smoothing.fill(f"{hundredths / 100}")
        page.wait_for_timeout(380)  # just longer than the hand is waited for
    link_has(page, "smoothing=0.55")
    settle(page)
    page.wait_for_timeout(1000)
    assert smoothing.input_value() == "0.55"
    assert "smoothing=0.55" in page.url


def test_the_browsers_way_back_goes_back(visit, settle):
    page = visit("compare?runs=plain-seed0&metrics=loss")
    page.locator('[data-set="clip"]').check()
    link_has(page, "clip=true")
    settle(page)
    page.go_back()
    page.wait_for_function("() => !location.search.includes('clip')")
    page.wait_for_function(
        """() => {
          const find = (root) => root.querySelector('[data-set="clip"]')
            ?? [...root.querySelectorAll('*')].map((one) => one.shadowRoot && find(one.shadowRoot))
              .find(Boolean);
          return !find(document).checked;
        }"""
    )


def test_choices_survive_a_visit_to_another_page(visit, settle):
    page = visit("compare?runs=wide-seed2&metrics=auc")
    page.locator('[data-set="clip"]').check()
    link_has(page, "clip=true")
    page.get_by_role("link", name="About").click()
    page.get_by_role("heading", name="About").first.wait_for()
    page.get_by_role("link", name="Compare training").click()
    drawn(page)
    settle(page)
    link_has(page, "clip=true")
    assert {row["line"] for row in table(page)} == {"wide-seed2"}


def test_a_stale_link_says_so_and_still_opens(visit):
    page = visit("compare?runs=gone&runs=plain-seed0")
    page.get_by_text("The link names runs that cannot be shown here: gone").wait_for()
    assert told(page, "runs") == "1"


def test_a_training_appears_and_grows_without_a_reload(visit, artifacts):
    page = visit("compare?runs=plain-seed0&metrics=loss")
    page.evaluate("() => { window.same = true; }")
    store(artifacts, "under-way", "epoch,seconds,loss", ["1,1,0.5"], 7, status="unfinished")
    try:
        page.get_by_text("under-way (training)").wait_for()
        page.locator('[data-run="under-way"]').check()
        assert len(column(table(page), "plotted", line="under-way")) == 1
        with (artifacts / "runs" / "under-way" / "history.csv").open("a") as file:
            file.write("2,1,0.4\n")
        for _ in range(100):
            if len(column(table(page), "plotted", line="under-way")) == 2:
                break
            time.sleep(0.2)
        assert column(table(page), "plotted", line="under-way") == pytest.approx([0.5, 0.4])
        assert page.evaluate("() => window.same"), "the page was loaded again"
    finally:
        shutil.rmtree(artifacts / "runs" / "under-way")
