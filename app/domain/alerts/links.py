"""Where people and programs read more of an alert: paths below the service's own address."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from app.domain.monitors.monitor import ALL_VERSIONS

API, PAGE = "api", "page"


def links(about: Mapping[str, str], start: str | None) -> dict[str, str]:
    """Return the paths for a page and for the API.

    Parameters
    ----------
    about
        ``model``, and ``version``, ``segment`` and ``monitor`` where they are known.
    start
        Of the window, as it is written; None: there is none.
    """
    model = quote(about["model"], safe="")
    names = ("version", "segment", "monitor")
    asked = {name: about[name] for name in names if about.get(name)}
    if about.get("version") == ALL_VERSIONS:
        del asked["version"]
    if start is None:
        shown = asked
        api = f"/v1/alerts?{urlencode({'model': about['model']})}"
    else:
        shown = asked | {"window": start}
        api = f"/v1/models/{model}/windows/{start}?{urlencode(asked)}"
    return {PAGE: f"/models/{model}" + (f"?{urlencode(shown)}" if shown else ""), API: api}
