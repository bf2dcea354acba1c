from videos import apps


def test_a_kernel_with_both_protections_gets_no_message(monkeypatch):
    monkeypatch.setattr(apps, "get_landlock_version", lambda: 6)
    monkeypatch.setattr(apps, "supports_seccomp", lambda: True)
    assert apps.check_confinement() == []


def test_a_kernel_without_them_gets_a_message_for_each(monkeypatch):
    monkeypatch.setattr(apps, "get_landlock_version", lambda: 0)
    monkeypatch.setattr(apps, "supports_seccomp", lambda: False)
    assert [message.id for message in apps.check_confinement()] == ["videos.I001", "videos.I002"]
