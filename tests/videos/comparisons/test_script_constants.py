from videos.comparisons.script_constants import PATH, render_constants


def test_the_javascript_constants_are_up_to_date():
    assert PATH.read_text() == render_constants(), "Run `python manage.py write_script_constants`."


def test_numbers_strings_and_mappings_become_javascript():
    lines = render_constants().splitlines()
    assert "export const MEDIUM_FROM = 1.5;" in lines
    assert "export const THRESHOLD_TOLERANCE = 1e-6;" in lines
    assert 'export const LETTERS = { equal: "", changed: "C", inserted: "I", deleted: "D", moved: "M" };' in lines
    assert 'export const VIEW_MODES = ["side", "wipe", "overlay", "difference", "flick"];' in lines
