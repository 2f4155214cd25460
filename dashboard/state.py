"""What a session remembers. The only file that names session keys and URL parameters.

Widget keys are listed here too, so that a test can find a widget and no two collide.
Uploads live here and nowhere else: in the memory of their own session.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

# Widgets of the reading page.
SOURCE, UPLOAD, SAMPLE = "source", "upload", "sample"
RUN, POINT = "run", "point"
# Of its explanations: what starts them anew, what is laid beside them, their jobs and results.
METHOD, SEGMENTS, FILL, SEED = "method", "segments", "fill", "seed"
SETTINGS = "explaining_settings"
BESIDE, BESIDE_METHOD, BESIDE_RUN = "beside", "beside_method", "beside_run"
EXPLAINED, EXPLAINED_BESIDE, STOP_BESIDE = "explained", "explained_beside", "stop_beside"
WITHOUT, FINDING = "without", "finding"
# Before the name of a job that found no place in the queue.
AGAIN = "again"
STOP, VIEWER, FETCH, STOP_FETCH = "stop", "viewer", "fetch", "stop_fetch"
SAVE_PNG, SAVE_JSON, SAVE_REPORT = "save_png", "save_json", "save_report"
SAVES, SAVE_DICOM = "saves", "save_dicom"
# Of a picture that the gate refuses. After the first two comes which picture.
OVERRIDE_REASON, OVERRIDE, TAKE_BACK = "override_reason", "override", "take_back"
# Of the tour: which step is shown, also the parameter of its link; its two buttons and its job.
STEP, BACK, NEXT, TOUR, STOP_TOUR = "step", "back", "next", "tour", "stop_tour"
TOUR_SCALE, TOUR_HUNDRED = "tour_scale", "tour_hundred"
# Of the comparing page: its charts, and the HTML page to take away. What is chosen there, its link
# says: `dashboard.curves.link`.
CURVES, SAVE_CURVES = "curves", "curves_html"
# Of what stands below them.
BEST_TABLE, SETTINGS_TABLE = "best", "settings"
ALL_FIGURES, REMARKS, PARALLEL = "all_figures", "remarks_open", "parallel_open"
PARALLEL_RESULT, PARALLEL_SETTINGS = "parallel_result", "parallel_settings"
GROUP_A, GROUP_B, GROUP_FIGURE, GROUP_TABLE = "group_a", "group_b", "group_figure", "groups"
# Of notes and tags on a run; after the last two comes which run's.
NOTES, NOTED, NOTE_SAVE = "notes_open", "noted", "note_save"
NOTE_TAGS, NOTE_TEXT = "note_tags", "note_text"
# Of runs that come from elsewhere; after the first two comes which upload.
IMPORT_FILES, IMPORT_NAMES, IMPORT_ADD = "import_files", "import_names", "import_add"
# Widgets of the Performance page; the first six are also the parameters of its link.
JUDGED, SPLIT, FOCUS = "judged", "split", "focus"
THRESHOLD, PREVALENCE, MISS = "threshold", "prevalence", "miss"
THRESHOLD_TYPED, ROC, CHEAPEST, STORED_POINT = "threshold_typed", "roc", "cheapest", "point_of"
SAVE_FIGURES, TESTS = "figures_csv", "tests_open"
PRICES, TRIES = "prices_open", "tries_open"
BATCH_RESULTS = "batch_results"
PRECISION_RECALL, CONFUSION, HUNDRED = "precision_recall", "confusion", "hundred"
# Widgets of the Errors page; the first eight are also the parameters of its link. After the last
# two comes what they belong to.
ERROR_RUN, ERROR_SPLIT, ERROR_POINT = "error_run", "error_split", "error_point"
ERROR_KIND, ERROR_GROUPS, ERROR_ORDER = "error_kind", "error_group", "error_order"
ERROR_PANEL, ERROR_PAGE = "error_panel", "error_page"
SHARED_PAGE, PAIRS_TABLE, RATES_TABLE = "shared_page", "pairs", "error_rates"
SAVE_ERRORS, SAVE_SHARED = "errors_csv", "shared_csv"
ERROR_LIST = "error_list"
# Widgets of the Data page; the first two are also the parameters of its link.
SHORTCUT_RUN, GREY_CURVE = "shortcut_run", "grey"
COUNTS_TABLE, TWINS_TABLE, MEANS = "counts", "twins", "means"
GREY_TABLE = "grey_table"
# Of the reading room, and of whoever holds a code to a study; the first is also a parameter of a
# reader's link, and so is the case that they turned to. After most comes which reading.
TURNED_TO = "at"
SEAT, SEAT_TYPED, ENTER, LEAVE = "seat", "seat_typed", "seat_enter", "seat_leave"
NEXT_CASE, PREVIOUS_CASE, WORKLIST = "next_case", "previous_case", "worklist"
CALL, CONFIDENCE, FINDINGS, QUALITY = "call", "confidence", "findings", "quality"
LOCK, KEEP, CHANGE, FINISH = "lock", "keep", "change", "finish"
RATED, RATED_WHY, COMMENT = "rated", "rated_why", "comment"
READING_VIEWER = "reading_viewer"
# Of the page on which studies are made and watched.
STUDY_TITLE, STUDY_CASES, STUDY_COUNT = "study_title", "study_cases", "study_count"
STUDY_FILES = "study_files"
STUDY_READERS, STUDY_ARM, STUDY_ORDER = "study_readers", "study_arm", "study_order"
STUDY_SCALE = "study_scale"
STUDY_FINDINGS, STUDY_REGIONS, STUDY_QUALITY = "study_findings", "study_regions", "study_quality"
STUDY_AGAIN, STUDY_REPEATS, STUDY_WASHOUT = "study_again", "study_repeats", "study_washout"
STUDY_SEED, STUDY_RUN, STUDY_POINT = "study_seed", "study_run", "study_point"
STUDY_METHOD = "study_method"
STUDY_MAKE, STUDY_STOP = "study_make", "study_stop"
STUDY_TRUTH, STUDY_CLOSE, STUDY_SAVE = "study_truth", "study_close", "study_save"
STUDY_CODES, STUDY_OTHER_ARM = "study_codes", "study_other_arm"
STUDY_TRUTH_SAVE = "study_truth_save"
# Widgets of the Agreement page. After the first comes which table.
SAVE_STATISTICS = "statistics_csv"
MOMENT, PAIRS_OF_RATERS, IMPLAUSIBLE_TABLE = "moment", "rater_pairs", "implausible"
LOCATED_METHODS, LOCATE, STOP_LOCATING = "located_methods", "locate", "stop_locating"
# Widgets of the About page.
CARD_RUN, SAVE_CARD = "card_run", "save_card"

# The third source of the reading page's picture, and what its link says of the case.
CASE = "Case"
CASE_LINK, CASE_POINT = "case", "case_point"

# Of whoever signs in and out.
SIGN_IN, SIGN_OUT, COMING_BACK = "sign_in", "sign_out", "coming_back"

_UPLOAD, _COUNTED = "kept_upload", "counted_upload"
_CASE, _OPENED = "kept_case", "opened_case"
_MEMORY = "memory"
_JOBS = "jobs"
_OVERRIDES = "overrides"
_ASKED, _STOPS = "asked", "stops"
_CHOICES = "choices"
_OWNERS = "owners"
_CURVES = "kept_curves"
_SEAT, _DESK, _OPEN_CASE, _MADE = "kept_seat", "desk", "open_case", "made_study"
_IMPORTED = "imported"
# A decoded picture may have 40 MB.
_REMEMBERED = {"picture": 2, "shown": 2, "full": 1, "import": 1, "batch": 1}


def person() -> str:
    """Return who this is, as a hash: the signed-in user, or else this session."""
    user = st.user
    known = user.get("is_logged_in") and user.get("sub")
    named = f"user {user.get('iss', '')} {user['sub']}" if known else f"session {session_id()}"
    return hashlib.sha256(named.encode()).hexdigest()


def presence() -> Callable[[], bool]:
    """Return a function, for any thread, that says whether this session's page is open."""
    session = session_id()

    def present() -> bool:
        try:
            return bool(runtime.get_instance().is_active_session(session))
        except RuntimeError:  # no server, but a test of the page
            return True

    return present


