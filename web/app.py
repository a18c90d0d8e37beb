"""The application of the pages: its parts put together, every feature's blueprint in one list."""

from __future__ import annotations

from flask import Flask
from flask.typing import ResponseReturnValue
from flask_bootstrap import Bootstrap5
from sqlalchemy.exc import OperationalError

from web import access, edge, errors, language, navigation, numbers, security
from web.admin import views as admin
from web.applicant import views as applicant
from web.auth import sessions
from web.auth import views as auth
from web.demo import views as demo
from web.edge import Clock, real_clock
from web.inbox import views as inbox
from web.office import views as office
from web.referrals import views as referrals
from web.search import views as search
from web.supervision import views as supervision
from workflow.settings import Settings
from workflow.storage.store import Store

BLUEPRINTS = (
    admin.blueprint,
    applicant.blueprint,
    auth.blueprint,
    demo.blueprint,
    inbox.blueprint,
    language.blueprint,
    navigation.blueprint,
    office.blueprint,
    referrals.blueprint,
    search.blueprint,
    supervision.blueprint,
)


class Pages(Flask):
    """Flask, but a form is taken again when PostgreSQL gave it up: two had waited for each other.

    Nothing of it was kept, and the page that shows an error would be the answer to no fault of the visitor.
    """

    def dispatch_request(self) -> ResponseReturnValue:
        for _try in range(edge.TRIES - 1):
            try:
                return super().dispatch_request()
            except OperationalError as error:
                if not edge.was_given_up(error):
                    raise
                edge.begin_again()
        return super().dispatch_request()


def create_app(settings: Settings, store: Store, *, clock: Clock = real_clock) -> Flask:
    """The pages over one database. `clock` tells the real moment; a test brings its own."""
    app = Pages(__name__)
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    Bootstrap5(app)
    # Before the first route is written down.
    numbers.init_app(app)
    edge.init_app(app, settings, store, clock)
    # In this order before every page: who is it, may she, and did the form come from one of our pages.
    sessions.init_app(app)
    access.init_app(app)
    security.init_app(app, settings)
    language.init_app(app)
    navigation.init_app(app)
    errors.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    access.check(app)
    return app
