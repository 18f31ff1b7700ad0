"""Settings, from the command line, `NUTGRAF_*` variables, `nutgraf.toml` and the defaults, in this order."""

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

from rag.errors import SettingsInvalid
from rag.private_files import atomic_write, make_folder

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
# Names the source of changes in error messages.
_CHANGES = "the new settings"
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Each is also the variable `NUTGRAF_<NAME>` and a key of `nutgraf.toml`.

    home:           the data folder, which holds `nutgraf.toml`
    archive:        the archive's folder (default: `archive` in `home`)
    encoder:        an encoder that `nutgraf models` lists, a Hugging Face id, or a folder
    judge:          auto (the best of nutgraf's own that this machine has), a judge that `nutgraf models` lists, a file
                    that `python -m training judge` made, or a cross-encoder (a Hugging Face id or a folder) to replace
                    one of its opinions
    reader:         none (answers are quotes), a reader that `nutgraf models` lists, or a path to a GGUF file
    passages:       how many passages a question retrieves
    passage_words:  the maximum number of words in a passage
    caution:        from 0 (answer whenever possible) to 1 (answer only when sure); calibrated for nutgraf's own judges
    answer_tokens:  the maximum number of tokens the reader writes
    context_tokens: the reader's context window
    threads:        CPU threads of the reader (0: one for each core, but a single one to write with a small model)
    offline:        forbid every use of the network
    allow_private:  also read web pages from private and loopback addresses, such as an intranet
    """

    home: Path
    archive: Path
    encoder: str = "all-MiniLM-L6-v2"
    judge: str = "auto"
    reader: str = "none"
    passages: int = 32
    passage_words: int = 60
    caution: float = 0.5
    answer_tokens: int = 96
    context_tokens: int = 2048
    threads: int = 0
    offline: bool = False
    allow_private: bool = False


def load_settings(
    overrides: Mapping[str, object] | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Merge all sources; an override of None is ignored.

    Raises: SettingsInvalid, naming the key, its value, its source and what is allowed.
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


def with_changes(settings: Settings, changes: Mapping[str, object]) -> Settings:
    """Copy the settings with `changes` applied. Raises: SettingsInvalid."""
    values: dict[str, Any] = {}
    _merge(values, changes, _CHANGES)
    if "archive" in values:
        values["archive"] = values["archive"].expanduser().absolute()
    return replace(settings, **values)


def overridden_by(key: str, environment: Mapping[str, str] | None = None) -> str:
    """The environment variable that overrides `key` in `nutgraf.toml`; "" if none does."""
    names = (name for name in (os.environ if environment is None else environment) if name.startswith(PREFIX))
    return next((name for name in names if name.removeprefix(PREFIX).lower() == key), "")


def save_settings(home: Path, changes: Mapping[str, object]) -> None:
    """Write `changes` into the `nutgraf.toml` of `home` and leave its other lines alone.

    Raises: SettingsInvalid; then nothing is written.
    """
    _merge({}, changes, _CHANGES)
    path = home / CONFIG_NAME
    wanted = {**_read_toml(path), **{key: _plain_value(value) for key, value in changes.items()}}
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        text = "".join(f"{line}\n" for line in _edit_lines(lines, changes))
        if not _parses_to(text, wanted):
            # A value over several lines, or a quoted key. Write the file anew; only comments are lost.
            text = "".join(f"{key} = {_toml(value)}\n" for key, value in wanted.items())
        make_folder(home)
        with atomic_write(path.resolve()) as file:
            file.write(text.encode())
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsInvalid(f"{path} cannot be written: {reason}", "check the permissions of its folder") from error


def _edit_lines(lines: list[str], changes: Mapping[str, object]) -> list[str]:
    new = {key: f"{key} = {_toml(value)}" for key, value in changes.items()}
    edited = []
    for line in lines:
        key = re.match(r"\s*(\w+)\s*=", line)
        edited.append(new.pop(key[1], line) if key else line)
    return [*edited, *new.values()]


def _parses_to(text: str, wanted: Mapping[str, object]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False


def _plain_value(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


def _toml(value: object) -> str:
    """A setting in TOML, which writes strings, numbers and booleans as JSON does, except that DEL must be escaped."""
    return json.dumps(_plain_value(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsInvalid(f"{path} cannot be read: {error}", "repair or remove the file") from error


def _merge(values: dict[str, Any], layer: Mapping[str, object], source: str) -> None:
    """Check the settings in `layer` and add them to `values`. Raises: SettingsInvalid."""
    kinds = {field.name: str(field.type) for field in fields(Settings)}
    for key, value in layer.items():
        if key not in kinds:
            raise SettingsInvalid(f"unknown setting {key!r} in {source}", f"the settings are: {', '.join(kinds)}")
        values[key] = _convert(key, kinds[key], value, source)


def _convert(key: str, kind: str, value: object, source: str) -> object:
    low, high = _RANGES.get(key, (0, 0))
    allowed = {"bool": "true or false", "str": "a name", "Path": "a path"}.get(
        kind, f"{'a whole number' if kind == 'int' else 'a number'} from {low} to {high}"
    )
    wrong = SettingsInvalid(f"setting {key} is {value!r} in {source}", f"allowed: {allowed}")
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
