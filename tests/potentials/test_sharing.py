import threading
import time

import pytest

from atomstates.locks import held
from atomstates.potentials import sharing
from atomstates.potentials.pipeline import LOOP, Workshop, make_way_for_final
from atomstates.potentials.sharing import Piece, lock_beside, make_all, make_once
from atomstates.products import write_json


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(sharing, "POLL", 0.02)


def pieces(folder, made, n=6):
    def make(product):
        product.parent.mkdir(parents=True, exist_ok=True)
        time.sleep(0.02)
        made.append(product)
        product.touch()

    products = [folder / f"piece-{i}" / "product" for i in range(n)]
    return [Piece(product, lambda product=product: make(product)) for product in products]


def test_each_piece_is_made_once_however_many_work_on_it(tmp_path):
    made = []
    workers = [threading.Thread(target=make_all, args=(pieces(tmp_path, made), 2)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(made) == len(set(made)) == 6


def test_piece_that_is_under_way_elsewhere_is_waited_for(tmp_path):
    made = []
    (piece,) = pieces(tmp_path, made, 1)
    with held(lock_beside(piece.product.parent), "test"):
        worker = threading.Thread(target=make_all, args=([piece], 1))
        worker.start()
        time.sleep(0.1)
        assert worker.is_alive()
        piece.product.parent.mkdir()
        piece.product.touch()
    worker.join()
    assert made == []


def test_piece_whose_maker_was_killed_is_made_by_the_next(tmp_path):
    made = []
    (piece,) = pieces(tmp_path, made, 1)
    # What a kill leaves: the lock's file, which nobody holds, and half of the work.
    lock_beside(piece.product.parent).touch()
    piece.product.parent.mkdir()
    (piece.product.parent / "half").touch()
    make_all([piece], 2)
    assert made == [piece.product]


def test_first_error_ends_the_work_and_is_heard(tmp_path):
    made = []

    def broken():
        raise RuntimeError("no licence for this calculator")

    first = Piece(tmp_path / "broken" / "product", broken)
    with pytest.raises(RuntimeError, match="no licence"):
        make_all([first, *pieces(tmp_path, made)], 1)
    assert made == []


def test_product_of_which_there_is_one_is_made_once(tmp_path):
    made = []
    product = tmp_path / "folder" / "product"
    for _ in range(2):
        make_once(product, lambda: (made.append(1), product.touch()))
    assert made == [1]


def test_final_models_of_fewer_rounds_are_set_aside_and_those_of_as_many_are_kept(recipe, tmp_path):
    shop = Workshop(recipe, tmp_path, "unused")
    shop.final_folder.mkdir()
    write_json(tmp_path / LOOP, {"rounds": 3, "verdict": "NOT learned"})
    make_way_for_final(shop, 3)
    assert shop.final_folder.is_dir()
    make_way_for_final(shop, 5)
    assert not shop.final_folder.exists()
    assert (tmp_path / "final-after-3-rounds").is_dir()
