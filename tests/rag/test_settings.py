"""Where a setting comes from, how it is saved, and the errors for a wrong one."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import platformdirs
import pytest

from rag.errors import SettingsInvalid
from rag.settings import Settings, load_settings, overridden_by, save_settings, with_changes


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def write_toml(home: Path, text: str) -> Path:
    (home / "nutgraf.toml").write_text(text, encoding="utf-8")
    return home / "nutgraf.toml"


def test_the_defaults(home: Path) -> None:
    settings = load_settings({}, {"NUTGRAF_HOME": str(home)})

    assert settings == Settings(home=home, archive=home / "archive")


def test_the_order_of_the_sources(home: Path) -> None:
    default = load_settings({"home": home}, {}).passages
    write_toml(home, "passages = 11")
    from_toml = load_settings({"home": home}, {}).passages
    from_environment = load_settings({"home": home}, {"NUTGRAF_PASSAGES": "12"}).passages
    from_command_line = load_settings({"home": home, "passages": 13}, {"NUTGRAF_PASSAGES": "12"}).passages

    assert (default, from_toml, from_environment, from_command_line) == (32, 11, 12, 13)


def test_sources_are_merged_key_by_key(home: Path) -> None:
    write_toml(home, "passages = 11\ncaution = 1")
    settings = load_settings({"home": home, "passages": None}, {"NUTGRAF_THREADS": "2"})

    assert (settings.passages, settings.caution, settings.threads) == (11, 1.0, 2)


def test_the_environment_of_the_process_is_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUTGRAF_HOME", str(home))
    monkeypatch.setenv("NUTGRAF_OFFLINE", "yes")

    assert load_settings().home == home
    assert load_settings().offline is True


def test_private_addresses_are_off_by_default(home: Path) -> None:
    assert load_settings({"home": home}, {}).allow_private is False
    assert load_settings({"home": home}, {"NUTGRAF_ALLOW_PRIVATE": "1"}).allow_private is True
    write_toml(home, "allow_private = true")
    assert load_settings({"home": home}, {}).allow_private is True
    assert load_settings({"home": home, "allow_private": False}, {}).allow_private is False


def test_home_holds_the_toml_and_the_archive(home: Path) -> None:
    write_toml(home, 'reader = "x.gguf"')
    settings = load_settings({}, {"NUTGRAF_HOME": str(home)})

    assert (settings.reader, settings.archive) == ("x.gguf", home / "archive")


def test_the_default_home_is_the_users_data_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name: home / name)

    assert load_settings({}, {}).home == home / "nutgraf"


def test_paths_are_absolute_and_a_tilde_is_the_users_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    settings = load_settings({"archive": "cases"}, {"NUTGRAF_HOME": "~/desk"})

    assert (settings.home, settings.archive) == (home / "desk", home / "cases")


def test_home_need_not_exist_and_is_not_created(home: Path) -> None:
    load_settings({"home": home / "new"}, {})

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

    assert getattr(load_settings({"home": home, key: low}, {}), key) == low
    assert getattr(load_settings({"home": home, key: high}, {}), key) == high


@pytest.mark.parametrize("key", RANGES)
@pytest.mark.parametrize("which", [2, 3], ids=["below", "above"])
def test_a_number_out_of_range_names_key_value_source_and_range(home: Path, key: str, which: int) -> None:
    value = RANGES[key][which]
    low, high = RANGES[key][:2]
    with pytest.raises(SettingsInvalid) as caught:
        load_settings({"home": home}, {f"NUTGRAF_{key.upper()}": str(value)})

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
def test_a_wrong_type_says_what_is_allowed(home: Path, key: str, value: str, allowed: str) -> None:
    path = write_toml(home, f"{key} = {value}")
    with pytest.raises(SettingsInvalid) as caught:
        load_settings({"home": home}, {})

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
def test_the_spellings_of_booleans(home: Path, written: str, *, offline: bool) -> None:
    assert load_settings({"home": home}, {"NUTGRAF_OFFLINE": written}).offline is offline


def test_an_unknown_key_in_the_toml_is_named_with_its_file(home: Path) -> None:
    path = write_toml(home, "passagges = 3")
    with pytest.raises(SettingsInvalid) as caught:
        load_settings({"home": home}, {})

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
def test_an_unknown_key_is_named_with_its_source(
    home: Path, overrides: dict[str, object], environment: dict[str, str], told: str
) -> None:
    with pytest.raises(SettingsInvalid, match=told):
        load_settings({"home": home, **overrides}, environment)


def test_only_variables_with_the_prefix_count(home: Path) -> None:
    assert (
        load_settings(
            {"home": home}, {"PASSAGES": "99", "MY_NUTGRAF_PASSAGES": "99", "nutgraf_passages": "99"}
        ).passages
        == 32
    )


@pytest.mark.parametrize(
    "content", [b"passages = ", b"passages 3", b"\xff\xfe", b"[a\n", b"passages = 1\npassages = 2"], ids=str
)
def test_a_broken_toml_is_one_line_that_names_it(home: Path, content: bytes) -> None:
    (home / "nutgraf.toml").write_bytes(content)
    with pytest.raises(SettingsInvalid, match=r"nutgraf\.toml cannot be read") as caught:
        load_settings({"home": home}, {})

    assert "\n" not in str(caught.value)
    assert caught.value.hint == "repair or remove the file"


@pytest.mark.parametrize("value", ["", " "], ids=ascii)
def test_an_empty_home_is_an_error(value: str) -> None:
    with pytest.raises(SettingsInvalid, match="setting home is"):
        load_settings({}, {"NUTGRAF_HOME": value})


def test_saved_settings_are_loaded_again(home: Path) -> None:
    save_settings(
        home, {"caution": 0.25, "offline": True, "reader": 'odd "name"\\\x7f.gguf', "archive": home / "other"}
    )
    settings = load_settings({"home": home}, {})

    assert (settings.caution, settings.offline, settings.archive) == (0.25, True, home / "other")
    assert settings.reader == 'odd "name"\\\x7f.gguf'


def test_saving_leaves_every_other_line_alone(home: Path) -> None:
    path = write_toml(home, "# mine\npassages = 11 # few\nthreads = 2\n")
    save_settings(home, {"threads": 3, "offline": False})

    assert path.read_text(encoding="utf-8") == "# mine\npassages = 11 # few\nthreads = 3\noffline = false\n"


def test_a_file_that_cannot_be_edited_by_lines_is_rewritten(home: Path) -> None:
    path = write_toml(home, 'reader = """\nthreads = 9"""\n"passages" = 11\n')
    save_settings(home, {"threads": 3, "passages": 12})

    assert load_settings({"home": home}, {}) == Settings(
        home, home / "archive", reader="threads = 9", threads=3, passages=12
    )
    assert '"""' not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("changes", [{"caution": 7}, {"colour": "red"}])
