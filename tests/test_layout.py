"""The check of the number of modules per folder."""

from tests.layout import MOST_MODULES, crowded_folders, main


def test_a_folder_with_too_many_modules_is_reported():
    paths = [f"videos/room/module_{number}.py" for number in range(MOST_MODULES + 1)]

    assert crowded_folders(paths) == {"videos/room": MOST_MODULES + 1}


def test_packages_migrations_and_vendored_files_do_not_count():
    paths = [f"videos/room/module_{number}.py" for number in range(MOST_MODULES)]
    others = ["videos/room/__init__.py", *(f"videos/migrations/{number}.py" for number in range(99))]

    assert crowded_folders([*paths, *others, *(f"static/vendor/{number}.js" for number in range(99))]) == {}


def test_no_folder_of_the_repository_is_crowded():
    assert main() == 0
