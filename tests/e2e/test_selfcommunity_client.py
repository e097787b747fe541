"""The vendor's own client spends a community's day on a running server.

The steps are JavaScript (selfcommunity/scenario.cjs); this starts the server, makes its people,
and says which step went wrong.
"""

import json
import shutil
import subprocess
from typing import Any

from bench.servers import Site, serving
from tests.e2e.community_packages import FOLDER, NEEDS_PACKAGES
from tests.e2e.visitors import PASSWORD

pytestmark = NEEDS_PACKAGES

SECRET = "a secret that the back end and the server share"
STEPS = 25
SCENARIO_S_MAX = 90


def _person(site: Site, name: str, role: str = "user") -> dict[str, Any]:
    words = ("--email", f"{name}@example.org", "--password", PASSWORD, "--role", role)
    made = json.loads(site.command("account", "create", name, *words))
    return {"id": int(made["id"]), "name": name, "password": PASSWORD}


def _client_id(site: Site) -> str:
    app = {"client_name": "Community", "redirect_uris": "app:/back", "scopes": "read write"}
    made = site.call("POST", "/api/v1/apps", **app)
    return made["client_id"]


def _steps(arguments: dict[str, Any]) -> list[dict[str, Any]]:
    node = shutil.which("node")
    assert node is not None, "node is required here"
    run = subprocess.run(
        [node, FOLDER / "scenario.cjs", json.dumps(arguments)],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=SCENARIO_S_MAX,
        check=False,
    )
    # The client says on its output what was refused, and some of that is meant to be.
    lines = [line for line in run.stdout.splitlines() if line.startswith('{"step":')]
    steps = [json.loads(line) for line in lines]
    assert len(steps) == STEPS, (run.stdout, run.stderr)
    assert run.returncode == int(any(not step["ok"] for step in steps)), run.stderr
    return steps


def test_every_step_of_the_vendors_client_goes_well(site: Site) -> None:
    """selfcommunity.md 5.4: sign in, write, comment, vote, flag, share, delete, restore."""
    site.more = {
        "STONECHAT_COMMUNITY_JWT_SECRET": SECRET,
        "STONECHAT_COMMUNITY_PASSWORD_GRANT": "on",
        # The page that is linked is not fetched: tests stay on the machine.
        "STONECHAT_LINK_CARDS": "off",
    }
    with serving(site):
        people = {
            "admin": _person(site, "anna", "admin"),
            "author": _person(site, "bert"),
            "reader": _person(site, "carla"),
        }
        portal = f"http://127.0.0.1:{site.port}"
        given = {"portal": portal, "secret": SECRET, "client": _client_id(site), **people}
        steps = _steps(given)
    failed = [f"{step['step']} {step['name']}: {step['error']}" for step in steps if not step["ok"]]
    assert not failed, "\n".join(failed)
