"""How verbs that speak to a running service are told where it is: by the same names everywhere."""

from typing import Annotated, TypeAlias

import typer

HERE = "http://127.0.0.1:8000"

Address: TypeAlias = Annotated[
    str, typer.Option("--url", "--to", envvar="LEEWAY_URL", help="Address of the service.")
]
ApiKey: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--api-key",
        "--key",
        envvar=["LEEWAY_API_KEY", "LEEWAY_KEY"],
        help="One of the service's keys.",
    ),
]
