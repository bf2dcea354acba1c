from sage.limits.incoming_bodies import COPIES, IncomingBodies, measure_temporary_space


def test_bodies_that_arrive_together_do_not_get_the_same_space():
    bodies = IncomingBodies()

    assert [bodies.admit(number, 100, free_bytes=COPIES * 250) for number in range(4)] == [True, True, False, False]
    assert bodies.count_bytes() == 200


def test_a_request_that_ends_frees_its_space():
    bodies = IncomingBodies()
    bodies.admit("first", 100, free_bytes=COPIES * 100)

    bodies.release("first")
    bodies.release("first")

    assert bodies.admit("second", 100, free_bytes=COPIES * 100)


def test_bodies_may_use_half_of_the_reserve(settings):
    settings.DISK_RESERVE_BYTES = 0
    free = measure_temporary_space()
    settings.DISK_RESERVE_BYTES = 4 * free

    assert measure_temporary_space() == 0