def session_id() -> str:
    """Return Streamlit's name of this session; "" outside of one."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def upload() -> bytes | None:
    """Return the bytes of the session's upload; they outlive a visit to another page."""
    return st.session_state.get(_UPLOAD)


def keep_upload(data: bytes | None) -> None:
    """Keep an upload for this session, or forget it; never its name, which is often a patient's."""
    st.session_state[_UPLOAD] = data


def counted(file_id: str) -> bool:
    """Whether an upload of that name of Streamlit's was the last to be counted."""
    return st.session_state.get(_COUNTED) == file_id


def count(file_id: str) -> None:
    st.session_state[_COUNTED] = file_id


def case() -> tuple[bytes, int, str] | None:
    """Return the data set's picture that the reading page was asked for: bytes, label and name."""
    return st.session_state.get(_CASE)


def keep_case(data: bytes, label: int, name: str) -> None:
    """Offer a picture of the data set on the reading page, beside the samples and the upload."""
    st.session_state[_CASE] = (data, label, name)


def override(sha256: str) -> str | None:
    """Return why this session judges a refused picture all the same; None while it does not."""
    return st.session_state.get(_OVERRIDES, {}).get(sha256)


def keep_override(sha256: str, reason: str | None) -> None:
    """Keep that reason for this session, or take it back."""
    kept = st.session_state.setdefault(_OVERRIDES, {})
    if reason is None:
        kept.pop(sha256, None)
    else:
        kept[sha256] = reason


