"""A Flask route that reads the body and says `{}`: what an acknowledgement costs before anything is done."""

from __future__ import annotations

from flask import Flask, Response, jsonify, request


def create_app() -> Flask:
    """Return the application, for the same gunicorn as the bot's."""
    app = Flask("bare", static_folder=None)

    @app.post("/webhook/line")
    def webhook() -> Response:
        request.get_data(cache=False)
        return jsonify({})

    @app.get("/readyz")
    def readyz() -> Response:
        return jsonify(ready=True)

    return app
