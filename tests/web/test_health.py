from dataclasses import replace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from mailrith.core import config, queue


def test_a_process_that_answers_is_alive(client: FlaskClient) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_ready_means_that_database_and_queue_answer(client: FlaskClient) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json) == (200, {"database": "ok", "queue": "ok"})


def test_without_its_queue_it_is_not_ready(app: Flask) -> None:
    settings = app.extensions["mailrith_settings"]
    config.install(replace(settings, redis_url="unix:///nowhere.sock"))

    answer = app.test_client().get("/readyz")

    config.install(settings)
    assert (answer.status_code, answer.json) == (503, {"database": "ok", "queue": "away"})


def test_metrics_are_closed_without_a_token(client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_metrics_count_what_waits(app: Flask, session: Any, run_jobs: Any) -> None:
    settings = app.extensions["mailrith_settings"]
    config.install(replace(settings, metrics_token="open-sesame"))
    queue.enqueue("mailrith.delivery.jobs.find_lost")
    session.commit()
    client = app.test_client()

    wrong = client.get("/metrics", headers={"Authorization": "Bearer sesame"})
    right = client.get("/metrics", headers={"Authorization": "Bearer open-sesame"})

    config.install(settings)
    assert wrong.status_code == 404
    assert 'mailrith_jobs_waiting{queue="work"} 1.0' in right.text
    assert "mailrith_workers 0.0" in right.text
