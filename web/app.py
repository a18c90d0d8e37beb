"""The application of the pages: its parts put together, every feature's blueprint in one list."""

from __future__ import annotations

from flask import Flask
from flask_bootstrap import Bootstrap5

from web import access, edge, errors, language, navigation, security
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


def create_app(settings: Settings, store: Store, *, clock: Clock = real_clock) -> Flask:
    """The pages over one database. `clock` tells the real moment; a test brings its own."""
    app = Flask(__name__)
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    Bootstrap5(app)
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
