"""The HTTP application: routes, errors and edge put together. Its state comes from outside."""

from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.types import Lifespan, Receive, Scope, Send

from app.api import handlers
from app.api.brief import Brief
from app.api.document import DESCRIPTION, TITLE, document
from app.api.edge.auth import Guard
from app.api.edge.draining import Draining
from app.api.edge.envelope import Envelope
from app.api.edge.hosts import Hosts
from app.api.edge.methods import Head
from app.api.edge.prefix import Prefix
from app.api.lane import Lane
from app.api.router import operation_id
from app.api.routes import (
    alerts,
    baselines,
    batches,
    deliveries,
    dry_runs,
    heartbeats,
    models,
    monitors,
    ops,
    rejections,
    retention,
    retrainings,
    segments,
    sources,
    targets,
    verdicts,
    windows,
)

ROUTERS = (
    models.router,
    baselines.router,
    monitors.router,
    dry_runs.router,
    batches.router,
    heartbeats.router,
    rejections.router,
    segments.router,
    windows.router,
    verdicts.router,
    retention.router,
    sources.router,
    alerts.router,
    retrainings.router,
    targets.router,
    deliveries.router,
    ops.router,
)


class Application(FastAPI):
    """FastAPI with our own OpenAPI document, and a short way past it."""

    def __init__(self, prefix: str = "", **settings: Any) -> None:  # noqa: ANN401  FastAPI's
        super().__init__(**settings)
        self._lane = Lane(super().__call__, prefix)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        await self._lane(scope, receive, send)

    def short(self, scope: Scope) -> Brief | None:
        """Return what answers a request without ASGI; None where nothing does."""
        scope["app"] = self
        return self._lane.brief(scope)

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = document(self, self.version)
        return self.openapi_schema


def http_app(
    version: str, lifespan: Lifespan[FastAPI] | None = None, root_path: str = ""
) -> FastAPI:
    """Return the application. Before the first request ``app.state.api`` must hold an ``Api``.

    ``version`` is the service's; ``root_path`` the prefix under which a proxy serves it.
    """
    app = Application(
        root_path,
        title=TITLE,
        description=DESCRIPTION,
        version=version,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
        # The order is that in which a request passes them.
        middleware=[
            Middleware(Prefix, prefix=root_path),
            Middleware(Envelope),
            Middleware(Hosts),
            Middleware(Draining),
            Middleware(Guard),
            Middleware(Head),
        ],
    )
    handlers.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app