def opened_case() -> str | None:
    """Return which case of a link was opened last."""
    return st.session_state.get(_OPENED)


def keep_opened_case(link: str) -> None:
    st.session_state[_OPENED] = link


def asked(sha256: str) -> str:
    """Return which overlay this picture's explanation was first asked for; "" if for none."""
    return st.session_state.get(_ASKED, {}).get(sha256, "")


def ask(sha256: str, overlay: str) -> None:
    """Have a picture explained from now on; another one has to be asked for again."""
    st.session_state.setdefault(_ASKED, {})[sha256] = overlay


def stop_explaining(sha256: str) -> None:
    """Have it no longer explained, and its overlays switched off."""
    st.session_state.setdefault(_ASKED, {}).pop(sha256, None)
    st.session_state[_STOPS] = stops() + 1


def stops() -> int:
    """Return how often explaining was stopped in this session."""
    return st.session_state.get(_STOPS, 0)


def remember(key: tuple, make: Callable[[], Any]) -> Any:
    """Return what `make` gave for `key` before in this session, or make it now.

    For everything derived from a patient's picture: a shared cache would outlive the session.
    The first part of the key is the kind of thing; of each kind the oldest is forgotten first.
    """
    memory = st.session_state.setdefault(_MEMORY, {}).setdefault(key[0], OrderedDict())
    if key not in memory:
        memory[key] = make()
        if len(memory) > _REMEMBERED.get(key[0], 16):
            memory.popitem(last=False)
    memory.move_to_end(key)
    return memory[key]


def forget(kind: str) -> None:
    """Give back the memory of everything of that kind."""
    st.session_state.get(_MEMORY, {}).pop(kind, None)


def recall(key: tuple) -> Any | None:
    return st.session_state.get(_MEMORY, {}).get(key[0], {}).get(key)


def job(name: str) -> Any | None:
    """Return the session's background job of that name."""
    return st.session_state.get(_JOBS, {}).get(name)


def keep_job(name: str, value: Any | None) -> None:
    st.session_state.setdefault(_JOBS, {})[name] = value


def choose(key: str, value: Any) -> None:
    """Set a widget's value when the page is next drawn from its top.

    Not at once: what a callback inside a fragment sets is overwritten by what the browser still
    shows outside of it.
    """
    st.session_state.setdefault(_CHOICES, {})[key] = value


def apply_choices() -> None:
    """Carry out what `choose` was asked for; to be called before any widget is drawn."""
    for key, chosen in st.session_state.pop(_CHOICES, {}).items():
        st.session_state[key] = chosen


def put(key: str, chosen: Any) -> None:
    """Set a widget's value at once: before it is drawn, or from a widget of the same fragment."""
    st.session_state[key] = chosen


def belongs(key: str, owner: Any, default: float, low: float, high: float) -> None:
    """Give a number's widget `default` when `owner` changes, and at first unless a link has one.

    To be called before the widget is drawn. A number of the link outside of its limits does not
    count.
    """
    owners = st.session_state.setdefault(_OWNERS, {})
    before = owners.get(key)
    owners[key] = owner
    if before == owner and key in st.session_state:
        return
    if before is None and any(_within(text, low, high) for text in in_link(key)):
        return
    put(key, default)


