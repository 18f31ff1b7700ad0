"""Where a setting comes from, and what a wrong one is told."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import platformdirs
import pytest

from rag.errors import SettingsInvalid
from rag.settings import Settings, changed, fixed_by, keep, load


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def write_toml(home: Path, text: str) -> Path:
    (home / "nutgraf.toml").write_text(text, encoding="utf-8")
    return home / "nutgraf.toml"


def test_without_a_word_the_defaults_hold(home: Path) -> None:
    settings = load({}, {"NUTGRAF_HOME": str(home)})

    assert settings == Settings(home=home, archive=home / "archive")


def test_each_source_wins_over_the_next(home: Path) -> None:
    default = load({"home": home}, {}).passages
    write_toml(home, "passages = 11")
    from_toml = load({"home": home}, {}).passages
    from_environment = load({"home": home}, {"NUTGRAF_PASSAGES": "12"}).passages
    from_command_line = load({"home": home, "passages": 13}, {"NUTGRAF_PASSAGES": "12"}).passages

    assert (default, from_toml, from_environment, from_command_line) == (16, 11, 12, 13)


def test_a_source_that_is_silent_on_a_key_leaves_it_to_the_next(home: Path) -> None:
    write_toml(home, "passages = 11\ncaution = 1")
    settings = load({"home": home, "passages": None}, {"NUTGRAF_THREADS": "2"})

    assert (settings.passages, settings.caution, settings.threads) == (11, 1.0, 2)


def test_the_environment_of_the_process_is_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUTGRAF_HOME", str(home))
    monkeypatch.setenv("NUTGRAF_OFFLINE", "yes")

    assert load().home == home
    assert load().offline is True


def test_private_addresses_are_read_only_where_that_is_set(home: Path) -> None:
    assert load({"home": home}, {}).allow_private is False
    assert load({"home": home}, {"NUTGRAF_ALLOW_PRIVATE": "1"}).allow_private is True
    write_toml(home, "allow_private = true")
    assert load({"home": home}, {}).allow_private is True
    assert load({"home": home, "allow_private": False}, {}).allow_private is False


def test_home_holds_the_toml_and_the_archive(home: Path) -> None:
    write_toml(home, 'reader = "x.gguf"')
    settings = load({}, {"NUTGRAF_HOME": str(home)})

    assert (settings.reader, settings.archive) == ("x.gguf", home / "archive")


def test_home_on_the_command_line_wins(home: Path) -> None:
    assert load({"home": home}, {"NUTGRAF_HOME": "/elsewhere"}).home == home


def test_without_home_it_is_the_users_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name: home / name)

    assert load({}, {}).home == home / "nutgraf"


def test_paths_are_absolute_and_a_tilde_is_the_users_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    settings = load({"archive": "cases"}, {"NUTGRAF_HOME": "~/desk"})

    assert (settings.home, settings.archive) == (home / "desk", home / "cases")


def test_home_need_not_exist_and_is_not_made(home: Path) -> None:
    load({"home": home / "new"}, {})

    assert not (home / "new").exists()


RANGES = {
    "passages": (1, 50, 0, 51),
    "passage_words": (20, 400, 19, 401),
    "caution": (0.0, 1.0, -0.01, 1.01),
    "answer_tokens": (16, 1024, 15, 1025),
    "context_tokens": (512, 131_072, 511, 131_073),
    "threads": (0, 1024, -1, 1025),
}


def test_every_number_has_a_range() -> None:
    assert {field.name for field in fields(Settings) if field.type in ("int", "float")} == set(RANGES)


@pytest.mark.parametrize("key", RANGES)
def test_the_ends_of_a_range_are_inside_it(home: Path, key: str) -> None:
    low, high = RANGES[key][:2]

    assert getattr(load({"home": home, key: low}, {}), key) == low
    assert getattr(load({"home": home, key: high}, {}), key) == high


@pytest.mark.parametrize("key", RANGES)
@pytest.mark.parametrize("which", [2, 3], ids=["below", "above"])
def test_outside_its_range_key_value_place_and_range_are_told(home: Path, key: str, which: int) -> None:
    value = RANGES[key][which]
    low, high = RANGES[key][:2]
    with pytest.raises(SettingsInvalid) as caught:
        load({"home": home}, {f"NUTGRAF_{key.upper()}": str(value)})

    assert caught.value.message == f"setting {key} is '{value}' in the environment"
    assert caught.value.hint.endswith(f"number from {low} to {high}")


WRONG = [
    ("passages", '"many"', "a whole number from 1 to 50"),
    ("passages", "2.5", "a whole number from 1 to 50"),
    ("passages", "true", "a whole number from 1 to 50"),
    ("passages", '""', "a whole number from 1 to 50"),
    ("passages", "[3]", "a whole number from 1 to 50"),
    ("passages", "2021-04-08", "a whole number from 1 to 50"),
    ("caution", "nan", "a number from 0.0 to 1.0"),
    ("caution", "inf", "a number from 0.0 to 1.0"),
    ("caution", "true", "a number from 0.0 to 1.0"),
    ("offline", '"maybe"', "true or false"),
    ("offline", "2", "true or false"),
    ("reader", "5", "a name"),
    ("reader", '" "', "a name"),
    ("encoder", "true", "a name"),
    ("encoder", "{}", "a name"),
    ("archive", "7", "a path"),
    ("archive", '""', "a path"),
]


@pytest.mark.parametrize(("key", "value", "allowed"), WRONG, ids=[f"{row[0]} = {row[1]}" for row in WRONG])
def test_a_wrong_type_is_told_with_what_is_allowed(home: Path, key: str, value: str, allowed: str) -> None:
    path = write_toml(home, f"{key} = {value}")
    with pytest.raises(SettingsInvalid) as caught:
        load({"home": home}, {})

    assert f"setting {key} is " in caught.value.message
    assert value.strip('"[]{}') in caught.value.message.replace("datetime.date(2021, 4, 8)", "2021-04-08").replace(
        "True", "true"
    )
    assert caught.value.message.endswith(f" in {path}")
    assert caught.value.hint == f"allowed: {allowed}"


@pytest.mark.parametrize(
    ("written", "offline"),
    [
        ("1", True),
        ("TRUE", True),
        ("yes", True),
        (" on ", True),
        ("0", False),
        ("no", False),
        ("off", False),
        ("", False),
    ],
)
def test_yes_and_no_in_their_spellings(home: Path, written: str, *, offline: bool) -> None:
    assert load({"home": home}, {"NUTGRAF_OFFLINE": written}).offline is offline


def test_an_unknown_key_in_the_toml_is_named_with_its_file(home: Path) -> None:
    path = write_toml(home, "passagges = 3")
    with pytest.raises(SettingsInvalid) as caught:
        load({"home": home}, {})

    assert caught.value.message == f"unknown setting 'passagges' in {path}"
    assert "passages" in caught.value.hint


@pytest.mark.parametrize(
    ("overrides", "environment", "told"),
    [
        ({"colour": "red"}, {}, "unknown setting 'colour' in the command line"),
        ({}, {"NUTGRAF_COLOUR": "red"}, "unknown setting 'colour' in the environment"),
        ({}, {"NUTGRAF_": "red"}, "unknown setting '' in the environment"),
    ],
    ids=["command line", "environment", "no name"],
)
def test_an_unknown_key_is_named_with_its_place(
    home: Path, overrides: dict[str, object], environment: dict[str, str], told: str
) -> None:
    with pytest.raises(SettingsInvalid, match=told):
        load({"home": home, **overrides}, environment)


def test_other_peoples_variables_are_none_of_ours(home: Path) -> None:
    assert (
        load({"home": home}, {"PASSAGES": "99", "MY_NUTGRAF_PASSAGES": "99", "nutgraf_passages": "99"}).passages == 16
    )


@pytest.mark.parametrize(
    "content", [b"passages = ", b"passages 3", b"\xff\xfe", b"[a\n", b"passages = 1\npassages = 2"], ids=str
)
def test_a_broken_toml_is_one_line_that_names_it(home: Path, content: bytes) -> None:
    (home / "nutgraf.toml").write_bytes(content)
    with pytest.raises(SettingsInvalid, match=r"nutgraf\.toml cannot be read") as caught:
        load({"home": home}, {})

    assert "\n" not in str(caught.value)
    assert caught.value.hint == "mend or remove the file"


def test_a_folder_in_the_place_of_the_toml_is_named(home: Path) -> None:
    (home / "nutgraf.toml").mkdir()
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        load({"home": home}, {})


@pytest.mark.parametrize("value", ["", " "], ids=ascii)
def test_a_home_that_is_none_is_told(value: str) -> None:
    with pytest.raises(SettingsInvalid, match="setting home is"):
        load({}, {"NUTGRAF_HOME": value})


def test_settings_cannot_be_changed(home: Path) -> None:
    with pytest.raises(AttributeError):
        load({"home": home}, {}).passages = 3  # type: ignore[misc]


def test_what_is_kept_is_loaded_again(home: Path) -> None:
    keep(home, {"caution": 0.25, "offline": True, "reader": 'odd "name"\\\x7f.gguf', "archive": home / "other"})
    settings = load({"home": home}, {})

    assert (settings.caution, settings.offline, settings.archive) == (0.25, True, home / "other")
    assert settings.reader == 'odd "name"\\\x7f.gguf'


def test_keeping_leaves_every_other_line_as_it_is(home: Path) -> None:
    path = write_toml(home, "# mine\npassages = 11 # few\nthreads = 2\n")
    keep(home, {"threads": 3, "offline": False})

    assert path.read_text(encoding="utf-8") == "# mine\npassages = 11 # few\nthreads = 3\noffline = false\n"


def test_a_file_that_cannot_be_edited_by_lines_is_written_anew(home: Path) -> None:
    path = write_toml(home, 'reader = """\nthreads = 9"""\n"passages" = 11\n')
    keep(home, {"threads": 3, "passages": 12})

    assert load({"home": home}, {}) == Settings(home, home / "archive", reader="threads = 9", threads=3, passages=12)
    assert '"""' not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("changes", [{"caution": 7}, {"colour": "red"}])
