"""Settings: command line, then `NUTGRAF_*` variables, then `nutgraf.toml`, then the default."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from embeddings.atomic import atomic_write
from rag.errors import SettingsInvalid

PREFIX = "NUTGRAF_"
CONFIG_NAME = "nutgraf.toml"
_RANGES: dict[str, tuple[float, float]] = {
    "passages": (1, 50),
    "passage_words": (20, 400),
    "caution": (0.0, 1.0),
    "answer_tokens": (16, 1024),
    "context_tokens": (512, 131_072),
    "threads": (0, 1024),
}
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Each name is also `NUTGRAF_<NAME>` and a key of `nutgraf.toml`.

    home:           the one data folder; `nutgraf.toml` is read from it
    archive:        the archive's folder (default: `archive` in `home`)
    encoder:        an encoder of `nutgraf models`, a Hugging Face id, or a folder
    judge:          a judge of `nutgraf models`, a file that `python -m training judge` made, or a cross-encoder for one
                    of its opinions: a Hugging Face id, or a folder
    reader:         none (answers are quotes), a reader of `nutgraf models`, or a path to a GGUF file
    passages:       how many passages a question retrieves
    passage_words:  the most words in a passage
    caution:        0 answers whenever it can, 1 only when it is sure; fitted to the judge of `nutgraf models`
    answer_tokens:  the most tokens that the reader writes
    context_tokens: the reader's context window
    threads:        CPU threads of the reader (0: one for each core; one to write with a small model)
    offline:        refuse every use of the network
    allow_private:  read web pages from private and loopback addresses too, as on an intranet
    """

    home: Path
    archive: Path
    encoder: str = "all-MiniLM-L6-v2"
    judge: str = "nutgraf-judge"
    reader: str = "none"
    passages: int = 16
    passage_words: int = 60
    caution: float = 0.5
    answer_tokens: int = 96
    context_tokens: int = 2048
    threads: int = 0
    offline: bool = False
    allow_private: bool = False


def load(overrides: Mapping[str, object] | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Merge the four sources. An override that is None counts as not given.

    Raises: SettingsInvalid, naming the key, the value, where it stands and what is allowed.
    """
    environment = os.environ if environment is None else environment
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    from_environment = {
        key.removeprefix(PREFIX).lower(): value for key, value in environment.items() if key.startswith(PREFIX)
    }
    home = Path(
        str(given.get("home") or from_environment.get("home") or platformdirs.user_data_path("nutgraf"))
    ).expanduser()
    values: dict[str, Any] = {}
    _merge(values, _read_toml(home / CONFIG_NAME), str(home / CONFIG_NAME))
    _merge(values, from_environment, "the environment")
    _merge(values, given, "the command line")
    values["home"] = home.absolute()
    values["archive"] = values.get("archive", home / "archive").expanduser().absolute()
    return Settings(**values)


def changed(settings: Settings, changes: Mapping[str, object]) -> Settings:
    """The same settings with `changes`. Raises: SettingsInvalid."""
    values: dict[str, Any] = {}
    _merge(values, changes, "what was chosen")
    if "archive" in values:
        values["archive"] = values["archive"].expanduser().absolute()
    return replace(settings, **values)


def fixed_by(key: str, environment: Mapping[str, str] | None = None) -> str:
    """The environment variable that sets `key`, whatever `nutgraf.toml` says; "" where none does."""
    names = (name for name in (os.environ if environment is None else environment) if name.startswith(PREFIX))
    return next((name for name in names if name.removeprefix(PREFIX).lower() == key), "")


def keep(home: Path, changes: Mapping[str, object]) -> None:
    """Write `changes` into the `nutgraf.toml` of `home`; every other line of it stays as it is.

    Raises: SettingsInvalid, and then nothing is written.
    """
    _merge({}, changes, "what was chosen")
    path = home / CONFIG_NAME
    wanted = {**_read_toml(path), **{key: _plain(value) for key, value in changes.items()}}
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        text = "".join(f"{line}\n" for line in _edited(lines, changes))
        if not _says(text, wanted):
            # A value over several lines, or a key spelt in another way: only the comments are lost.
            text = "".join(f"{key} = {_toml(value)}\n" for key, value in wanted.items())
        home.mkdir(parents=True, exist_ok=True)
        with atomic_write(path.resolve()) as file:
            file.write(text.encode())
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsInvalid(f"{path} cannot be written: {reason}", "check the permissions of its folder") from error


def _edited(lines: list[str], changes: Mapping[str, object]) -> list[str]:
    left = {key: f"{key} = {_toml(value)}" for key, value in changes.items()}
    kept = []
    for line in lines:
        key = re.match(r"\s*(\w+)\s*=", line)
        kept.append(left.pop(key[1], line) if key else line)
    return [*kept, *left.values()]


def _says(text: str, wanted: Mapping[str, object]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


def _toml(value: object) -> str:
    """A value of ours as TOML writes it: its strings, numbers and truths are spelt as in JSON."""
    # JSON leaves DEL as it is, and TOML does not take it.
    return json.dumps(_plain(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsInvalid(f"{path} cannot be read: {error}", "mend or remove the file") from error


def _merge(values: dict[str, Any], layer: Mapping[str, object], place: str) -> None:
    kinds = {field.name: str(field.type) for field in fields(Settings)}
    for key, value in layer.items():
        if key not in kinds:
            raise SettingsInvalid(f"unknown setting {key!r} in {place}", f"the settings are: {', '.join(kinds)}")
        values[key] = _convert(key, kinds[key], value, place)


def _convert(key: str, kind: str, value: object, place: str) -> object:
    low, high = _RANGES.get(key, (0, 0))
    allowed = {"bool": "true or false", "str": "a name", "Path": "a path"}.get(
        kind, f"{'a whole number' if kind == 'int' else 'a number'} from {low} to {high}"
    )
    wrong = SettingsInvalid(f"setting {key} is {value!r} in {place}", f"allowed: {allowed}")
    text = str(value).strip()
    if kind == "bool":
        if text.lower() not in _TRUE + _FALSE:
            raise wrong
        return text.lower() in _TRUE
    if kind in ("str", "Path"):
        if not isinstance(value, (str, Path)) or not text:
            raise wrong
        return Path(text) if kind == "Path" else text
    try:
        number = int(text) if kind == "int" else float(text)
    except ValueError:
        raise wrong from None
    if not low <= number <= high:
        raise wrong
    return number