def _within(text: str, low: float, high: float) -> bool:
    try:
        return low <= float(text) <= high
    except ValueError:
        return False


def value(key: str, default: Any) -> Any:
    """Return a widget's value, or `default` before it is first drawn."""
    return st.session_state.get(key, default)


def keep_within(key: str, low: int, high: int) -> None:
    """Bring a number that was chosen, or that a link has, back to its limits.

    To be called before its widget is drawn: a filter may have left fewer pages.
    """
    chosen = st.session_state.get(key, low)
    if not low <= chosen <= high:
        st.session_state[key] = min(max(chosen, low), high)


def step(last: int) -> int:
    """Return which step of the tour the address names, 1 to `last`; the first if it names none."""
    for text in in_link(STEP):
        if text.isdecimal() and len(text) < 9:  # longer ones, Python refuses to read
            return min(max(1, int(text)), last)
    return 1


def go_to_step(number: int) -> None:
    """Let the address name that step."""
    st.query_params[STEP] = str(number)


def imported() -> list[Any]:
    """Return what every import of this session gave."""
    return st.session_state.setdefault(_IMPORTED, [])


def seat() -> str:
    """Return the code that the link has, or that this session entered a study with; "" if none."""
    if code := next(iter(in_link(SEAT)), ""):
        st.session_state[_SEAT] = code  # the link of another page does not have it
    return st.session_state.get(_SEAT, "")


def take_seat(code: str) -> None:
    """Enter a study with a code for this session; with "" leave it, and the link forgets it too."""
    st.session_state[_SEAT] = code
    if not code:
        st.query_params.pop(SEAT, None)
        st.query_params.pop(TURNED_TO, None)
        st.session_state.pop(_DESK, None)
        st.session_state.pop(_OPEN_CASE, None)
        st.session_state.pop(_MADE, None)


def made() -> Any | None:
    """Return the study that this session has just made, with its codes; they are nowhere else."""
    return st.session_state.get(_MADE)


def keep_made(made: Any) -> None:
    st.session_state[_MADE] = made


def desk() -> Any | None:
    """Return the case that lies open in the reading room of this session."""
    return st.session_state.get(_DESK)


def opened_in(pass_number: int) -> int | None:
    """Return which case of that pass the reader turned to; None if it is simply the next."""
    if _OPEN_CASE in st.session_state:
        opened = st.session_state[_OPEN_CASE]
        return opened[1] if opened and opened[0] == pass_number else None
    # A new session: the page was reloaded, or goes on at another replica.
    for text in in_link(TURNED_TO):
        where, _, case = text.partition("-")
        if where == str(pass_number) and case.isdecimal() and len(case) < 9:
            return int(case)
    return None


def open_case(pass_number: int | None, case: int | None = None) -> None:
    """Turn to a case of a pass; with None, to whichever is next."""
    if pass_number is None:
        st.session_state[_OPEN_CASE] = None
        st.query_params.pop(TURNED_TO, None)
    else:
        st.session_state[_OPEN_CASE] = (pass_number, case)
        st.query_params[TURNED_TO] = f"{pass_number}-{case}"


def keep_desk(desk: Any | None) -> None:
    st.session_state[_DESK] = desk


def in_link(key: str) -> list[str]:
    """Return what the address of the page says for `key`, whether or not it can be used."""
    return st.query_params.get_all(key)


@dataclass
class Curves:
    """What is chosen on the comparing page; it outlives a visit to another one.

    Attributes
    ----------
    chosen : as `dashboard.curves.link.defaults` has it; None before the page was ever seen.
    asked : how often the address, and not the reader's hand, decided on it.
    reported : what the browser said last of the reader's choice; None before it has.
    link : the parameters that the page itself gave the address last.
    """

    chosen: dict | None = None
    asked: int = 0
    reported: Mapping | None = None
    link: dict[str, list[str]] = field(default_factory=dict)


def curves() -> Curves:
    return st.session_state.setdefault(_CURVES, Curves())


def whole_link() -> dict[str, list[str]]:
    """Return every parameter of the address of the page."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def put_link(parameters: Mapping[str, Sequence[str]]) -> None:
    """Give the address of the page these parameters and no others."""
    st.query_params.from_dict(dict(parameters))