def test_what_is_not_allowed_is_not_kept(home: Path, changes: dict[str, object]) -> None:
    path = write_toml(home, "passages = 11\n")

    with pytest.raises(SettingsInvalid, match="what was chosen"):
        keep(home, changes)
    assert path.read_text(encoding="utf-8") == "passages = 11\n"


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(SettingsInvalid, match=r"nutgraf.toml cannot be (read|written)"):
        keep(tmp_path / "file", {"threads": 1})


def test_changed_settings_are_checked_and_the_rest_stays(home: Path) -> None:
    before = load({"home": home, "passages": 11}, {})
    after = changed(before, {"threads": 2, "archive": "relative"})

    assert (after.threads, after.passages, before.threads) == (2, 11, 0)
    assert after.archive.is_absolute()
    with pytest.raises(SettingsInvalid, match="setting threads is -1 in what was chosen"):
        changed(before, {"threads": -1})


def test_the_variable_that_fixes_a_setting_is_named() -> None:
    environment = {"NUTGRAF_OFFLINE": "1", "CAUTION": "0.1", "NUTGRAF_Threads": "2"}

    assert fixed_by("offline", environment) == "NUTGRAF_OFFLINE"
    assert fixed_by("threads", environment) == "NUTGRAF_Threads"
    assert fixed_by("caution", environment) == ""
