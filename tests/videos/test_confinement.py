from videos import apps


def test_a_machine_that_keeps_decoders_in_is_told_nothing(monkeypatch):
    monkeypatch.setattr(apps, "landlock_version", lambda: 6)
    monkeypatch.setattr(apps, "has_filter", lambda: True)
    assert apps.confinement() == []


def test_one_that_does_not_is_told_what_is_missing(monkeypatch):
    monkeypatch.setattr(apps, "landlock_version", lambda: 0)
    monkeypatch.setattr(apps, "has_filter", lambda: False)
    assert [message.id for message in apps.confinement()] == ["videos.I001", "videos.I002"]