def test_an_invalid_setting_is_not_saved(home: Path, changes: dict[str, object]) -> None:
    path = write_toml(home, "passages = 11\n")

    with pytest.raises(SettingsInvalid, match="the new settings"):
        save_settings(home, changes)
    assert path.read_text(encoding="utf-8") == "passages = 11\n"


def test_a_home_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(SettingsInvalid, match=r"nutgraf.toml cannot be (read|written)"):
        save_settings(tmp_path / "file", {"threads": 1})


def test_changes_are_checked_and_the_rest_stays(home: Path) -> None:
    before = load_settings({"home": home, "passages": 11}, {})
    after = with_changes(before, {"threads": 2, "archive": "relative"})

    assert (after.threads, after.passages, before.threads) == (2, 11, 0)
    assert after.archive.is_absolute()
    with pytest.raises(SettingsInvalid, match="setting threads is -1 in the new settings"):
        with_changes(before, {"threads": -1})


def test_the_variable_that_overrides_a_setting_is_named() -> None:
    environment = {"NUTGRAF_OFFLINE": "1", "CAUTION": "0.1", "NUTGRAF_Threads": "2"}

    assert overridden_by("offline", environment) == "NUTGRAF_OFFLINE"
    assert overridden_by("threads", environment) == "NUTGRAF_Threads"
    assert overridden_by("caution", environment) == ""
